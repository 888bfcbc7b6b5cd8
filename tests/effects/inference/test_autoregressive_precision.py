import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import stdtr

from effects.codes import DfMethod
from effects.inference.autoregressive import AutoregressiveFit, fit_autoregressive
from effects.inference.autoregressive_precision import autoregressive_precision
from effects.inference.cluster_robust import Precision
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel

Array = NDArray[np.float64]
KENWARD_ROGER, SATTERTHWAITE, RESIDUAL = DfMethod.KENWARD_ROGER, DfMethod.SATTERTHWAITE, DfMethod.RESIDUAL


def design_of(rows: int) -> Array:
    time = np.arange(float(rows)) - rows // 2
    after = (time >= 0).astype(float)
    return np.column_stack([np.ones(rows), time, after, after * time])


def errors(rows: int, rho: float, random: np.random.Generator) -> Array:
    noise = random.normal(size=rows + 30)
    for place in range(1, len(noise)):
        noise[place] += rho * noise[place - 1]
    return noise[30:]


def fitted(outcome: Array, design: Array, effect: int = 2) -> AutoregressiveFit:
    model = LinearModel(
        outcome=outcome,
        design=design,
        names=tuple("abcd"),
        effect=effect,
        weights=np.ones(len(outcome)),
        clusters=None,
        absorbed=0,
        estimator="ols",
    )
    plain = fit(model)
    assert isinstance(plain, Fit)
    found = fit_autoregressive(plain, np.arange(len(outcome)))
    assert isinstance(found, AutoregressiveFit)
    return found


def example(rows: int = 40, rho: float = 0.4, seed: int = 1) -> AutoregressiveFit:
    random = np.random.Generator(np.random.PCG64(seed))
    return fitted(errors(rows, rho, random), design_of(rows))


def variance_at(found: AutoregressiveFit, spread: float, rho: float) -> float:
    """Variance of the coefficient with spread and rho taken as known, every matrix written out."""
    apart = np.abs(np.subtract.outer(found.steps, found.steps)).astype(float)
    inverse = np.linalg.inv(spread * rho**apart)
    return float(found.direction @ np.linalg.inv(found.basis.T @ inverse @ found.basis) @ found.direction)


def information(found: AutoregressiveFit) -> Array:
    """Expected information of spread and rho, 1/2 tr(P Vi P Vj), with numerical derivatives of V."""
    apart = np.abs(np.subtract.outer(found.steps, found.steps)).astype(float)

    def covariance(spread: float, rho: float) -> Array:
        return np.asarray(spread * rho**apart)

    step = 1e-6
    inverse = np.linalg.inv(covariance(found.spread, found.rho))
    basis = found.basis
    maker = inverse - inverse @ basis @ np.linalg.inv(basis.T @ inverse @ basis) @ basis.T @ inverse
    slopes = [
        (covariance(found.spread + step, found.rho) - covariance(found.spread - step, found.rho)) / (2 * step),
        (covariance(found.spread, found.rho + step) - covariance(found.spread, found.rho - step)) / (2 * step),
    ]
    return np.array([[0.5 * np.trace(maker @ one @ maker @ other) for other in slopes] for one in slopes])


@pytest.mark.parametrize("rho", [0.2, 0.6])
def test_degrees_of_freedom_follow_from_the_uncertainty_of_spread_and_rho(rho: float) -> None:
    found = example(rho=rho)
    step = 1e-5
    gradient = np.array(
        [
            variance_at(found, found.spread + step, found.rho) - variance_at(found, found.spread - step, found.rho),
            variance_at(found, found.spread, found.rho + step) - variance_at(found, found.spread, found.rho - step),
        ]
    ) / (2 * step)
    plain = variance_at(found, found.spread, found.rho)
    df = 2 * plain**2 / (gradient @ np.linalg.inv(information(found)) @ gradient)
    ours = autoregressive_precision(found, SATTERTHWAITE)
    # Numerical derivatives with steps of 1e-5 are good to about 1e-6.
    assert ours.df == pytest.approx(df, rel=1e-4)
    assert ours.standard_error == pytest.approx(np.sqrt(plain) * found.scale, rel=1e-9)


def test_with_rho_known_to_be_nought_only_the_spread_is_uncertain() -> None:
    found = example(rows=400, rho=0.0, seed=2)
    assert autoregressive_precision(found, SATTERTHWAITE).df < 396
    assert autoregressive_precision(found, RESIDUAL) == Precision(
        autoregressive_precision(found, SATTERTHWAITE).standard_error, 396.0
    )


