"""The seeded panel."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from effects import AnalysisPlan
from registry.benchmarks.panels import CLUSTERS, COLUMNS, LARGE, PERIODS, PLAN, generate, pieces, write_panel
from registry.benchmarks.readings import Task

UNITS = 500


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return pd.concat(pd.DataFrame(piece) for piece in pieces(UNITS))


def test_every_unit_is_seen_once_in_every_period(panel: pd.DataFrame) -> None:
    assert len(panel) == UNITS * PERIODS
    assert panel.groupby("unit")["period"].apply(list).map(lambda seen: seen == list(range(PERIODS))).all()


def test_treatment_is_switched_on_by_cluster_and_stays(panel: pd.DataFrame) -> None:
    paths = panel.groupby(["cluster", "period"])["treated"].agg(["min", "max"])
    assert (paths["min"] == paths["max"]).all()
    on = paths["max"].to_numpy().reshape(CLUSTERS, PERIODS)
    assert (np.diff(on, axis=1) >= 0).all()
    assert on[:, 0].max() == 0
    assert on[:, -1].min() == 1
    assert len({tuple(path) for path in on.tolist()}) == PERIODS - 1


def test_units_stay_in_their_cluster_and_the_file_is_ordered(panel: pd.DataFrame) -> None:
    assert (panel.groupby("unit")["cluster"].nunique() == 1).all()
    assert panel.equals(panel.sort_values(["cluster", "unit", "period"], kind="stable"))


def test_the_same_seed_gives_the_same_rows_in_pieces_or_at_once(panel: pd.DataFrame) -> None:
    assert panel.equals(pd.concat(pd.DataFrame(piece) for piece in pieces(UNITS)))


def test_the_files_hold_the_columns_of_the_plan(tmp_path: Path) -> None:
    generate(Task(folder=str(tmp_path), rows=2_000))
    for name, rows in (("panel", 2_000), ("large_panel", 2_000 * LARGE)):
        with duckdb.connect() as connection:
            found = connection.from_parquet(str(tmp_path / f"{name}.parquet"))
            assert tuple(found.columns) == COLUMNS
            assert found.count("*").fetchall() == [(rows,)]
    assert {path.suffix for path in tmp_path.iterdir()} == {".parquet"}
    data = AnalysisPlan.from_text(PLAN).data
    assert {data.unit, data.period, data.cluster, data.treated, "y"} == set(COLUMNS)


def test_a_panel_has_at_least_two_units_a_cluster(tmp_path: Path) -> None:
    write_panel(tmp_path / "few.parquet", 10)
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT count(*) FROM '{tmp_path / 'few.parquet'}'").fetchall()
    assert rows == [(2 * CLUSTERS * PERIODS,)]
