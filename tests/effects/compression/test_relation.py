import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.compression import parts
from effects.compression.parts import TABLE, Question
from effects.compression.relation import Grid, exact_sum, label_of, literal, number, open_relation, real, whole_sum
from effects.errors import DataError
from effects.rows.parquet import quoted
from tests.effects.compression.panels import parquet

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    """One empty database: each starts slower than it answers."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        yield connection


@settings(max_examples=60)
@given(VALUES, st.randoms())
def test_a_sum_on_the_grid_is_exact_in_every_order(
    sql: duckdb.DuckDBPyConnection, values: list[float], random: "st.random.Random"
) -> None:
    reach = max(abs(value) for value in values)
    sums = set()
    for _ in range(3):
        random.shuffle(values)
        rows = ", ".join(f"({number(value)})" for value in values)
        query = f"SELECT {exact_sum('v', reach)} FROM (VALUES {rows}) AS t(v)"
        sums.add(sql.execute(query).fetchall()[0][0])
    assert len(sums) == 1
    exact = float(sum(Fraction(value) for value in values))
    assert sums.pop() == pytest.approx(exact, rel=1e-15, abs=len(values) * max(reach, 1e-280) * 2.0**-58)


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
def test_a_grid_reaches_the_farthest_value(low: float, width: float) -> None:
    grid = Grid.over(low, low + width)
    farthest = max(low + width - grid.origin, grid.origin - low)
    assert grid.reach >= farthest
    assert farthest * math.ldexp(1.0, grid.bits) <= 2.0**60


def test_the_largest_numbers_have_a_grid() -> None:
    assert Grid.over(-8e307, 8e307).reach >= 8e307


@pytest.mark.parametrize("low", [0.0, 1.0, 18.0])
def test_a_grid_tells_the_largest_value_to_a_factor_of_two_and_no_better(low: float) -> None:
    grids = {Grid.over(low, low + width) for width in range(513, 1023)}
    assert len(grids) <= 2


def test_a_constant_column_has_a_grid_too() -> None:
    assert Grid.over(3.0, 3.0) == Grid(3.0, 0)


def test_numbers_are_doubles_to_sql(sql: duckdb.DuckDBPyConnection) -> None:
    found = sql.execute(f"SELECT typeof({number(0.1)}), {number(-1 / 3)}").fetchall()[0]
    assert found == ("DOUBLE", -1 / 3)


def test_a_relation_knows_its_columns(tmp_path: Path) -> None:
    frame = pd.DataFrame({"whole": [1, 2], "real": [0.5, None], 'te"xt': ["a", None]})
    with open_relation([parquet(frame, tmp_path / "it's.parquet")]) as relation:
        assert relation.is_whole("whole")
        assert relation.is_number("real")
        assert not relation.is_whole("real")
        assert not relation.is_number('te"xt')
        known = [
            relation.ask(f"SELECT count(*) FILTER ({relation.known(name)}) FROM {relation.table}") for name in frame
        ]
    assert known == [[(2,)], [(1,)], [(1,)]]
    assert quoted('te"xt') == '"te""xt"'


@pytest.mark.parametrize(("value", "name"), [(3, "3"), (3.0, "3"), (2.5, "2.5"), (True, "1"), ("0101", "0101")])
def test_levels_are_named_as_the_rows_would_name_them(value: object, name: str) -> None:
    assert label_of(value) == name


@settings(max_examples=20)
@given(VALUES, st.integers(1, 5))
def test_whole_sums_of_parts_add_to_the_sum_of_all(
    sql: duckdb.DuckDBPyConnection, values: list[float], size: int
) -> None:
    """In whole numbers first, and rounded once: what an addition of doubles does not give."""
    reach = max(abs(value) for value in values)
    pieces = [values[first : first + size] for first in range(0, len(values), size)]

    def total(some: list[float]) -> int:
        rows = ", ".join(f"({number(value)})" for value in some)
        query = f"SELECT {whole_sum('v', reach)} FROM (VALUES {rows}) AS t(v)"
        found: int = sql.execute(query).fetchall()[0][0]
        return found

    assert sum(total(piece) for piece in pieces) == total(values)
    exact = float(sum(Fraction(value) for value in values))
    rounding = len(values) * max(reach, 1e-280) * 2.0**-58
    assert real(total(values), reach) == pytest.approx(exact, rel=1e-15, abs=rounding)


@pytest.mark.parametrize(
    ("total", "reach", "value"), [(0, 0.0, 0.0), (3, 1.0, 3 * 2.0**-59), (2**70, 1e300, 2.0**1007)]
)
def test_a_whole_number_is_read_on_its_grid(total: int, reach: float, value: float) -> None:
    assert real(total, reach) == value


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (7, "INTEGER"),
        (0.1, "DOUBLE"),
        (True, "BOOLEAN"),
        ("it's", "VARCHAR"),
        (date(2024, 2, 29), "DATE"),
        (datetime(2024, 2, 29, 13, 5, 0, 250), "TIMESTAMP"),
        (Decimal("1.50"), "DECIMAL(4,2)"),
    ],
)
def test_a_value_comes_back_from_sql_as_it_was(sql: duckdb.DuckDBPyConnection, value: object, kind: str) -> None:
    found = sql.execute(f"SELECT {literal(value, kind)}, typeof({literal(value, kind)})").fetchall()[0]
    assert found == (value, kind)


FIRST = pd.DataFrame({"unit": [1, 1, 2], "place": ["a", "a", "b"], "y": [0.5, 1.5, None]})
SECOND = pd.DataFrame({"unit": [3, 4], "place": ["a", "c"], "y": [2.5, 3.5]})
STRADDLING = SECOND.assign(unit=[2, 4])
UNITS = f"(SELECT unit AS u FROM {TABLE})"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a part."""
    monkeypatch.setattr(parts, "PART_BYTES", 1)


