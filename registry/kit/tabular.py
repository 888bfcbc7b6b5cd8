"""Tables out as CSV and XLSX, in which no text is ever taken for a formula."""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import xlsxwriter

Cell = str | int | float | None

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS: Final = (10, 40)


def guarded(cell: Cell) -> Cell:
    """A text that a spreadsheet would run gets an apostrophe before it; numbers stay as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str = ",") -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know the letters; None is an empty cell."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Cell]], sheet: str, texts: Collection[str] = ()) -> bytes:
    """A workbook of one sheet, its first row frozen; codes such as 0101 stay text with their zeros.

    What a person types later into the columns named in `texts` stays text as well.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        page = workbook.add_worksheet(sheet[:31])
        text = workbook.add_format({"num_format": "@"})
        bold = workbook.add_format({"bold": True})
        for place, name in enumerate(header):
            page.write_string(0, place, name, bold)
            width = min(max(len(name) + 2, _WIDTHS[0]), _WIDTHS[1])
            page.set_column(place, place, width, text if name in texts else None)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, place, cell, text)
                elif cell is not None:
                    page.write_number(number, place, cell)
        page.freeze_panes(1, 0)
    return content.getvalue()
