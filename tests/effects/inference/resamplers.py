"""Every function that draws at random, on small sums made up from a seed."""

from collections.abc import Callable, Mapping

import numpy as np

from effects.codes import BootstrapWeights
from effects.inference.assignment import Assignment, two_arms
from effects.inference.permutation import BlockSums, PathSums, permutation
from effects.inference.romano_wolf import Bootstrapped, romano_wolf
from effects.inference.uniform_bands import critical_value
from effects.inference.westfall_young import Redrawable, westfall_young
from effects.inference.wild_bootstrap import WildScores, scores_from_grams, wild_bootstrap
from effects.rows.columns import Numbers

SEED = 20_261_122
RADEMACHER, WEBB = BootstrapWeights.RADEMACHER, BootstrapWeights.WEBB
Drawn = Callable[[int], Numbers]


def scores(clusters: int, outcomes: int = 3) -> WildScores:
    """Twenty rows a cluster on three columns, the second of them the effect."""
    random = np.random.Generator(np.random.PCG64(clusters))
    columns = random.normal(size=(clusters, 20, 3))
    values = random.normal(size=(clusters, 20, outcomes)) + 0.2 * random.normal(size=(clusters, 1, outcomes))
    values += 0.1 * columns[:, :, [1]]
    turned = np.swapaxes(columns, 1, 2)
    return scores_from_grams(turned @ columns, turned @ values, 1)


def block_sums(units: int, outcomes: int = 1) -> BlockSums:
    """Two arms, a row each, about their mean."""
    values = np.random.Generator(np.random.PCG64(units)).normal(size=(units, outcomes))
    values[::2] += 0.5
    rows = np.ones(units)
    return BlockSums(
        unit=np.arange(units),
        period=np.zeros(units, dtype=np.int64),
        residuals=values - values.mean(axis=0),
        rows=rows,
        nuisance=rows[:, None],
        bread=np.array([[1.0 / units]]),
    )


def arms(units: int) -> Assignment:
    """Every other unit is treated."""
    return two_arms(1 - np.arange(units) % 2)


def wedge(units: int) -> tuple[PathSums, Assignment]:
    """Three sequences, with sums that differ along them."""
    random = np.random.Generator(np.random.PCG64(units))
    paths = np.tril(np.ones((3, 3)), -1)
    sums = PathSums(
        residuals=np.cumsum(random.normal(size=(units, 3, 2)), axis=1),
        rows=np.tile([0.0, 1.0, 2.0], (units, 1)),
        nuisance=np.tile([[[0.0], [1.0], [2.0]]], (units, 1, 1)),
        bread=np.array([[1.0 / (9.0 * units)]]),
    )
    return sums, Assignment(np.arange(units) % 3, paths, np.zeros(units, dtype=np.int64))


def _westfall_young(units: int, draws: int) -> Numbers:
    common, kept = arms(units), np.arange(units - 2)
    values = [block_sums(units, place + 1) for place in range(3)]
    outcomes = [Redrawable(_last(sums), common, np.arange(units)) for sums in values]
    outcomes.append(Redrawable(block_sums(units - 2), arms(units - 2), kept))
    return westfall_young(outcomes, common, draws, SEED).p_values


def _last(sums: BlockSums) -> BlockSums:
    return BlockSums(sums.unit, sums.period, sums.residuals[:, -1:], sums.rows, sums.nuisance, sums.bread)


def _romano_wolf(clusters: int, kind: BootstrapWeights, draws: int) -> Numbers:
    outcomes = [Bootstrapped(scores(clusters - place, 1), np.arange(clusters - place)) for place in range(2)]
    return romano_wolf(outcomes, clusters, kind, draws, SEED).p_values


def _band(draws: int) -> Numbers:
    contributions = np.random.Generator(np.random.PCG64(4)).normal(size=(60, 5))
    return np.array([critical_value(contributions, level, SEED, draws) for level in (0.5, 0.95)])


AT_RANDOM: Mapping[str, Drawn] = {
    "wild bootstrap, signs": lambda draws: wild_bootstrap(scores(25), RADEMACHER, draws, SEED).p_values,
    "wild bootstrap, Webb": lambda draws: wild_bootstrap(scores(9), WEBB, draws, SEED).p_values,
    "permutation of arms": lambda draws: permutation(block_sums(30, 2), arms(30), draws, SEED).p_values,
    "permutation of sequences": lambda draws: permutation(*wedge(24), draws, SEED).p_values,
    "Westfall-Young": lambda draws: _westfall_young(30, draws),
    "Romano-Wolf": lambda draws: _romano_wolf(25, RADEMACHER, draws),
    "band": _band,
}
"""By the number of draws."""
ENUMERATED: Mapping[str, Drawn] = {
    "wild bootstrap": lambda draws: wild_bootstrap(scores(11), RADEMACHER, draws, SEED).p_values,
    "permutation of arms": lambda draws: permutation(block_sums(12, 2), arms(12), draws, SEED).p_values,
    "permutation of sequences": lambda draws: permutation(*wedge(9), draws, SEED).p_values,
    "Westfall-Young": lambda draws: _westfall_young(12, draws),
    "Romano-Wolf": lambda draws: _romano_wolf(11, RADEMACHER, draws),
}
"""The same where there are fewer than 2,100 draws in all."""
