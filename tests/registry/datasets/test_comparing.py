"""Two stored versions side by side, against a slow and obvious comparison of the same rows."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.datasets.comparing import Earlier, compare, layout_of
from registry.datasets.differences import MOST_PLACES, Counts, Differences, Obstacle, Place
from registry.datasets.facts import ColumnFacts
from registry.datasets.schema import Column, ColumnType, FileSchema, Part
from registry.datasets.sql import quoted

Row = tuple[str | None, ...]

PUPILS = FileSchema(
    columns=(
        Column("pupil", ColumnType.TEXT, Part.UNIT, required=True),
        Column("year", ColumnType.INTEGER, Part.PERIOD, required=True),
        Column("school", ColumnType.TEXT, Part.CLUSTER, required=True),
        Column("score", ColumnType.NUMBER, Part.OUTCOME),
    ),
    key=("pupil", "year"),
)
ROWS = (("p1", "2019", "s1", "1.5"), ("p2", "2019", "s1", None), ("p3", "2020", "s2", "3.5"))
KINDS = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE"}


def written(path: Path, schema: FileSchema, rows: tuple[Row, ...]) -> Path:
    """Rows as a version keeps them."""
    columns = ", ".join(f"{quoted(column.name)} {KINDS[column.type]}" for column in schema.columns)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE made ({columns})")
        if rows:
            connection.executemany(f"INSERT INTO made VALUES ({', '.join('?' * len(schema.columns))})", rows)
        connection.execute(f"COPY made TO '{path}' (FORMAT parquet)")
    return path


def earlier(path: Path, schema: FileSchema) -> Earlier:
    facts = tuple(ColumnFacts(column.name, column.type, column.part, 1) for column in schema.columns)
    return Earlier(1, path, facts, approved=True)


def compared(
    folder: Path,
    before: tuple[Row, ...],
    after: tuple[Row, ...],
    schema: FileSchema = PUPILS,
    old: FileSchema | None = None,
    people: bool = True,
) -> Differences:
    old = old or schema
    first, second = written(folder / "1.parquet", old, before), written(folder / "2.parquet", schema, after)
    with duckdb.connect(config={"threads": 1}) as connection:
        return compare(connection, second, schema, earlier(first, old), people=people)


def differing(found: Differences) -> set[tuple[str | None, str | None, Counts]]:
    nothing = Counts(0, 0, 0)
    return {(place.site, place.period, place.counts) for place in found.places if place.counts != nothing}


def test_rows_that_came_went_and_changed_are_counted_where_they_are(tmp_path: Path) -> None:
    after = (("p1", "2019", "s1", "1.6"), ("p2", "2019", "s1", None), ("p4", "2020", "s2", "2.0"))
    found = compared(tmp_path, ROWS, after)
    assert differing(found) == {("s1", "2019", Counts(0, 0, 1)), ("s2", "2020", Counts(1, 1, 0))}
    assert (found.total, found.site, found.period) == (Counts(1, 1, 1), "school", "year")


def test_equal_rows_in_another_order_are_no_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, ROWS, ROWS[::-1])
    assert found.none and differing(found) == set()


def test_a_value_that_came_or_went_is_a_change(tmp_path: Path) -> None:
    after = (("p1", "2019", "s1", None), ("p2", "2019", "s1", "2.0"), ROWS[2])
    assert compared(tmp_path, ROWS, after).total == Counts(0, 0, 2)


def test_a_pupil_who_moved_is_a_change_at_the_new_school(tmp_path: Path) -> None:
    after = (("p1", "2019", "s9", "1.5"), *ROWS[1:])
    assert differing(compared(tmp_path, ROWS, after)) == {("s9", "2019", Counts(0, 0, 1))}


SURVEY = FileSchema(columns=PUPILS.columns[1:])


@settings(max_examples=25)
@given(
    before=st.lists(st.tuples(*[st.sampled_from(values) for values in (("1", "2"), ("a", "b"), ("5", None))])),
    after=st.lists(st.tuples(*[st.sampled_from(values) for values in (("1", "2"), ("a", "b"), ("5", None))])),
)
def test_rows_without_a_key_are_compared_whole(
    tmp_path_factory: pytest.TempPathFactory, before: list[Row], after: list[Row]
) -> None:
    found = compared(tmp_path_factory.mktemp("whole"), tuple(before), tuple(after), SURVEY)
    came, went = Counter(after) - Counter(before), Counter(before) - Counter(after)
    places = {(row[1], row[0]) for row in (*came, *went)}
    assert not found.by_key
    assert differing(found) == {
        (
            school,
            year,
            Counts(
                sum(count for row, count in came.items() if (row[1], row[0]) == (school, year)),
                sum(count for row, count in went.items() if (row[1], row[0]) == (school, year)),
                0,
            ),
        )
        for school, year in places
    }


@settings(max_examples=25)
@given(
    before=st.dictionaries(st.sampled_from("pqrst"), st.sampled_from((("a", "1"), ("b", "2"), ("a", None)))),
    after=st.dictionaries(st.sampled_from("pqrst"), st.sampled_from((("a", "1"), ("b", "2"), ("a", None)))),
)
def test_rows_of_a_key_are_compared_as_an_obvious_loop_would(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, tuple[str, str | None]],
    after: dict[str, tuple[str, str | None]],
) -> None:
    rows = [tuple((key, "2019", *values) for key, values in side.items()) for side in (before, after)]
    found = compared(tmp_path_factory.mktemp("keyed"), *rows)
    both = before.keys() & after.keys()
    assert found.total == Counts(
        len(after.keys() - both), len(before.keys() - both), sum(before[key] != after[key] for key in both)
    )


def test_columns_that_differ_are_named_and_the_others_compared(tmp_path: Path) -> None:
    old = FileSchema(
        columns=(
            *PUPILS.columns[:2],
            Column("school", ColumnType.TEXT, Part.CLUSTER),
            Column("score", ColumnType.TEXT, Part.OUTCOME),
            Column("shoe", ColumnType.NUMBER, Part.COVARIATE),
        ),
        key=PUPILS.key,
    )
    later = FileSchema(columns=(*PUPILS.columns, Column("age", ColumnType.NUMBER, Part.COVARIATE)), key=PUPILS.key)
    found = compared(tmp_path, (("p1", "2019", "s1", "x", "41"),), (("p1", "2019", "s1", "1.5", "9"),), later, old)
    assert (found.new, found.gone, found.retyped, found.none) == (("age",), ("shoe",), ("score",), True)


def test_without_the_key_in_both_there_is_no_comparison(tmp_path: Path) -> None:
    found = compared(tmp_path, (("2019", "s1", "1"),), ROWS, old=SURVEY)
    assert (found.obstacle, found.places) == (Obstacle.OTHER_KEY, ())
    nothing_shared = FileSchema(columns=(Column("other", ColumnType.TEXT, Part.UNIT),))
    other = compared(tmp_path, (("x",),), (("2019", "s1", "1"),), SURVEY, nothing_shared)
    assert other.obstacle is Obstacle.OTHER_KEY


def test_people_without_a_site_are_counted_by_period_and_sites_by_name(tmp_path: Path) -> None:
    panel = FileSchema(columns=(*PUPILS.columns[:2], PUPILS.columns[3]), key=PUPILS.key)
    before, after = (("0101", "2019", "1.0"),), (("0101", "2019", "2.0"),)
    assert differing(compared(tmp_path, before, after, panel)) == {(None, "2019", Counts(0, 0, 1))}
    assert differing(compared(tmp_path, before, after, panel, people=False)) == {("0101", "2019", Counts(0, 0, 1))}


def test_more_places_than_are_listed_are_counted(tmp_path: Path) -> None:
    after = tuple((f"p{number}", "2019", f"s{number:04d}", "1") for number in range(MOST_PLACES + 7))
    found = compared(tmp_path, (("q", "2019", "t", "1"),), (*after, ("q", "2019", "t", "1")))
    assert (len(differing(found)), found.unlisted) == (MOST_PLACES, 7)
    assert Place("t", "2019", Counts(0, 0, 0)) in found.places


def test_names_are_no_statements(tmp_path: Path) -> None:
    odd = FileSchema(columns=(Column('a"; DROP TABLE made; --', ColumnType.TEXT, Part.UNIT, required=True),))
    assert compared(tmp_path, (("1",),), (("2",),), odd).total == Counts(1, 1, 0)


def test_only_columns_of_one_name_and_type_are_shared() -> None:
    old = FileSchema(columns=(PUPILS.columns[0], Column("year", ColumnType.TEXT, Part.PERIOD)))
    layout = layout_of(PUPILS, earlier(Path("x"), old), people=True)
    assert (layout.key, layout.values, layout.site, layout.period) == (("pupil",), (), None, None)
