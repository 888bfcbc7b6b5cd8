"""The schema as SQL: every cell trimmed, typed and given the number of what is wrong with it, in one pass.

No predicate may be unknown: a NULL inside one would pass for "nothing wrong". User text enters as quoted literals only.
"""

from enum import IntEnum
from pathlib import Path
from typing import Final

from registry.datasets.cells import HIDDEN, LONGEST_TEXT, NOT_FINITE, SPACES, pattern
from registry.datasets.schema import DATE_FORMATS, DECIMAL_MARKS, DELIMITERS, GROUP_MARKS, Column, ColumnType, Dialect

REJECTS: Final = 1_000
ECHO: Final = 16  # characters of a wrong number or date that may be shown

CPR_LIKE: Final = (
    r"(?:^|[^0-9A-Za-z.,]|(?:^|[^0-9])[.,])[0-3][0-9][01][0-9][0-9]{2}"
    r"[ \x{2010}-\x{2015}\x{2212}-]{0,3}[0-9]{4}(?:$|[^0-9A-Za-z])"
)
"""Wider than `kit.cpr`, which judges what this finds."""


class Fault(IntEnum):
    """What can be wrong with one cell."""

    NONE = 0
    MISSING = 1
    NOT_INTEGER = 2
    NOT_NUMBER = 3
    NOT_FINITE = 4
    NOT_DATE = 5
    NOT_BOOLEAN = 6
    TOO_SMALL = 7
    TOO_LARGE = 8
    NOT_A_CODE = 9
    HIDDEN_CHARACTERS = 10
    TOO_LONG = 11


_MISFIT: Final = {
    ColumnType.INTEGER: Fault.NOT_INTEGER,
    ColumnType.NUMBER: Fault.NOT_NUMBER,
    ColumnType.DATE: Fault.NOT_DATE,
    ColumnType.BOOLEAN01: Fault.NOT_BOOLEAN,
    ColumnType.TEXT: Fault.HIDDEN_CHARACTERS,
}
_STORED: Final = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.DATE: "DATE",
    ColumnType.BOOLEAN01: "UTINYINT",
}
_ECHOED: Final = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE)


def quoted(name: str) -> str:
    """A column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


def reader(path: Path, width: int, dialect: Dialect) -> str:
    """The file as rows of texts c0, c1 … with n, the number of the row that was read; broken rows go to the rejects."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    return (
        f"SELECT row_number() OVER () AS n, * FROM read_csv({literal(str(path))}, auto_detect = false, header = true, "
        f"delim = {literal(DELIMITERS[dialect.delimiter])}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"store_rejects = true, rejects_limit = {REJECTS}, max_line_size = 4000000)"
    )


def cpr_like(width: int) -> str:
    """Whether any cell of a row may hold a CPR number."""
    return " OR ".join(_suspicious(f"coalesce(c{place}, '')") for place in range(width))


def checked(source: str, width: int, columns: dict[int, Column], dialect: Dialect) -> str:
    """Rows with n, suspect, and for the column read at place i: value vi, fault ei and, where allowed, the text si.

    Rows without any text are left out.
    """
    filled = " OR ".join(f"coalesce({_trimmed(place)}, '') <> ''" for place in range(width))
    texts = ", ".join(f"coalesce({_trimmed(place)}, '') AS t{place}" for place in columns)
    values = ", ".join(f"{_value(place, column, dialect)} AS v{place}" for place, column in columns.items())
    tests = ", ".join(_tests(place, column, dialect) for place, column in columns.items())
    return (
        f"SELECT n, suspect, {tests} FROM (SELECT *, {values} FROM ("
        f"SELECT n, ({cpr_like(width)}) AS suspect, {texts} FROM ({source}) WHERE {filled}))"
    )


def _suspicious(text: str) -> str:
    """ASCII texts by pattern; in others digits may hide among thousands of signs, so any ten of them will do.

    CASE, because it looks at the costly branches only where AND and OR would look at them for every cell.
    """
    digits = f"length(regexp_replace({text}, '[^\\p{{N}}]', '', 'g'))"
    return (
        f"CASE WHEN strlen({text}) < 10 THEN false "
        f"WHEN strlen({text}) = length({text}) THEN regexp_matches({text}, {literal(CPR_LIKE)}) "
        f"ELSE {digits} >= 10 END"
    )


def _trimmed(place: int) -> str:
    """The cell without white space around it; plain signs at both ends spare the costly way."""
    text = f"c{place}"
    plain = f"{text} BETWEEN '!' AND '~' AND right({text}, 1) BETWEEN '!' AND '~'"
    return f"CASE WHEN {plain} THEN {text} ELSE trim({text}, {literal(SPACES)}) END"


def _missing(place: int, dialect: Dialect) -> str:
    return f"t{place} IN ({', '.join(literal(text) for text in {'': 0, **dict.fromkeys(dialect.missing)})})"


def _value(place: int, column: Column, dialect: Dialect) -> str:
    """The typed value; NULL where the cell is missing or not of the type."""
    text, stored = f"t{place}", _STORED[column.type]
    fits = f"regexp_full_match({text}, {literal(pattern(column.type, dialect))})"
    if column.type is ColumnType.DATE:
        text = f"try_strptime({text}, {literal(DATE_FORMATS[dialect.date_format])})"
    elif column.type is ColumnType.BOOLEAN01:
        text = f"left({text}, 1)"
    elif column.type is not ColumnType.TEXT:
        group, mark = GROUP_MARKS[dialect.group], DECIMAL_MARKS[dialect.decimal]
        text = f"replace({text}, {literal(group)}, '')" if group else text
        text = f"replace({text}, {literal(mark)}, '.')" if mark != "." else text
    elif column.type is ColumnType.TEXT:
        fits = f"NOT regexp_matches({text}, {literal(HIDDEN)})"
    return f"CASE WHEN NOT {_missing(place, dialect)} AND {fits} THEN try_cast({text} AS {stored}) END"


def _tests(place: int, column: Column, dialect: Dialect) -> str:
    text, value = f"t{place}", f"v{place}"
    cases = [(_missing(place, dialect), Fault.MISSING if column.required else Fault.NONE)]
    if column.type is ColumnType.NUMBER:
        cases.append((f"regexp_full_match({text}, {literal(NOT_FINITE)})", Fault.NOT_FINITE))
        cases.append((f"isinf(coalesce({value}, 0))", Fault.NOT_FINITE))
    if column.type is ColumnType.TEXT:
        cases.append((f"length({text}) > {LONGEST_TEXT}", Fault.TOO_LONG))
    cases.append((f"{value} IS NULL", _MISFIT[column.type]))
    if column.minimum is not None and column.type in (ColumnType.INTEGER, ColumnType.NUMBER):
        cases.append((f"coalesce({value} < {column.minimum!r}, false)", Fault.TOO_SMALL))
    if column.maximum is not None and column.type in (ColumnType.INTEGER, ColumnType.NUMBER):
        cases.append((f"coalesce({value} > {column.maximum!r}, false)", Fault.TOO_LARGE))
    if column.codes:
        codes = ", ".join(literal(code) for code in column.codes)
        cases.append((f"{text} NOT IN ({codes})", Fault.NOT_A_CODE))
    chain = " ".join(f"WHEN {condition} THEN {fault.value}" for condition, fault in cases)
    echo = f"left({text}, {ECHO})" if column.type in _ECHOED else "''"
    return (
        f"{value}, CAST(CASE {chain} ELSE 0 END AS UTINYINT) AS e{place}, "
        f"CASE WHEN e{place} > 0 THEN {echo} END AS s{place}"
    )
