"""Typed columns in memory: numbers with NaN for missing, or texts with None for missing."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Texts: TypeAlias = NDArray[np.object_]
Codes: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = Numbers | Texts

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LEADING_ZERO: Final = re.compile(r"[+-]?0[0-9]")
_TRUTH: Final = {"true": 1.0, "false": 0.0}
EXACT_INTEGERS: Final = 2.0**53


def is_numeric(column: Column) -> bool:
    """Whether the column holds numbers."""
    return column.dtype.kind == "f"


def as_texts(values: Sequence[str | None]) -> Texts:
    """Values as a text column (n,), exactly as they stand."""
    column: Texts = np.empty(len(values), dtype=np.object_)
    column[:] = values
    return column


def parse_number(text: str) -> float | None:
    """A decimal number with a point, or None; `nan` and `inf` are no numbers."""
    stripped = text.strip()
    return float(stripped) if _NUMBER.fullmatch(stripped) else None


def infer(values: Sequence[str | None]) -> Column:
    """The column that untyped texts most plainly are.

    Numbers where every value is one, 0/1 where every value is true or false, texts otherwise. A leading zero
    (`0101`) or an integer beyond 2^53 marks a code, whose column stays text.
    """
    present = [value for value in values if value is not None]
    if present and all(_plain_number(value) for value in present):
        return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    if present and all(value.lower() in _TRUTH for value in present):
        return np.array([np.nan if value is None else _TRUTH[value.lower()] for value in values], dtype=np.float64)
    return as_texts(values) if present else np.full(len(values), np.nan, dtype=np.float64)


def missing(column: Column) -> Flags:
    """Which rows (n,) hold no value."""
    if is_numeric(column):
        return np.isnan(column.astype(np.float64, copy=False))
    return np.array([value is None for value in column.tolist()], dtype=np.bool_)


def label(value: float | str) -> str:
    """A value as a reader writes it: 3.0 is `3`."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and abs(value) < EXACT_INTEGERS else repr(float(value))


def factorise(column: Column) -> tuple[Codes, tuple[str, ...]]:
    """Codes (n,) into the sorted levels, -1 for missing; numbers sort by size, texts by code point."""
    absent = missing(column)
    codes: Codes = np.full(len(column), -1, dtype=np.int64)
    if is_numeric(column):
        values, places = np.unique(column[~absent].astype(np.float64), return_inverse=True)
        levels = tuple(label(value) if np.isfinite(value) else str(value) for value in values.tolist())
    else:
        texts = column[~absent].tolist()
        levels = tuple(sorted({str(value) for value in texts}))
        place_of = {value: place for place, value in enumerate(levels)}
        places = np.array([place_of[str(value)] for value in texts], dtype=np.int64)
    codes[~absent] = places
    return codes, levels


def _plain_number(value: str) -> bool:
    stripped = value.strip()
    if not _NUMBER.fullmatch(stripped) or _LEADING_ZERO.match(stripped):
        return False
    return not (stripped.lstrip("+-").isdigit() and abs(float(stripped)) >= EXACT_INTEGERS)
