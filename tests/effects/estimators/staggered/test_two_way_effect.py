import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import AnalysisRole, Reason, StandardError, WorkingVariance
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.two_way_effect import linear_model, treated_weights, two_way_effect
from effects.linear_model import LinearModel, Obstacle
from tests.effects.estimators.staggered.adoptions import adoption, castle, panel_from


def effect(panel: Panel, kind: str = "cr1s", place: Place | None = None) -> Effect:
    found = two_way_effect(panel, StandardError(kind), WorkingVariance.IDENTITY, place or Place())
    assert isinstance(found, Effect), found
    return found


def refusal(panel: Panel) -> Obstacle:
    found = two_way_effect(panel, StandardError.CR2, WorkingVariance.IDENTITY, Place())
    assert isinstance(found, NoEffect)
    return found.obstacle


def judged(frame: pd.DataFrame, extra: str = "", weight: str | None = None) -> tuple[float, float]:
    """Coefficient and cluster-robust error with explicit dummies; statsmodels counts every column."""
    rows = frame.assign(under=((frame["start"] > 0) & (frame["period"] >= frame["start"])).astype(float))
    weights = np.ones(len(rows)) if weight is None else rows[weight]
    fitted = smf.wls(f"y ~ under + C(unit) + C(period){extra}", rows, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": rows["unit"], "use_correction": False}
    )
    return float(fitted.params["under"]), float(fitted.bse["under"])


@given(seed=st.integers(0, 100), lost=st.integers(0, 40))
@settings(max_examples=5)
def test_swept_units_give_the_coefficient_and_error_of_explicit_dummies(seed: int, lost: int) -> None:
    frame = adoption(units=20, periods=6, seed=seed).sample(frac=1.0, random_state=seed).iloc[lost:].sort_index()
    estimate, error = judged(frame)
    found = effect(panel_from(frame), "cr0")
    assert found.estimate == pytest.approx(estimate)
    assert found.standard_error == pytest.approx(error)


def test_covariates_that_change_within_units_enter() -> None:
    frame = adoption()
    found = effect(panel_from(frame, "x", "z"), "cr0")
    assert (found.estimate, found.standard_error) == pytest.approx(judged(frame, " + x"))


def test_weights_enter() -> None:
    frame = adoption()
    found = effect(panel_from(frame, weight="w"), "cr0")
    assert (found.estimate, found.standard_error) == pytest.approx(judged(frame, weight="w"))


def test_cr1s_counts_treatment_periods_and_one_intercept() -> None:
    panel = panel_from(adoption(units=40, periods=8))
    ratio = effect(panel, "cr1s").standard_error / effect(panel, "cr0").standard_error
    assert ratio == pytest.approx(np.sqrt(40 / 39 * 319 / (320 - 9)))


def test_castle_laws_by_least_squares_with_dummies() -> None:
    frame = castle()
    found = effect(panel_from(frame), "cr0")
    assert (found.estimate, found.standard_error) == pytest.approx(judged(frame))
    assert (found.estimate, found.units, found.clusters, found.rows) == (pytest.approx(0.0693984284), 50, 50, 550)


@pytest.mark.parametrize("cluster", ["unit", "region"])
def test_errors_are_those_of_the_clusters(cluster: str) -> None:
    found = effect(panel_from(adoption(), cluster=cluster), "cr2")
    assert found.clusters == {"unit": 40, "region": 20}[cluster]
    assert found.df is not None
    assert found.df < found.clusters


def test_the_place_and_kind_are_those_asked_for() -> None:
    place = Place(analysis=AnalysisRole.SENSITIVITY)
    found = effect(panel_from(adoption()), "cr3", place)
    assert (found.place, found.kind, found.estimator) == (place, StandardError.CR3, "twfe")
    assert found.people == (20.0, 20.0)


def test_columns_are_named_after_periods_and_covariates() -> None:
    model = linear_model(panel_from(adoption(periods=4, cohorts=(3, 0)), "x", "z"))
    assert isinstance(model, LinearModel)
    assert model.names == ("treated", "x", "period[2.0]", "period[3.0]", "period[4.0]")
    assert model.clusters is not None
    assert np.all(np.diff(model.clusters) >= 0)


@pytest.mark.parametrize("lost", [0, 12])
def test_the_coefficient_is_the_weighted_mean_of_treated_rows_effects(lost: int) -> None:
    frame = adoption().iloc[lost:]
    under = (frame["start"] > 0) & (frame["period"] >= frame["start"])
    effects = np.random.Generator(np.random.PCG64(3)).normal(size=len(frame))
    exact = frame.assign(y=frame["unit"] + 2.0 * frame["period"] + np.where(under, effects, 0.0))
    weights = treated_weights(panel_from(exact))
    assert not isinstance(weights, Obstacle)
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ effects[under.to_numpy()] == pytest.approx(effect(panel_from(exact), "cr0").estimate)


def test_late_periods_of_early_cohorts_get_negative_weights() -> None:
    frame = adoption(cohorts=(2, 7), periods=8)
    weights = treated_weights(panel_from(frame))
    assert not isinstance(weights, Obstacle)
    rows = frame[(frame["period"] >= frame["start"])].reset_index(drop=True)
    negative = rows[weights < 0.0]
    assert set(negative["start"]) == {2}
    assert negative["period"].min() == 7


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        (panel_from(adoption(cohorts=(4,))), Reason.COLLINEAR),
        (panel_from(adoption().query("start == 0 or unit == 0")), Reason.TOO_FEW_CLUSTERS),
        (panel_from(adoption().assign(y=lambda own: own["unit"] + own["period"] * 1.0)), Reason.NO_RESIDUAL_VARIATION),
        (panel_from(adoption(units=20, periods=400, cohorts=(90, 0))), Reason.NOT_IMPLEMENTED),
        (panel_from(adoption().assign(twice=lambda own: own["x"] * 2), "x", "twice"), Reason.COLLINEAR),
    ],
    ids=["all at once", "one treated", "exact", "too large", "collinear"],
)
def test_what_it_cannot_do_is_refused_by_name(panel: Panel, reason: Reason) -> None:
    assert refusal(panel).reason is reason


@pytest.mark.parametrize("periods", [6, 400])
def test_weights_are_refused_where_the_regression_is(periods: int) -> None:
    found = treated_weights(panel_from(adoption(units=20, periods=periods, cohorts=(4,))))
    assert isinstance(found, Obstacle)
    assert found.reason is (Reason.COLLINEAR if periods == 6 else Reason.NOT_IMPLEMENTED)
