import numpy as np
import pandas as pd
import pytest
from diff_diff import BaconDecomposition
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason
from effects.estimators.staggered.bacon import Comparison, TwoByTwo, decomposition
from effects.estimators.staggered.two_way_effect import linear_model
from effects.inference.least_squares import fit
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import adoption, castle, panel_from, quietly

COHORTS = st.lists(st.integers(0, 6), min_size=3, max_size=6).filter(lambda own: len(set(own)) > 1 and any(own))


def pairs_of(frame: pd.DataFrame) -> tuple[TwoByTwo, ...]:
    found = decomposition(panel_from(frame))
    assert not isinstance(found, Obstacle), found
    return found


def coefficient(frame: pd.DataFrame) -> float:
    model = linear_model(panel_from(frame))
    assert not isinstance(model, Obstacle)
    fitted = fit(model)
    assert not isinstance(fitted, Obstacle)
    return fitted.estimate


def share(pairs: tuple[TwoByTwo, ...], kind: Comparison) -> float:
    return sum(pair.weight for pair in pairs if pair.comparison is kind)


@given(cohorts=COHORTS, seed=st.integers(0, 100))
@settings(max_examples=15)
def test_the_weighted_comparisons_are_the_coefficient_exactly(cohorts: list[int], seed: int) -> None:
    frame = adoption(units=30, periods=6, cohorts=cohorts, seed=seed)
    if len(set(frame["start"].replace(1, 0))) > 1 and len(set(frame["start"])) > 1:
        pairs = pairs_of(frame)
        assert sum(pair.weight for pair in pairs) == pytest.approx(1.0)
        assert all(pair.weight >= 0.0 for pair in pairs)
        assert sum(pair.weight * pair.estimate for pair in pairs) == pytest.approx(coefficient(frame), abs=1e-10)


def test_castle_laws_meet_other_software() -> None:
    frame = castle()
    with quietly():
        judge = BaconDecomposition(weights="exact").fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start"
        )
    pairs = pairs_of(frame)
    assert share(pairs, Comparison.NEVER_TREATED) == pytest.approx(judge.total_weight_treated_vs_never)
    assert share(pairs, Comparison.LATER_TREATED) == pytest.approx(judge.total_weight_earlier_vs_later)
    assert share(pairs, Comparison.ALREADY_TREATED) == pytest.approx(judge.total_weight_later_vs_earlier)
    assert sum(pair.weight * pair.estimate for pair in pairs) == pytest.approx(judge.twfe_estimate)


def test_each_pair_of_castle_laws_meets_other_software() -> None:
    frame = castle(2006, 2010)
    with quietly():
        judge = BaconDecomposition(weights="exact").fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start"
        )
    theirs = sorted((round(float(pair.weight), 9), float(pair.estimate)) for pair in judge.comparisons)
    ours = sorted((round(pair.weight, 9), pair.estimate) for pair in pairs_of(frame))
    assert ours == [pytest.approx(pair) for pair in theirs]


def test_two_cohorts_give_each_kind_of_comparison() -> None:
    pairs = pairs_of(adoption())
    assert [(pair.comparison, pair.treated, pair.compared) for pair in pairs] == [
        (Comparison.LATER_TREATED, 3.0, 5.0),
        (Comparison.NEVER_TREATED, 3.0, np.inf),
        (Comparison.ALREADY_TREATED, 5.0, 3.0),
        (Comparison.NEVER_TREATED, 5.0, np.inf),
    ]


def test_one_cohort_against_the_never_treated_is_the_coefficient_alone() -> None:
    (pair,) = pairs_of(adoption(cohorts=(3, 0)))
    assert (pair.weight, pair.estimate) == (1.0, pytest.approx(coefficient(adoption(cohorts=(3, 0)))))


def test_units_treated_throughout_only_serve_as_already_treated() -> None:
    pairs = pairs_of(adoption(cohorts=(1, 4)))
    assert [(pair.comparison, pair.treated, pair.compared) for pair in pairs] == [
        (Comparison.ALREADY_TREATED, 4.0, 1.0)
    ]
    assert pairs[0].estimate == pytest.approx(coefficient(adoption(cohorts=(1, 4))))


def test_effects_that_grow_are_subtracted_where_the_already_treated_are_compared_with() -> None:
    frame = adoption(cohorts=(2, 6), effect=0.0)
    growing = frame["y"] * 0.0 + frame["unit"] + np.maximum(frame["period"] - frame["start"] + 1, 0)
    already = [pair for pair in pairs_of(frame.assign(y=growing)) if pair.comparison is Comparison.ALREADY_TREATED]
    assert already[0].estimate < 0.0


@pytest.mark.parametrize("change", ["hole", "weights", "covariate"])
def test_what_is_not_exact_is_not_given(change: str) -> None:
    frame = adoption()
    panel = {
        "hole": panel_from(frame.drop(index=frame.index[5])),
        "weights": panel_from(frame, weight="w"),
        "covariate": panel_from(frame, "x"),
    }[change]
    found = decomposition(panel)
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NOT_IMPLEMENTED


def test_a_period_nobody_is_observed_in_does_not_unbalance_the_panel() -> None:
    frame = adoption()
    hole = panel_from(frame.assign(y=frame["y"].where(frame["period"] != 4)))
    without = panel_from(frame[frame["period"] != 4])
    assert decomposition(hole) == decomposition(without)


def test_everybody_at_once_leaves_nothing_to_compare() -> None:
    found = decomposition(panel_from(adoption(cohorts=(4,))))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NO_COMPARISON
