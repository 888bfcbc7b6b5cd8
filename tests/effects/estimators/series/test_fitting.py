import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Family
from effects.estimators.series.fitting import LINKS, fitted
from effects.estimators.series.points import Points, read_points
from effects.estimators.series.segments import segmented
from effects.inference.least_squares import Fit
from effects.linear_model import Obstacle
from effects.planning.sections import Model
from tests.effects.estimators.series.made import asked, counts, monthly, nile, plan_of

POISSON = {"family": "poisson"}
RATES = {"family": "poisson", "offset": "lp"}


def series(frame: pd.DataFrame, keys: dict[str, object], start: int = 37, **roles: object) -> Points:
    found = read_points(asked(frame, plan_of(roles={"start": start, **roles}, keys=keys)), controlled=False)
    assert isinstance(found, Points)
    return found


def fit_of(frame: pd.DataFrame, keys: dict[str, object], model: Model | None = None, **roles: object) -> Fit | Obstacle:
    points = series(frame, keys, **roles)
    return fitted(points, segmented(points, model or Model()))


def good(found: Fit | Obstacle) -> Fit:
    assert isinstance(found, Fit), found
    return found


def dispersion(found: Fit) -> float:
    rows, columns = found.model.design.shape
    return float(np.sum(found.model.weights * found.residuals**2)) / (rows - columns)


def test_a_gaussian_series_is_least_squares() -> None:
    frame = monthly()
    found = good(fit_of(frame, {}, start=25))
    judge = smf.ols("y ~ t + after + after:t", frame).fit()
    assert found.coefficients == pytest.approx(judge.params.to_numpy(), rel=1e-9)


def test_the_nile_has_the_published_fall_of_its_level() -> None:
    frame = nile().rename(columns={"year": "month", "volume": "y"})
    points = series(frame, {}, start=1899)
    found = good(fitted(points, segmented(points, Model())))
    judge = smf.ols("y ~ t + after + after:t", frame).fit()
    assert found.coefficients == pytest.approx(judge.params.to_numpy(), rel=1e-9)
    # Cobb 1978 puts the fall of the mean after 1898 at about 248 (1097.75 before, 849.97 after).
    means = frame.groupby("after")["y"].mean()
    assert means[1.0] - means[0.0] == pytest.approx(-247.78, abs=0.01)


def test_weights_and_offset_enter_a_gaussian_series() -> None:
    frame = monthly().assign(w=lambda own: 1.0 + own["month"] % 3, lp=lambda own: 0.01 * own["month"] ** 2)
    found = good(fit_of(frame, {"offset": "lp"}, start=25, weight="w"))
    judge = smf.wls("I(y - lp) ~ t + after + after:t", frame, weights=frame["w"]).fit()
    assert found.coefficients == pytest.approx(judge.params.to_numpy(), rel=1e-9)


def test_counts_meet_statsmodels_with_exposure_and_season() -> None:
    frame = counts().assign(
        sine=lambda own: np.sin(2 * np.pi * (own["month"] - 1) / 12),
        cosine=lambda own: np.cos(2 * np.pi * (own["month"] - 1) / 12),
    )
    found = good(fit_of(frame, RATES, Model(harmonics=1, period_length=12)))
    formula = "y ~ t + after + after:t + sine + cosine"
    judge = smf.glm(formula, frame, family=sm.families.Poisson(), offset=frame["lp"]).fit(scale="X2", tol=1e-13)
    order = ["Intercept", "t", "after", "after:t", "sine", "cosine"]
    assert found.coefficients == pytest.approx(judge.params[order].to_numpy(), rel=1e-9)
    assert dispersion(found) == pytest.approx(judge.scale, rel=1e-9)
    errors = np.sqrt(np.diag(found.bread) * dispersion(found))
    assert errors == pytest.approx(judge.bse[order].to_numpy(), rel=1e-8)


