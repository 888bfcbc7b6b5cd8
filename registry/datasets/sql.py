"""The schema as SQL: every cell trimmed, typed and given the number of what is wrong with it, in one pass.

No predicate may be unknown: a NULL inside one would pass for "nothing wrong". User text enters as quoted literals only.
"""

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Final

from registry.datasets.cells import HIDDEN, LONGEST_TEXT, NOT_FINITE, SOUND, SPACES, pattern
from registry.datasets.schema import DATE_FORMATS, DECIMAL_MARKS, DELIMITERS, GROUP_MARKS, Column, ColumnType, Dialect

REJECTS: Final = 100_000
"""Broken rows that are remembered; behind more of them rows are no longer numbered right."""

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
    return " OR ".join(_suspicious(place) for place in range(width))


def checked(source: str, width: int, columns: dict[int, Column], dialect: Dialect, *, plain: bool = False) -> str:
    """Rows with n, suspect, and for the column read at place i: value vi, fault ei and, where allowed, the text si.

    Rows without any text are left out. `plain` as in `reading.Text`.
    """
    values = ", ".join(f"{_value(place, column, dialect, plain)} AS v{place}" for place, column in columns.items())
    tests = ", ".join(_tests(place, column, dialect) for place, column in columns.items())
    suspect = " OR ".join(_suspicious(place, columns.get(place)) for place in range(width))
    rows = f"SELECT *, {values} FROM ({source}) WHERE {filled(range(width))}"
    return f"SELECT n, ({suspect}) AS suspect, {tests} FROM ({rows})"


def sound(checked: str, columns: Iterable[int]) -> str:
    """The values of `checked`; the first row in which anything is wrong or suspect ends the query with an error."""
    first, *others = (f"v{place}" for place in columns)
    wrong = " OR ".join(["suspect", *(f"e{place} > 0" for place in columns)])
    stop = f"CASE WHEN {wrong} THEN error('wrong') ELSE {first} END AS {first}"
    return f"SELECT {', '.join([stop, *others])} FROM ({checked})"


def filled(places: Iterable[int]) -> str:
    """Whether any of these cells has text; most often the first one says so at once."""
    first, *others = places
    trimmed = (f"coalesce({_trimmed(place)}, '') <> ''" for place in (first, *others))
    return f"CASE WHEN c{first} BETWEEN '!' AND '~' THEN true ELSE {' OR '.join(trimmed)} END"


def _suspicious(place: int, column: Column | None = None) -> str:
    """ASCII texts by pattern; in others digits may hide among thousands of signs, so any ten of them will do.

    CASE, because it looks at the costly branches only where AND and OR would look at them for every cell.
    """
    text = f"coalesce(c{place}, '')"
    digits = f"length(regexp_replace({text}, '[^\\p{{N}}]', '', 'g'))"
    date = f"WHEN v{place} IS NOT NULL THEN false " if column and column.type is ColumnType.DATE else ""
    return (
        f"CASE WHEN strlen({text}) < 10 THEN false {date}"
        f"WHEN strlen({text}) = length({text}) THEN regexp_matches({text}, {literal(CPR_LIKE)}) "
        f"ELSE {digits} >= 10 END"
    )


def _trimmed(place: int) -> str:
    return f"trim(coalesce(c{place}, ''), {literal(SPACES)})"


def _missing(text: str, dialect: Dialect) -> str:
    return f"{text} IN ({', '.join(literal(text) for text in {'': 0, **dict.fromkeys(dialect.missing)})})"


def _value(place: int, column: Column, dialect: Dialect, plain: bool) -> str:
    """The typed value; NULL where the cell is missing or not of the type. What fits as it stands is not trimmed."""
    cell, trimmed = f"c{place}", _trimmed(place)
    if column.type is ColumnType.TEXT:
        as_it_is = "true" if plain else f"regexp_full_match({cell}, {literal(SOUND)})"
    elif column.type is ColumnType.BOOLEAN01:
        as_it_is = f"{cell} IN ('0', '1')"
    else:
        as_it_is = _fits(cell, column, dialect)
    after = f"NOT {_missing(trimmed, dialect)} AND {_fits(trimmed, column, dialect)}"
    return (
        f"CASE WHEN {_missing(cell, dialect)} THEN NULL WHEN {as_it_is} THEN {_typed(cell, column, dialect)} "
        f"WHEN {after} THEN {_typed(trimmed, column, dialect)} END"
    )


