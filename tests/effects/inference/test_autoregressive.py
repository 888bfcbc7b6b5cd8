import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal

from effects.inference.autoregressive import AutoregressiveFit, deviance, fit_autoregressive, whitened
from effects.linear_model import Obstacle
from tests.effects.inference.test_newey_west import fitted

Array = NDArray[np.float64]
Steps = NDArray[np.int64]


def series(rows: int = 40, rho: float = 0.5, seed: int = 1) -> tuple[Array, Array]:
    """A segmented line with autoregressive errors."""
    random = np.random.Generator(np.random.PCG64(seed))
    errors = random.normal(size=rows + 30)
    for place in range(1, len(errors)):
        errors[place] += rho * errors[place - 1]
    time = np.arange(float(rows)) - rows // 2
    after = (time >= 0).astype(float)
    design = np.column_stack([np.ones(rows), time, after, after * time])
    return design @ [10.0, 0.2, 2.0, -0.1] + errors[30:], design


def answered(found: AutoregressiveFit | Obstacle) -> AutoregressiveFit:
    assert isinstance(found, AutoregressiveFit), found
    return found


def dense(rho: float, outcome: Array, design: Array, steps: Steps, weights: Array) -> tuple[float, Array, float]:
    """Minus twice the restricted log-likelihood, coefficients and spread with every matrix written out."""
    correlation = rho ** np.abs(np.subtract.outer(steps, steps)).astype(float)
    covariance = correlation / np.sqrt(np.outer(weights, weights))
    inverse = np.linalg.inv(covariance)
    bread = design.T @ inverse @ design
    coefficients = np.linalg.solve(bread, design.T @ inverse @ outcome)
    left = outcome - design @ coefficients
    rows, columns = design.shape
    spread = float(left @ inverse @ left) / (rows - columns)
    volume = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(bread)[1]
    return float((rows - columns) * np.log(spread) + volume), coefficients, spread


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.3, 0.8])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_maximum_is_that_of_the_likelihood_written_out(rho: float, seed: int) -> None:
    outcome, design = series(rho=rho, seed=seed)
    steps, weights = np.arange(40), np.ones(40)
    found = answered(fit_autoregressive(fitted(outcome, design), steps))
    judge = minimize_scalar(
        lambda value: dense(value, outcome, design, steps, weights)[0],
        bounds=(found.rho - 0.1, found.rho + 0.1),
        method="bounded",
        options={"xatol": 1e-9},
    )
    # Near its top the likelihood is flat: rho is known to the square root of the precision of the likelihood.
    assert found.rho == pytest.approx(judge.x, abs=1e-6)
    value, coefficients, spread = dense(found.rho, outcome, design, steps, weights)
    assert value <= judge.fun + 1e-9
    assert found.estimate == pytest.approx(coefficients[2], rel=1e-9)
    assert found.spread * found.scale**2 == pytest.approx(spread, rel=1e-9)


def test_missing_periods_and_weights_enter_the_likelihood() -> None:
    outcome, design = series(rho=0.5, seed=3)
    steps = np.delete(np.arange(40), [4, 5, 17, 30])
    weights = np.random.Generator(np.random.PCG64(4)).uniform(0.5, 3.0, len(steps))
    own = fitted(outcome[steps], design[steps], weights=weights)
    found = answered(fit_autoregressive(own, steps))
    value, coefficients, spread = dense(found.rho, outcome[steps], design[steps], steps, weights)
    assert found.estimate == pytest.approx(coefficients[2], rel=1e-9)
    assert found.spread * found.scale**2 == pytest.approx(spread, rel=1e-9)
    for near in (found.rho - 0.01, found.rho + 0.01):
        assert dense(near, outcome[steps], design[steps], steps, weights)[0] > value


