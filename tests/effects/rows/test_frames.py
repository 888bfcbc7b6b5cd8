from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import DataError
from effects.rows.columns import is_numeric, missing
from effects.rows.frames import read_frame

NUMERIC = [
    pd.Series([1, 0]),
    pd.Series([1.0, 0.0]),
    pd.Series([True, False]),
    pd.Series([1, 0], dtype="Int64"),
    pd.Series([1.0, 0.0], dtype="float32"),
    pd.Series([True, False], dtype="boolean"),
    pd.Series([1, 0.0], dtype=object),
    pd.Series([np.int64(1), np.bool_(False)], dtype=object),
]


@pytest.mark.parametrize("series", NUMERIC, ids=lambda series: str(series.dtype))
def test_numbers_of_every_kind_become_floats(series: "pd.Series[float]") -> None:
    column = read_frame(pd.DataFrame({"a": series}))["a"]
    assert is_numeric(column)
    assert column.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0101", None], ["0101", None]),
        (["a", float("nan")], ["a", None]),
        ([date(2016, 5, 12)], ["2016-05-12"]),
        (["x", 1], ["x", "1"]),
    ],
)
def test_anything_else_becomes_text(values: list[object], expected: list[object]) -> None:
    assert read_frame(pd.DataFrame({"a": values}))["a"].tolist() == expected


def test_a_category_is_its_label() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y", None])})
    assert read_frame(frame)["a"].tolist() == ["x", "y", None]


def test_days_are_iso_dates_and_moments_keep_their_time() -> None:
    days = pd.DataFrame({"a": pd.to_datetime(pd.Series(["2016-05-12", None]))})
    assert read_frame(days)["a"].tolist() == ["2016-05-12", None]
    moments = pd.DataFrame({"a": pd.to_datetime(["2016-05-12 10:30:00"])})
    assert read_frame(moments)["a"].tolist() == ["2016-05-12 10:30:00"]


def test_missing_integers_are_missing_numbers() -> None:
    column = read_frame(pd.DataFrame({"a": pd.Series([1, None], dtype="Int64")}))["a"]
    assert np.isnan(column.astype(float)).tolist() == [False, True]


def test_integers_beyond_exact_floats_stay_apart_as_texts() -> None:
    column = read_frame(pd.DataFrame({"a": [2**53 + 1, 2**53]}))["a"]
    assert column.tolist() == ["9007199254740993", "9007199254740992"]


def test_column_names_become_texts() -> None:
    assert list(read_frame(pd.DataFrame({2016: [1]}))) == ["2016"]


@pytest.mark.parametrize("names", [["a", "a", "b"], [1, "1", "b"]])
def test_two_columns_of_one_name_are_a_finding(names: list[object]) -> None:
    with pytest.raises(DataError) as raised:
        read_frame(pd.DataFrame([[1, 2, 3]], columns=names))
    assert [(finding.code, finding.column) for finding in raised.value.findings] == [("repeated_header", str(names[0]))]


@given(st.lists(st.none() | st.integers(-(2**60), 2**60), min_size=1, max_size=8))
def test_integers_of_any_size_are_told_apart(values: list[int | None]) -> None:
    column = read_frame(pd.DataFrame({"a": pd.Series(values, dtype="Int64")}))["a"]
    known = [str(int(value)) if isinstance(value, float) else value for value in column[~missing(column)].tolist()]
    assert known == [str(value) for value in values if value is not None]
