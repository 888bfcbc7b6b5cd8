import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.inference.least_squares import Fit, fit
from effects.inference.newey_west import newey_west, usual_lag
from effects.linear_model import LinearModel

Array = NDArray[np.float64]


def fitted(outcome: Array, design: Array, effect: int = 2, weights: Array | None = None) -> Fit:
    model = LinearModel(
        outcome=outcome,
        design=design,
        names=tuple(f"x{place}" for place in range(design.shape[1])),
        effect=effect,
        weights=np.ones(len(outcome)) if weights is None else weights,
        clusters=None,
        absorbed=0,
        estimator="ols",
    )
    found = fit(model)
    assert isinstance(found, Fit)
    return found


def series(rows: int = 40, seed: int = 1) -> tuple[Array, Array]:
    random = np.random.Generator(np.random.PCG64(seed))
    time = np.arange(float(rows))
    design = np.column_stack([np.ones(rows), time, time >= rows // 2])
    return np.cumsum(random.normal(size=rows)) + time, design.astype(float)


def pairs(found: Fit, steps: NDArray[np.int64], lag: int) -> float:
    """The variance as a double sum over all pairs of rows, without any factor."""
    scores = found.model.weights * (found.model.design @ found.influence) * found.residuals
    apart = np.abs(np.subtract.outer(steps, steps))
    kernel = np.clip(1.0 - apart / (lag + 1.0), 0.0, None)
    return float(scores @ kernel @ scores)


@pytest.mark.parametrize("lag", [0, 1, 3, 8])
@pytest.mark.parametrize("effect", [1, 2])
def test_the_error_is_that_of_statsmodels_without_its_small_sample_factor(lag: int, effect: int) -> None:
    outcome, design = series()
    judge = sm.OLS(outcome, design).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
    found = newey_west(fitted(outcome, design, effect), np.arange(40), lag)
    assert found.standard_error == pytest.approx(judge.bse[effect], rel=1e-9)


def test_the_nile_has_the_error_of_statsmodels() -> None:
    nile = sm.datasets.nile.load_pandas().data
    after = (nile["year"] >= 1899).to_numpy(float)
    design = np.column_stack([np.ones(100), nile["year"] - 1899.0, after, after * (nile["year"] - 1899.0)])
    found = newey_west(fitted(nile["volume"].to_numpy(float), design, 2), np.arange(100), usual_lag(100))
    # statsmodels 0.15, HAC with 4 lags: 63.04980366 with its factor 100 / 96.
    assert found.standard_error == pytest.approx(63.04980366 * np.sqrt(0.96), rel=1e-9)


def test_weighted_series_have_the_error_of_statsmodels() -> None:
    outcome, design = series(seed=2)
    weights = np.random.Generator(np.random.PCG64(3)).uniform(0.5, 4.0, 40)
    judge = sm.WLS(outcome, design, weights).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False})
    found = newey_west(fitted(outcome, design, 2, weights), np.arange(40), 3)
    assert found.standard_error == pytest.approx(judge.bse[2], rel=1e-9)


def test_without_a_lag_it_is_white_without_a_factor() -> None:
    outcome, design = series(seed=4)
    found = newey_west(fitted(outcome, design, 2), np.arange(40), 0)
    assert found.standard_error == pytest.approx(sm.OLS(outcome, design).fit(cov_type="HC0").bse[2], rel=1e-9)


def test_missing_periods_keep_their_distance() -> None:
    outcome, design = series(seed=5)
    steps = np.delete(np.arange(40), [7, 8, 9, 25])
    own = fitted(outcome[steps], design[steps], 2)
    assert newey_west(own, steps, 3).standard_error ** 2 == pytest.approx(pairs(own, steps, 3))
    closed_up = newey_west(own, np.arange(36), 3).standard_error
    assert newey_west(own, steps, 3).standard_error != pytest.approx(closed_up, rel=1e-3)


def test_the_first_step_may_be_any() -> None:
    outcome, design = series(seed=6)
    own = fitted(outcome, design, 2)
    late, early = (newey_west(own, np.arange(40) + shift, 3) for shift in (5, 0))
    assert (late.standard_error, late.df) == pytest.approx((early.standard_error, early.df), rel=1e-12)


def test_rows_of_one_period_are_added_before_they_are_squared() -> None:
    outcome, design = series(seed=7)
    steps = np.repeat(np.arange(20), 2)
    own = fitted(outcome, design, 2)
    assert newey_west(own, steps, 2).standard_error ** 2 == pytest.approx(pairs(own, steps, 2))


@given(st.integers(0, 60), st.integers(0, 500))
def test_the_variance_is_never_negative(lag: int, seed: int) -> None:
    outcome, design = series(rows=12, seed=seed)
    assert newey_west(fitted(outcome, design, 2), np.arange(12), lag).standard_error >= 0.0


def freedom(design: Array, effect: int, lag: int) -> float:
    """2 E^2 / Var of the variance under independent errors, with every matrix written out."""
    rows = len(design)
    influence = np.linalg.inv(design.T @ design)[effect]
    kernel = np.clip(1.0 - np.abs(np.subtract.outer(np.arange(rows), np.arange(rows))) / (lag + 1.0), 0.0, None)
    maker = np.eye(rows) - design @ np.linalg.inv(design.T @ design) @ design.T
    form = maker @ (kernel * np.outer(design @ influence, design @ influence)) @ maker
    return float(np.trace(form) ** 2 / np.trace(form @ form))


@pytest.mark.parametrize("lag", [0, 2, 5])
def test_degrees_of_freedom_match_two_moments_of_the_variance(lag: int) -> None:
    outcome, design = series(seed=8)
    found = newey_west(fitted(outcome, design, 2), np.arange(40), lag)
    assert found.df == pytest.approx(freedom(design, 2, lag), rel=1e-9)
    assert found.df < 37


def test_the_moments_are_those_that_simulation_finds() -> None:
    _, design = series()
    random = np.random.Generator(np.random.PCG64(9))
    squares = [newey_west(fitted(random.normal(size=40), design, 2), np.arange(40), 3) for _ in range(2000)]
    variances = np.array([found.standard_error**2 for found in squares])
    # The ratio of moments of 2,000 draws lies within 10 per cent of its limit.
    assert 2 * variances.mean() ** 2 / variances.var() == pytest.approx(squares[0].df, rel=0.1)


def test_longer_lags_leave_fewer_degrees_of_freedom() -> None:
    outcome, design = series(seed=10)
    found = [newey_west(fitted(outcome, design, 2), np.arange(40), lag).df for lag in (0, 2, 4, 8)]
    assert found == sorted(found, reverse=True)


def test_units_of_measurement_do_not_change_degrees_of_freedom() -> None:
    outcome, design = series(seed=11)
    plain = newey_west(fitted(outcome, design, 2), np.arange(40), 3)
    scaled = newey_west(fitted(1e-150 * outcome, design * [1.0, 1e8, 1e-8], 2), np.arange(40), 3)
    assert scaled.df == pytest.approx(plain.df, rel=1e-8)


def test_thousands_of_rows_have_the_degrees_of_freedom_of_the_residuals() -> None:
    outcome, design = series(rows=2001, seed=12)
    assert newey_west(fitted(outcome, design, 2), np.arange(2001), 5).df == 1998.0


@pytest.mark.parametrize(
    ("periods", "lag"), [(2, 1), (6, 2), (10, 2), (24, 2), (28, 3), (60, 3), (100, 4), (275, 5), (1000, 6)]
)
def test_the_usual_lag_follows_its_rule(periods: int, lag: int) -> None:
    assert usual_lag(periods) == lag
