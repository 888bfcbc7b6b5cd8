"""The seeded panel."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from effects import AnalysisPlan
from registry.benchmarks.panels import CLUSTERS, COLUMNS, EFFECT, LARGE, PERIODS, PLAN, generate, pieces, write_panel
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


@pytest.mark.parametrize("units", [196, 981, 1_000])
def test_any_number_of_units_is_spread_over_all_clusters(units: int) -> None:
    frame = pd.concat(pd.DataFrame(piece) for piece in pieces(units))
    sizes = frame.groupby("cluster")["unit"].nunique()
    assert (len(sizes), sizes.sum()) == (CLUSTERS, units)
    assert sizes.max() - sizes.min() <= 1


def test_who_starts_when_does_not_depend_on_how_many_units_there_are(panel: pd.DataFrame) -> None:
    larger = pd.concat(pd.DataFrame(piece) for piece in pieces(3 * UNITS))
    one, other = (frame.groupby("cluster")["treated"].mean() for frame in (panel, larger))
    assert one.tolist() == other.tolist()


def test_starts_are_spread_evenly_over_the_periods(panel: pd.DataFrame) -> None:
    starts = PERIODS - panel.drop_duplicates(["cluster", "period"]).groupby("cluster")["treated"].sum()
    counts = starts.value_counts()
    assert sorted(counts.index) == list(range(1, PERIODS))
    assert counts.max() - counts.min() <= 1


def test_more_units_than_are_made_at_once_come_in_pieces_that_continue() -> None:
    first, second = pieces(100_002)
    assert first["unit"][-1] + 1 == second["unit"][0]
    assert (len(first["unit"]), len(second["unit"])) == (100_000 * PERIODS, 2 * PERIODS)
    assert second["cluster"][0] >= first["cluster"][-1]


def test_the_columns_are_as_narrow_as_a_register_would_have_them(panel: pd.DataFrame) -> None:
    kinds = {name: str(kind) for name, kind in panel.dtypes.items()}
    assert kinds == {"cluster": "int32", "unit": "int32", "period": "int32", "treated": "int8", "y": "float64"}
    assert np.isfinite(panel["y"]).all()


def test_the_effect_is_found_within_its_noise(panel: pd.DataFrame) -> None:
    """Two-way demeaned by hand: a balanced panel needs no more."""
    treated, outcome = (panel[name].to_numpy(float).reshape(-1, PERIODS) for name in ("treated", "y"))
    treated, outcome = (
        each - each.mean(axis=1, keepdims=True) - each.mean(axis=0) + each.mean() for each in (treated, outcome)
    )
    estimate = (treated * outcome).sum() / (treated * treated).sum()
    assert abs(estimate - EFFECT) < 4.0 / np.sqrt((treated * treated).sum())


def test_the_same_rows_are_written_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.parquet", "two.parquet"):
        write_panel(tmp_path / name, 3_000)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
