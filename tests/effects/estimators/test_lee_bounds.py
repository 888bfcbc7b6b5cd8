import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.estimators.lee_bounds import bounds
from effects.results import Diagnostic
from tests.effects.designs import PlanFor

NAN = float("nan")


def check(frame: pd.DataFrame, plan_for: PlanFor, **data: str) -> Diagnostic:
    result = analyse(frame, plan_for(data={"treated": "treated", **data}))
    (found,) = (one for one in result.diagnostics if one.name == "lee_bounds")
    return found


def test_the_fuller_arm_loses_its_lowest_or_its_highest_outcomes() -> None:
    """Four of four treated and two of four untreated are seen: half of the treated are trimmed."""
    low, high = bounds(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, NAN, 2.0, NAN]))
    assert (low, high) == (1.5 - 2.0, 3.5 - 2.0)


def test_a_fuller_untreated_arm_turns_the_bounds_round() -> None:
    low, high = bounds(np.array([2.0, NAN, 2.0, NAN]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert (low, high) == (2.0 - 3.5, 2.0 - 1.5)


def test_an_outcome_at_the_edge_counts_in_part() -> None:
    """Two of three untreated: a third of the three treated is one outcome; of four it is one and a third."""
    low, _ = bounds(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, NAN]))
    assert low == pytest.approx((1.0 + 2.0 + 2.0 / 3.0 * 3.0) / (2.0 + 2.0 / 3.0))


def test_equal_shares_leave_the_difference_in_means() -> None:
    low, high = bounds(np.array([1.0, 3.0, NAN]), np.array([0.0, 1.0, NAN]))
    assert low == high == pytest.approx(1.5)


VALUES = st.lists(st.floats(-100, 100) | st.just(NAN), min_size=2, max_size=30).map(np.array)


@settings(max_examples=50)
@given(VALUES, VALUES)
def test_the_bounds_hold_the_difference_among_those_seen(treated: np.ndarray, untreated: np.ndarray) -> None:
    low, high = bounds(treated, untreated)
    if np.isnan(treated).all() or np.isnan(untreated).all():
        assert np.isnan([low, high]).all()
    else:
        observed = np.nanmean(treated) - np.nanmean(untreated)
        assert low - 1e-9 <= observed <= high + 1e-9


def test_an_effect_that_survives_the_worst_case_passes(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    large = trial.assign(y=trial["y"] + 5.0 * trial["treated"])
    lost = large.assign(y=large["y"].where(large.index % 16 != 0))
    found = check(lost, plan_for)
    assert found.verdict == "pass"
    assert found.statistic is not None
    assert found.statistic > 0


def test_heavy_loss_from_one_arm_includes_zero(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    gone = (trial["treated"] == 1) & (trial.index % 2 == 0)
    found = check(trial.assign(y=(trial["y"] - trial["treated"]).where(~gone)), plan_for)
    assert (found.statistic, found.verdict) == (0.0, "warn")
    assert "between" in str(found.detail)


def test_without_loss_or_with_weights_there_are_no_bounds(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    assert check(trial, plan_for).verdict == "inapplicable"
    lost = trial.assign(y=trial["y"].where(trial.index > 4), w=1.0 + trial.index % 3)
    assert check(lost, plan_for, weight="w").verdict == "inapplicable"
