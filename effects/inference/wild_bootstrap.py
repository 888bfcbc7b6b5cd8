"""Wild cluster bootstrap of one coefficient, with the null imposed, from sums over clusters.

The residuals of the model without the effect are multiplied, cluster by cluster, by a random v_g of mean 0 and variance
1; the coefficient of each draw is studentised with its own cr1 error (WCR: Cameron, Gelbach and Miller 2008). With
M = (X'WX)^-1, c its row of the effect and s_g = X_g' W_g e_g the scores of the restricted residuals, the draw is

    b* = sum_g v_g c's_g,    variance* ~ sum_g (v_g c's_g - c' X_g'W_g X_g M sum_h v_h s_h)^2,

so that no draw touches a row (Roodman, Nielsen, MacKinnon and Webb 2019; MacKinnon, Nielsen and Webb 2023). Factors of
cr1 are the same in every draw and cancel.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import BootstrapWeights
from effects.inference.cluster_robust import cluster_slices
from effects.inference.draw_blocks import Block, blocks, in_blocks
from effects.inference.least_squares import Fit
from effects.inference.resampling import Resampled, extremes, inverse, pieces, resampled
from effects.rows.columns import Codes, Numbers

_WEBB: Final[Numbers] = np.sqrt(np.array([0.5, 1.0, 1.5, 0.5, 1.0, 1.5])) * np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
_NO_SPREAD: Final = 1e-12
_FEWEST: Final = 50
"""Nanoseconds to compare a statistic of hardly any clusters."""
_DRAWN: Final[Mapping[BootstrapWeights, int]] = MappingProxyType(
    {BootstrapWeights.RADEMACHER: 1, BootstrapWeights.WEBB: 5}
)
"""Nanoseconds to draw a multiplier; one more to use it."""
_ADDED: Final = 0.06
"""Nanoseconds to add a number."""


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The `draws` vectors of multipliers of all clusters: every vector of signs (`enumerated`), or some at random."""

    kind: BootstrapWeights
    clusters: int
    draws: int
    seed: int
    enumerated: bool

    @classmethod
    def of(cls, kind: BootstrapWeights, clusters: int, draws: int, seed: int) -> "Multipliers":
        """All vectors of signs where Rademacher's are asked for and there are no more than `draws`."""
        enumerated = kind is BootstrapWeights.RADEMACHER and 2**clusters <= draws
        return cls(kind, clusters, 2**clusters if enumerated else draws, seed, enumerated)

    @property
    def cost(self) -> int:
        """Nanoseconds of a draw."""
        return (1 + _DRAWN[self.kind]) * self.clusters

    def within(self, block: Block) -> Iterator[Numbers]:
        """Those of a block, in pieces (d, G)."""
        if self.enumerated:
            return sign_vectors(self.clusters, block.start, block.stop)
        return multipliers(self.kind, self.clusters, block.draws, block.seed(self.seed))


@dataclass(frozen=True, slots=True)
class WildScores:
    """What the draws need of m outcomes with one design: sums over G clusters, k coefficients.

    scores (m, G, k) are X_g' W_g e_g of the residuals with the effect left out; leverage (G, k) is c' X_g'W_g X_g M;
    influence (k,) is c.
    """

    scores: Numbers
    leverage: Numbers
    influence: Numbers

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.leverage)


def scores_from_grams(grams: Numbers, products: Numbers, effect: int) -> WildScores:
    """From X_g'W_g X_g (G, k, k) and X_g'W_g y_g (G, k, m) of each cluster; their sum must be of full rank."""
    bread = inverse(grams.sum(axis=0))
    restricted = products.sum(axis=0).T @ bread
    restricted -= np.outer(restricted[:, effect] / bread[effect, effect], bread[effect])
    scores = np.moveaxis(products, 2, 0) - np.moveaxis(grams @ restricted.T, 2, 0)
    return WildScores(scores, (grams @ bread[effect]) @ bread, bread[effect])


def scores_from_fit(fit: Fit, clusters: Codes) -> WildScores:
    """From a fitted model and its clusters (n,) in ascending order."""
    direction = fit.model.design @ fit.influence
    restricted = fit.residuals + direction * (fit.estimate / fit.influence[fit.model.effect])
    weighted = fit.model.design * fit.model.weights[:, None]
    starts = [rows.start for rows in cluster_slices(clusters)]
    scores = np.add.reduceat(weighted * restricted[:, None], starts, axis=0)
    leverage = np.add.reduceat(weighted * direction[:, None], starts, axis=0) @ fit.bread
    return WildScores(scores[None], leverage, fit.influence)


