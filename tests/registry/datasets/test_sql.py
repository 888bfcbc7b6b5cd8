"""The schema as SQL, cell by cell, in the database that runs it."""

import math
from pathlib import Path
from typing import Any

import duckdb
import pytest

from registry.datasets.schema import Column, ColumnType, DateFormat, DecimalMark, Dialect, GroupMark, Part
from registry.datasets.sql import Fault, checked, cpr_like, literal, quoted, reader, sound
from registry.kit.cpr import looks_like_cpr

PLAIN = Dialect()
DANISH = Dialect(decimal=DecimalMark.COMMA, group=GroupMark.POINT, date_format=DateFormat.DASHES)


def judged(cell: str | None, column: Column, dialect: Dialect = PLAIN) -> tuple[Any, Fault, str | None]:
    """The value, the fault and the echoed text of one cell; a second column keeps the row from being empty."""
    text = "NULL" if cell is None else literal(cell)
    query = checked(f"SELECT 1 AS n, {text} AS c0, 'x' AS c1", 2, {0: column}, dialect)
    with duckdb.connect() as connection:
        value, fault, echo = connection.execute(f"SELECT v0, e0, s0 FROM ({query})").fetchall()[0]
    return value, Fault(fault), echo


def a_column(kind: ColumnType, **changes: Any) -> Column:
    return Column("y", kind, Part.COVARIATE, **changes)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (ColumnType.NUMBER, "1.234,5", 1234.5),
        (ColumnType.NUMBER, " -0,25 ", -0.25),
        (ColumnType.NUMBER, "1e3", 1000.0),
        (ColumnType.INTEGER, "1.234", 1234),
        (ColumnType.TEXT, " 0101\u00a0", "0101"),
        (ColumnType.BOOLEAN01, "1,0", 1),
        (ColumnType.DATE, "29-02-2028", "2028-02-29"),
    ],
)
def test_a_right_cell_gets_its_value(kind: ColumnType, cell: str, value: Any) -> None:
    found, fault, _ = judged(cell, a_column(kind), DANISH)
    assert (str(found) if kind is ColumnType.DATE else found, fault) == (value, Fault.NONE)


@pytest.mark.parametrize(
    ("kind", "cell", "fault"),
    [
        (ColumnType.NUMBER, "1.5", Fault.NOT_NUMBER),
        (ColumnType.NUMBER, "12 kg", Fault.NOT_NUMBER),
        (ColumnType.NUMBER, "1e999", Fault.NOT_FINITE),
        (ColumnType.NUMBER, "-1e999", Fault.NOT_FINITE),
        (ColumnType.NUMBER, "NaN", Fault.NOT_FINITE),
        (ColumnType.NUMBER, "-inf", Fault.NOT_FINITE),
        (ColumnType.INTEGER, "1,5", Fault.NOT_INTEGER),
        (ColumnType.INTEGER, "9" * 30, Fault.NOT_INTEGER),
        (ColumnType.DATE, "29-02-2026", Fault.NOT_DATE),
        (ColumnType.DATE, "2026-12-31", Fault.NOT_DATE),
        (ColumnType.BOOLEAN01, "2", Fault.NOT_BOOLEAN),
        (ColumnType.BOOLEAN01, "ja", Fault.NOT_BOOLEAN),
        (ColumnType.TEXT, "a\x07b", Fault.HIDDEN_CHARACTERS),
        (ColumnType.TEXT, "a\u202eb", Fault.HIDDEN_CHARACTERS),
        (ColumnType.TEXT, "a" * 501, Fault.TOO_LONG),
    ],
)
def test_a_wrong_cell_has_no_value_and_one_fault(kind: ColumnType, cell: str, fault: Fault) -> None:
    value, found, _ = judged(cell, a_column(kind), DANISH)
    assert found is fault
    assert value is None or kind is ColumnType.TEXT or math.isinf(value)


@pytest.mark.parametrize("cell", [None, "", "   ", "NA", "\ufeff"])
def test_a_missing_cell_is_a_fault_only_where_a_value_is_required(cell: str | None) -> None:
    """No predicate may be unknown: a NULL once hid twelve of twelve blank required fields."""
    for kind in ColumnType:
        assert judged(cell, a_column(kind))[:2] == (None, Fault.NONE)
        assert judged(cell, a_column(kind, required=True))[:2] == (None, Fault.MISSING)
        assert judged(cell, a_column(kind, required=True, minimum=0.0, codes=("1",)))[1] is Fault.MISSING


