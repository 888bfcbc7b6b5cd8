"""A pandas data frame to typed columns, so that it hashes and analyses like the file it came from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from effects.errors import DataError, Finding
from effects.rows.columns import EXACT_INTEGERS, Column, as_texts, infer

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_MIDNIGHT = " 00:00:00"


def read_frame(frame: "DataFrame") -> dict[str, Column]:
    """Columns by name; booleans and integers become floats, dates ISO texts, anything else text.

    Raises DataError where two columns have the same name.
    """
    names = [str(name) for name in frame.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        message, remedy = "Several columns are named {column}.", "Give each column its own name."
        raise DataError(
            Finding("data", "repeated_header", message, remedy, {"column": name}, column=name) for name in repeated
        )
    return {name: _column(frame.iloc[:, place]) for place, name in enumerate(names)}


def _column(series: "Series[Any]") -> Column:
    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else "O"
    if kind in "fb":
        return np.asarray(series.to_numpy(), dtype=np.float64)
    if kind == "M":
        return _moments(series)
    values, absent = series.tolist(), series.isna().tolist()
    present = [value for value, gone in zip(values, absent, strict=True) if not gone]
    if present and all(isinstance(value, bool | int | float | np.bool_ | np.number) for value in present):
        return _numbers([None if gone else value for value, gone in zip(values, absent, strict=True)])
    return as_texts([None if gone else str(value) for value, gone in zip(values, absent, strict=True)])


def _numbers(values: Sequence[Any]) -> Column:
    large = any(isinstance(value, int) and abs(value) >= EXACT_INTEGERS for value in values)
    if large:
        return infer([None if value is None else str(value) for value in values])
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _moments(series: "Series[Any]") -> Column:
    moments = series.dt.strftime("%Y-%m-%d %H:%M:%S")
    texts = [None if gone else str(value) for value, gone in zip(moments.tolist(), series.isna().tolist(), strict=True)]
    if all(text is None or text.endswith(_MIDNIGHT) for text in texts):
        return as_texts([None if text is None else text.removesuffix(_MIDNIGHT) for text in texts])
    return as_texts(texts)
