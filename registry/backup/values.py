"""Rows as canonical lines of JSON, equal for equal rows whichever database they come from.

A moment is written in UTC to the microsecond, a day as a date, bytes in base 64, and a number so that the same double
is read again. A zero has no sign and what is not a number is written as text, since SQLite and JSON know neither.
"""

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec


class Kind(StrEnum):
    """What a column holds."""

    WHOLE = "whole"
    DOUBLE = "double"
    TEXT = "text"
    TRUTH = "truth"
    DAY = "day"
    MOMENT = "moment"
    BYTES = "bytes"


DECLARED: Final[Mapping[str, Kind]] = {
    "INTEGER": Kind.WHOLE,
    "BIGINT": Kind.WHOLE,
    "DOUBLE PRECISION": Kind.DOUBLE,
    "VARCHAR": Kind.TEXT,
    "CHARACTER VARYING": Kind.TEXT,
    "TEXT": Kind.TEXT,
    "BOOLEAN": Kind.TRUTH,
    "DATE": Kind.DAY,
    "TIMESTAMPTZ": Kind.MOMENT,
    "TIMESTAMP WITH TIME ZONE": Kind.MOMENT,
    "BLOB": Kind.BYTES,
    "BYTEA": Kind.BYTES,
}
"""The words of both databases for the columns that tables may have."""


class Column(msgspec.Struct, frozen=True):
    """A column by its name and what it holds."""

    name: str
    kind: Kind


class Unfit(Exception):
    """A value that is not what its column holds."""


def line(row: Mapping[str, Any], columns: Iterable[Column]) -> bytes:
    """A row with its end of line. Raises Unfit."""
    return _encoder.encode([_out(row[column.name], column) for column in columns]) + b"\n"


def row(text: bytes, columns: tuple[Column, ...]) -> tuple[Any, ...]:
    """The values of a line as both drivers take them. Raises Unfit."""
    try:
        read = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit("the line is not a list") from error
    if len(read) != len(columns):
        raise Unfit(f"{len(read)} values in {len(columns)} columns")
    return tuple(_in(value, column) for value, column in zip(read, columns, strict=True))


def _out(value: Any, column: Column) -> Any:
    if value is None:
        return None
    taken, write = _WRITTEN[column.kind]
    if type(value) is not taken:
        raise Unfit(f"{column.name} holds a {type(value).__name__} and no {column.kind}")
    return write(value)


def _in(value: Any, column: Column) -> Any:
    if value is None:
        return None
    given, read = _READ[column.kind]
    try:
        if type(value) in given:
            return read(value)
    except (ValueError, OverflowError, binascii.Error):
        pass
    raise Unfit(f"{column.name} is no {column.kind}")


def _double(value: float) -> float | str:
    return value + 0.0 if math.isfinite(value) else repr(value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _read_moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError
    return read.astimezone(UTC)


_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(list[Any])

_WRITTEN: Final[Mapping[Kind, tuple[type, Callable[[Any], Any]]]] = {
    Kind.WHOLE: (int, int),
    Kind.DOUBLE: (float, _double),
    Kind.TEXT: (str, str),
    Kind.TRUTH: (bool, bool),
    Kind.DAY: (date, date.isoformat),
    Kind.MOMENT: (datetime, _moment),
    Kind.BYTES: (bytes, lambda value: base64.b64encode(value).decode("ascii")),
}
_READ: Final[Mapping[Kind, tuple[tuple[type, ...], Callable[[Any], Any]]]] = {
    Kind.WHOLE: ((int,), int),
    Kind.DOUBLE: ((float, int, str), float),
    Kind.TEXT: ((str,), str),
    Kind.TRUTH: ((bool,), bool),
    Kind.DAY: ((str,), date.fromisoformat),
    Kind.MOMENT: ((str,), _read_moment),
    Kind.BYTES: ((str,), lambda value: base64.b64decode(value, validate=True)),
}
