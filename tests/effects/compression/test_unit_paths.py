from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.relation import open_relation
from effects.compression.sampling import sample_of
from effects.compression.unit_paths import UnitPaths, balanced_paths, grams_of_paths, masked_paths
from tests.effects.compression.panels import Shape, panel, parquet, plan

STATED = plan("stepped_wedge", "cr1")
WHOLE = panel(Shape(seed=6, clusters=6, units=3, periods=4, lost=0.0, level=20.0, parts=1))
RAGGED = panel(Shape(seed=6, clusters=6, units=3, periods=4, lost=0.3, level=20.0, parts=1))


def demeaned(frame: pd.DataFrame, cluster: str) -> np.ndarray:
    """Treatment, period dummies and outcome of a cluster's rows, less their unit's means."""
    columns = pd.concat([frame[["treated"]], pd.get_dummies(frame["period"]).astype(float), frame[["y"]]], axis=1)
    columns = columns - columns.groupby(frame["unit"]).transform("mean")
    own = columns[frame["cluster"] == cluster].to_numpy(float)
    return own.T @ own


@pytest.mark.parametrize("frame", [WHOLE, RAGGED], ids=["balanced", "unbalanced"])
def test_masked_paths_give_the_products_of_demeaned_columns(tmp_path: Path, frame: pd.DataFrame) -> None:
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        paths = masked_paths(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True))
    assert paths is not None
    grams = grams_of_paths(paths)
    for place, cluster in enumerate(grams.clusters):
        assert grams.products[place] == pytest.approx(demeaned(frame, cluster), abs=1e-10)
    assert grams.rows.sum() == paths.cells == len(frame)
    assert grams.units.tolist() == frame.groupby("cluster")["unit"].nunique().tolist()
    assert grams.treated.tolist() == frame.groupby("cluster")["treated"].sum().tolist()


def test_balanced_paths_give_the_same_but_for_the_square_of_the_outcome(tmp_path: Path) -> None:
    with open_relation([parquet(WHOLE, tmp_path / "rows.parquet")]) as relation:
        paths = balanced_paths(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True))
    assert paths is not None
    grams = grams_of_paths(paths)
    assert not grams.squared
    for place, cluster in enumerate(grams.clusters):
        expected = demeaned(WHOLE, cluster)
        expected[-1, -1] = 0.0
        assert grams.products[place] == pytest.approx(expected, abs=1e-10)


def test_clusters_that_started_later_are_still_balanced(tmp_path: Path) -> None:
    frame = WHOLE[(WHOLE["cluster"] != "c2") | (WHOLE["period"] > 1)]
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        paths = balanced_paths(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True))
    assert paths is not None
    assert paths.observed.sum(axis=1).tolist() == [4, 4, 2, 4, 4, 4]
    assert grams_of_paths(paths).products[2] == pytest.approx(
        np.where(np.arange(6)[:, None] * np.arange(6) == 25, 0.0, demeaned(frame, "c2")), abs=1e-10
    )


@pytest.mark.parametrize("spoilt", ["lost", "swapped", "doubled", "mixed"])
def test_other_panels_are_not_taken_for_balanced(tmp_path: Path, spoilt: str) -> None:
    frame = WHOLE.copy()
    if spoilt == "lost":
        frame = frame.iloc[1:]
    elif spoilt == "swapped":
        first = frame.index[(frame["unit"] == "c0u0") & (frame["period"] == 0)]
        frame.loc[first, "unit"] = "c0u9"
    elif spoilt == "doubled":
        frame = pd.concat([frame, frame[frame["cluster"] == "c0"]])
    else:
        frame.loc[frame["unit"] == "c0u0", "treated"] = 1 - frame["treated"]
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        assert balanced_paths(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True)) is None


def test_steps_back_are_counted_for_every_unit_of_a_path(tmp_path: Path) -> None:
    frame = WHOLE.copy()
    frame.loc[(frame["cluster"] == "c0") & (frame["period"] == 3), "treated"] = 0
    frame.loc[(frame["cluster"] == "c0") & (frame["period"] == 2), "treated"] = 1
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        paths = balanced_paths(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True))
    assert paths is not None
    assert paths.reversals == 3


def drawn_paths(seed: int) -> UnitPaths:
    """Groups of units that were observed and treated at random, without rows behind them."""
    random = np.random.Generator(np.random.PCG64(seed))
    groups, periods = int(random.integers(1, 7)), int(random.integers(1, 9))
    observed = random.uniform(size=(groups, periods)) < 0.7
    observed[:, 0] = True
    return UnitPaths(
        clusters=tuple(f"c{place}" for place in range(groups)),
        periods=tuple(map(str, range(periods))),
        cluster=np.arange(groups, dtype=np.int64),
        observed=observed,
        treated=observed & (random.uniform(size=(groups, periods)) < 0.5),
        units=random.integers(1, 6, groups),
        sums=np.zeros((groups, periods)),
        squares=None,
    )


def steps_back(paths: UnitPaths) -> int:
    """Unit by unit, along the periods in which it was seen."""
    steps = 0
    for group, units in enumerate(paths.units):
        seen = [bool(paths.treated[group, t]) for t in range(len(paths.periods)) if paths.observed[group, t]]
        steps += int(units) * sum(one and not other for one, other in pairwise(seen))
    return steps


@pytest.mark.parametrize("seed", range(30))
def test_steps_back_and_cells_are_those_of_going_unit_by_unit(seed: int) -> None:
    paths = drawn_paths(seed)
    assert paths.reversals == steps_back(paths)
    assert paths.cells == sum(
        int(units) for group, units in enumerate(paths.units) for seen in paths.observed[group] if seen
    )


@pytest.mark.parametrize("seed", range(5))
def test_products_of_groups_are_those_of_their_units_written_out(seed: int) -> None:
    """Each unit of a group demeaned on its own; the outcome of every unit is its share of the group's sums."""
    paths = drawn_paths(seed)
    random = np.random.Generator(np.random.PCG64(seed + 100))
    sums = np.where(paths.observed, random.normal(size=paths.observed.shape), 0.0)
    grams = grams_of_paths(UnitPaths(**{**fields_of(paths), "sums": sums}))
    for group, units in enumerate(paths.units):
        seen = paths.observed[group]
        columns = np.column_stack([paths.treated[group], np.eye(len(paths.periods))])[seen].astype(float)
        centred = columns - columns.mean(axis=0)
        assert grams.products[group][:-1, :-1] == pytest.approx(int(units) * centred.T @ centred, abs=1e-10)
        assert grams.products[group][:-1, -1] == pytest.approx(centred.T @ sums[group][seen], abs=1e-10)
        assert grams.rows[group] == int(units) * int(seen.sum())


def fields_of(paths: UnitPaths) -> dict[str, object]:
    return {name: getattr(paths, name) for name in UnitPaths.__slots__}


def test_both_ways_to_the_groups_agree_on_a_balanced_panel(tmp_path: Path) -> None:
    with open_relation([parquet(WHOLE, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, STATED, STATED.outcomes[0], whole=True)
        quick, careful = balanced_paths(relation, sample), masked_paths(relation, sample)
    assert quick is not None and careful is not None
    assert (quick.clusters, quick.periods, quick.cells) == (careful.clusters, careful.periods, careful.cells)
    assert quick.reversals == careful.reversals == 0
    for name in ("observed", "treated", "units"):
        assert getattr(quick, name).tolist() == getattr(careful, name).tolist()
