from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.relation import open_relation
from effects.compression.sampling import sample_of
from effects.compression.within_units import grams_within_units
from tests.effects.compression.panels import Shape, panel, parquet, plan

FRAME = panel(Shape(seed=7, clusters=5, units=4, periods=5, lost=0.3, level=200.0, parts=1))
STATED = plan("stepped_wedge", "cr1", ["x", "z^2"])


def test_products_are_those_of_demeaned_columns(tmp_path: Path) -> None:
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        found = grams_within_units(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True))
    assert found is not None
    grams, steps = found
    assert steps == (len(FRAME), 0)
    columns = pd.concat(
        [
            FRAME[["treated", "x"]],
            FRAME["z"] ** 2,
            pd.get_dummies(FRAME["period"]).astype(float),
            FRAME[["y"]],
        ],
        axis=1,
    )
    columns = columns - columns.groupby(FRAME["unit"]).transform("mean")
    assert grams.names[:3] == ("treated", "term:x", "term:z^2")
    for place, cluster in enumerate(grams.clusters):
        own = columns[FRAME["cluster"] == cluster].to_numpy(float)
        assert grams.products[place] == pytest.approx(own.T @ own, abs=1e-9)
    assert np.array_equal(grams.units, FRAME.groupby("cluster")["unit"].nunique())
    assert np.array_equal(grams.rows, FRAME.groupby("cluster").size())
    assert np.array_equal(grams.treated, FRAME.groupby("cluster")["treated"].sum())


def test_a_unit_without_one_path_gives_nothing(tmp_path: Path) -> None:
    frame = pd.concat([FRAME, FRAME.tail(1)])
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        assert grams_within_units(relation, sample_of(relation, STATED, STATED.outcomes[0], whole=True)) is None
