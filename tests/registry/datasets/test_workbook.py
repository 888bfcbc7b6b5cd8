"""Workbooks as CSV: typed cells in the dialect of the schema, rows numbered as in the sheet."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from effects.errors import DataError
from registry.datasets import workbook
from registry.datasets.schema import DateFormat, DecimalMark, Delimiter, Dialect, Encoding
from registry.kit.pool import LimitExceeded, limited

DANISH = Dialect(delimiter=Delimiter.SEMICOLON, decimal=DecimalMark.COMMA, date_format=DateFormat.DASHES)


def a_workbook(folder: Path, cells: dict[tuple[int, int], Any], **options: Any) -> Path:
    """A workbook with these cells in its first sheet."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, **options}) as made:
        sheet = made.add_worksheet("data")
        day = made.add_format({"num_format": "dd-mm-yyyy"})
        for (row, column), value in cells.items():
            if isinstance(value, dt.date):
                sheet.write_datetime(row, column, value, day)
            else:
                sheet.write(row, column, value)
        made.add_worksheet("other").write(0, 0, "not read")
    path = folder / "sent.xlsx"
    path.write_bytes(content.getvalue())
    return path


def lines(folder: Path, cells: dict[tuple[int, int], Any], dialect: Dialect = DANISH) -> list[str]:
    text, _ = workbook.as_csv(a_workbook(folder, cells), folder / "text.csv", dialect)
    return text.path.read_text("utf-8").splitlines()


def test_cells_are_written_as_the_schema_reads_them(tmp_path: Path) -> None:
    cells = {
        (0, 0): "unit",
        (0, 1): "y",
        (0, 2): "seen",
        (0, 3): "in",
        (1, 0): "0101",
        (1, 1): 1234.5,
        (1, 2): dt.date(2026, 12, 31),
        (1, 3): True,
        (2, 0): 101,
        (2, 1): 2021,
        (2, 3): False,
    }
    assert lines(tmp_path, cells) == ["unit;y;seen;in", "0101;1234,5;31-12-2026;1", "101;2021;;0"]


def test_a_text_that_holds_a_number_keeps_the_way_it_is_written(tmp_path: Path) -> None:
    assert lines(tmp_path, {(0, 0): "y", (1, 0): "1.234,5"}) == ["y", "1.234,5"]


def test_rows_keep_their_place_in_the_sheet(tmp_path: Path) -> None:
    assert lines(tmp_path, {(0, 0): "y", (3, 0): 1}) == ["y", "", "", "1"]
    assert lines(tmp_path, {(2, 1): "y"})[:2] == ["", ""]


def test_the_text_is_utf_8_whatever_was_stated(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, {(0, 0): "ø"})
    text, dialect = workbook.as_csv(path, tmp_path / "text.csv", Dialect(encoding=Encoding.CP1252))
    assert (dialect.encoding, text.path.read_bytes()) == (Encoding.UTF_8, "ø\n".encode())


def test_a_formula_gives_its_stored_value_and_is_never_run(tmp_path: Path) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        made.add_worksheet("data").write_formula(0, 0, '=WEBSERVICE("http://example.org")', value="kept")
    path = tmp_path / "sent.xlsx"
    path.write_bytes(content.getvalue())
    text, _ = workbook.as_csv(path, tmp_path / "text.csv", DANISH)
    assert text.path.read_text("utf-8") == "kept\n"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.1, "0,1"),
        (1e300, "1e+300"),
        (2.0**60, "1,152921504606847e+18"),
        (dt.datetime(2026, 12, 31, 14, 5), "2026-12-31 14:05:00"),
        (dt.datetime(2026, 12, 31), "31-12-2026"),
        (dt.time(14, 5), "14:05:00"),
        (dt.timedelta(days=1), "1 day, 0:00:00"),
        ("a\0b", "ab"),
    ],
)
def test_odd_cells_become_text_that_is_checked_later(cell: workbook.Cell, text: str) -> None:
    assert workbook.written(cell, DANISH) == text


async def test_a_sheet_that_reaches_to_the_far_corner_ends_only_the_child_that_reads_it(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, {(0, 0): "y", (1_048_575, 16_383): 1})
    with pytest.raises(LimitExceeded):
        await limited(workbook.as_csv, path, tmp_path / "text.csv", DANISH, seconds=60.0, megabytes=2_048)


def test_a_sheet_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 3)
    with pytest.raises(DataError) as error:
        lines(tmp_path, {(0, 0): "y", (5, 5): 1})
    assert error.value.findings[0].code == "sheet_too_large"


def test_an_archive_without_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sent.xlsx"
    path.write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(DataError) as error:
        workbook.as_csv(path, tmp_path / "text.csv", DANISH)
    assert error.value.findings[0].code == "unreadable_workbook"
