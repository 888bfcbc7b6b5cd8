"""Wide rows as rows of one unit and period."""

from pathlib import Path
from typing import Any

import duckdb
from msgspec.structs import replace

from registry.datasets.schema import FileSchema, Part
from registry.datasets.shape import shape_of
from registry.datasets.sql import reader
from tests.registry.datasets.story import HEADER, a_schema

TWO = replace(
    a_schema(),
    columns=tuple(column for column in a_schema().columns if column.name in ("area", "week", "language", "season")),
    periods=("w1", "w2"),
)
HEAD = ["season", "language_w2", "note", "area", "language_w1"]


def rows(folder: Path, text: str, schema: FileSchema = TWO) -> list[tuple[Any, ...]]:
    path = folder / "rows.csv"
    path.write_text(",".join(HEAD) + "\n" + text)
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(shape_of(HEAD, schema).rows(reader(path, 5, schema.dialect), 5)).fetchall()


def test_a_long_file_keeps_its_places_and_rows() -> None:
    header = HEADER.strip().split(",")
    shape = shape_of(header, a_schema())
    assert (shape.width, shape.share, shape.once(3), shape.row(7)) == (8, 1, "true", 7)
    assert shape.names == {place: column.name for place, column in shape.columns.items()} == dict(enumerate(header))
    assert shape.rows("SELECT 1", 8) == "SELECT 1"
    assert shape.sent(4, 7) == "language"


def test_what_is_shared_comes_first_then_the_period_then_what_varies(tmp_path: Path) -> None:
    assert rows(tmp_path, "winter,0.2,x,0101,0.1\n") == [
        (2, "winter", "x", "0101", "w1", "0.1"),
        (3, "winter", "x", "0101", "w2", "0.2"),
    ]
    columns = {place: column.name for place, column in shape_of(HEAD, TWO).columns.items()}
    assert columns == {2: "area", 3: "week", 4: "language", 0: "season"}


def test_a_row_without_any_text_is_none_in_no_period(tmp_path: Path) -> None:
    assert len(rows(tmp_path, ",,,,\n,,,0101,\n")) == 2


def test_a_period_without_any_cell_is_no_row_where_one_is_required(tmp_path: Path) -> None:
    columns = tuple(replace(column, required=column.part is Part.OUTCOME) for column in TWO.columns)
    assert rows(tmp_path, ",0.2,,0101, \n", replace(TWO, columns=columns)) == [(3, None, None, "0101", "w2", "0.2")]


def test_a_cell_is_named_and_counted_as_it_was_sent() -> None:
    shape = shape_of(HEAD, TWO)
    assert [shape.sent(4, n) for n in (2, 3)] == ["language_w1", "language_w2"]
    assert [shape.sent(3, n) for n in (2, 3)] == ["language_w1", "language_w2"]
    assert (shape.sent(2, 3), shape.row(3)) == ("area", 1)
    assert shape.once(4) == "true" and "GROUP BY n // 2" in shape.once(2)
    assert shape.names == {3: "area", 0: "season", 1: "language_w2", 4: "language_w1"}
