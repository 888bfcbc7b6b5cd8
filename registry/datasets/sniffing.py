"""Looks at the beginning of a file and says how it seems to be written, where that differs from what was stated."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from registry.datasets.cells import SPACES, pattern
from registry.datasets.schema import (
    DELIMITERS,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Dialect,
    Encoding,
    FileSchema,
    GroupMark,
    Part,
)
from registry.datasets.wide import periods_in, spread

SAMPLE_BYTES: Final = 64 * 1024
SAMPLE_ROWS: Final = 200

Rows = Sequence[Sequence[str]]

_MARKS: Final = (
    (DecimalMark.POINT, GroupMark.NONE),
    (DecimalMark.COMMA, GroupMark.NONE),
    (DecimalMark.COMMA, GroupMark.POINT),
    (DecimalMark.POINT, GroupMark.COMMA),
    (DecimalMark.COMMA, GroupMark.SPACE),
)


def suggested(head: bytes, stated: FileSchema) -> FileSchema:
    """The stated schema, changed only where the first bytes of a CSV file plainly speak against it."""
    encoding = _encoding(head, stated.dialect.encoding)
    text = codecs.getincrementaldecoder(_codec(encoding))("replace").decode(head)
    delimiter = _delimiter(text, stated)
    dialect = msgspec.structs.replace(stated.dialect, encoding=encoding, delimiter=delimiter)
    header, rows = _rows(text, delimiter)
    stated = msgspec.structs.replace(stated, periods=stated.periods or periods_in(header, stated))
    cells = {name: _column(rows, place, dialect) for place, name in enumerate(header)} | _varying(header, rows, stated)
    numbers = [cells.get(column.name, []) for column in stated.columns if column.type is ColumnType.NUMBER]
    dialect = _marks([cell for column in numbers for cell in column], dialect)
    return _dated(msgspec.structs.replace(stated, dialect=dialect), cells)


def _codec(encoding: Encoding) -> str:
    return "utf-8-sig" if encoding is Encoding.UTF_8 else encoding.value


def _encoding(head: bytes, stated: Encoding) -> Encoding:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding.UTF_16
    if head.startswith(codecs.BOM_UTF8):
        return stated if stated in (Encoding.UTF_8, Encoding.UTF_8_SIG) else Encoding.UTF_8_SIG
    modern = _decodes(head, Encoding.UTF_8)
    if stated is Encoding.CP1252 and not head.isascii() and modern:
        return Encoding.UTF_8
    if _decodes(head, stated):
        return stated
    return Encoding.UTF_8 if modern else Encoding.CP1252


def _decodes(head: bytes, encoding: Encoding) -> bool:
    if encoding is Encoding.UTF_16:
        return False
    try:
        codecs.getincrementaldecoder(_codec(encoding))("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str, stated: FileSchema) -> Delimiter:
    wanted = {column.name for column in stated.columns}

    def found(delimiter: Delimiter) -> tuple[int, int]:
        header, _ = _rows(text, delimiter)
        return len(wanted.intersection(header)), len(header)

    best = max(Delimiter, key=found)
    return best if found(best) > found(stated.dialect.delimiter) else stated.dialect.delimiter


def _rows(text: str, delimiter: Delimiter) -> tuple[list[str], Rows]:
    """The header and the rows that are surely whole."""
    lines = text.splitlines(keepends=True)
    if len(lines) > 1 and not text.endswith(("\n", "\r")):
        lines.pop()
    try:
        records = list(islice(csv.reader(lines, delimiter=DELIMITERS[delimiter]), SAMPLE_ROWS))
    except csv.Error:
        return [], []
    header, *rows = records or [[]]
    return [name.strip(SPACES) for name in header], rows


def _column(rows: Rows, place: int, dialect: Dialect) -> list[str]:
    cells = (row[place].strip(SPACES) for row in rows if place < len(row))
    return [cell for cell in cells if cell not in ("", *dialect.missing)]


def _varying(header: Sequence[str], rows: Rows, stated: FileSchema) -> dict[str, list[str]]:
    """The cells of a wide file under the names of the plan, and the periods as the cells of theirs."""
    cells = {
        name: [cell for places in at.values() for place in places for cell in _column(rows, place, stated.dialect)]
        for name, at in spread(header, stated).items()
    }
    return cells | {column.name: list(stated.periods) for column in stated.named(Part.PERIOD) if stated.periods}


def _fitting(cells: Iterable[str], kind: ColumnType, dialect: Dialect) -> int:
    fits = re.compile(pattern(kind, dialect), re.ASCII)
    return sum(fits.fullmatch(cell) is not None for cell in cells)


def _marks(numbers: Sequence[str], stated: Dialect) -> Dialect:
    choices = [stated, *(msgspec.structs.replace(stated, decimal=mark, group=group) for mark, group in _MARKS)]
    return max(choices, key=lambda dialect: _fitting(numbers, ColumnType.NUMBER, dialect))


def _dated(stated: FileSchema, cells: dict[str, list[str]]) -> FileSchema:
    """Dates in the order in which they are written; a period in text that is a number or an unsortable date."""
    dates = [column.name for column in stated.columns if column.type is ColumnType.DATE]
    periods = [column.name for column in stated.named(Part.PERIOD) if column.type is ColumnType.TEXT]
    seen = [cell for name in dates for cell in cells.get(name, [])]
    dialect = stated.dialect
    if seen:
        dialect = max([dialect, *_formats(dialect)], key=lambda choice: _fitting(seen, ColumnType.DATE, choice))
    for name in periods:
        found = cells.get(name, [])
        if found and _fitting(found, ColumnType.INTEGER, dialect) == len(found):
            return _typed(stated, name, ColumnType.INTEGER, dialect)
        for choice in _formats(dialect):
            sortable = choice.date_format is DateFormat.ISO
            if found and not sortable and _fitting(found, ColumnType.DATE, choice) == len(found):
                return _typed(stated, name, ColumnType.DATE, choice)
    return msgspec.structs.replace(stated, dialect=dialect)


def _formats(dialect: Dialect) -> Iterator[Dialect]:
    return (msgspec.structs.replace(dialect, date_format=form) for form in DateFormat)


def _typed(stated: FileSchema, name: str, kind: ColumnType, dialect: Dialect) -> FileSchema:
    columns = (
        msgspec.structs.replace(column, type=kind) if column.name == name else column for column in stated.columns
    )
    return msgspec.structs.replace(stated, columns=tuple(columns), dialect=dialect)
