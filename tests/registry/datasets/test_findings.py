"""Findings in words, and what they never repeat."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import Finding
from registry.datasets import findings
from registry.datasets.schema import Column, ColumnType, DateFormat, DecimalMark, Dialect, GroupMark, Part
from registry.datasets.sql import Fault
from registry.kit.cpr import looks_like_cpr
from registry.kit.language import translate

NUMBER = Column("y", ColumnType.NUMBER, Part.OUTCOME, minimum=0.0, maximum=9.5, codes=("1", "2"))
DATE = Column("seen", ColumnType.DATE, Part.COVARIATE)
DANISH = Dialect(decimal=DecimalMark.COMMA, group=GroupMark.POINT)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
@pytest.mark.parametrize("text", ["", "12,x"])
def test_every_fault_has_words_that_can_be_filled(fault: Fault, text: str) -> None:
    column = DATE if fault is Fault.NOT_DATE else NUMBER
    found = findings.cell(7, column, fault, text, DANISH)
    assert (found.row, found.column, found.severity) == (7, column.name, "error")
    assert "{" not in found.text() and found.remedy
    assert "{" not in findings.more(column, fault, 12).text()


def test_a_wrong_number_is_repeated_and_shown_how_to_be_written() -> None:
    found = findings.cell(2, NUMBER, Fault.NOT_NUMBER, "12.5 %", DANISH)
    assert found.text() == "“12.5 %” is not a number. Write it like 1.234,5, or leave the cell empty."
    dashes = Dialect(date_format=DateFormat.DASHES)
    assert "DD-MM-YYYY" in findings.cell(2, DATE, Fault.NOT_DATE, "31/12", dashes).text()


@pytest.mark.parametrize("text", ["Hans Jensen", "Østergade 3", "0101901234", "010190-1234"])
def test_what_may_be_a_name_or_a_cpr_number_is_not_repeated(text: str) -> None:
    found = findings.cell(2, NUMBER, Fault.NOT_NUMBER, text, DANISH)
    assert text not in str(found)
    assert found.message == "This is not a number."


def test_a_cpr_number_is_pointed_at_but_not_said() -> None:
    assert (findings.cpr(3, "y").where, findings.cpr(3, "").where) == ("y", "file")
    assert findings.cpr(3, "").column is None


def test_rows_that_repeat_a_key_name_the_first_and_are_counted() -> None:
    assert "area, week as row 2" in findings.duplicate(9, 2, ("area", "week")).text()
    assert findings.duplicates(5, ("area", "week")).text().startswith("5 more rows")


def test_a_column_without_values_is_only_a_warning() -> None:
    assert findings.empty_column(NUMBER).severity == "warning"
    assert findings.numbers_as_text(NUMBER).severity == findings.ragged(3).severity == "error"


@given(st.text(max_size=16))
def test_what_is_repeated_holds_no_word_and_no_cpr_number(text: str) -> None:
    found = findings.cell(2, NUMBER, Fault.NOT_NUMBER, text, DANISH)
    echo = str(found.params["value"])
    assert echo in ("", text)
    assert not looks_like_cpr(echo)
    assert not any(len(word) >= 3 for word in re.findall(r"[^\W\d_]+", echo))


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_every_fault_is_said_in_danish_too(fault: Fault) -> None:
    column = DATE if fault is Fault.NOT_DATE else NUMBER
    for text in ("", "12,x"):
        found = findings.cell(7, column, fault, text, DANISH)
        danish = translate(found, "da")
        assert danish != found.text() and "{" not in danish


@pytest.mark.parametrize(
    "found",
    [
        findings.cpr(3, "y"),
        findings.ragged(3),
        findings.duplicate(9, 2, ("area", "week")),
        findings.duplicates(5, ("area", "week")),
        findings.numbers_as_text(NUMBER),
        findings.empty_column(NUMBER),
        findings.more(NUMBER, Fault.NOT_NUMBER, 3),
        findings.NO_ROWS,
    ],
    ids=lambda found: found.code,
)
def test_every_other_finding_says_what_is_wrong_and_what_to_do_in_both_languages(found: Finding) -> None:
    assert found.remedy
    danish = translate(found, "da")
    assert danish != found.text() and "{" not in danish + found.text()


def test_expectations_follow_the_dialect_and_the_column() -> None:
    english = findings.cell(2, NUMBER, Fault.NOT_NUMBER, "12,5", Dialect())
    assert english.params["example"] == "1234.5"
    spaced = Dialect(decimal=DecimalMark.COMMA, group=GroupMark.SPACE)
    assert findings.cell(2, NUMBER, Fault.NOT_NUMBER, "12.5", spaced).params["example"] == "1 234,5"
    assert "less than 0" in findings.cell(2, NUMBER, Fault.TOO_SMALL, "-1", DANISH).text()
    assert "more than 9.5" in findings.cell(2, NUMBER, Fault.TOO_LARGE, "10", DANISH).text()
    assert "Use one of: 1, 2." in findings.cell(2, NUMBER, Fault.NOT_A_CODE, "3", DANISH).text()


def test_a_long_list_of_codes_is_cut() -> None:
    many = Column("size", ColumnType.TEXT, Part.SUBGROUP, codes=tuple(f"code {place}" for place in range(100)))
    assert len(findings.cell(2, many, Fault.NOT_A_CODE, "", DANISH).text()) < 350


def test_ragged_rows_beyond_those_listed_are_a_number_without_a_row() -> None:
    found = findings.more_ragged(7)
    assert (found.code, found.row, found.params) == (findings.ragged(2).code, None, {"count": 7})
