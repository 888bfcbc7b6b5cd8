"""Sums of products of independent uncertain factors: mean and covariance in closed form (Goodman 1960)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of each of k terms: means (k,) and covariance (k, k); terms that share the factor covary."""

    mean: Numbers
    covariance: Numbers

    def total(self, weights: Numbers) -> tuple[float, float]:
        """Mean and sd of the weighted sum of the terms."""
        return float(weights @ self.mean), math.sqrt(max(0.0, float(weights @ self.covariance @ weights)))


def product(factors: Sequence[Factor]) -> Factor:
    """The product of factors that are independent of each other, term by term.

    E[XY] of two terms is the product over the factors of mean x mean + covariance; less the product of the terms'
    means it is their covariance. Exact whatever the distributions are.
    """
    mean = np.prod([factor.mean for factor in factors], axis=0)
    second = np.prod([np.outer(factor.mean, factor.mean) + factor.covariance for factor in factors], axis=0)
    return Factor(mean, second - np.outer(mean, mean))


def shared(
    names: Sequence[str | None], means: Sequence[float], sds: Sequence[float], correlation: float = 0.0
) -> Factor:
    """The factor of terms that share what bears the same name; None shares with nobody and is the number 1.

    Factors of different names have the stated correlation.
    """
    alike = np.array([[one is not None and one == other for other in names] for one in names], dtype=bool)
    named = np.array([name is not None for name in names], dtype=bool)
    spread = np.where(named, np.array(sds, dtype=float), 0.0)
    pattern = np.where(alike, 1.0, correlation)
    return Factor(np.where(named, np.array(means, dtype=float), 1.0), np.outer(spread, spread) * pattern)
