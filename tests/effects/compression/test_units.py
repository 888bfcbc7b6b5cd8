from pathlib import Path

import pandas as pd
import pytest

from effects.compression.parts import Question
from effects.compression.relation import open_relation
from effects.compression.sampling import columns_of, sample_of
from effects.compression.units import STEPS, cells_and_reversals, counted_cells, look_at_units, with_units
from tests.effects.compression.panels import Shape, panel, parquet, plan

FRAME = panel(Shape(seed=5, clusters=5, units=3, periods=4, lost=0.2, level=0.0, parts=1))
STATED = plan("stepped_wedge", "cr1")


def test_each_unit_has_a_path_and_its_sums(tmp_path: Path) -> None:
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, STATED, STATED.outcomes[0], whole=True)
        columns = columns_of(sample, interacted=False)
        units = look_at_units(relation, sample, columns)
        assert units is not None
        assert units.periods == ("0", "1", "2", "3")
        answers = units.ask(
            Question("SELECT u, g, n, observed, treated, s1 FROM unit_paths", 6),
            Question(f"SELECT DISTINCT g, m1 FROM {with_units(sample, columns)} WHERE g = 'c0'", 2),
        )
    assert answers is not None
    found, means = answers[0], dict(answers[1])
    for unit, cluster, rows, observed, treated, total in found:
        own = FRAME[FRAME["unit"] == unit]
        assert (cluster, rows) == (own["cluster"].iloc[0], len(own))
        assert observed == sum(1 << period for period in own["period"])
        assert treated == sum(1 << period for period in own["period"][own["treated"] == 1])
        assert total == pytest.approx((own["y"] - sample.grids[-1].origin).sum())
    assert list(means) == ["c0"]


@pytest.mark.parametrize("twice", [True, False])
def test_a_unit_twice_in_a_period_or_in_two_clusters_has_no_path(tmp_path: Path, twice: bool) -> None:
    moved = FRAME.assign(cluster=FRAME["cluster"].where(FRAME.index != FRAME.index[0], "c4"))
    frame = pd.concat([FRAME, FRAME.head(1)]) if twice else moved
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, STATED, STATED.outcomes[0], whole=True)
        units = look_at_units(relation, sample, columns_of(sample, interacted=False))
        assert units is not None
        assert units.ask(STEPS) is None


def test_more_periods_than_bits_have_no_path(tmp_path: Path) -> None:
    frame = panel(Shape(seed=5, clusters=5, units=2, periods=63, lost=0.0, level=0.0, parts=1))
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, STATED, STATED.outcomes[0], whole=True)
        assert look_at_units(relation, sample, columns_of(sample, interacted=False)) is None


def test_cells_and_steps_back_are_counted_alike_by_paths_and_by_rows(tmp_path: Path) -> None:
    frame = FRAME.copy()
    frame.loc[frame["unit"].isin(["c0u0", "c1u1"]) & (frame["period"] == 3), "treated"] = 0
    ordered = frame.sort_values(["unit", "period"])
    back = ordered["treated"].diff().eq(-1) & ordered["unit"].eq(ordered["unit"].shift())
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, STATED, STATED.outcomes[0], whole=True)
        units = look_at_units(relation, sample, columns_of(sample, interacted=False))
        steps = None if units is None else units.ask(STEPS)
        assert steps is not None
        assert cells_and_reversals(steps[0]) == (len(frame), back.sum()) == counted_cells(relation, sample)