@pytest.mark.parametrize(("cell", "fault"), [("-1", Fault.TOO_SMALL), ("11", Fault.TOO_LARGE), ("10", Fault.NONE)])
@pytest.mark.parametrize("kind", [ColumnType.INTEGER, ColumnType.NUMBER])
def test_a_number_lies_in_its_range(cell: str, fault: Fault, kind: ColumnType) -> None:
    assert judged(cell, a_column(kind, minimum=0.0, maximum=10.0))[1] is fault


def test_a_code_is_one_of_its_list() -> None:
    column = a_column(ColumnType.TEXT, codes=("small", "it's"))
    assert [judged(cell, column)[1] for cell in ("small", "it's", "large")] == [
        Fault.NONE,
        Fault.NONE,
        Fault.NOT_A_CODE,
    ]


def test_only_numbers_and_dates_are_kept_for_the_message_and_only_their_beginning() -> None:
    assert judged("12 kg og meget mere", a_column(ColumnType.NUMBER))[2] == "12 kg og meget m"
    assert judged("a\x07b", a_column(ColumnType.TEXT))[2] == ""
    assert judged("2", a_column(ColumnType.BOOLEAN01))[2] == ""
    assert judged("1", a_column(ColumnType.NUMBER))[2] is None


@pytest.mark.parametrize(
    "text",
    [
        "0101901234",
        "010190-1234",
        "x: 010190 1234.",
        "010190 - 1234",
        "(311299‑1234)",
        "０１０１９０１２３４",
        "3112991234.0",
        "12.,010190-1234",
    ],
)
def test_whatever_the_judge_calls_a_cpr_number_is_looked_at(text: str) -> None:
    assert looks_like_cpr(text) or text.startswith("12.")
    with duckdb.connect() as connection:
        suspect = connection.execute(f"SELECT {cpr_like(1)} FROM (SELECT {literal(text)} AS c0)").fetchall()
    assert suspect == [(True,)]


@pytest.mark.parametrize("text", ["0.0101901234", "12345678901234", "0101", "", "ø" * 20, "3.0101901234"])
def test_ordinary_numbers_are_not_looked_at(text: str) -> None:
    with duckdb.connect() as connection:
        suspect = connection.execute(f"SELECT {cpr_like(1)} FROM (SELECT {literal(text)} AS c0)").fetchall()
    assert suspect == [(False,)]


def test_rows_without_any_text_are_left_out_but_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n ,\n3,4\n")
    query = checked(reader(path, 2, PLAIN), 2, {0: a_column(ColumnType.INTEGER)}, PLAIN)
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT n, v0 FROM ({query})").fetchall() == [(1, 1), (3, 3)]


def test_names_and_texts_of_people_are_quoted() -> None:
    name, text = 'y"; DROP TABLE x; --', "'; DROP TABLE x; --"
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {literal(text)} AS {quoted(name)}")
        assert (found.description or [])[0][0] == name
        assert found.fetchall() == [(text,)]


@pytest.mark.parametrize("cell", ["x", "", "1,5", "010190-1234"])
def test_sound_rows_end_at_the_first_cell_that_is_wrong_or_suspect(cell: str) -> None:
    column = a_column(ColumnType.NUMBER, required=True)
    query = sound(checked(f"SELECT 1 AS n, {literal(cell)} AS c0, 'x' AS c1", 2, {0: column}, PLAIN), [0])
    with duckdb.connect() as connection, pytest.raises(duckdb.InvalidInputException):
        connection.execute(query).fetchall()


@pytest.mark.parametrize("cell", ["0101", "", "NA", "Ærø By"])
def test_plain_text_needs_no_second_look_for_the_same_value(cell: str) -> None:
    column = a_column(ColumnType.TEXT)
    source = f"SELECT 1 AS n, {literal(cell)} AS c0, 'x' AS c1"
    with duckdb.connect() as connection:
        values = [
            connection.execute(sound(checked(source, 2, {0: column}, PLAIN, plain=plain), [0])).fetchall()
            for plain in (True, False)
        ]
    assert values[0] == values[1]
