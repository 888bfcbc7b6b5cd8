"""Trials without any effect, drawn again and again: what a method says of them shows its size and its coverage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from effects.codes import Design
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class World:
    """How a trial comes about; `draw` gives one in which nobody is affected, assigned at random each time."""

    design: Design
    draw: Callable[[Random], Sample]


def people(untreated: int, treated: int, *, spread: float = 1.0) -> World:
    """People drawn one by one, with skewed outcomes of SD 1 about 0, `spread` times as wide among the treated."""

    def draw(random: Random) -> Sample:
        arm = random.permutation(np.repeat([0.0, 1.0], [untreated, treated]))
        outcome = (random.gamma(4.0, 0.5, len(arm)) - 2.0) * np.where(arm == 1.0, spread, 1.0)
        return _sample(outcome, arm)

    return World(Design.INDIVIDUAL_RANDOMISED, draw)


def clusters(
    untreated: int, treated: int, *, sizes: tuple[int, int] = (5, 40), icc: float = 0.1, spread: float = 1.0
) -> World:
    """Clusters of unequal size in two arms, total variance 1; `spread` multiplies the treated clusters' own effects."""

    def draw(random: Random) -> Sample:
        number = untreated + treated
        counts = random.integers(sizes[0], sizes[1], number, endpoint=True)
        arm = random.permutation(np.repeat([0.0, 1.0], [untreated, treated]))
        own = random.normal(0.0, np.sqrt(icc), number) * np.where(arm == 1.0, spread, 1.0)
        cluster = np.repeat(np.arange(number), counts)
        outcome = own[cluster] + random.normal(0.0, np.sqrt(1.0 - icc), len(cluster))
        return _sample(outcome, arm[cluster], cluster=cluster)

    return World(Design.CLUSTER_RANDOMISED, draw)


def pairs(number: int, *, size: int = 12, icc: float = 0.1) -> World:
    """Pairs of alike clusters, one of each treated; pairs are the strata."""

    def draw(random: Random) -> Sample:
        arm = np.concatenate([random.permutation([0.0, 1.0]) for _ in range(number)])
        pair = np.repeat(np.arange(number), 2)
        own = random.normal(0.0, np.sqrt(icc), 2 * number) + random.normal(0.0, 0.5, number)[pair]
        cluster = np.repeat(np.arange(2 * number), size)
        outcome = own[cluster] + random.normal(0.0, np.sqrt(1.0 - icc), len(cluster))
        return _sample(outcome, arm[cluster], cluster=cluster, strata=pair[cluster])

    return World(Design.CLUSTER_RANDOMISED, draw)


def wedge(sequences: Sequence[int], *, size: int = 8, icc: float = 0.1, cac: float = 0.8) -> World:
    """A wedge with so many clusters on each sequence, nested exchangeable with total variance 1, and a trend."""
    periods = len(sequences) + 1
    starts = np.repeat(np.arange(1, periods), sequences)

    def draw(random: Random) -> Sample:
        start, number = random.permutation(starts), len(starts)
        cluster = np.repeat(np.arange(number), periods * size)
        period = np.tile(np.repeat(np.arange(periods), size), number)
        lasting = random.normal(0.0, np.sqrt(icc * cac), number)
        shocks = random.normal(0.0, np.sqrt(icc * (1.0 - cac)), (number, periods))
        noise = random.normal(0.0, np.sqrt(1.0 - icc), len(cluster))
        outcome = 0.1 * period + lasting[cluster] + shocks[cluster, period] + noise
        treated = (period >= start[cluster]).astype(np.float64)
        return _sample(outcome, treated, cluster=cluster, period=period, sequence=start[cluster] - 1)

    return World(Design.STEPPED_WEDGE, draw)


def _sample(
    outcome: Numbers,
    treated: Numbers,
    *,
    cluster: Codes | None = None,
    period: Codes | None = None,
    strata: Codes | None = None,
    sequence: Codes | None = None,
) -> Sample:
    return Sample(
        outcome=outcome,
        treated=treated,
        weights=np.ones(len(outcome)),
        persons=None,
        unit=cluster,
        period=period,
        cluster=cluster,
        strata=strata,
        covariates=np.empty((len(outcome), 0)),
        covariate_names=(),
        rows=np.arange(len(outcome)),
        sequence=sequence,
    )
