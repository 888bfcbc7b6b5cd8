"""One order and one hash for the same rows, whatever file, row order or format they came in."""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from effects.rows.columns import Codes, Column, Numbers, factorise, infer, is_numeric


def canonical_order(columns: Mapping[str, Column]) -> Codes:
    """Row order (n,): by the values of all columns, taken in the order of their names, missing first."""
    keys = [key for name in sorted(columns, reverse=True) for key in _sort_keys(columns[name])]
    if not keys:
        return np.zeros(0, dtype=np.int64)
    return np.lexsort(keys).astype(np.int64)


def content_hash(columns: Mapping[str, Column], order: Codes) -> str:
    """`sha256:...` of names and typed values in canonical order; columns sort by name, and 1, 1.0 and `1` are equal."""
    digest = sha256(b"virkning-content/1")
    for name in sorted(columns):
        column = _as_compared(columns[name])
        digest.update(f"\x1e{name}\x1f{'number' if is_numeric(column) else 'text'}\x1f".encode())
        if is_numeric(column):
            digest.update(_comparable(column[order].astype(np.float64)).astype("<f8").tobytes())
        else:
            for value in column[order].tolist():
                digest.update(b"\x00" if value is None else b"\x01" + str(value).encode() + b"\x1f")
    return "sha256:" + digest.hexdigest()


def _sort_keys(column: Column) -> tuple[Numbers, ...]:
    """Keys in ascending importance, as lexsort wants them: the value, then whether there is one."""
    compared = _as_compared(column)
    if not is_numeric(compared):
        return (factorise(compared)[0].astype(np.float64),)
    values = compared.astype(np.float64)
    absent = np.isnan(values)
    return np.where(absent, 0.0, values), np.where(absent, 0.0, 1.0)


def _as_compared(column: Column) -> Column:
    return column if is_numeric(column) else infer(column.tolist())


def _comparable(values: Numbers) -> Numbers:
    return np.where(np.isnan(values), np.nan, values + 0.0)
