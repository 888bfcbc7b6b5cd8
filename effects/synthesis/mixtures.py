"""Finite mixtures of normal distributions, one in each row: probabilities, moments and quantiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Numbers
from effects.synthesis.normal import density, quantile, upper_tail

_STEPS: Final = 200
_CLOSE: Final = 1e-12
_ROUNDING: Final = 4.0 * float(np.finfo(np.float64).eps)
_LEAST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Mixtures:
    """R mixtures of n normals: weights that sum to 1 in each row, centres and standard deviations, all (R, n)."""

    weights: Numbers
    centres: Numbers
    spreads: Numbers

    def above(self, values: Numbers) -> Numbers:
        """P(X > value) in each row (R,)."""
        return self._weighted(upper_tail(self._standardised(values)))

    def below(self, values: Numbers) -> Numbers:
        """P(X < value) in each row (R,), accurate also where it is tiny."""
        return self._weighted(upper_tail(-self._standardised(values)))

    @property
    def mean(self) -> Numbers:
        """The mean of each row (R,)."""
        return self._weighted(self.centres)

    @property
    def sd(self) -> Numbers:
        """The standard deviation of each row (R,)."""
        apart = self.centres - self.mean[:, None]
        root: Numbers = np.sqrt(self._weighted(self.spreads**2 + apart**2))
        return root

    def quantiles(self, probability: float) -> Numbers:
        """The value of each row (R,) below which X falls with this probability, strictly between 0 and 1.

        Newton's method on the logarithm of the smaller tail, kept within the quantiles of the components.
        """
        if probability > 0.5:
            return -Mixtures(self.weights, -self.centres, self.spreads).quantiles(1.0 - probability)
        components = self.centres + quantile(probability) * self.spreads
        low, high = np.min(components, axis=1), np.max(components, axis=1)
        sd = self.sd
        found = np.clip(self.mean + quantile(probability) * sd, low, high)
        for _ in range(_STEPS):
            standardised = self._standardised(found)
            mass = np.maximum(self._weighted(upper_tail(-standardised)), _LEAST)
            slope = np.maximum(self._weighted(density(standardised) / self.spreads), _LEAST)
            low, high = np.where(mass < probability, found, low), np.where(mass > probability, found, high)
            step = found - np.log(mass / probability) * mass / slope
            following = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
            moved = np.abs(following - found)
            found = following
            if np.all(moved <= _CLOSE * sd + _ROUNDING * np.abs(found)):
                break
        return found

    def _standardised(self, values: Numbers) -> Numbers:
        standardised: Numbers = (values[:, None] - self.centres) / self.spreads
        return standardised

    def _weighted(self, values: Numbers) -> Numbers:
        sums: Numbers = np.einsum("rn,rn->r", self.weights, values)
        return sums


def stacked(parts: Sequence[Mixtures]) -> Mixtures:
    """Mixtures of equally many components, the rows of one part after those of another."""
    weights, centres, spreads = zip(*((part.weights, part.centres, part.spreads) for part in parts), strict=True)
    return Mixtures(np.concatenate(weights), np.concatenate(centres), np.concatenate(spreads))
