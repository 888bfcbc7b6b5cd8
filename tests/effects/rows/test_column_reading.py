import numpy as np
import pandas as pd
import pytest

from effects.rows.column_reading import MOST_FINDINGS, ColumnReader
from effects.sources import open_source


def reader(**columns: list[object]) -> ColumnReader:
    return ColumnReader(open_source(pd.DataFrame(columns)))


def findings(read: ColumnReader) -> list[tuple[str, str, int | None]]:
    return [(finding.where, finding.code, finding.row) for finding in read.findings]


def test_a_column_that_is_not_there_is_a_finding() -> None:
    read = reader(a=[1])
    assert read.numbers("b", "data.weight") is None
    assert findings(read) == [("data.weight", "missing_column", None)]


def test_a_column_that_is_not_stated_is_none() -> None:
    read = reader(a=[1])
    assert (read.numbers(None, "w"), read.levels(None, "w"), read.binary(None, "w")) == (None, None, None)
    assert read.findings == []


def test_texts_that_are_numbers_are_read_as_numbers() -> None:
    numbers = reader(a=["0101", "7", None]).numbers("a", "w")
    assert numbers is not None
    assert sorted(numbers[~np.isnan(numbers)].tolist()) == [7.0, 101.0]


def test_a_text_that_is_no_number_is_found_with_the_row_it_was_given_in() -> None:
    read = reader(a=["5", "n/a", "3", "1,5"])
    read.numbers("a", "outcome[0].column")
    expected = [("outcome[0].column", "not_a_number", 2), ("outcome[0].column", "not_a_number", 4)]
    assert findings(read) == expected
    assert "n/a" not in read.findings[0].text()


@pytest.mark.parametrize("value", [2, -1, 0.5])
def test_a_binary_column_is_zero_one_or_missing(value: float) -> None:
    assert reader(a=[0, 1, None]).findings == []
    read = reader(a=[0, 1, value, None])
    read.binary("a", "data.treated")
    assert findings(read) == [("data.treated", "not_zero_or_one", 3)]


@pytest.mark.parametrize("value", [-1.0, float("inf")])
def test_an_amount_is_finite_and_not_negative(value: float) -> None:
    read = reader(a=[0.0, 2.0, value])
    read.amounts("a", "data.weight")
    assert findings(read) == [("data.weight", "negative_or_infinite", 3)]


def test_logarithms_need_positive_values() -> None:
    read = reader(a=[1.0, np.e, 0.0, np.nan])
    logarithms = read.logarithms("a", "c")
    assert logarithms is not None
    assert sorted(logarithms[~np.isnan(logarithms)].tolist()) == [0.0, 1.0]
    assert findings(read) == [("c", "not_positive", 3)]


def test_levels_are_sorted_and_coded() -> None:
    levels = reader(a=["b", "a", None]).levels("a", "w")
    assert levels is not None
    assert levels.levels == ("a", "b")
    assert sorted(levels.codes.tolist()) == [-1, 0, 1]


def test_a_column_that_is_wrong_throughout_does_not_flood_the_reader() -> None:
    read = reader(a=["x"] * (MOST_FINDINGS + 50))
    read.numbers("a", "w")
    *rows, rest = read.findings
    assert [finding.row for finding in rows] == list(range(1, MOST_FINDINGS + 1))
    assert (rest.row, rest.code) == (None, "not_a_number")
    assert rest.text().startswith("a has the same fault in 50 further rows.")


@pytest.mark.parametrize("value", ["1,5", "-0,25", "1.234,5", " 12,0 ", "1234,5"])
def test_a_decimal_comma_is_recognised_and_said_how_to_mend(value: str) -> None:
    read = reader(a=["1.5", value, "tre"])
    read.numbers("a", "w")
    by_row = {finding.row: finding.text() for finding in read.findings}
    assert "decimalChar" in by_row[2]
    assert "decimalChar" not in by_row[3]


@pytest.mark.parametrize("values", [["yes", "no"], ["ja", "nej", "1"], ["1-1-2024", ""], ["0,0", "1,0"]])
def test_words_and_dates_for_the_treatment_are_told_to_be_coded(values: list[object]) -> None:
    read = reader(a=values)
    read.binary("a", "data.treated")
    assert {finding.code for finding in read.findings} == {"not_zero_or_one"}
    assert "Code the comparison as 0 and the intervention as 1." in read.findings[0].text()


def test_true_and_false_are_one_and_zero() -> None:
    numbers = reader(a=[True, False, True]).binary("a", "w")
    assert numbers is not None
    assert sorted(numbers.tolist()) == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("header", "name", "hint"),
    [
        ("Falls", "falls", 'Did you mean "Falls"?'),
        (" falls", "falls", 'Did you mean " falls"?'),
        ("fals", "falls", 'Did you mean "fals"?'),
        ("kommune", "falls", "The header names: kommune, other."),
    ],
)
def test_a_missing_column_is_compared_with_what_the_header_holds(header: str, name: str, hint: str) -> None:
    read = reader(**{header: [1], "other": [2]})
    assert read.levels(name, "data.unit") is None
    assert read.findings[0].text() == f"The data have no column falls. {hint}"


def test_a_column_without_rows_is_read_as_every_kind() -> None:
    read = reader(a=[], b=[])
    for ask in (read.numbers, read.binary, read.amounts, read.logarithms):
        column = ask("a", "w")
        assert column is not None
        assert len(column) == 0
    assert read.findings == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["10", "2", "1", None], ("1", "2", "10")),
        ([10.0, 2.0, 1.0, None], ("1", "2", "10")),
        (["2019-10", "2019-02", "2018-12", None], ("2018-12", "2019-02", "2019-10")),
        (["10", "2", "1b", None], ("10", "1b", "2")),
    ],
)
def test_periods_stand_in_the_order_of_time(given: list[object], expected: tuple[str, ...]) -> None:
    read = reader(a=given)
    levels = read.periods("a", "data.period")
    plain = read.levels("a", "data.period")
    assert levels is not None
    assert plain is not None
    assert levels.levels == expected
    named = [levels.levels[code] if code >= 0 else None for code in levels.codes.tolist()]
    assert named == [plain.levels[code] if code >= 0 else None for code in plain.codes.tolist()]


def test_a_period_that_is_not_stated_is_none() -> None:
    assert reader(a=[1]).periods(None, "data.period") is None
