"""The validator a second time, cell by cell in plain Python: slow, and too obvious to be wrong in the same way."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.datasets.schema import (
    Column,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Dialect,
    FileSchema,
    GroupMark,
)
from registry.datasets.schema import Part as PartOf
from registry.kit.cpr import looks_like_cpr

Said = tuple[int, str, str, str, int]
"""Row, column, code, severity and, for those that are only counted, how many."""

SHOWN = 20
DELIMITERS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t", Delimiter.BAR: "|"}
GROUPS = {GroupMark.NONE: "", GroupMark.POINT: ".", GroupMark.COMMA: ",", GroupMark.SPACE: " "}
ORDERS = {DateFormat.ISO: "y-m-d", DateFormat.DASHES: "d-m-y", DateFormat.SLASHES: "d/m/y", DateFormat.POINTS: "d.m.y"}
HIDDEN = {*map(chr, range(1, 9)), *map(chr, range(11, 32)), *map(chr, range(127, 160)), *"\u200e\u200f"}
HIDDEN |= {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


class Wrong(Exception):
    """What is wrong with a cell is the argument."""


def obvious(content: bytes, schema: FileSchema) -> tuple[list[Said], list[tuple[Any, ...]]]:
    """Everything that is to be said of a file with a right header, sorted, and its rows where nothing is wrong."""
    text = content.decode(schema.dialect.encoding.value).removeprefix("\ufeff")
    header, *records = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[schema.dialect.delimiter])
    header = [name.strip() for name in header]
    numbered = [(row, record) for row, record in enumerate(records, start=2) if record]
    private = [
        (row, header[place] if len(record) == len(header) and header[place] in names(schema) else "")
        for row, record in numbered
        for place, cell in enumerate(record)
        if looks_like_cpr(cell)
    ]
    if private:
        return sorted((row, column, "cpr_like", "error", 0) for row, column in private[:SHOWN]), []
    ragged = [row for row, record in numbered if len(record) != len(header)]
    tables = [(row, dict(zip(header, record, strict=True))) for row, record in numbered if len(record) == len(header)]
    tables = [(row, cells) for row, cells in tables if any(trimmed(cell) for cell in cells.values())]
    said = [(1, name, "unknown_column", "warning", 0) for name in header if name not in names(schema)]
    said += listed([(row, "") for row in ragged], "ragged_row")
    values = {row: {} for row, _ in tables}
    for column in schema.columns:
        said += of_column(column, tables, values, schema.dialect)
    said += repeated(values, schema.key)
    if not tables and not ragged:
        said.append((0, "", "no_rows", "error", 0))
    errors = any(severity == "error" for _, _, _, severity, _ in said)
    stored = [] if errors else [tuple(cells[column.name] for column in schema.columns) for cells in values.values()]
    return sorted(said), stored


def names(schema: FileSchema) -> set[str]:
    return {column.name for column in schema.columns}


def trimmed(cell: str) -> str:
    return cell.strip(" \t\r\n\u00a0\ufeff")


def listed(places: list[tuple[int, str]], code: str) -> list[Said]:
    """The first few one by one, the others as a number."""
    shown = [(row, column, code, "error", 0) for row, column in places[:SHOWN]]
    more = len(places) - SHOWN
    return [*shown, (0, places[0][1], code, "error", more)] if more > 0 else shown


def of_column(
    column: Column, tables: list[tuple[int, dict[str, str]]], values: dict[int, dict[str, Any]], dialect: Dialect
) -> Iterator[Said]:
    wrong: dict[str, list[tuple[int, str]]] = {}
    for row, cells in tables:
        text = trimmed(cells[column.name])
        values[row][column.name] = None
        try:
            if text in ("", *dialect.missing):
                if column.required:
                    raise Wrong("missing_value")
                continue
            value = READERS[column.type](text, dialect)
            values[row][column.name] = value
            within(column, value, text)
        except Wrong as error:
            wrong.setdefault(str(error), []).append((row, column.name))
    for code, places in wrong.items():
        yield from listed(places, code)
    found = [value for cells in values.values() if (value := cells[column.name]) is not None]
    if tables and not found and not wrong:
        yield (0, column.name, "empty_column", "warning", 0)
    if column.part is PartOf.PERIOD and column.type is ColumnType.TEXT and found:
        digits = all(set(value) <= set("0123456789") for value in found)
        if digits and len({len(value) for value in found}) > 1:
            yield (0, column.name, "numbers_as_text", "error", 0)


def repeated(values: dict[int, dict[str, Any]], key: tuple[str, ...]) -> list[Said]:
    seen: Counter[tuple[Any, ...]] = Counter()
    places = []
    for row, cells in values.items():
        place = tuple(cells[name] for name in key)
        if key and None not in place:
            seen[place] += 1
            if seen[place] > 1:
                places.append((row, key[0]))
    return listed(places, "duplicate_row")


def within(column: Column, value: Any, text: str) -> None:
    if column.type is ColumnType.TEXT and len(text) > 500:
        raise Wrong("too_long")
    if column.minimum is not None and value < column.minimum:
        raise Wrong("too_small")
    if column.maximum is not None and value > column.maximum:
        raise Wrong("too_large")
    if column.codes and text not in column.codes:
        raise Wrong("not_a_code")


def as_text(text: str, dialect: Dialect) -> str:
    assert dialect
    if HIDDEN & set(text):
        raise Wrong("too_long" if len(text) > 500 else "hidden_characters")
    return text


def whole(text: str, dialect: Dialect) -> str:
    """The digits of a number without its marks of thousands."""
    group = GROUPS[dialect.group]
    first, *rest = text.split(group) if group else [text]
    if rest and (not 1 <= len(first) <= 3 or any(len(part) != 3 for part in rest)):
        raise ValueError
    digits = "".join([first, *rest])
    if not digits or set(digits) - set("0123456789"):
        raise ValueError
    return digits


def as_integer(text: str, dialect: Dialect) -> int:
    try:
        value = int(text[: text[0] in "+-"] + whole(text[text[0] in "+-" :], dialect))
    except ValueError:
        raise Wrong("not_integer") from None
    if not -(2**63) <= value < 2**63:
        raise Wrong("not_integer")
    return value


def as_number(text: str, dialect: Dialect) -> float:
    mark = "," if dialect.decimal is DecimalMark.COMMA else "."
    sign, unsigned = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    if unsigned.lower() in ("nan", "inf", "infinity"):
        raise Wrong("not_finite")
    base, _, power = unsigned.lower().partition("e")
    before, _, after = base.partition(mark)
    try:
        if "e" in unsigned.lower() and (not power.lstrip("+-") or len(power) - len(power.lstrip("+-")) > 1):
            raise ValueError
        if set(power.lstrip("+-") + after) - set("0123456789") or (not before and not after):
            raise ValueError
        digits = whole(before, dialect) if before else "0"
        value = float(Decimal(f"{sign}{digits}.{after or 0}e{power or 0}"))
    except (ValueError, InvalidOperation):
        raise Wrong("not_number") from None
    if value in (float("inf"), float("-inf")):
        raise Wrong("not_finite")
    return value


def as_date(text: str, dialect: Dialect) -> date:
    order = ORDERS[dialect.date_format]
    parts = dict(zip(order[::2], text.split(order[1]), strict=False))
    lengths = {"y": 4, "m": 2, "d": 2}
    if text.count(order[1]) != 2 or any(len(parts[name]) != lengths[name] for name in parts):
        raise Wrong("not_date")
    if set("".join(parts.values())) - set("0123456789"):
        raise Wrong("not_date")
    try:
        return date(int(parts["y"]), int(parts["m"]), int(parts["d"]))
    except ValueError:
        raise Wrong("not_date") from None


def as_flag(text: str, dialect: Dialect) -> int:
    mark = "," if dialect.decimal is DecimalMark.COMMA else "."
    first, point, zeros = text.partition(mark)
    if first not in ("0", "1") or set(zeros) - {"0"} or bool(point) != bool(zeros):
        raise Wrong("not_zero_or_one")
    return int(first)


READERS: dict[ColumnType, Callable[[str, Dialect], Any]] = {
    ColumnType.TEXT: as_text,
    ColumnType.INTEGER: as_integer,
    ColumnType.NUMBER: as_number,
    ColumnType.DATE: as_date,
    ColumnType.BOOLEAN01: as_flag,
}
