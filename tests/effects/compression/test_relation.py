import math
from fractions import Fraction
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.compression.relation import Grid, exact_sum, label_of, number, open_relation
from effects.rows.parquet import quoted
from tests.effects.compression.panels import parquet

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@settings(max_examples=60)
@given(VALUES, st.randoms())
def test_a_sum_on_the_grid_is_exact_in_every_order(values: list[float], random: "st.random.Random") -> None:
    reach = max(abs(value) for value in values)
    sums = set()
    with duckdb.connect() as connection:
        for _ in range(3):
            random.shuffle(values)
            rows = ", ".join(f"({number(value)})" for value in values)
            query = f"SELECT {exact_sum('v', reach)} FROM (VALUES {rows}) AS t(v)"
            sums.add(connection.execute(query).fetchall()[0][0])
    assert len(sums) == 1
    exact = float(sum(Fraction(value) for value in values))
    assert sums.pop() == pytest.approx(exact, rel=1e-15, abs=len(values) * max(reach, 1e-280) * 2.0**-58)


@given(st.floats(-1e9, 1e9), st.floats(0.0, 1e9))
def test_a_grid_reaches_the_farthest_value(low: float, width: float) -> None:
    grid = Grid.over(low, low + width)
    farthest = max(low + width - grid.origin, grid.origin - low)
    assert grid.reach >= farthest
    assert farthest * math.ldexp(1.0, grid.bits) <= 2.0**60


def test_a_constant_column_has_a_grid_too() -> None:
    assert Grid.over(3.0, 3.0) == Grid(3.0, 0)


def test_numbers_are_doubles_to_sql() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT typeof({number(0.1)}), {number(-1 / 3)}").fetchall()[0]
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
