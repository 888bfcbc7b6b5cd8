"""Weighted least squares of estimates on moderators with known sampling variances and a given tau^2."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from effects.rows.columns import Numbers


@dataclass(frozen=True, slots=True)
class Weighted:
    """The fit at one tau^2: coefficients (p,), their covariance (p, p) = (X'WX)^-1 with W = 1 / (v + tau^2).

    `q` is y'Py, the weighted sum of squared residuals, with P = W - W X (X'WX)^-1 X'W. `score` is the derivative of
    the restricted log-likelihood with respect to tau^2, `information` its expected curvature tr(PP) / 2.
    """

    coefficients: Numbers
    covariance: Numbers
    q: float
    trace: float
    score: float
    information: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class Marginal:
    """Estimates (k,), their sampling variances (k,) and a design (k, p) of full column rank, k > p."""

    estimates: Numbers
    variances: Numbers
    design: Numbers

    @property
    def df(self) -> int:
        """k - p."""
        rows, columns = self.design.shape
        return int(rows - columns)

    def at(self, tau2: float) -> Weighted:
        """The fit where the true effects vary by `tau2` about the regression."""
        weights = 1.0 / (self.variances + tau2)
        root = np.sqrt(weights)
        orthonormal, triangular = np.linalg.qr(self.design * root[:, None])
        coefficients = solve_triangular(triangular, orthonormal.T @ (root * self.estimates))
        inverse = solve_triangular(triangular, np.eye(len(triangular)))
        residuals = self.estimates - self.design @ coefficients
        squares = orthonormal.T @ (weights[:, None] * orthonormal)
        cubes = orthonormal.T @ ((weights**2)[:, None] * orthonormal)
        trace = float(np.sum(weights) - np.trace(squares))
        twice = float(np.sum(weights**2) - 2.0 * np.trace(cubes) + np.sum(squares * squares.T))
        q = float(np.sum(weights * residuals**2))
        information = float(np.sum(np.log(np.abs(np.diag(triangular)))))
        log_likelihood = 0.5 * float(np.sum(np.log(weights))) - information - 0.5 * q
        score = 0.5 * (float(np.sum((weights * residuals) ** 2)) - trace)
        return Weighted(coefficients, inverse @ inverse.T, q, trace, score, 0.5 * twice, log_likelihood)


def mean_only(estimates: Numbers, variances: Numbers) -> Marginal:
    """The model without moderators."""
    return Marginal(estimates, variances, np.ones((len(estimates), 1)))
