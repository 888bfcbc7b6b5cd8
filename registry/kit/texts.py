"""Every text a person can see, collected from the source: `python -m registry.kit.texts` says which lack Danish.

In Python these are the literal templates of `Message`, `Finding` and the errors, marked literals `N_("…")`, and the
words for coded values (members of string enums in `rules.py` and `codes.py`); in templates whatever stands in `_("…")`.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from registry.kit.language import term_key
from registry.kit.resources import folder

ROOT = folder("templates").parent
CATALOGUE = folder("templates") / "locale" / "da.po"
SOURCES = ("effects", "registry")
CODED = ("rules.py", "codes.py")
FIRST = {
    *("Message", "N_"),
    *("BadRequest", "Unauthorised", "Forbidden", "NotFound", "Conflict", "Gone", "TooLarge", "Unavailable"),
}
PLACES = {
    **{"Finding": (2, 3), "found": (2, 3), "Refused": (1, 2)},
    **{"RegistryError": (2,), "Invalid": (1,), "TooMany": (1,)},
}
NAMED = {"message", "remedy"}
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
    for path in sorted((root / "templates").rglob("*.html")):
        for text in in_template(path.read_text("utf-8")):
            found.setdefault(text, str(path.relative_to(root)))
    found.pop("", None)
    return found


def in_python(source: str, *, coded: bool = False) -> Iterator[str]:
    """The texts of one module; with `coded` also the words for the members of its string enums."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.FunctionDef):
            yield from _of_defaults(node.args)
        elif coded and isinstance(node, ast.ClassDef) and any("StrEnum" in ast.unparse(base) for base in node.bases):
            yield from _of_enum(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    places = (0,) if name in FIRST else PLACES.get(name, ())
    for place in places:
        if place < len(call.args):
            yield from _literals(call.args[place])
    if places:
        for keyword in call.keywords:
            if keyword.arg in NAMED:
                yield from _literals(keyword.value)


def _of_defaults(arguments: ast.arguments) -> Iterator[str]:
    """The message an error carries when it is raised without one."""
    names = [argument.arg for argument in arguments.args]
    for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
        if name in NAMED:
            yield from _literals(default)


def _of_enum(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            yield from (term_key(value) for value in _literals(statement.value))


def _literals(node: ast.expr) -> Iterator[str]:
    """The text of a literal, or of both arms of a choice between literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


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
