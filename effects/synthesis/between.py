"""The posterior of tau, the standard deviation of effects between places, on a grid of nodes.

With y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau^2), a flat prior of mu and tau ~ half-normal(scale), integrating mu out
leaves p(tau | y) up to a constant: prior x prod (v_i + tau^2)^(-1/2) x (sum w_i)^(-1/2) x exp(-Q / 2), where
w_i = 1 / (v_i + tau^2) and Q is the weighted sum of squares about the weighted mean. It is even and analytic in
u = asinh(tau / c), c the smaller of the scale and the error of the mean at tau = 0, so that the trapezoidal rule in u
converges exponentially (Trefethen and Weideman 2014).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Numbers

COARSE: Final = 65
_ZOOMS: Final = 60
_DROP: Final = 50.0
"""Where the logarithm of the density lies this far below its maximum it is left out: e^-50 is 2e-22."""
_SCALES: Final = 10.0
_STEP: Final = 0.15
_FEWEST: Final = 33
_FINE: Final = 0.8
"""The step as a share of a standard deviation: the trapezoidal rule then errs by e^(-2 (pi / 0.8)^2), 4e-14."""
_HIGH: Final = 1e-5
_NEGLIGIBLE: Final = 1e-16
_PANELS: Final = 48
_POINTS: Final = 12
_NEWTON: Final = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """R sets of k estimates (R, k), each about its own origin, with variances (R, k) and the scale of the prior."""

    estimates: Numbers
    variances: Numbers
    scale: float

    @property
    def units(self) -> Numbers:
        """The c of each row (R,)."""
        error = np.sum(1.0 / self.variances, axis=1) ** -0.5
        smaller: Numbers = np.minimum(error, self.scale)
        return smaller

    @property
    def farthest(self) -> Numbers:
        """A u (R,) beyond which the density is negligible: the likelihood falls once tau exceeds the range."""
        reach = np.hypot(np.ptp(self.estimates, axis=1), _SCALES * self.scale)
        u: Numbers = np.arcsinh(reach / self.units)
        return u

    def part(self, chunk: slice) -> "Rows":
        """Some of the sets."""
        return Rows(self.estimates[chunk], self.variances[chunk], self.scale)

    def log_density(self, u: Numbers) -> Numbers:
        """log p(u | y) up to a constant at nodes (R, n)."""
        tau = self.units[:, None] * np.sinh(u)
        total = self.variances.T[:, :, None] + (tau**2)[None]
        weights = 1.0 / total
        mass = np.sum(weights, axis=0)
        own = self.estimates.T[:, :, None]
        mean = np.sum(weights * own, axis=0) / mass
        misfit = np.sum(weights * (own - mean) ** 2, axis=0)
        spread = np.sum(np.log(total), axis=0) + np.log(mass)
        values: Numbers = np.log(np.cosh(u)) - 0.5 * ((tau / self.scale) ** 2 + misfit + spread)
        return values


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes of tau (R, n), their probabilities (R, n), the mean (R, n) given each and its variance (R, n)."""

    tau: Numbers
    probability: Numbers
    mean: Numbers
    variance: Numbers


def support(rows: Rows) -> tuple[Numbers, Numbers]:
    """The stretch of u (R,), (R,) that holds the posterior: a coarse grid, narrowed until it is not wasted."""
    low, high = np.zeros(len(rows.estimates)), rows.farthest
    for _ in range(_ZOOMS):
        u = _spaced(low, high, COARSE)
        values = rows.log_density(u)
        kept = values > np.max(values, axis=1, keepdims=True) - _DROP
        first = np.maximum(np.argmax(kept, axis=1) - 1, 0)
        last = np.minimum(COARSE - np.argmax(kept[:, ::-1], axis=1), COARSE - 1)
        each = np.arange(len(u))
        low, high = u[each, first], u[each, last]
        if np.all(last - first > COARSE // 3):
            break
    return low, high


def nodes_needed(rows: Rows, low: Numbers, high: Numbers) -> int:
    """How many nodes resolve these stretches in every row.

    Three things must not change much from node to node: u itself, the density where it is high, and the mean given tau
    beside its standard error, which matters where estimates of unequal precision lie far apart.
    """
    coarse = grid(rows, low, high, COARSE)
    heights = coarse.probability / np.max(coarse.probability, axis=1, keepdims=True)
    moved = np.abs(np.diff(coarse.mean, axis=1)) / np.sqrt(coarse.variance[:, :-1])
    by_mean = np.max(np.where(heights[:, :-1] > _NEGLIGIBLE, moved, 0.0)) * (COARSE - 1)
    logarithms = np.log(np.maximum(heights[:, 1:-1], _NEGLIGIBLE))
    bend = np.where(heights[:, 2:-2] > _HIGH, -np.diff(logarithms, n=2, axis=1), 0.0)
    by_density = np.max(bend) ** 0.5 * (COARSE - 1)
    return max(_FEWEST, int(np.ceil(max(by_mean / _FINE, by_density / _FINE, np.max(high - low) / _STEP))) + 1)


def grid(rows: Rows, low: Numbers, high: Numbers, nodes: int) -> Grid:
    """The posterior of tau at equidistant u, the ends counting half, with what each node says about the mean."""
    u = _spaced(low, high, nodes)
    values = rows.log_density(u)
    probability = np.exp(values - np.max(values, axis=1, keepdims=True))
    probability[:, [0, -1]] *= 0.5
    probability /= np.sum(probability, axis=1, keepdims=True)
    tau = rows.units[:, None] * np.sinh(u)
    weights = 1.0 / (rows.variances.T[:, :, None] + (tau**2)[None])
    mass = np.sum(weights, axis=0)
    mean = np.sum(weights * rows.estimates.T[:, :, None], axis=0) / mass
    return Grid(tau, probability, mean, 1.0 / mass)


def median(rows: Rows, low: float, high: float) -> float:
    """The posterior median of tau of a single row: Gauss-Legendre in panels of u, Newton's method inside one."""
    places, weights = np.polynomial.legendre.leggauss(_POINTS)
    edges = np.linspace(low, high, _PANELS + 1)
    width = (high - low) / _PANELS
    u = edges[:-1, None] + 0.5 * width * (places + 1.0)
    values = rows.log_density(u.reshape(1, -1))
    top = float(np.max(values))
    masses = 0.5 * width * np.exp(values - top).reshape(u.shape) @ weights
    below = np.concatenate([[0.0], np.cumsum(masses)])
    half = 0.5 * float(below[-1])
    panel = int(np.searchsorted(below, half)) - 1
    start, lacking = float(edges[panel]), half - float(below[panel])
    reach = width * lacking / float(masses[panel])
    for _ in range(_NEWTON):
        inside = start + 0.5 * reach * (places + 1.0)
        heights = np.exp(rows.log_density(np.append(inside, start + reach)[None])[0] - top)
        missing = lacking - 0.5 * reach * float(heights[:-1] @ weights)
        reach = min(max(reach + missing / float(heights[-1]), 0.0), width)
    return float(rows.units[0] * np.sinh(start + reach))


def _spaced(low: Numbers, high: Numbers, count: int) -> Numbers:
    places: Numbers = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, count)
    return places
