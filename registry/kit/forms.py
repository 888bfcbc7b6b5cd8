"""A form or a JSON body into a command: every finding at once, each at the path of its field."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from msgspec import inspect

from effects.errors import Finding
from effects.message import Message
from registry.kit.cpr import looks_like_cpr
from registry.kit.csrf import FIELD, FORMS
from registry.kit.errors import BadRequest, Invalid, RegistryError, WrongMediaType
from registry.kit.fields import DECEIVING, Reading
from registry.kit.language import language_of
from registry.kit.request import JSON, Request, wants_json

Command = TypeVar("Command", bound=msgspec.Struct)
FormPage = Callable[[Request, Mapping[str, Any], tuple[Finding, ...]], Awaitable[Response[Any]]]
MANY = (inspect.ListType, inspect.SetType, inspect.FrozenSetType, inspect.VarTupleType)
LONGEST_LIST = 1_000
DEEPEST = 8
MISSING = object()


async def read(request: Request, command: type[Command]) -> Command:
    """The body as a command.

    A list takes repeated keys of a form, a mapping dotted keys (`scores.12`), a list of structs zipped keys
    (`milestones.title`, `milestones.due`), where a row left wholly empty is no row; an unticked box is False. Raises
    WrongMediaType for anything but a form or application/json, BadRequest for a broken body or an unknown field,
    Invalid with all findings otherwise.
    """
    kind = inspect.type_info(command)
    assert isinstance(kind, inspect.StructType)
    if request.content_type[0] in FORMS:
        reading = Reading("form", language_of(request))
        raw: Any = _nested(await values(request), kind)
    else:
        reading = Reading("json", "en")
        raw = await _json(request)
    made = _Builder(reading).struct(raw, kind, "", 0)
    if reading.findings:
        raise Invalid(reading.findings)
    return made  # type: ignore[no-any-return]


async def values(request: Request) -> dict[str, Any]:
    """What was typed: one value a key, or the list of them where a key came more than once."""
    typed: dict[str, list[Any]] = {}
    for name, value in (await request.form()).multi_items():
        typed.setdefault(name, []).append(value)
    return {name: sent if len(sent) > 1 else sent[0] for name, sent in typed.items() if name != FIELD}


async def again(request: Request, refused: RegistryError, form_page: FormPage) -> Response[Any]:
    """The form once more with what was typed and what to mend; raises `refused` on to a caller of the API."""
    if wants_json(request):
        raise refused
    typed = {name: _without_cpr(value) for name, value in (await values(request)).items()}
    response = await form_page(request, typed, refused.findings)
    response.status_code = refused.status
    return response


def _without_cpr(value: Any) -> Any:
    """A CPR-like value is never echoed, not even to the one who typed it."""
    if isinstance(value, list):
        return [_without_cpr(one) for one in value]
    return "" if isinstance(value, str) and looks_like_cpr(value) else value


async def _json(request: Request) -> Any:
    if request.content_type[0] != JSON:
        raise WrongMediaType
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest("The body is not valid JSON.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None


def _nested(typed: Mapping[str, Any], kind: inspect.StructType) -> dict[str, Any]:
    """Form keys in the shape of the command: dotted keys below their struct, zipped keys as rows."""
    shaped: dict[str, Any] = {}
    kinds = {part.encode_name: _required(part.type) for part in kind.fields}
    for name, value in typed.items():
        head, _, rest = name.partition(".")
        if rest and isinstance(kinds.get(head), (inspect.StructType, inspect.DictType, *MANY)):
            below = shaped.setdefault(head, {})
            if not isinstance(below, dict):
                raise BadRequest("A field was sent more than once.")
            below[rest] = value
        else:
            shaped[name] = value
    for name, part in kinds.items():
        if isinstance(part, inspect.StructType) and isinstance(shaped.get(name), dict):
            shaped[name] = _nested(shaped[name], part)
        elif isinstance(part, MANY) and name in shaped:
            shaped[name] = _rows(shaped[name], part)
    return shaped


def _rows(value: Any, kind: Any) -> list[Any]:
    item = _required(kind.item_type)
    if not isinstance(item, inspect.StructType):
        return [one for one in (value if isinstance(value, list) else [value]) if one != ""]
    if not isinstance(value, dict):
        raise BadRequest
    columns = {name: column if isinstance(column, list) else [column] for name, column in value.items()}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise BadRequest("The rows of a list are not complete.")
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [_nested(row, item) for row in rows if any(cell not in ("", None) for cell in row.values())]


def _required(kind: inspect.Type) -> inspect.Type:
    """The type without `| None` and without its annotations."""
    if isinstance(kind, inspect.Metadata):
        return _required(kind.type)
    if isinstance(kind, inspect.UnionType):
        rest = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(rest) != 1:
            raise TypeError("a field of a command is one type, or that type or None")
        return _required(rest[0])
    return kind


def _optional(kind: inspect.Type) -> bool:
    inner = kind.type if isinstance(kind, inspect.Metadata) else kind
    return isinstance(inner, inspect.UnionType) and inner.includes_none


class _Builder:
    """Walks a command's shape and the body together."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def found(self, where: str, code: str, message: str, remedy: str = "") -> None:
        self.reading.findings.append(Finding(where, code, message, remedy))

    def struct(self, raw: Any, kind: inspect.StructType, where: str, depth: int) -> Any:
        if not isinstance(raw, dict) or depth > DEEPEST:
            if where:
                return self.found(where, "not_an_object", "This is not a set of fields.")
            raise BadRequest("The body is not a set of fields.")
        self._refuse_unknown(raw, kind)
        before = len(self.reading.findings)
        made = {}
        for part in kind.fields:
            place = f"{where}.{part.encode_name}" if where else part.encode_name
            value = self.field(raw.get(part.encode_name, MISSING), part, place, depth)
            if value is not MISSING:
                made[part.name] = value
        return kind.cls(**made) if len(self.reading.findings) == before else None

    def _refuse_unknown(self, raw: Mapping[str, Any], kind: inspect.StructType) -> None:
        unknown = sorted(set(raw) - {part.encode_name for part in kind.fields})
        if unknown:
            name = DECEIVING.sub("", unknown[0])[:40]
            raise BadRequest(Message("There is no field {name} here.", {"name": name}))

    def field(self, raw: Any, part: inspect.Field, where: str, depth: int) -> Any:
        kind = _required(part.type)
        form = self.reading.source == "form"
        if raw is MISSING and form and isinstance(kind, inspect.BoolType) and not _optional(part.type):
            return False
        if form and isinstance(raw, str) and not raw.strip() and not isinstance(kind, inspect.StrType):
            raw = MISSING
        if form and isinstance(raw, str) and not raw.strip() and (_optional(part.type) or not part.required):
            raw = MISSING
        if form and isinstance(raw, UploadFile) and not raw.filename:
            raw = MISSING
        if raw is MISSING:
            return self._absent(part, kind, where)
        if raw is None and _optional(part.type):
            return None
        return self.value(raw, kind, where, depth)

    def _absent(self, part: inspect.Field, kind: inspect.Type, where: str) -> Any:
        if not part.required:
            return MISSING
        if self.reading.source == "form":
            if _optional(part.type):
                return None
            if isinstance(kind, MANY) and not getattr(kind, "min_length", None):
                return self._gathered([], kind)
        self.found(where, "missing", "This is missing.", "Fill it in.")
        return None

    def value(self, raw: Any, kind: inspect.Type, where: str, depth: int) -> Any:
        if isinstance(kind, inspect.StructType):
            return self.struct(raw, kind, where, depth + 1)
        if isinstance(kind, MANY):
            return self._many(raw, kind, where, depth)
        if isinstance(kind, inspect.DictType):
            return self._mapping(raw, kind, where, depth)
        if isinstance(raw, list | dict) and not isinstance(kind, inspect.AnyType):
            if self.reading.source == "form":
                raise BadRequest("A field was sent more than once.")
            return self.found(where, "not_single", "This is not a single value.")
        return self.reading.value(raw, kind, where)

    def _many(self, raw: Any, kind: Any, where: str, depth: int) -> Any:
        if not isinstance(raw, list):
            return self.found(where, "not_a_list", "This is not a list.")
        longest = LONGEST_LIST if kind.max_length is None else kind.max_length
        if len(raw) > longest:
            return self.found(where, "too_many", "There are too many entries.", "Remove some.")
        if kind.min_length and len(raw) < kind.min_length:
            return self.found(where, "missing", "This is missing.", "Choose or add at least one.")
        item = _required(kind.item_type)
        return self._gathered(
            [self.value(one, item, f"{where}.{position}", depth) for position, one in enumerate(raw)], kind
        )

    def _gathered(self, items: list[Any], kind: inspect.Type) -> Any:
        shapes: dict[type[inspect.Type], Callable[[list[Any]], Any]] = {
            inspect.SetType: set,
            inspect.FrozenSetType: frozenset,
            inspect.VarTupleType: tuple,
        }
        return shapes.get(type(kind), list)(items)

    def _mapping(self, raw: Any, kind: inspect.DictType, where: str, depth: int) -> Any:
        if not isinstance(raw, dict):
            return self.found(where, "not_an_object", "This is not a set of fields.")
        if len(raw) > LONGEST_LIST:
            return self.found(where, "too_many", "There are too many entries.", "Remove some.")
        read_key = _required(kind.key_type)
        read_value = _required(kind.value_type)
        return {
            self.reading.value(key, read_key, where): self.value(one, read_value, f"{where}.{key}"[:200], depth)
            for key, one in raw.items()
        }


async def text_of(file: UploadFile, largest: int, too_large: Finding) -> str:
    """A small file as text. Raises Invalid where it is longer than `largest` bytes (`too_large`), or no UTF-8 text."""
    content = await file.read(largest + 1)
    await file.close()
    if len(content) > largest:
        raise Invalid([too_large])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid([Finding("file", "not_utf8", "The file is not UTF-8 text.", "Save it as UTF-8.")]) from error


def refuse_cpr(text: str) -> None:
    """Raises Invalid for the text of a file that holds what looks like a civil registration number."""
    if looks_like_cpr(text):
        raise Invalid(
            [
                Finding(
                    "file",
                    "cpr",
                    "This contains what looks like a civil registration number (CPR).",
                    "Leave it out; such numbers are never stored here.",
                )
            ]
        )