def test_differences_of_the_profile_are_those_of_the_likelihood_written_out() -> None:
    outcome, design = series(seed=5)
    basis = np.linalg.qr(design)[0]
    steps = np.arange(40)
    for one, other in ((0.0, 0.4), (0.4, -0.7), (0.9, 0.1)):
        ours = deviance(one, outcome, basis, steps) - deviance(other, outcome, basis, steps)
        theirs = (
            dense(one, outcome, design, steps, np.ones(40))[0] - dense(other, outcome, design, steps, np.ones(40))[0]
        )
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_the_estimate_is_that_of_statsmodels_at_the_same_rho() -> None:
    nile = sm.datasets.nile.load_pandas().data
    time = nile["year"].to_numpy(float) - 1899.0
    after = (time >= 0).astype(float)
    design = np.column_stack([np.ones(100), time, after, after * time])
    found = answered(fit_autoregressive(fitted(nile["volume"].to_numpy(float), design), np.arange(100)))
    correlation = found.rho ** np.abs(np.subtract.outer(np.arange(100), np.arange(100))).astype(float)
    judge = sm.GLS(nile["volume"].to_numpy(float), design, sigma=correlation).fit()
    assert found.estimate == pytest.approx(judge.params[2], rel=1e-9)
    plain = float(found.direction @ found.covariance @ found.direction) ** 0.5 * found.scale
    assert plain == pytest.approx(judge.bse[2], rel=1e-9)
    assert found.rho == pytest.approx(0.197, abs=1e-3)


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.4, 0.95])
def test_whitening_takes_the_correlation_out(rho: float) -> None:
    steps = np.array([0, 1, 2, 5, 6, 9])
    correlation = rho ** np.abs(np.subtract.outer(steps, steps)).astype(float)
    transform = whitened(np.eye(6), steps, rho)
    assert transform @ correlation @ transform.T == pytest.approx(np.eye(6), abs=1e-12)
    values = np.arange(6.0) ** 2
    assert whitened(values, steps, rho) == pytest.approx(transform @ values)


@given(st.floats(-0.9, 0.9), st.integers(0, 100))
def test_whitened_values_have_the_normal_density_of_the_series(rho: float, seed: int) -> None:
    values = np.random.Generator(np.random.PCG64(seed)).normal(size=6)
    steps = np.array([0, 1, 3, 4, 5, 8])
    correlation = rho ** np.abs(np.subtract.outer(steps, steps)).astype(float)
    white = whitened(values, steps, rho)
    volume = float(np.sum(np.log1p(-(rho ** (2.0 * np.diff(steps))))))
    ours = -0.5 * (float(white @ white) + volume + 6 * np.log(2 * np.pi))
    assert ours == pytest.approx(float(multivariate_normal(np.zeros(6), correlation).logpdf(values)), rel=1e-8)


def test_the_order_of_the_rows_does_not_matter() -> None:
    outcome, design = series(seed=6)
    mixed = np.random.Generator(np.random.PCG64(7)).permutation(40)
    ours = answered(fit_autoregressive(fitted(outcome[mixed], design[mixed]), mixed))
    theirs = answered(fit_autoregressive(fitted(outcome, design), np.arange(40)))
    assert (ours.rho, ours.estimate) == pytest.approx((theirs.rho, theirs.estimate), rel=1e-7)


@pytest.mark.parametrize("factor", [1e-200, 1e-3, 1e100])
def test_the_unit_of_the_outcome_scales_the_estimate_and_leaves_rho(factor: float) -> None:
    outcome, design = series(seed=8)
    plain, scaled = (
        answered(fit_autoregressive(fitted(own, design), np.arange(40))) for own in (outcome, factor * outcome)
    )
    assert scaled.rho == pytest.approx(plain.rho, abs=1e-7)
    assert scaled.estimate == pytest.approx(factor * plain.estimate, rel=1e-7)


def test_residuals_are_left_without_autocorrelation() -> None:
    outcome, design = series(rows=300, rho=0.7, seed=9)
    found = answered(fit_autoregressive(fitted(outcome, design), np.arange(300)))
    assert found.rho == pytest.approx(0.7, abs=0.1)
    assert abs(np.corrcoef(found.white[1:], found.white[:-1])[0, 1]) < 0.1


def test_errors_like_a_random_walk_are_refused_by_name() -> None:
    random = np.random.Generator(np.random.PCG64(10))
    _, design = series(rows=200)
    found = fit_autoregressive(fitted(np.cumsum(np.cumsum(random.normal(size=200))), design), np.arange(200))
    assert isinstance(found, Obstacle)
    assert found.reason == "no_residual_variation"
    assert "random walk" in str(found.detail)


def test_errors_that_alternate_without_end_are_refused_too() -> None:
    _, design = series(rows=40)
    noise = np.random.Generator(np.random.PCG64(11)).normal(0, 1e-3, 40)
    found = fit_autoregressive(fitted((-1.0) ** np.arange(40) + noise, design), np.arange(40))
    assert isinstance(found, Obstacle)
