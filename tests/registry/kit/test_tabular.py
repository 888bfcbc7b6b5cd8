"""Tables out: text stays text, numbers stay numbers."""

import csv
import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from registry.kit.tabular import csv_file, guarded, xlsx_file


@pytest.mark.parametrize("text", ["=1+1", "+45", "-cmd", "@sum", "\tx", "\rx"])
def test_a_text_that_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["0101", "a=1", "", -5, 1.5, None])
def test_everything_else_stays_as_it_is(cell: str | float | None) -> None:
    assert guarded(cell) == cell


def test_csv_begins_with_the_mark_that_spreadsheets_look_for() -> None:
    content = csv_file(["kommune", "værdi"], [["0101", -1.5], ["=x", None]], delimiter=";")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows == [["kommune", "værdi"], ["0101", "-1.5"], ["'=x", ""]]


def test_a_workbook_keeps_zeros_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(
        xlsx_file(["code", "=a"], [["0101", 2.5], ["=1+1", None]], "A sheet whose name is too long for Excel")
    )
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    assert sheet.to_python() == [["code", "=a"], ["0101", 2.5], ["=1+1", ""]]
