"""What a cell of each type looks like: patterns that mean the same to Python (ASCII) and to DuckDB (RE2)."""

import re
from typing import Final

from registry.datasets.schema import DECIMAL_MARKS, GROUP_MARKS, ColumnType, DateFormat, Dialect

NOT_FINITE: Final = r"(?i)[+-]?(?:nan|inf|infinity)"
"""Words that spreadsheets and programs write where there is no number."""

SPACES: Final = " \t\r\n\u00a0\ufeff"
"""White space around a cell, which never means anything."""

HIDDEN: Final = r"[\x01-\x08\x0b-\x1f\x7f-\x{9f}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
"""Control characters and marks that turn the writing direction; in DuckDB's spelling."""

SOUND: Final = r"[!-~\x{a1}-\x{167f}](?:[ -~\x{a1}-\x{167f}]*[!-~\x{a1}-\x{167f}])?"
"""A text of Latin, Greek or Cyrillic letters and the like with nothing hidden and no white space around it."""

UNSOUND: Final = re.compile("[\x01-\x1f\x7f-\xa0\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What is hidden or white space, but the space itself; in Python's spelling."""

LONGEST_TEXT: Final = 500

_DATES: Final = {
    DateFormat.ISO: "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    DateFormat.DASHES: "[0-9]{2}-[0-9]{2}-[0-9]{4}",
    DateFormat.SLASHES: "[0-9]{2}/[0-9]{2}/[0-9]{4}",
    DateFormat.POINTS: "[0-9]{2}[.][0-9]{2}[.][0-9]{4}",
}


def pattern(kind: ColumnType, dialect: Dialect) -> str:
    """What the whole trimmed cell has to match; thousands are either all marked or not at all."""
    if kind is ColumnType.TEXT:
        return "(?s).*"
    if kind is ColumnType.DATE:
        return _DATES[dialect.date_format]
    if kind is ColumnType.BOOLEAN01:
        return f"[01](?:[{DECIMAL_MARKS[dialect.decimal]}]0+)?"
    if kind is ColumnType.INTEGER:
        return f"[+-]?(?:{_whole(dialect)})"
    mark = DECIMAL_MARKS[dialect.decimal]
    return f"[+-]?(?:(?:{_whole(dialect)})(?:[{mark}][0-9]*)?|[{mark}][0-9]+)(?:[eE][+-]?[0-9]+)?"


def _whole(dialect: Dialect) -> str:
    group = GROUP_MARKS[dialect.group]
    return f"[0-9]+|[0-9]{{1,3}}(?:[{group}][0-9]{{3}})+" if group else "[0-9]+"