def files(folder: Path, *frames: pd.DataFrame) -> list[Path]:
    return [parquet(frame, folder / f"{place}.parquet") for place, frame in enumerate(frames)]


@pytest.mark.usefixtures("small")
def test_parts_are_described_together(tmp_path: Path) -> None:
    with open_relation(files(tmp_path, FIRST, SECOND)) as relation:
        assert [len(part.paths) for part in relation.parts] == [1, 1]
        assert (relation.rows, sorted(relation.filled)) == (5, ["place", "unit"])
        assert relation.kinds == {"unit": "BIGINT", "place": "VARCHAR", "y": "DOUBLE"}
        assert len(set(relation.digests)) == 2


@pytest.mark.usefixtures("small")
def test_what_is_gathered_adds_by_key_and_what_is_asked_sees_all_files(tmp_path: Path) -> None:
    by_place = f"SELECT place, count(*), count(y) FROM {TABLE} GROUP BY place"
    with open_relation(files(tmp_path, FIRST, SECOND)) as relation:
        (found,) = relation.gather(Question(by_place, 1))
        assert found == [("a", 3, 3), ("b", 1, 0), ("c", 1, 1)] == sorted(relation.ask(by_place))
        assert relation.together.gather(Question(by_place, 1)) == [found]
        assert relation.gather(Question(by_place, 1, most=2), Question(by_place, 1)) == []


@pytest.mark.usefixtures("small")
def test_tables_are_made_anew_in_every_part_and_round(tmp_path: Path) -> None:
    table = f"CREATE OR REPLACE TEMP TABLE seen AS SELECT unit FROM {TABLE}"
    question = Question("SELECT unit, count(*) FROM seen GROUP BY unit", 1)
    for some in ([FIRST, SECOND], [FIRST]):
        with open_relation(files(tmp_path, *some)) as relation:
            for _ in range(2):
                (found,) = relation.gather(question, tables=[table])
                assert found == [(1, 2), (2, 1), (3, 1), (4, 1)][: 2 * len(some)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "kind", [int, float, str, lambda unit: str(unit).encode()], ids=["int", "float", "str", "bytes"]
)
@pytest.mark.parametrize("second", [SECOND, STRADDLING], ids=["apart", "straddling"])
def test_parts_stay_parts_only_where_no_unit_stands_in_two(
    tmp_path: Path, kind: Callable[[int], str], second: pd.DataFrame
) -> None:
    """By ranges where they tell, by hashes where a type has no order that both sides share."""
    typed = [frame.assign(unit=[kind(unit) for unit in frame["unit"]]) for frame in (FIRST, second)]
    with open_relation(files(tmp_path, *typed), "unit") as relation:
        apart = second is SECOND
        assert relation.apart(UNITS) is apart
        assert (relation.whole is relation) is apart
        assert len(relation.whole.parts) == (2 if apart else 1)
        assert relation.apart(f"(SELECT unit AS u FROM {TABLE} WHERE y IS NOT NULL)")


@pytest.mark.usefixtures("small")
def test_equal_ranges_of_one_unit_each_are_no_proof(tmp_path: Path) -> None:
    same = [FIRST.assign(unit=7, y=float(place)) for place in range(2)]
    with open_relation(files(tmp_path, *same), "unit") as relation:
        assert not relation.apart(UNITS)


@pytest.mark.usefixtures("small")
def test_ranges_that_overlap_are_settled_by_hashes(tmp_path: Path) -> None:
    with open_relation(files(tmp_path, FIRST.assign(unit=[1, 5, 9]), SECOND.assign(unit=[4, 6])), "unit") as relation:
        assert relation.apart(UNITS)


def test_one_part_is_whole_without_a_question(tmp_path: Path) -> None:
    with open_relation(files(tmp_path, FIRST, STRADDLING), "unit") as relation:
        assert [len(part.paths) for part in relation.parts] == [2]
        assert relation.whole is relation
        assert relation.apart("nothing that could be asked")


OTHERS = {"name": SECOND.rename(columns={"y": "z"}), "type": SECOND.assign(y=[1, 2]), "more": SECOND.assign(more=1)}


@pytest.mark.parametrize("size", [1, 2**30])
@pytest.mark.parametrize("other", OTHERS.values(), ids=list(OTHERS))
def test_files_of_other_columns_or_types_are_not_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: pd.DataFrame, size: int
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", size)
    with pytest.raises(duckdb.BinderException, match="differ"), open_relation(files(tmp_path, FIRST, other)):
        raise AssertionError


def test_a_file_that_is_gone_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.parquet"), open_relation([tmp_path / "gone.parquet"]):
        raise AssertionError
