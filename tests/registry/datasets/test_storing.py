"""Rows that passed, stored for good, and what is said about them."""

from pathlib import Path

import duckdb
import pytest

from effects.sources import open_source
from registry.datasets import storing
from registry.datasets.checking import STORED
from registry.datasets.facts import Completeness, Stored
from registry.datasets.schema import Column, ColumnType, FileSchema, Part
from tests.registry.datasets.story import a_csv, a_schema, checked


def stored(folder: Path, content: str, schema: FileSchema | None = None) -> Stored:
    found = checked(folder, content, schema or a_schema())
    assert found.stored is not None, found.findings
    return found.stored


def kinds(folder: Path) -> dict[str, str]:
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(folder / "work" / STORED))
        return dict(zip(relation.columns, map(str, relation.types), strict=True))


def test_only_the_columns_of_the_plan_are_stored_each_in_its_type(tmp_path: Path) -> None:
    lines = [line + (",secret" if place else ",note") for place, line in enumerate(a_csv().splitlines())]
    assert stored(tmp_path, "\n".join(lines)).rows == 12
    assert kinds(tmp_path) == {
        "area": "VARCHAR",
        "week": "VARCHAR",
        "digital": "UTINYINT",
        "n": "DOUBLE",
        "language": "DOUBLE",
        "strain": "DOUBLE",
        "age": "DOUBLE",
        "season": "VARCHAR",
    }
    assert b"secret" not in (tmp_path / "work" / STORED).read_bytes()


def test_what_is_filled_is_counted_by_column(tmp_path: Path) -> None:
    facts = {column.name: column.filled for column in stored(tmp_path, a_csv(strain="")).columns}
    assert (facts["area"], facts["language"], facts["strain"]) == (12, 12, 0)


def test_completeness_is_the_share_of_outcome_cells_by_area_and_week(tmp_path: Path) -> None:
    lines = a_csv(areas=2, weeks=2, strain="3").splitlines()
    lines[1] = lines[1].replace("0.11", "")
    completeness = stored(tmp_path, "\n".join(lines[:-1])).completeness
    assert completeness == Completeness(
        level="area",
        period="week",
        periods=("2026-W01", "2026-W02"),
        groups=("0001", "0002"),
        shares=((0.5, 1.0), (1.0, None)),
    )


def test_periods_that_are_numbers_come_in_their_order(tmp_path: Path) -> None:
    columns = (
        Column("unit", ColumnType.TEXT, Part.UNIT),
        Column("month", ColumnType.INTEGER, Part.PERIOD),
        Column("y", ColumnType.NUMBER, Part.OUTCOME),
    )
    completeness = stored(tmp_path, "unit,month,y\na,10,1\na,2,1\na,1,1\n", FileSchema(columns)).completeness
    assert completeness is not None and completeness.periods == ("1", "2", "10")


@pytest.mark.parametrize("parts", [(Part.UNIT, Part.OUTCOME), (Part.PERIOD, Part.OUTCOME), (Part.UNIT, Part.PERIOD)])
def test_without_level_period_and_outcome_there_is_no_table(tmp_path: Path, parts: tuple[Part, Part]) -> None:
    columns = tuple(Column(part.value, ColumnType.INTEGER, part) for part in parts)
    header = ",".join(column.name for column in columns)
    assert stored(tmp_path, f"{header}\n1,2\n", FileSchema(columns)).completeness is None


def test_a_table_too_large_to_read_is_not_made(tmp_path: Path) -> None:
    assert stored(tmp_path, a_csv(areas=storing.MOST_GROUPS + 1, weeks=1)).completeness is None


def test_the_order_of_the_rows_sent_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    header, *lines = a_csv().splitlines()
    stored(tmp_path / "a", "\n".join([header, *lines]))
    stored(tmp_path / "b", "\n".join([header, *reversed(lines)]))
    assert (tmp_path / "a" / "work" / STORED).read_bytes() == (tmp_path / "b" / "work" / STORED).read_bytes()


@pytest.mark.parametrize(
    ("kind", "cell", "stored"),
    [
        (ColumnType.TEXT, "0101", "VARCHAR"),
        (ColumnType.INTEGER, "123456789012", "BIGINT"),
        (ColumnType.NUMBER, "0.1", "DOUBLE"),
        (ColumnType.DATE, "2026-12-31", "DATE"),
        (ColumnType.BOOLEAN01, "1", "UTINYINT"),
    ],
)
def test_each_type_has_its_type_in_the_file(tmp_path: Path, kind: ColumnType, cell: str, stored: str) -> None:
    schema = FileSchema((Column("x", kind, Part.COVARIATE),))
    found = checked(tmp_path, f"x\n{cell}\n", schema)
    assert found.stored is not None
    assert kinds(tmp_path) == {"x": stored}
    assert [(column.name, column.type, column.filled) for column in found.stored.columns] == [("x", kind, 1)]


