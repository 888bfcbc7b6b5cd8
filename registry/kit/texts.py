"""Every text a person can see, collected from the source: `python -m registry.kit.texts` says which lack Danish.

In Python these are the literal templates of `Message`, `Finding` and the errors, and the words for coded values
(members of string enums in `rules.py`, `codes.py` and `schema.py`); in templates whatever stands in `_("…")`; in rule
sets the titles, the remedies, the sources of grades and the words for designs; in the library its units and sources.
"""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from registry.kit.language import term_key
from registry.kit.resources import folder

ROOT = folder("templates").parent
CATALOGUE = folder("templates") / "locale" / "da.po"
SOURCES = ("effects", "registry")
CODED = ("rules.py", "codes.py", "schema.py")
PREFIXED = {"Estimand": "estimand_", "UploadState": "upload_", "VersionState": "version_"}
"""Enums whose words are looked up under a prefix, because the bare word means something else elsewhere."""
FIRST = {
    "Message",
    *("BadRequest", "Unauthorised", "Forbidden", "NotFound", "Conflict", "Gone", "TooLarge", "Unavailable"),
}
PLACES = {
    **dict.fromkeys(FIRST, (0,)),
    **{"Finding": (2, 3), "Refused": (1, 2)},
    **{"RegistryError": (2,), "Invalid": (1,), "TooMany": (1,)},
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SAID = {"message", "remedy"}
TITLES = {"title", "remedy", "label"}
GRADING = {"start", "step"}
"""The lists of a rule set whose sources stand beside each grade."""
COMPUTED = ("Municipalities", "Regions", "Schools")
"""Words that a page looks up under a name that is worked out."""

HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: virkning\n"
"Language: da\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""


def collect(root: Path = ROOT) -> dict[str, str]:
    """Every text with the file it was first found in."""
    found: dict[str, str] = {}
    for source in SOURCES:
        for path in sorted((root / source).rglob("*.py")):
            for text in in_python(path.read_text("utf-8"), coded=path.name in CODED):
                found.setdefault(text, str(path.relative_to(root)))
    for path in sorted((root / "effects").rglob("*.toml")):
        for text in in_rules(tomllib.loads(path.read_text("utf-8"))):
            found.setdefault(text, str(path.relative_to(root)))
    for path in sorted((root / "seeds").glob("*library.toml")):
        for text in in_library(tomllib.loads(path.read_text("utf-8"))):
            found.setdefault(text, str(path.relative_to(root)))
    for path in sorted((root / "templates").rglob("*.html")):
        for text in in_template(path.read_text("utf-8")):
            found.setdefault(text, str(path.relative_to(root)))
    for text in COMPUTED:
        found.setdefault(text, "worked out")
    found.pop("", None)
    return found


def in_python(source: str, *, coded: bool = False) -> Iterator[str]:
    """The texts of one module; with `coded` also the words for the members of its string enums.

    A helper that takes a `message` or a `remedy` is followed, and so is a name that a literal was given to.
    """
    tree = ast.parse(source)
    given = _given(tree)
    places = {**PLACES, **_helpers(tree)}
    recorders = _recorders(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, places, given)
            yield from _of_record(node, recorders)
        elif isinstance(node, ast.Yield):
            yield from _of_yield(node)
        elif isinstance(node, FUNCTIONS):
            yield from _of_defaults(node.args)
        elif coded and isinstance(node, ast.ClassDef) and any("StrEnum" in ast.unparse(base) for base in node.bases):
            yield from _of_enum(node)


def _given(tree: ast.AST) -> dict[str, list[str]]:
    """Literals by the name they were assigned to."""
    given: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _pairs(target, node.value):
                    given.setdefault(name, []).extend(_literals(value))
    return given


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, its)


def _taken(tree: ast.AST) -> Iterator[tuple[Function, list[str]]]:
    """The module's own functions, each with the arguments that a caller gives by place."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and not node.name.startswith("__"):
            yield node, [argument.arg for argument in node.args.args if argument.arg != "self"]


def _helpers(tree: ast.AST) -> dict[str, tuple[int, ...]]:
    """Where the module's own functions take a message or a remedy."""
    found = {
        function.name: tuple(place for place, name in enumerate(taken) if name in SAID)
        for function, taken in _taken(tree)
    }
    return {name: places for name, places in found.items() if places}