def test_counts_without_exposure_meet_statsmodels() -> None:
    found = good(fit_of(counts(), POISSON))
    judge = smf.glm("y ~ t + after + after:t", counts(), family=sm.families.Poisson()).fit(tol=1e-13)
    assert found.coefficients == pytest.approx(judge.params.to_numpy(), rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_shares_meet_statsmodels(weighted: bool) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    frame = monthly().assign(w=random.integers(20, 90, 48))
    share = 1 / (1 + np.exp(-(-0.5 + 0.02 * frame["t"] + 0.6 * frame["after"])))
    frame["y"] = random.binomial(frame["w"], share) / frame["w"]
    found = good(fit_of(frame, {"family": "binomial"}, start=25, **({"weight": "w"} if weighted else {})))
    weights = frame["w"] if weighted else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge = smf.glm("y ~ t + after + after:t", frame, family=sm.families.Binomial(), var_weights=weights)
        answer = judge.fit(tol=1e-13)
    assert found.coefficients == pytest.approx(answer.params.to_numpy(), rel=1e-8)


def test_rows_of_a_period_may_be_added_up_before_or_after() -> None:
    frame = counts()
    parts = [frame.assign(y=frame["y"] // 3), frame.assign(y=frame["y"] - frame["y"] // 3)]
    halves = [part.assign(lp=part["lp"] - np.log(2.0)) for part in parts]
    together, apart = good(fit_of(frame, RATES)), good(fit_of(pd.concat(halves), RATES))
    assert apart.coefficients == pytest.approx(together.coefficients, rel=1e-9)


@given(st.floats(0.01, 100.0))
def test_more_people_in_every_period_lower_the_rate_and_nothing_else(factor: float) -> None:
    frame = counts()
    plain = good(fit_of(frame, RATES))
    moved = good(fit_of(frame.assign(lp=frame["lp"] + np.log(factor)), RATES))
    assert moved.coefficients[0] == pytest.approx(plain.coefficients[0] - np.log(factor), rel=1e-8)
    assert moved.coefficients[1:] == pytest.approx(plain.coefficients[1:], rel=1e-6)


def test_zeros_among_counts_are_counts() -> None:
    frame = counts()
    frame.loc[[3, 17], "y"] = 0
    found = good(fit_of(frame, RATES))
    judge = smf.glm("y ~ t + after + after:t", frame, family=sm.families.Poisson(), offset=frame["lp"])
    assert found.coefficients == pytest.approx(judge.fit(tol=1e-13).params.to_numpy(), rel=1e-9)


@pytest.mark.parametrize(
    ("family", "values", "reason"),
    [
        ("poisson", lambda own: own["y"] * (own["after"] == 0), "separation"),
        ("binomial", lambda own: own["after"], "no_residual_variation"),
        ("binomial", lambda own: np.where(own["after"] == 1, 1.0, 0.3 + 0.01 * (own["month"] % 3)), "separation"),
    ],
)
def test_a_segment_of_zeros_or_ones_has_no_maximum(family: str, values: object, reason: str) -> None:
    assert callable(values)
    frame = counts()
    with np.errstate(all="ignore"):
        found = fit_of(frame.assign(y=values(frame)), {"family": family})
    assert isinstance(found, Obstacle)
    assert found.reason == reason


@pytest.mark.parametrize("keys", [{}, POISSON])
def test_collinear_covariates_are_named(keys: dict[str, object]) -> None:
    frame = counts().assign(x=lambda own: 3.0 * own["month"])
    found = fit_of(frame, {**keys, "covariates": ["x"]})
    assert isinstance(found, Obstacle)
    assert found.reason == "collinear"
    assert "covariate x" in str(found.detail)


def test_more_terms_than_points_are_refused() -> None:
    found = fit_of(monthly(months=10, start=6), {}, Model(harmonics=4, period_length=30), start=6)
    assert isinstance(found, Obstacle)
    assert found.reason == "too_few_rows"


@given(st.floats(-3.0, 3.0))
def test_a_link_has_the_slope_of_its_mean(predictor: float) -> None:
    step = 1e-5
    for family in (Family.POISSON, Family.BINOMIAL):
        link = LINKS[family]
        low, middle, high = (link.mean(np.array([predictor + move])) for move in (-step, 0.0, step))
        assert link.slope(middle) == pytest.approx((high - low) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("family", [Family.POISSON, Family.BINOMIAL])
def test_the_deviance_is_least_where_the_mean_is_the_outcome(family: Family) -> None:
    outcome = np.array([0.2, 0.5, 0.9])
    link = LINKS[family]
    assert link.deviance(outcome, outcome) == pytest.approx(np.zeros(3), abs=1e-12)
    assert np.all(link.deviance(outcome, outcome * 0.9) > 0.0)
    assert np.all(link.deviance(np.zeros(3), outcome) > 0.0)
