import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.stats.diagnostic import acorr_ljungbox

from effects.codes import Change
from effects.estimators.series.checks import (
    autocorrelations,
    enough_points,
    ljung_box,
    overdispersion,
    placebo_breaks,
    residual_autocorrelation,
    series_checks,
)
from effects.estimators.series.fitting import fitted
from effects.estimators.series.points import Points, read_points
from effects.estimators.series.segments import Segments, segmented
from effects.inference.least_squares import Fit
from effects.plan import AnalysisPlan
from effects.planning.sections import Model
from tests.effects.estimators.series.made import CONTROLLED, asked, counts, monthly, nile, paired, plan_of

RATES = {"family": "poisson", "offset": "lp"}


def found(
    frame: pd.DataFrame, plan: AnalysisPlan | None = None, model: Model | None = None
) -> tuple[Points, Segments, Fit]:
    plan = plan or plan_of()
    controlled = plan.design == CONTROLLED
    points = read_points(asked(frame, plan), controlled=controlled)
    assert isinstance(points, Points), points
    segments = segmented(points, model or Model(), interacted=controlled)
    fit = fitted(points, segments)
    assert isinstance(fit, Fit)
    return points, segments, fit


def wandering(months: int = 60, rho: float = 0.8, seed: int = 4) -> pd.DataFrame:
    """A flat series whose errors carry over."""
    random = np.random.Generator(np.random.PCG64(seed))
    errors = random.normal(size=months)
    for place in range(1, months):
        errors[place] += rho * errors[place - 1]
    return monthly(months=months).assign(y=errors)


def test_a_gaussian_series_has_three_checks_and_counts_a_fourth() -> None:
    points, segments, fit = found(monthly())
    names = [check.name for check in series_checks(points, segments, fit, Model(), "y")]
    assert names == ["points_before_and_after", "residual_autocorrelation", "placebo_breaks"]
    counted = found(counts(), plan_of(roles={"start": 37}, keys=RATES))
    checks = series_checks(*counted, Model(), "y")
    assert [check.name for check in checks] == [*names, "overdispersion"]
    assert {check.outcome for check in checks} == {"y"}


@pytest.mark.parametrize(
    ("months", "start", "statistic", "verdict"), [(48, 25, 24.0, "pass"), (20, 13, 8.0, "pass"), (20, 14, 7.0, "warn")]
)
def test_the_shorter_side_counts(months: int, start: int, statistic: float, verdict: str) -> None:
    points, _, _ = found(monthly(months, start), plan_of(roles={"start": start}))
    check = enough_points(points, "y")
    assert (check.statistic, check.verdict) == (statistic, verdict)
    assert check.detail.params == {"before": start - 1, "after": months - start + 1}


def test_the_shorter_series_counts() -> None:
    frame = paired()
    points, _, _ = found(frame[(frame["arm"] == 1) | (frame["month"] > 20)], plan_of(CONTROLLED))
    assert enough_points(points, "y").statistic == 4.0


def test_the_nile_has_the_autocorrelation_and_test_of_statsmodels() -> None:
    frame = nile().rename(columns={"year": "month", "volume": "y"})
    points, _, fit = found(frame, plan_of(roles={"start": 1899}))
    judge = smf.ols("y ~ t + after + after:t", frame).fit()
    expected = sm.tsa.acf(judge.resid, nlags=10, fft=False)[1:]
    check = residual_autocorrelation(points, fit, "y")
    assert check.statistic == pytest.approx(expected[0], rel=1e-9)
    assert check.p_value == pytest.approx(acorr_ljungbox(judge.resid, lags=[10])["lb_pvalue"].iloc[0], rel=1e-9)
    assert check.verdict == "pass"
    assert str(check.detail).startswith("correlations 0.15, -0.02, ")


@pytest.mark.parametrize("lags", [1, 4, 9])
def test_the_test_of_ljung_and_box_is_that_of_statsmodels(lags: int) -> None:
    values = np.random.Generator(np.random.PCG64(6)).normal(size=50)
    values -= values.mean()
    correlations = autocorrelations(values, lags)
    assert correlations == pytest.approx(sm.tsa.acf(values, nlags=lags, fft=False)[1:])
    expected = acorr_ljungbox(values, lags=[lags])["lb_pvalue"].iloc[0]
    assert ljung_box(correlations, 50) == pytest.approx(expected, rel=1e-9)


def test_errors_that_carry_over_are_warned_of() -> None:
    points, _, fit = found(wandering())
    check = residual_autocorrelation(points, fit, "y")
    assert check.verdict == "warn"
    assert check.statistic is not None
    assert check.statistic > 0.3


