from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.answers import entry_from, outcome_checks, run_checks
from effects.plan import AnalysisPlan
from effects.results import Diagnostic, EffectEstimate, NotEstimable
from tests.effects.compression.panels import Shape, by_cluster, moments, panel, plan, settings_of
from tests.effects.designs import plan_for

FRAME = panel(Shape(seed=3, clusters=8, units=4, periods=5, lost=0.1, level=0.0, parts=1))
RANDOM = np.random.Generator(np.random.PCG64(3))
PEOPLE = FRAME.assign(treated=RANDOM.permutation(len(FRAME)) % 2, y=FRAME["y"].where(FRAME.index > 4))
CASES = [
    (FRAME, plan("stepped_wedge", "cr2")),
    (FRAME, plan("stepped_wedge", "cr3", ["x"])),
    (FRAME, plan("stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": ["period"]})),
    (by_cluster(FRAME), plan("cluster_randomised", "cr2", ["x", "z"])),
    (PEOPLE, plan("individual_randomised", "cr1s", ["x"])),
    (PEOPLE, plan_for("individual_randomised")),
    (PEOPLE, plan_for("individual_randomised", inference={"standard_error": "hc3"})),
]
NEED_ROWS = {
    "lee_bounds",
    "one_cluster_left_out",
    "correlation_decay",
    "effect_by_exposure",
    "intracluster_correlation",
    "design_effect",
    "cluster_size",
    "informative_size",
    "recruitment",
}
"""Checks that stand beside an effect read from rows; moments have none of them."""


@pytest.mark.parametrize(("frame", "stated"), CASES)
def test_the_entry_is_that_of_the_rows(tmp_path: Path, frame: pd.DataFrame, stated: AnalysisPlan) -> None:
    expected = analyse(frame, stated).estimates[0]
    found = entry_from(moments(frame, tmp_path, stated).outcomes[0], stated, settings_of(stated))
    assert isinstance(expected, EffectEstimate)
    assert isinstance(found, EffectEstimate)
    for name, value in asdict(expected).items():
        if isinstance(value, float) and name != "p_adjusted":
            assert getattr(found, name) == pytest.approx(value, rel=1e-9, abs=1e-11), name
        elif name not in ("interval", "p_adjusted"):
            assert asdict(found)[name] == value, name
    assert found.interval.low == pytest.approx(expected.interval.low, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize(("frame", "stated"), CASES)
def test_the_checks_are_those_of_the_rows(tmp_path: Path, frame: pd.DataFrame, stated: AnalysisPlan) -> None:
    settings = settings_of(stated)
    kept = moments(frame, tmp_path, stated)
    entry = entry_from(kept.outcomes[0], stated, settings)
    found = (*run_checks(kept, stated), *outcome_checks(kept.outcomes[0], kept.rows, stated, settings, entry))
    *same, compression = found
    expected = [check for check in analyse(frame, stated).diagnostics if check.name not in NEED_ROWS]
    assert [check.name for check in same] == [check.name for check in expected]
    for one, other in zip(same, expected, strict=True):
        assert _comparable(one) == _comparable(other)
        assert (one.statistic is None, one.p_value is None) == (other.statistic is None, other.p_value is None)
        assert (one.statistic or 0.0) == pytest.approx(other.statistic or 0.0, rel=1e-9)
        assert (one.p_value or 0.0) == pytest.approx(other.p_value or 0.0, rel=1e-9)
    assert compression.name == "compression"


def test_moments_that_carry_no_model_say_why(tmp_path: Path) -> None:
    frame = by_cluster(FRAME)
    stated = plan("cluster_randomised", "cr1")
    kept = moments(frame[frame["cluster"].isin(["c0", "c1", "c2"])], tmp_path, stated)
    entry = entry_from(kept.outcomes[0], stated, settings_of(stated))
    assert isinstance(entry, NotEstimable)
    assert (entry.reason.value, entry.outcome) == ("too_few_clusters", "y")


def test_an_error_that_cells_do_not_give_is_not_made_up(tmp_path: Path) -> None:
    frame = panel(Shape(seed=3, clusters=8, units=4, periods=5, lost=0.0, level=0.0, parts=1))
    kept = moments(frame, tmp_path, plan("stepped_wedge", "cr1"))
    independent = plan("stepped_wedge", "iid")
    entry = entry_from(kept.outcomes[0], independent, settings_of(independent))
    assert isinstance(entry, NotEstimable)
    assert entry.reason.value == "needs_rows"


def _comparable(check: Diagnostic) -> tuple[object, ...]:
    return check.name, check.verdict, str(check.question), str(check.null), str(check.detail), check.outcome
