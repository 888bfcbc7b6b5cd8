"""Generalised least squares with first-order autoregressive errors by restricted maximum likelihood."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from effects.codes import Reason
from effects.inference.least_squares import Fit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers

MOST_PERSISTENT: Final = 0.99
_GRID: Final = np.linspace(-MOST_PERSISTENT, MOST_PERSISTENT, 41)
_EXACT: Final = 1e-12


@dataclass(frozen=True, slots=True)
class AutoregressiveFit:
    """Errors of variance spread / w whose correlation is rho to the power of the distance in steps.

    In order of time: basis (n, k) are orthonormal columns spanning sqrt(w) X and outcome (n,) is sqrt(w) y, both over
    `scale`; gamma (k,) and covariance (k, k) belong to them, white (n,) are residuals without correlation.
    """

    rho: float
    spread: float
    gamma: Numbers
    covariance: Numbers
    white: Numbers
    basis: Numbers
    steps: Codes
    direction: Numbers
    scale: float

    @property
    def estimate(self) -> float:
        """The coefficient of interest."""
        return float(self.direction @ self.gamma) * self.scale


def fit_autoregressive(fit: Fit, steps: Codes) -> AutoregressiveFit | Obstacle:
    """Profile the restricted likelihood over rho: a grid finds the hill, a bounded search its top.

    steps (n,) says how many equal steps after the first each row lies, each once; periods between them may be missing.
    """
    order = np.argsort(steps, kind="stable")
    steps = steps[order]
    root = np.sqrt(fit.model.weights)
    outcome, basis = (root * fit.model.outcome)[order], fit.orthonormal[order]
    direction = basis.T @ (root * (fit.model.design @ fit.influence))[order]
    scale = float(np.ldexp(1.0, int(np.frexp(np.max(np.abs(outcome)))[1])))
    outcome = outcome / scale
    values = [deviance(rho, outcome, basis, steps) for rho in _GRID]
    best = int(np.argmin(values))
    low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
    found = minimize_scalar(
        deviance, bounds=(low, high), args=(outcome, basis, steps), method="bounded", options={"xatol": 1e-12}
    )
    rho = float(found.x)
    if not np.isfinite(values).all() or abs(rho) > MOST_PERSISTENT - 1e-6:
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("the errors are as persistent as a random walk, autocorrelation {rho:.2f}", {"rho": rho}),
            Message("a longer series, or newey_west"),
        )
    white_basis, white = whitened(basis, steps, rho), whitened(outcome, steps, rho)
    covariance = np.linalg.inv(white_basis.T @ white_basis).astype(np.float64)
    gamma: Numbers = covariance @ (white_basis.T @ white)
    left = white - white_basis @ gamma
    spread = float(left @ left) / (len(left) - len(gamma))
    return AutoregressiveFit(rho, spread, gamma, covariance * spread, left, basis, steps, direction, scale)


def deviance(rho: float, outcome: Numbers, basis: Numbers, steps: Codes) -> float:
    """Minus twice the restricted log-likelihood, spread profiled out, up to a constant."""
    white_basis, white = whitened(basis, steps, rho), whitened(outcome, steps, rho)
    orthonormal, triangular = np.linalg.qr(white_basis)
    left = white - orthonormal @ (orthonormal.T @ white)
    rest = float(left @ left)
    if rest <= _EXACT**2 * float(white @ white):
        return float(np.nan)
    share = rho ** (2.0 * np.diff(steps))
    volume = 2.0 * float(np.sum(np.log(np.abs(np.diag(triangular)))))
    rows, columns = basis.shape
    return float((rows - columns) * np.log(rest) + np.sum(np.log1p(-share)) + volume)


def whitened(values: Numbers, steps: Codes, rho: float) -> Numbers:
    """Values (n,) or (n, k) in order of time without their correlation."""
    power = np.power(rho, np.diff(steps).astype(np.float64))
    rest = np.sqrt(1.0 - power**2)
    if values.ndim == 2:
        power, rest = power[:, None], rest[:, None]
    answer = values.copy()
    answer[1:] = (values[1:] - power * values[:-1]) / rest
    return answer
