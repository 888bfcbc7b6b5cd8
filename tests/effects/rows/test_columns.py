import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.rows.columns import as_texts, factorise, infer, is_numeric, label, missing, parse_number

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2.5", "-3", "+4", ".5", "6.", "1e3"], [1.0, 2.5, -3.0, 4.0, 0.5, 6.0, 1000.0]),
        ([" 7 "], [7.0]),
        (["0", "0.5", "-0.25"], [0.0, 0.5, -0.25]),
        (["true", "False", "TRUE"], [1.0, 0.0, 1.0]),
    ],
)
def test_values_that_are_all_numbers_make_a_number_column(values: list[str | None], expected: list[float]) -> None:
    assert infer(values).tolist() == expected


@pytest.mark.parametrize(
    "values",
    [
        ["0101", "0147"],
        ["1", "n/a"],
        ["1,5"],
        ["1.234,5"],
        ["nan"],
        ["inf"],
        ["1_000"],
        ["٣"],
        ["9007199254740993"],
        ["2016-05-12"],
        ["true", "yes"],
    ],
)
def test_anything_else_stays_text_as_it_stands(values: list[str | None]) -> None:
    assert infer(values).tolist() == values


def test_missing_values_do_not_decide_the_kind() -> None:
    assert np.isnan(infer(["1", None])).tolist() == [False, True]
    assert infer(["a", None]).tolist() == ["a", None]


def test_a_column_of_nothing_is_numeric_and_missing() -> None:
    column = infer([None, None])
    assert is_numeric(column)
    assert missing(column).all()


def test_missing_is_nan_among_numbers_and_none_among_texts() -> None:
    assert missing(np.array([1.0, np.nan])).tolist() == [False, True]
    assert missing(as_texts(["a", None])).tolist() == [False, True]


def test_a_number_too_large_is_infinite_and_not_missing() -> None:
    assert infer(["1e999"]).tolist() == [float("inf")]


@pytest.mark.parametrize("text", ["", "abc", "nan", "1,5", "--1", "0x10", "1e", "NA"])
def test_a_text_that_is_no_number_parses_to_none(text: str) -> None:
    assert parse_number(text) is None


@given(FLOATS)
def test_a_number_reads_back_exactly_as_python_writes_it(number: float) -> None:
    assert parse_number(repr(number)) == number


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (-1.5, "-1.5"), ("0101", "0101"), (1e300, "1e+300")])
def test_a_label_is_what_a_reader_would_write(value: float | str, text: str) -> None:
    assert label(value) == text


def test_numbers_are_sorted_by_size_and_texts_by_code_point() -> None:
    codes, levels = factorise(np.array([10.0, 9.0, np.nan, 10.0]))
    assert (codes.tolist(), levels) == ([1, 0, -1, 1], ("9", "10"))
    codes, levels = factorise(as_texts(["10", None, "9"]))
    assert (codes.tolist(), levels) == ([0, -1, 1], ("10", "9"))


def test_a_column_without_values_has_no_levels() -> None:
    codes, levels = factorise(np.array([np.nan]))
    assert (codes.tolist(), levels) == ([-1], ())


def test_an_infinite_value_is_a_level_of_its_own() -> None:
    assert factorise(np.array([np.inf, 1.0]))[1] == ("1", "inf")


@given(st.lists(st.none() | st.text(max_size=3), max_size=20))
def test_codes_give_back_the_values(values: list[str | None]) -> None:
    codes, levels = factorise(as_texts(values))
    assert [None if code < 0 else levels[code] for code in codes.tolist()] == values
