"""The first sheet of an XLSX workbook as a CSV file in the dialect of the schema; formulas are never evaluated."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound, ZipError

from effects.errors import DataError, Finding
from registry.datasets import archive
from registry.datasets.reading import LONGEST_LINE, Text
from registry.datasets.schema import DATE_FORMATS, DECIMAL_MARKS, DELIMITERS, Dialect, Encoding

Cell = int | float | str | bool | time | date | datetime | timedelta

MOST_CELLS: Final = 20_000_000

_EXACT: Final = 2.0**53


def as_csv(path: Path, target: Path, dialect: Dialect) -> tuple[Text, Dialect]:
    """The sheet's rows at `target`, numbered as in the sheet, and the dialect to read them in. Raises DataError."""
    archive.guard(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            raise DataError([_TOO_LARGE])
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, PasswordError, WorksheetNotFound, ZipError, OSError) as error:
        raise DataError([_BROKEN]) from error
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=DELIMITERS[dialect.delimiter], lineterminator="\n")
        for row in rows:
            cells = [written(cell, dialect) for cell in row]
            writer.writerow(cells if any(cells) else [])
    _refuse_endless(target)
    return Text(target, blank=True), msgspec.structs.replace(dialect, encoding=Encoding.UTF_8)


def written(cell: Cell, dialect: Dialect) -> str:
    """A typed cell as the schema expects to read it; text stands as it is, and a whole number has no decimals."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT
        return str(int(cell)) if whole else repr(cell).replace(".", DECIMAL_MARKS[dialect.decimal])
    if isinstance(cell, datetime) and cell.time() != time():
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.strftime(DATE_FORMATS[dialect.date_format])
    return str(cell).replace("\0", "")


def _refuse_endless(target: Path) -> None:
    with target.open("rb") as file:
        if any(len(line) > LONGEST_LINE for line in file):
            raise DataError([_BROKEN])


_BROKEN: Final = Finding(
    where="file",
    code="unreadable_workbook",
    message="The first sheet of the workbook cannot be read.",
    remedy="Save it again in its program without a password, or save the sheet as CSV.",
)
_TOO_LARGE: Final = Finding(
    where="file",
    code="sheet_too_large",
    message="The first sheet reaches over {most} cells or more.",
    remedy="Remove what stands far outside the table, or save the sheet as CSV.",
    params={"most": MOST_CELLS},
)
