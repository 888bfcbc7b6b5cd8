import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from diff_diff import ImputationDiD
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason
from effects.estimators.staggered.imputation import Imputed, imputed, mean_effect
from effects.estimators.staggered.panel import Panel
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import adoption, castle, panel_from, quietly


def ready(panel: Panel, anticipation: float = 0.0) -> Imputed:
    found = imputed(panel, anticipation)
    assert isinstance(found, Imputed), found
    return found


def refusal(panel: Panel) -> Obstacle:
    found = imputed(panel, 0.0)
    assert isinstance(found, Obstacle)
    return found


def even(found: Imputed) -> np.ndarray:
    weights: np.ndarray = np.where(found.known, found.panel.weights[:, None], 0.0)
    return weights / weights.sum()


def by_dummies(frame: pd.DataFrame, formula: str = "y ~ C(unit) + C(period)", weight: str | None = None) -> float:
    """Untreated rows fitted with explicit dummies, the mean of what treated rows exceed the prediction by."""
    under = (frame["start"] > 0) & (frame["period"] >= frame["start"])
    rows, treated = frame[~under], frame[under]
    weights = np.ones(len(rows)) if weight is None else rows[weight]
    fitted = smf.wls(formula, rows, weights=weights).fit()
    gap = treated["y"] - fitted.predict(treated)
    return float(np.average(gap, weights=None if weight is None else treated[weight]))


@given(seed=st.integers(0, 200), lost=st.integers(0, 20))
@settings(max_examples=6)
def test_it_is_what_explicit_dummies_leave(seed: int, lost: int) -> None:
    frame = adoption(units=20, periods=6, seed=seed).sample(frac=1.0, random_state=seed).iloc[lost:].sort_index()
    found = ready(panel_from(frame))
    if found.lost == 0:
        assert mean_effect(found, even(found)).estimate == pytest.approx(by_dummies(frame))


def test_covariates_that_change_within_units_enter_and_others_are_absorbed() -> None:
    frame = adoption(units=20, periods=6)
    formula = "y ~ C(unit) + C(period) + x"
    found = ready(panel_from(frame, "x", "z"))
    assert found.columns == (0,)
    assert mean_effect(found, even(found)).estimate == pytest.approx(by_dummies(frame, formula))


def test_weights_enter_the_fit_and_the_mean() -> None:
    frame = adoption(units=20, periods=6)
    found = ready(panel_from(frame, weight="w"))
    assert mean_effect(found, even(found)).estimate == pytest.approx(by_dummies(frame, weight="w"))


@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_the_estimate_is_a_weighted_sum_of_all_outcomes(covariates: tuple[str, ...]) -> None:
    frame = adoption(units=20, periods=6)
    before = ready(panel_from(frame, *covariates))
    shaken = frame["y"] + np.random.Generator(np.random.PCG64(1)).normal(size=len(frame))
    after = ready(panel_from(frame.assign(y=shaken), *covariates))
    both = ready(panel_from(frame.assign(y=frame["y"] + shaken), *covariates))
    values = [mean_effect(found, even(found)).estimate for found in (before, after, both)]
    assert values[0] + values[1] == pytest.approx(values[2])


@pytest.mark.parametrize("shock", ["unit", "period"])
def test_what_a_unit_or_period_has_in_common_does_not_matter(shock: str) -> None:
    frame = adoption()
    before, after = (
        ready(panel_from(rows)) for rows in (frame, frame.assign(y=frame["y"] + 3.0 * np.sin(frame[shock] ** 2)))
    )
    one, other = (mean_effect(found, even(found)) for found in (before, after))
    assert other.estimate == pytest.approx(one.estimate)
    assert other.influence == pytest.approx(one.influence, abs=1e-10)


def test_castle_laws_meet_other_software_in_estimate_and_error() -> None:
    frame = castle(2006, 2010)
    with quietly():
        judge = ImputationDiD().fit(frame, outcome="y", unit="unit", time="period", first_treat="start")
    contrast = mean_effect(found := ready(panel_from(frame)), even(found))
    assert contrast.estimate == pytest.approx(judge.overall_att, abs=1e-7)  # it demeans in turn until 1e-8
    assert np.sqrt(np.sum(contrast.influence**2)) == pytest.approx(judge.overall_se, rel=1e-6)


def test_a_cohort_of_one_unit_makes_the_error_larger_not_smaller() -> None:
    frame = adoption(units=40, cohorts=(3, 5, 0, 0)).query("start != 3 or unit == 0")
    found = ready(panel_from(frame))
    contrast = mean_effect(found, even(found))
    assert abs(contrast.influence[found.panel.first == 3.0]) > 0.0


def test_an_effect_that_is_the_same_for_all_leaves_the_treated_without_error_of_their_own() -> None:
    frame = adoption(effect=0.0)
    exact = frame.assign(
        y=frame["unit"] * 0.1 + frame["period"] + 2.0 * ((frame["start"] == 3) & (frame["period"] > 2))
    )
    found = ready(panel_from(exact.query("start != 5")))
    contrast = mean_effect(found, even(found))
    assert contrast.estimate == pytest.approx(2.0)
    assert contrast.influence == pytest.approx(0.0, abs=1e-12)


def test_anticipated_periods_are_neither_untreated_nor_effects() -> None:
    found = ready(panel_from(adoption()), 1.0)
    cohort = found.panel.first == 5.0
    assert not found.untreated.mask[cohort, 3].any()
    assert not found.known[cohort, 3].any()
    assert found.known[cohort, 4].all()


def test_periods_in_which_all_are_treated_have_no_effects_and_are_counted() -> None:
    found = ready(panel_from(adoption(cohorts=(3, 5))))
    assert found.lost == 4 * 40
    assert found.known.any(axis=0).tolist() == [False, False, True, True, False, False, False, False]


def test_a_period_with_one_untreated_cluster_has_no_effects() -> None:
    found = ready(panel_from(adoption(cohorts=(3, 5, 7, 7)).query("start != 7 or unit == 2")))
    assert not found.known[:, 4:].any()


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        (panel_from(adoption(cohorts=(4,))), Reason.NO_COMPARISON),
        (panel_from(adoption().assign(twice=lambda own: 2 * own["x"]), "x", "twice"), Reason.COLLINEAR),
        (
            panel_from(adoption().query("(start == 0) == (period > 4)")),
            Reason.COLLINEAR,
        ),
    ],
    ids=["all at once", "collinear", "apart"],
)
def test_what_cannot_be_imputed_is_refused_by_name(panel: Panel, reason: Reason) -> None:
    assert refusal(panel).reason is reason
