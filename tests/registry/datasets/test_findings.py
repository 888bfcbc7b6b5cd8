"""Findings in words, and what they never repeat."""

import pytest

from registry.datasets import findings
from registry.datasets.schema import Column, ColumnType, DateFormat, DecimalMark, Dialect, GroupMark, Part
from registry.datasets.sql import Fault

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
