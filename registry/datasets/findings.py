"""What is wrong with a cell, a row or a column, in words. Rows count as in a spreadsheet: the header is row 1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from effects.errors import Finding, Parameter
from effects.message import Message
from registry.datasets.cells import LONGEST_TEXT
from registry.datasets.schema import DECIMAL_MARKS, GROUP_MARKS, Column, ColumnType, Dialect
from registry.datasets.sql import Fault
from registry.kit.cpr import looks_like_cpr

WORD: Final = re.compile(r"[^\W\d_]{3}")
"""Three letters in a row may be a name, and names are not repeated."""


@dataclass(frozen=True, slots=True)
class _Words:
    code: str
    plain: Message
    echoed: Message
    remedy: Message


_SAID: Final[Mapping[Fault, _Words]] = {
    Fault.MISSING: _Words(
        "missing_value",
        Message("A value is missing."),
        Message("A value is missing."),
        Message("Every row needs one in this column: fill it in, or leave the row out."),
    ),
    Fault.NOT_INTEGER: _Words(
        "not_integer",
        Message("This is not a whole number."),
        Message("“{value}” is not a whole number."),
        Message("Write digits only, or leave the cell empty."),
    ),
    Fault.NOT_NUMBER: _Words(
        "not_number",
        Message("This is not a number."),
        Message("“{value}” is not a number."),
        Message("Write it like {example}, or leave the cell empty."),
    ),
    Fault.NOT_FINITE: _Words(
        "not_finite",
        Message("This stands for no number, or for one too large."),
        Message("“{value}” stands for no number, or for one too large."),
        Message("Leave the cell empty where nothing was measured."),
    ),
    Fault.NOT_DATE: _Words(
        "not_date",
        Message("This is not a date."),
        Message("“{value}” is not a date."),
        Message("Write it as {format}."),
    ),
    Fault.NOT_BOOLEAN: _Words(
        "not_zero_or_one",
        Message("This is neither 0 nor 1."),
        Message("This is neither 0 nor 1."),
        Message("Write 1 for yes and 0 for no."),
    ),
    Fault.TOO_SMALL: _Words(
        "too_small",
        Message("This is less than {minimum}."),
        Message("“{value}” is less than {minimum}."),
        Message("Correct it, or the smallest value allowed in the column."),
    ),
    Fault.TOO_LARGE: _Words(
        "too_large",
        Message("This is more than {maximum}."),
        Message("“{value}” is more than {maximum}."),
        Message("Correct it, or the largest value allowed in the column."),
    ),
    Fault.NOT_A_CODE: _Words(
        "not_a_code",
        Message("This is none of the values allowed in the column."),
        Message("“{value}” is none of the values allowed in the column."),
        Message("Use one of: {codes}."),
    ),
    Fault.HIDDEN_CHARACTERS: _Words(
        "hidden_characters",
        Message("This text has invisible control characters."),
        Message("This text has invisible control characters."),
        Message("Type it anew instead of pasting it."),
    ),
    Fault.TOO_LONG: _Words(
        "too_long",
        Message("This text is longer than {longest} characters."),
        Message("This text is longer than {longest} characters."),
        Message("Shorten it."),
    ),
}


def cell(row: int, column: Column, fault: Fault, text: str, dialect: Dialect) -> Finding:
    """A wrong cell. The text is repeated only where it can be no name and no CPR number."""
    words = _SAID[fault]
    echo = text if text and not WORD.search(text) and not looks_like_cpr(text) else ""
    message = words.echoed if echo else words.plain
    return Finding(
        where=column.name,
        code=words.code,
        message=message.template,
        remedy=words.remedy.template,
        params={**_expected(column, dialect), "value": echo},
        row=row,
        column=column.name,
    )


def more(column: Column, fault: Fault, count: int) -> Finding:
    """How many cells of a column have the same fault beyond those that were listed."""
    words = _SAID[fault]
    return Finding(
        where=column.name,
        code=words.code,
        message="{count} more cells in this column have the same fault as those listed.",
        remedy="Correct them in the same way.",
        params={"count": count},
        column=column.name,
    )


def _expected(column: Column, dialect: Dialect) -> dict[str, Parameter]:
    group, mark = GROUP_MARKS[dialect.group], DECIMAL_MARKS[dialect.decimal]
    expected: dict[str, Parameter] = {"longest": LONGEST_TEXT}
    if column.type is ColumnType.NUMBER:
        expected["example"] = f"1{group}234{mark}5"
    if column.type is ColumnType.DATE:
        expected["format"] = dialect.date_format.value
    if column.minimum is not None:
        expected["minimum"] = column.minimum
    if column.maximum is not None:
        expected["maximum"] = column.maximum
    if column.codes:
        expected["codes"] = ", ".join(column.codes)[:200]
    return expected


def cpr(row: int | None, column: str) -> Finding:
    """Something looks like a CPR number; what it was is not said."""
    return Finding(
        where=column or "file",
        code="cpr_like",
        message="A value here looks like a CPR number. The whole upload was refused and deleted.",
        remedy="Remove CPR numbers from the file; use pseudonyms that cannot be led back to a person.",
        row=row,
        column=column or None,
    )


def ragged(row: int) -> Finding:
    """A row that does not have the cells of the header."""
    return Finding(
        where="file",
        code="ragged_row",
        message="This row does not have as many cells as the first row, or a quotation mark in it is not closed.",
        remedy="Check the delimiter, and put quotation marks around cells that contain it.",
        row=row,
    )


def more_ragged(count: int) -> Finding:
    """How many rows do not have the cells of the header beyond those that were listed."""
    return Finding(
        where="file",
        code="ragged_row",
        message="{count} more rows do not have as many cells as the first row.",
        remedy="Correct them in the same way.",
        params={"count": count},
    )


def duplicate(row: int, first: int, key: tuple[str, ...]) -> Finding:
    """A second row of the same key."""
    return Finding(
        where=key[0],
        code="duplicate_row",
        message="This row has the same {key} as row {first}.",
        remedy="Keep one of them, or state that several rows may share them.",
        params={"key": ", ".join(key), "first": first},
        row=row,
        column=key[0],
    )


def duplicates(count: int, key: tuple[str, ...]) -> Finding:
    """How many more rows repeat a key."""
    return Finding(
        where=key[0],
        code="duplicate_row",
        message="{count} more rows repeat the {key} of a row before them.",
        remedy="Keep one of each, or state that several rows may share them.",
        params={"count": count, "key": ", ".join(key)},
        column=key[0],
    )


def numbers_as_text(column: Column) -> Finding:
    """Periods that are whole numbers but would sort as texts."""
    return Finding(
        where=column.name,
        code="numbers_as_text",
        message="The periods are whole numbers, but are read as text, so that 10 would come before 2.",
        remedy="State that the column holds whole numbers.",
        column=column.name,
    )


def empty_column(column: Column) -> Finding:
    """A column of the plan in which nothing stands."""
    return Finding(
        where=column.name,
        code="empty_column",
        message="No row has a value in this column.",
        remedy="Nothing can be estimated from it; check that the right file was chosen.",
        column=column.name,
        severity="warning",
    )


NO_ROWS: Final = Finding(
    where="file",
    code="no_rows",
    message="There is no row below the column names.",
    remedy="Fill in the template, one row for each unit and period.",
)