def wild_bootstrap(scores: WildScores, kind: BootstrapWeights, draws: int, seed: int) -> Resampled:
    """Two-sided p-values (m,) of the effect being zero; the same multipliers serve every outcome.

    Rademacher multipliers are enumerated where there are no more than `draws` sign vectors. A draw without variance
    counts as extreme. NaN for an outcome whose observed variance is zero.
    """
    drawn, reduced = Multipliers.of(kind, scores.clusters, draws, seed), prepared(scores)
    size, spread = studentised(reduced, np.ones((1, scores.clusters)))
    run = _Run(drawn, reduced, size[0] / np.where(spread[0] > 0.0, spread[0], np.nan))
    counts = in_blocks(_extreme, run, blocks(drawn.draws, drawn.cost + reduced.cost))
    extreme: Numbers = np.sum(counts, axis=0)
    return resampled(extreme, run.observed, drawn.draws, drawn.enumerated)


@dataclass(frozen=True, slots=True)
class Reduced:
    """Pulls c's_g (G, m), and for each outcome what multiplies the draws: G x G, or G x 2k where that is narrower."""

    pulls: Numbers
    factors: list[Numbers]
    narrow: bool

    @property
    def cost(self) -> int:
        """Nanoseconds to studentise a draw."""
        return int(sum(_FEWEST + _ADDED * (2 * len(factor) + factor.size) for factor in self.factors))


def prepared(scores: WildScores) -> Reduced:
    """What statistics of many draws are made of."""
    pulls = scores.scores @ scores.influence
    groups, columns = scores.leverage.shape
    narrow = groups > 2 * columns
    if narrow:
        basis, triangular = np.linalg.qr(scores.leverage)
        factors = [
            np.column_stack([own @ triangular.T, pull[:, None] * basis])
            for pull, own in zip(pulls, scores.scores, strict=True)
        ]
    else:
        factors = [np.diag(pull) - own @ scores.leverage.T for pull, own in zip(pulls, scores.scores, strict=True)]
    return Reduced(pulls.T, factors, narrow)


@dataclass(frozen=True, slots=True)
class _Run:
    drawn: Multipliers
    reduced: Reduced
    observed: Numbers


def _extreme(run: _Run, block: Block) -> Numbers:
    """How many draws of a block are at least as extreme as each observed statistic (m,)."""
    return extremes(run.observed, (studentised(run.reduced, piece) for piece in run.drawn.within(block)))


def studentised(reduced: Reduced, drawn: Numbers) -> tuple[Numbers, Numbers]:
    """Coefficients b* (d, m) of multipliers (d, G), and their cluster-robust errors (d, m) without factor (cr0).

    Multipliers of 1 give the observed coefficient and error. An error that is zero but for rounding is zero.
    Narrow: |v a - O z|^2 = |v a|^2 + z'(z - 2 O'(v a)), with leverage = O R and z = R sum_h v_h s_h.
    """
    sizes = drawn @ reduced.pulls
    whole = drawn**2 @ reduced.pulls**2
    variance = np.empty_like(sizes)
    for place, factor in enumerate(reduced.factors):
        found = drawn @ factor
        if reduced.narrow:
            middle = found.shape[1] // 2
            fitted, crossed = found[:, :middle], found[:, middle:]
            variance[:, place] = whole[:, place] + np.einsum("dk,dk->d", fitted, fitted - 2.0 * crossed)
        else:
            variance[:, place] = np.einsum("dg,dg->d", found, found)
    return sizes, np.sqrt(np.where(variance > _NO_SPREAD * whole, variance, 0.0))


def sign_vectors(clusters: int, first: int = 0, last: int | None = None) -> Iterator[Numbers]:
    """All 2^G vectors of signs, or the `first` to `last` - 1 of them, in pieces (d, G)."""
    for start, stop in pieces((2**clusters if last is None else last) - first, clusters):
        bits = np.arange(first + start, first + stop)[:, None] >> np.arange(clusters) & 1
        yield 1.0 - 2.0 * bits.astype(np.float64)


def multipliers(
    kind: BootstrapWeights, clusters: int, draws: int, seed: int | np.random.SeedSequence
) -> Iterator[Numbers]:
    """Random multipliers in pieces (d, G), the same for the same seed: signs, or Webb's six points (Webb 2014)."""
    random = np.random.Generator(np.random.PCG64(seed))
    for start, stop in pieces(draws, clusters):
        cells = (stop - start) * clusters
        if kind is BootstrapWeights.WEBB:
            values: Numbers = _WEBB[random.integers(0, 6, cells, dtype=np.uint8)]
        else:
            bits = np.unpackbits(np.frombuffer(random.bytes(-(-cells // 8)), dtype=np.uint8), count=cells)
            values = 2.0 * bits.astype(np.float64) - 1.0
        yield values.reshape(-1, clusters)
