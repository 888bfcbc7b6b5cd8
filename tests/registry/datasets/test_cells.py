"""What a cell of each type looks like."""

import re

import pytest

from registry.datasets.cells import NOT_FINITE, pattern
from registry.datasets.schema import ColumnType, DateFormat, DecimalMark, Dialect, GroupMark

PLAIN = Dialect()
DANISH = Dialect(decimal=DecimalMark.COMMA, group=GroupMark.POINT)


def fits(text: str, kind: ColumnType, dialect: Dialect) -> bool:
    return re.fullmatch(pattern(kind, dialect), text, re.ASCII) is not None


@pytest.mark.parametrize("text", ["0", "-3", "+12", "1.5", ".5", "5.", "1e-3", "2E+10"])
def test_numbers_with_a_point(text: str) -> None:
    assert fits(text, ColumnType.NUMBER, PLAIN)


@pytest.mark.parametrize("text", ["", "1,5", "1.000,5", "1 000", "١", "0x10", "1e", "--1", "12,", "1.2.3", "NaN"])
def test_what_is_no_number_with_a_point(text: str) -> None:
    assert not fits(text, ColumnType.NUMBER, PLAIN)


@pytest.mark.parametrize("text", ["1234,5", "1.234,5", "1.234.567", "12", "-0,5", "1.234"])
def test_danish_numbers(text: str) -> None:
    assert fits(text, ColumnType.NUMBER, DANISH)


@pytest.mark.parametrize("text", ["1.5", "12.34", "1.2345,6", "1,234,5", "1234.567"])
def test_a_group_has_three_digits(text: str) -> None:
    assert not fits(text, ColumnType.NUMBER, DANISH)


def test_whole_numbers_have_no_decimals() -> None:
    assert fits("1.234", ColumnType.INTEGER, DANISH)
    assert not fits("1.234", ColumnType.INTEGER, PLAIN)


@pytest.mark.parametrize("text", ["0", "1", "1.0", "0.00"])
def test_a_yes_or_no_is_one_or_zero(text: str) -> None:
    assert fits(text, ColumnType.BOOLEAN01, PLAIN)
    assert not fits(text + "1", ColumnType.BOOLEAN01, PLAIN)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (DateFormat.ISO, "2026-12-31"),
        (DateFormat.DASHES, "31-12-2026"),
        (DateFormat.SLASHES, "31/12/2026"),
        (DateFormat.POINTS, "31.12.2026"),
    ],
)
def test_dates_are_written_in_one_order(form: DateFormat, text: str) -> None:
    others = [other for other in DateFormat if other is not form]
    assert fits(text, ColumnType.DATE, Dialect(date_format=form))
    assert not any(fits(text, ColumnType.DATE, Dialect(date_format=other)) for other in others)


@pytest.mark.parametrize("text", ["nan", "NaN", "-inf", "Infinity", "+INF"])
def test_words_for_no_number_are_known(text: str) -> None:
    assert re.fullmatch(NOT_FINITE, text)


def test_any_text_is_text() -> None:
    assert fits("0101\nog mere", ColumnType.TEXT, PLAIN)
