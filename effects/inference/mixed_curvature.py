"""First and second derivatives of the restricted likelihood of a mixed model, in closed form."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from effects.inference.mixed_blocks import Terms
from effects.rows.columns import Numbers


@dataclass(frozen=True, slots=True)
class Curvature:
    """Derivatives at one pair of ratios; the parameters are V as a whole, then the m ratios of its components.

    With P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1 and y the outcome in units of the blocks. Shapes: coefficients (k,) of
    the orthonormal columns, covariance (k, k) = (X'V^-1 X)^-1, squares = y'Py, first (m+1, k, k) = X'V^-1 Va V^-1 X,
    second (m+1, m+1, k, k) = X'V^-1 Va V^-1 Vb V^-1 X, expected (m+1, m+1) = tr(P Va P Vb), observed (m+1, m+1) =
    y'P Va P Vb P y.
    """

    terms: Terms
    coefficients: Numbers
    covariance: Numbers
    squares: float
    log_determinant: float
    first: Numbers
    second: Numbers
    expected: Numbers
    observed: Numbers

    @property
    def freedom(self) -> int:
        """Rows less fixed effects."""
        return self.terms.blocks.rows - self.terms.blocks.columns

    @property
    def deviance(self) -> float:
        """-2 log restricted likelihood at the best residual variance, up to a constant of the rows and columns."""
        return float(self.log_determinant + self.freedom * np.log(self.squares))

    @property
    def gradient(self) -> Numbers:
        """Of the deviance in the ratios (m,)."""
        slopes: Numbers = self.expected[0, 1:] - self.freedom * self.observed[0, 1:] / self.squares
        return slopes

    def hessian(self, *, expected: bool) -> Numbers:
        """Of the deviance in the ratios (m, m); its expectation is never negative."""
        if expected:
            mean = self.expected[0, 1:]
            average: Numbers = self.expected[1:, 1:] - np.outer(mean, mean) / self.freedom
            return average
        pull = self.observed[0, 1:] / self.squares
        bent: Numbers = 2.0 * self.observed[1:, 1:] / self.squares - np.outer(pull, pull)
        return self.freedom * bent - self.expected[1:, 1:]


def profile_deviance(terms: Terms) -> float:
    """The deviance of `Curvature` alone."""
    columns = terms.blocks.columns
    fixed, crossed = terms.products[:columns, :columns], terms.products[:columns, columns]
    factor = cho_factor(fixed, lower=True)
    squares = float(terms.products[columns, columns] - crossed @ cho_solve(factor, crossed))
    if squares <= 0.0:
        return -np.inf
    log_determinant = terms.log_determinant + 2.0 * float(np.sum(np.log(np.diag(factor[0]))))
    return float(log_determinant + (terms.blocks.rows - columns) * np.log(squares))


def curvature(terms: Terms) -> Curvature:
    """All derivatives at the ratios of the terms."""
    columns, parts = terms.blocks.columns, 2 if terms.blocks.nested else 1
    fixed, crossed = terms.products[:columns, :columns], terms.products[:columns, columns]
    factor = cho_factor(fixed, lower=True)
    covariance = cho_solve(factor, np.eye(columns))
    coefficients = cho_solve(factor, crossed)
    residual = np.append(-coefficients, 1.0)
    size = parts + 1
    first, second = np.empty((size, columns, columns)), np.empty((size, size, columns, columns))
    expected, observed = np.empty((size, size)), np.empty((size, size))
    first[0] = second[0, 0] = fixed
    expected[0, 0] = terms.blocks.rows - columns
    squares = observed[0, 0] = float(terms.products[columns, columns] - crossed @ coefficients)
    pulls = []
    for one in range(parts):
        sums = terms.sums(one)
        own = sums @ residual
        first[one + 1] = second[0, one + 1] = second[one + 1, 0] = sums[:, :columns].T @ sums[:, :columns]
        trace = terms.trace(one) - float(np.sum(covariance * first[one + 1]))
        expected[0, one + 1] = expected[one + 1, 0] = trace
        observed[0, one + 1] = observed[one + 1, 0] = float(own @ own)
        pulls.append(sums[:, :columns].T @ own)
    leant = [covariance @ first[one + 1] for one in range(parts)]
    for one in range(parts):
        for other in range(parts):
            double = terms.double_products(one, other)
            second[one + 1, other + 1] = double[:columns, :columns]
            trace = terms.double_trace(one, other) - 2.0 * float(np.sum(covariance * double[:columns, :columns]))
            expected[one + 1, other + 1] = trace + float(np.sum(leant[one] * leant[other].T))
            bent = float(residual @ double @ residual - pulls[one] @ covariance @ pulls[other])
            observed[one + 1, other + 1] = bent
    log_determinant = terms.log_determinant + 2.0 * float(np.sum(np.log(np.diag(factor[0]))))
    return Curvature(terms, coefficients, covariance, squares, log_determinant, first, second, expected, observed)