def _fits(text: str, column: Column, dialect: Dialect) -> str:
    if column.type is ColumnType.TEXT:
        return f"NOT regexp_matches({text}, {literal(HIDDEN)})"
    return f"regexp_full_match({text}, {literal(pattern(column.type, dialect))})"


def _typed(text: str, column: Column, dialect: Dialect) -> str:
    """The value of a text that fits; adding nothing turns minus nothing into nothing."""
    kind = f"AS {_STORED[column.type]}"
    if column.type is ColumnType.TEXT:
        return text
    if column.type is ColumnType.DATE:
        return f"try_cast(try_strptime({text}, {literal(DATE_FORMATS[dialect.date_format])}) {kind})"
    if column.type is ColumnType.BOOLEAN01:
        return f"try_cast(left({text}, 1) {kind})"
    group, mark = GROUP_MARKS[dialect.group], DECIMAL_MARKS[dialect.decimal]
    text = f"replace({text}, {literal(group)}, '')" if group else text
    text = f"replace({text}, {literal(mark)}, '.')" if mark != "." else text
    return f"try_cast({text} {kind}) + 0"


def _tests(place: int, column: Column, dialect: Dialect) -> str:
    text, value = _trimmed(place), f"v{place}"
    echo = f"left({text}, {ECHO})" if column.type in _ECHOED else "''"
    fault = f"CASE WHEN {value} IS NULL THEN {_without(text, column, dialect)} ELSE {_within(place, column)} END"
    return f"{value}, CAST({fault} AS UTINYINT) AS e{place}, CASE WHEN e{place} > 0 THEN {echo} END AS s{place}"


def _without(text: str, column: Column, dialect: Dialect) -> str:
    """Why a cell gave no value."""
    cases = [(_missing(text, dialect), Fault.MISSING if column.required else Fault.NONE)]
    if column.type is ColumnType.NUMBER:
        cases.append((f"regexp_full_match({text}, {literal(NOT_FINITE)})", Fault.NOT_FINITE))
    if column.type is ColumnType.TEXT:
        cases.append((f"length({text}) > {LONGEST_TEXT}", Fault.TOO_LONG))
    return _first(cases, _MISFIT[column.type])


def _within(place: int, column: Column) -> str:
    """What is wrong with a value that is there."""
    value, cases = f"v{place}", []
    if column.type is ColumnType.NUMBER:
        cases.append((f"isinf({value})", Fault.NOT_FINITE))
    if column.type is ColumnType.TEXT:
        cases.append((f"strlen({value}) > {LONGEST_TEXT} AND length({value}) > {LONGEST_TEXT}", Fault.TOO_LONG))
    if column.minimum is not None and column.type in (ColumnType.INTEGER, ColumnType.NUMBER):
        cases.append((f"{value} < {column.minimum!r}", Fault.TOO_SMALL))
    if column.maximum is not None and column.type in (ColumnType.INTEGER, ColumnType.NUMBER):
        cases.append((f"{value} > {column.maximum!r}", Fault.TOO_LARGE))
    if column.codes:
        codes = ", ".join(literal(code) for code in column.codes)
        written = value if column.type is ColumnType.TEXT else _trimmed(place)
        cases.append((f"{written} NOT IN ({codes})", Fault.NOT_A_CODE))
    return _first(cases, Fault.NONE)


def _first(cases: Iterable[tuple[str, Fault]], otherwise: Fault) -> str:
    chain = " ".join(f"WHEN {condition} THEN {fault.value}" for condition, fault in cases)
    return f"CASE {chain} ELSE {otherwise.value} END" if chain else str(otherwise.value)
