from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.relation import open_relation
from effects.compression.sampling import sample_of
from effects.compression.unit_paths import balanced_paths, grams_of_paths, masked_paths
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