def _recorders(tree: ast.AST) -> dict[str, int]:
    """Where the module's own functions take the kind of object that they write in the log."""
    return {
        function.name: taken.index(keyword.value.id)
        for function, taken in _taken(tree)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "object_kind" and isinstance(keyword.value, ast.Name) and keyword.value.id in taken
    }


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _of_call(call: ast.Call, places: Mapping[str, tuple[int, ...]], given: Mapping[str, list[str]]) -> Iterator[str]:
    name = _name(call)
    for place in places.get(name, ()):
        if place < len(call.args):
            yield from _literals(call.args[place], given)
    for keyword in call.keywords:
        if keyword.arg in SAID:
            yield from _literals(keyword.value, given)


def _of_record(call: ast.Call, recorders: Mapping[str, int]) -> Iterator[str]:
    """The word for the kind of object that something is written in the log about."""
    place = recorders.get(_name(call), len(call.args))
    stated = [keyword.value for keyword in call.keywords if keyword.arg == "object_kind"]
    for node in [*stated, *call.args[place : place + 1]]:
        yield from (term_key(kind) for kind in _literals(node))


def _of_yield(node: ast.Yield) -> Iterator[str]:
    """A finding in the making: where, code, message and remedy, all literal."""
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 4:
        literals = [text for part in node.value.elts for text in _literals(part)]
        if len(literals) == 4:
            yield from literals[2:]


def _of_defaults(arguments: ast.arguments) -> Iterator[str]:
    """The message an error carries when it is raised without one."""
    names = [argument.arg for argument in arguments.args]
    for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
        if name in SAID:
            yield from _literals(default)


def _of_enum(node: ast.ClassDef) -> Iterator[str]:
    prefix = PREFIXED.get(node.name, "")
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            yield from (term_key(prefix + value) for value in _literals(statement.value))


NOTHING_GIVEN: Mapping[str, list[str]] = {}


def _literals(node: ast.expr, given: Mapping[str, list[str]] = NOTHING_GIVEN) -> Iterator[str]:
    """The text of a literal, of a name that one was given to, or of both arms of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        yield from given.get(node.id, ())
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body, given)
        yield from _literals(node.orelse, given)


def in_rules(table: Mapping[str, Any]) -> Iterator[str]:
    """The texts of one rule set: titles, remedies, suppliers, and the words for its designs."""
    for key, value in table.items():
        if key in TITLES and isinstance(value, str):
            yield value
        entries = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
        for entry in entries:
            if isinstance(entry, Mapping):
                yield from entry.values() if key == "suppliers" else in_rules(entry)
                yield from filter(None, entry.get("source", "").split("; ") if key in GRADING else ())
                yield from (term_key(name) for name in entry if key == "designs")


def in_library(table: Mapping[str, Any]) -> Iterator[str]:
    """The units and the sources of the entries of a library."""
    for entries in table.values():
        for entry in entries:
            yield entry["unit"]
            yield from entry["source"].split("; ")


def in_template(source: str) -> Iterator[str]:
    """The texts of one template."""
    for _, _, text in extract_from_ast(Environment().parse(source), ("_",)):
        if isinstance(text, str):
            yield text


def catalogue(path: Path = CATALOGUE) -> Catalog:
    """The Danish catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale="da", charset="utf-8")


def missing(texts: Iterable[str], known: Catalog) -> list[str]:
    """Texts without a Danish one, in the order given."""
    return [text for text in texts if not (entry := known.get(text)) or not entry.string]


def unused(texts: Iterable[str], known: Catalog) -> list[str]:
    """Entries of the catalogue that no source has any more."""
    wanted = set(texts)
    return [str(entry.id) for entry in known if entry.id and entry.id not in wanted]


def append(texts: Iterable[str], path: Path = CATALOGUE) -> None:
    """Add empty entries for the texts, to be filled in by a person."""
    known = catalogue(path)
    for text in texts:
        if not known.get(text):
            known.add(text)
    entries = BytesIO()
    write_po(entries, known, width=120, no_location=True, omit_header=True, sort_output=True)
    path.write_text(HEADER + entries.getvalue().decode("utf-8"), "utf-8")


def main(arguments: list[str]) -> int:
    """List what lacks Danish and what nobody uses (then exit status 1); `--append` adds empty entries."""
    found = collect()
    known = catalogue()
    lacking = missing(found, known)
    for text in lacking:
        sys.stdout.write(f"missing  {found[text]}: {text}\n")
    spare = unused(found, known)
    for text in spare:
        sys.stdout.write(f"unused   {text}\n")
    if "--append" in arguments:
        append(lacking)
    return 1 if lacking or spare else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
