"""The pooling model of the rules: one method for any number of pilots, computed by deterministic quadrature.

Normal-normal with a half-normal prior on tau, the standard deviation of true effects between places, and a flat prior
on their mean (Gelman 2006; Rover 2020). The mean and the effect in a new place are mixtures of normals over tau.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from effects.rows.columns import Numbers
from effects.synthesis.between import COARSE, Grid, Rows, grid, median, nodes_needed, support
from effects.synthesis.mixtures import Mixtures, stacked

_CELLS: Final = 2**17
"""Numbers worked on at once, so that they stay in the processor's cache."""
_MOST: Final = 2**24
"""Nodes of all rows together; only sets of very many rows, one of them absurd, are given fewer than they ask for."""


@dataclass(frozen=True, slots=True)
class PooledMany:
    """What `pool` says about each of R sets of estimates, arrays (R,); figures as in `Pooled`."""

    mean: Numbers
    standard_error: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    predictive_low: Numbers
    predictive_high: Numbers
    predictive_sd: Numbers
    means: Mixtures
    places: Mixtures

    def above(self, values: Numbers | float) -> Numbers:
        """P(mean > value) of each set (R,); one value for all or one each."""
        return self.means.above(self._each(values))

    def below(self, values: Numbers | float) -> Numbers:
        """P(mean < value) of each set (R,), the one-sided p-value of a claim that the mean lies above the value."""
        return self.means.below(self._each(values))

    def next_above(self, values: Numbers | float) -> Numbers:
        """P(effect in a new place > value) of each set (R,)."""
        return self.places.above(self._each(values))

    def _each(self, values: Numbers | float) -> Numbers:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), self.mean.shape)


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pooling model's answer; effects in the outcome's unit.

    `mean` and `standard_error` are the posterior mean and standard deviation of the mean effect, `low` and `high` its
    central interval, `p_value` twice the smaller of P(mean < 0) and P(mean > 0). `tau` is the posterior median of the
    standard deviation between places. `predictive_*`: the effect in a new place.
    """

    pilots: int
    mean: float
    standard_error: float
    low: float
    high: float
    p_value: float
    tau: float
    predictive_low: float
    predictive_high: float
    predictive_sd: float
    many: PooledMany = field(repr=False, compare=False)

    def above(self, value: float) -> float:
        """P(mean > value)."""
        return float(self.many.above(value)[0])

    def below(self, value: float) -> float:
        """P(mean < value), accurate also where it is tiny."""
        return float(self.many.below(value)[0])

    def next_above(self, value: float) -> float:
        """P(effect in a new place > value)."""
        return float(self.many.next_above(value)[0])


def pool(estimates: Sequence[float], standard_errors: Sequence[float], scale: float, *, level: float = 0.95) -> Pooled:
    """Pool the estimates of k >= 1 pilots; `scale` is the scale of the half-normal prior on tau, in their unit.

    Figures are accurate to 1e-8 relative to the standard error, probabilities to 1e-12. Raises ValueError for no
    estimate, lists of unequal length, numbers that are not finite, and errors or a scale that are not positive.
    """
    numbers = np.array([estimates], dtype=np.float64), np.array([standard_errors], dtype=np.float64)
    many = pool_many(*numbers, scale, level=level)
    rows = Rows(numbers[0] - numbers[0][:, :1], numbers[1] ** 2, scale)
    low, high = support(rows)
    return Pooled(
        pilots=len(estimates),
        mean=float(many.mean[0]),
        standard_error=float(many.standard_error[0]),
        low=float(many.low[0]),
        high=float(many.high[0]),
        p_value=float(many.p_value[0]),
        tau=median(rows, float(low[0]), float(high[0])),
        predictive_low=float(many.predictive_low[0]),
        predictive_high=float(many.predictive_high[0]),
        predictive_sd=float(many.predictive_sd[0]),
        many=many,
    )


def pool_many(estimates: Numbers, standard_errors: Numbers, scale: float, *, level: float = 0.95) -> PooledMany:
    """Pool each row of estimates and standard errors (R, k) by itself; raises what `pool` raises."""
    _check(estimates, standard_errors, scale, level)
    rows = Rows(estimates - estimates[:, :1], standard_errors**2, scale)
    stretches = [support(rows.part(chunk)) for chunk in _chunks(rows, COARSE)]
    low, high = (np.concatenate(ends) for ends in zip(*stretches, strict=True))
    wanted = max(nodes_needed(rows.part(chunk), low[chunk], high[chunk]) for chunk in _chunks(rows, COARSE))
    nodes = min(wanted, max(COARSE, _MOST // len(estimates)))
    return _joined(
        [
            _answer(grid(rows.part(chunk), low[chunk], high[chunk], nodes), estimates[chunk, :1], level)
            for chunk in _chunks(rows, nodes)
        ]
    )


def _check(estimates: Numbers, standard_errors: Numbers, scale: float, level: float) -> None:
    if estimates.ndim != 2 or estimates.shape != standard_errors.shape or not estimates.size:
        raise ValueError("as many standard errors as estimates are needed, and at least one")
    if not (np.isfinite(estimates).all() and np.isfinite(standard_errors).all() and np.all(standard_errors > 0.0)):
        raise ValueError("estimates must be finite and standard errors positive")
    if not (np.isfinite(scale) and scale > 0.0 and 0.0 < level < 1.0):
        raise ValueError("the scale must be positive and the level between 0 and 1")


def _chunks(rows: Rows, nodes: int) -> list[slice]:
    count, pilots = rows.estimates.shape
    size = max(1, _CELLS // (nodes * pilots))
    return [slice(start, start + size) for start in range(0, count, size)]


def _answer(posterior: Grid, origins: Numbers, level: float) -> PooledMany:
    centres = posterior.mean + origins
    means = Mixtures(posterior.probability, centres, np.sqrt(posterior.variance))
    places = Mixtures(posterior.probability, centres, np.sqrt(posterior.variance + posterior.tau**2))
    zero, tail = np.zeros(len(centres)), (1.0 - level) / 2.0
    return PooledMany(
        mean=means.mean,
        standard_error=means.sd,
        low=means.quantiles(tail),
        high=means.quantiles(1.0 - tail),
        p_value=2.0 * np.minimum(means.below(zero), means.above(zero)),
        predictive_low=places.quantiles(tail),
        predictive_high=places.quantiles(1.0 - tail),
        predictive_sd=places.sd,
        means=means,
        places=places,
    )


def _joined(parts: Sequence[PooledMany]) -> PooledMany:
    figures = [item.name for item in fields(PooledMany) if item.name not in {"means", "places"}]
    return PooledMany(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in figures},
        means=stacked([part.means for part in parts]),
        places=stacked([part.places for part in parts]),
    )