def test_errors_of_both_groups_are_compared_as_a_difference() -> None:
    frame = counts().assign(arm=1)
    both = pd.concat([frame, counts(seed=7).assign(arm=0)])
    points, _, fit = found(both, plan_of(CONTROLLED, roles={"start": 37}, keys=RATES))
    scores = np.sqrt(fit.model.weights) * fit.residuals
    expected = autocorrelations(scores[60:] - scores[:60], 10)[0]
    assert residual_autocorrelation(points, fit, "y").statistic == pytest.approx(expected)


def test_a_series_without_residuals_cannot_be_tested() -> None:
    assert np.isnan(autocorrelations(np.zeros(10), 2)).all()


def test_a_break_that_stands_out_passes() -> None:
    points, segments, fit = found(monthly(jump=8.0))
    check = placebo_breaks(points, segments, fit, Model(), "y")
    assert (check.statistic, check.verdict) == (0.0, "pass")
    assert check.detail.params["dates"] == 19


def test_the_share_is_that_of_breaks_fitted_one_by_one() -> None:
    frame = wandering()
    points, segments, fit = found(frame, plan_of(roles={"start": 41}))
    past, sizes = frame[frame["month"] < 41], []
    for date in range(4, 39):
        moved = past.assign(s=past["month"] - date, late=(past["month"] >= date).astype(float))
        sizes.append(abs(smf.ols("y ~ s + late + late:s", moved).fit().params["late"]))
    check = placebo_breaks(points, segments, fit, Model(), "y")
    assert check.detail.params["dates"] == len(sizes)
    assert check.statistic == pytest.approx(np.mean(np.array(sizes) >= abs(fit.coefficients[2])))


def test_a_break_as_large_as_many_others_is_warned_of() -> None:
    frame = wandering(rho=0.95)
    flat = frame.assign(y=frame["y"] * np.where(frame["month"] < 41, 5.0, 0.1))
    points, segments, fit = found(flat, plan_of(roles={"start": 41}))
    check = placebo_breaks(points, segments, fit, Model(), "y")
    assert check.statistic is not None
    assert (check.statistic > 0.1) == (check.verdict == "warn")


def test_the_first_change_of_the_plan_is_compared() -> None:
    model = Model(change=(Change.SLOPE,))
    points, segments, fit = found(monthly(jump=0.0, bend=1.0), model=model)
    check = placebo_breaks(points, segments, fit, model, "y")
    assert (check.statistic, check.verdict) == (0.0, "pass")


@pytest.mark.parametrize(("start", "verdict"), [(10, "inapplicable"), (11, "pass")])
def test_a_short_past_has_too_few_dates(start: int, verdict: str) -> None:
    points, segments, fit = found(monthly(start=start, jump=9.0), plan_of(roles={"start": start}))
    assert placebo_breaks(points, segments, fit, Model(), "y").verdict == verdict


def test_of_a_long_past_sixty_dates_are_taken() -> None:
    points, segments, fit = found(monthly(months=300, start=201), plan_of(roles={"start": 201}))
    assert placebo_breaks(points, segments, fit, Model(), "y").detail.params["dates"] == 60


def test_dates_at_which_nothing_can_be_fitted_are_passed_over() -> None:
    frame = counts()
    frame.loc[:12, "y"] = 0
    points, segments, fit = found(frame, plan_of(roles={"start": 37}, keys=RATES))
    with np.errstate(all="ignore"):
        check = placebo_breaks(points, segments, fit, Model(), "y")
    assert 5 <= int(check.detail.params["dates"]) < 31


def test_overdispersion_is_the_scale_of_statsmodels() -> None:
    frame = counts()
    _, _, fit = found(frame, plan_of(roles={"start": 37}, keys=RATES))
    judge = smf.glm("y ~ t + after + after:t", frame, family=sm.families.Poisson(), offset=frame["lp"])
    check = overdispersion(fit, "y")
    assert check.statistic == pytest.approx(judge.fit(scale="X2", tol=1e-13).scale, rel=1e-8)
    assert check.verdict == "warn"


def test_counts_that_are_poisson_pass() -> None:
    random = np.random.Generator(np.random.PCG64(8))
    frame = counts().assign(y=random.poisson(200.0, 60))
    _, _, fit = found(frame, plan_of(roles={"start": 37}, keys=RATES))
    assert overdispersion(fit, "y").verdict == "pass"