def test_an_analysis_reads_the_stored_rows_as_it_would_read_the_file(tmp_path: Path) -> None:
    """The hash of a version is the one that a result states, so that the two can be held together."""
    found = stored(tmp_path, a_csv(strain="3"))
    source = open_source(tmp_path / "work" / STORED)
    assert [f"sha256:{digest}" for digest in source.sha256] == [found.content]
    named = tmp_path / "sent.csv"
    named.write_text(a_csv(strain="3"))
    assert open_source(named).content == source.content


def test_other_rows_are_another_content(tmp_path: Path) -> None:
    contents = set()
    for number, values in enumerate(({}, {"n": "13"}, {"season": "summer"}, {"strain": "3"})):
        folder = tmp_path / str(number)
        folder.mkdir()
        contents.add(stored(folder, a_csv(**values)).content)
    assert len(contents) == 4


def test_a_missing_value_is_neither_zero_nor_empty_text(tmp_path: Path) -> None:
    stored(tmp_path, a_csv(areas=1, weeks=1, strain="", season="NA"))
    with duckdb.connect() as connection:
        row = connection.read_parquet(str(tmp_path / "work" / STORED)).fetchall()[0]
    assert (row[5], row[7]) == (None, None)


def test_completeness_goes_by_cluster_where_the_plan_names_one(tmp_path: Path) -> None:
    columns = (
        Column("school", ColumnType.TEXT, Part.CLUSTER, required=True),
        Column("pupil", ColumnType.TEXT, Part.UNIT, required=True),
        Column("term", ColumnType.TEXT, Part.PERIOD, required=True),
        Column("y", ColumnType.NUMBER, Part.OUTCOME),
    )
    content = "school,pupil,term,y\ns1,p1,a,1\ns1,p2,a,\ns2,p3,a,1\n"
    completeness = stored(tmp_path, content, FileSchema(columns)).completeness
    assert completeness is not None
    assert (completeness.level, completeness.groups, completeness.shares) == ("school", ("s1", "s2"), ((0.5,), (1.0,)))


def test_a_site_stands_together_and_in_the_order_of_the_key(tmp_path: Path) -> None:
    columns = (
        Column("pupil", ColumnType.TEXT, Part.UNIT, required=True),
        Column("term", ColumnType.INTEGER, Part.PERIOD, required=True),
        Column("school", ColumnType.TEXT, Part.CLUSTER, required=True),
    )
    content = "pupil,term,school\np1,2,s2\np2,1,s1\np1,1,s2\np3,10,s1\np3,9,s1\n"
    stored(tmp_path, content, FileSchema(columns, key=("pupil", "term")))
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(tmp_path / "work" / STORED)).fetchall()
    assert rows == [("p2", 1, "s1"), ("p3", 9, "s1"), ("p3", 10, "s1"), ("p1", 1, "s2"), ("p1", 2, "s2")]


@pytest.mark.parametrize(
    "written",
    [
        a_csv().replace(",12,", ", 12 ,").replace("winter", " winter\u00a0"),
        a_csv().replace(",", '","').replace("\n", '"\n"')[:-1].join(['"', ""]),
        a_csv().replace("\n", "\r\n"),
        a_csv(n="12.0"),
        a_csv().replace("winter\n", "winter\n\n"),
        a_csv().replace("season", "season,note").replace("winter", "winter," + "0" * 10),
    ],
    ids=["white space", "quotes", "line ends of Windows", "decimals", "blank lines", "a note that had to be looked at"],
)
def test_how_the_same_rows_were_written_leaves_no_trace(tmp_path: Path, written: str) -> None:
    once = stored(tmp_path, a_csv()).content
    assert stored(tmp_path, written).content == once


def test_minus_nothing_is_nothing(tmp_path: Path) -> None:
    assert stored(tmp_path, a_csv(strain="-0")).content == stored(tmp_path, a_csv(strain="0.0")).content


def test_without_a_key_equal_rows_are_kept_and_ordered_by_every_column(tmp_path: Path) -> None:
    schema = FileSchema((Column("x", ColumnType.NUMBER, Part.COVARIATE), Column("y", ColumnType.TEXT, Part.COVARIATE)))
    assert (
        stored(tmp_path, "x,y\n2,a\n1,b\n1,\n2,a\n", schema).content
        == stored(tmp_path, "x,y\n1,\n2,a\n2,a\n1,b\n", schema).content
    )


@pytest.mark.parametrize(("key", "alike"), [((), False), (("x",), True), (("x", "y"), False), (("z",), False)])
def test_repeated_keys_are_seen_and_a_missing_one_repeats_nothing(key: tuple[str, ...], alike: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE stored AS FROM (VALUES (1, 'a', NULL), (1, 'b', NULL)) t(x, y, z)")
        assert storing.repeats(connection, key) is alike


def test_rows_without_a_period_are_no_part_of_the_table(tmp_path: Path) -> None:
    columns = (
        Column("unit", ColumnType.TEXT, Part.UNIT, required=True),
        Column("month", ColumnType.INTEGER, Part.PERIOD),
        Column("y", ColumnType.NUMBER, Part.OUTCOME),
    )
    completeness = stored(tmp_path, "unit,month,y\na,1,1\na,,1\n", FileSchema(columns)).completeness
    assert completeness is not None and (completeness.periods, completeness.shares) == (("1",), ((1.0,),))