@pytest.mark.parametrize("rho", [0.2, 0.6])
def test_the_adjusted_variance_is_what_its_derivation_says(rho: float) -> None:
    """Known parameters, plus what guessing them adds to the estimate, less the bias of the variance at the guess."""
    found = example(rho=rho)
    apart = np.abs(np.subtract.outer(found.steps, found.steps)).astype(float)
    at = np.array([found.spread, found.rho])
    uncertain, step = np.linalg.inv(information(found)), 1e-4

    def rule(place: Array) -> Array:
        """How the estimate adds up the outcomes."""
        inverse = np.linalg.inv(place[0] * place[1] ** apart)
        return np.asarray(
            found.direction @ np.linalg.inv(found.basis.T @ inverse @ found.basis) @ found.basis.T @ inverse
        )

    def known(place: Array) -> float:
        return variance_at(found, float(place[0]), float(place[1]))

    moves = step * np.eye(2)
    slopes = [(rule(at + move) - rule(at - move)) / (2 * step) for move in moves]
    true = found.spread * found.rho**apart
    guessing = sum(uncertain[i, j] * slopes[i] @ true @ slopes[j] for i in range(2) for j in range(2))
    bend = [
        [(known(at + a + b) - known(at + a - b) - known(at - a + b) + known(at - a - b)) / (4 * step**2) for b in moves]
        for a in moves
    ]
    variance = known(at) + guessing - 0.5 * float(np.sum(uncertain * np.array(bend)))
    ours = autoregressive_precision(found, KENWARD_ROGER).standard_error / found.scale
    # Second differences with steps of 1e-4 are good to about 1e-5.
    assert ours**2 == pytest.approx(variance, rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_kenward_roger_widens_the_error_for_the_estimated_rho(seed: int) -> None:
    found = example(rho=0.5, seed=seed)
    adjusted, plain = (autoregressive_precision(found, method) for method in (KENWARD_ROGER, SATTERTHWAITE))
    assert adjusted.standard_error > plain.standard_error
    assert adjusted.df == plain.df
    assert adjusted.df < 36


def test_the_adjustment_vanishes_in_long_series() -> None:
    ratios = []
    for rows in (30, 120, 480):
        found = example(rows=rows, rho=0.4, seed=3)
        ratios.append(
            autoregressive_precision(found, KENWARD_ROGER).standard_error
            / autoregressive_precision(found, RESIDUAL).standard_error
        )
    assert ratios[0] > ratios[1] > ratios[2]
    assert ratios[2] == pytest.approx(1.0, abs=0.01)


def test_beyond_what_can_be_held_the_residual_degrees_of_freedom_stand() -> None:
    found = example(rows=1201, rho=0.3, seed=4)
    assert autoregressive_precision(found, KENWARD_ROGER) == autoregressive_precision(found, RESIDUAL)


def test_the_outcomes_unit_scales_the_error() -> None:
    random = np.random.Generator(np.random.PCG64(5))
    outcome = errors(40, 0.4, random)
    plain, scaled = (
        autoregressive_precision(fitted(own, design_of(40)), KENWARD_ROGER) for own in (outcome, 1e50 * outcome)
    )
    assert scaled.standard_error == pytest.approx(1e50 * plain.standard_error, rel=1e-6)
    assert scaled.df == pytest.approx(plain.df, rel=1e-5)


def test_true_nulls_are_rejected_as_often_as_the_level_says() -> None:
    random, design, rejected, runs = np.random.Generator(np.random.PCG64(6)), design_of(36), 0, 200
    for _ in range(runs):
        found = fitted_or_none(errors(36, 0.3, random), design)
        if found is not None:
            judged = autoregressive_precision(found, KENWARD_ROGER)
            rejected += 2 * stdtr(judged.df, -abs(found.estimate) / judged.standard_error) < 0.05
    # 10 expected; a size of 3 to 7 per cent gives 1 to 27 in 99.9 of 100 runs.
    assert 1 <= rejected <= 27


def fitted_or_none(outcome: Array, design: Array) -> AutoregressiveFit | None:
    try:
        return fitted(outcome, design)
    except AssertionError:
        return None


def test_slope_and_level_have_their_own_degrees_of_freedom() -> None:
    random = np.random.Generator(np.random.PCG64(7))
    outcome = errors(40, 0.5, random)
    level, slope = (
        autoregressive_precision(fitted(outcome, design_of(40), effect), KENWARD_ROGER) for effect in (2, 3)
    )
    assert level.df != slope.df
    assert slope.standard_error < level.standard_error


@pytest.mark.parametrize("seed", [1, 7, 10, 22, 34])
def test_two_residuals_may_not_tell_spread_from_rho(seed: int) -> None:
    """Three periods on each side: the likelihood's top may lie where information has rank one."""
    found = fitted(errors(6, 0.0, np.random.Generator(np.random.PCG64(seed))), design_of(6))
    assert found.rho == pytest.approx(2.0 - np.sqrt(3.0), abs=1e-6)
    assert np.isnan(autoregressive_precision(found, KENWARD_ROGER).standard_error)
    assert np.isnan(autoregressive_precision(found, SATTERTHWAITE).df)
