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
    """Estimates (k,), their sampling variances (k,) and a design (k, p) of full column rank, k >= p.

    A design of one column is a mean: a column of ones.
    """

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
        if self.design.shape[1] == 1:
            return _mean(self.estimates, 1.0 / (self.variances + tau2))
        return _regression(self, 1.0 / (self.variances + tau2))


def _mean(estimates: Numbers, weights: Numbers) -> Weighted:
    """The fit of a mean; sums without one study are added up, not subtracted, so that no study can drown the others."""
    origin = float(estimates[np.argmax(weights)])
    total = float(np.sum(weights))
    shift = float(weights @ (estimates - origin)) / total
    pulled = weights * (estimates - origin - shift)
    others, squares = _without_each(weights), _without_each(weights**2)
    q = float(np.sum(pulled**2 / weights))
    trace = float(weights @ others) / total
    twice = float(weights**2 @ (others**2 + squares)) / total**2
    log_likelihood = 0.5 * (float(np.sum(np.log(weights))) - float(np.log(total)) - q)
    coefficients, covariance = np.array([origin + shift]), np.array([[1.0 / total]])
    score = 0.5 * (float(np.sum(pulled**2)) - trace)
    return Weighted(coefficients, covariance, q, trace, score, 0.5 * twice, log_likelihood)


def _regression(model: Marginal, weights: Numbers) -> Weighted:
    """The fit of a regression through the orthonormal complement N of W^1/2 X: P = W^1/2 N N' W^1/2."""
    root = np.sqrt(weights)
    columns = model.design.shape[1]
    orthonormal, triangular = np.linalg.qr(model.design * root[:, None], mode="complete")
    inside, complement = orthonormal[:, :columns], orthonormal[:, columns:]
    coefficients = solve_triangular(triangular[:columns], inside.T @ (root * model.estimates))
    inverse = solve_triangular(triangular[:columns], np.eye(columns))
    left = complement.T @ (root * model.estimates)
    pulled = root * (complement @ left)
    products = complement.T @ (weights[:, None] * complement)
    trace, q = float(np.trace(products)), float(left @ left)
    information = float(np.sum(np.log(np.abs(np.diag(triangular)))))
    log_likelihood = 0.5 * float(np.sum(np.log(weights))) - information - 0.5 * q
    score = 0.5 * (float(np.sum(pulled**2)) - trace)
    return Weighted(
        coefficients, inverse @ inverse.T, q, trace, score, 0.5 * float(np.sum(products**2)), log_likelihood
    )


def _without_each(values: Numbers) -> Numbers:
    """The sum of all the others for each value."""
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    after = np.concatenate([np.cumsum(values[::-1])[::-1][1:], [0.0]])
    sums: Numbers = before + after
    return sums


def mean_only(estimates: Numbers, variances: Numbers) -> Marginal:
    """The model without moderators."""
    return Marginal(estimates, variances, np.ones((len(estimates), 1)))
