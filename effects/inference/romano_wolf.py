"""Romano and Wolf's step-down over the wild cluster bootstrap: a cluster has the same multiplier in every outcome.

The null is imposed on each outcome (Cameron, Gelbach and Miller 2008), so that the resampled statistics are about zero,
as Romano and Wolf (2005, 2016) ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

import numpy as np

from effects.codes import BootstrapWeights
from effects.inference.draw_blocks import Block, blocks, in_blocks
from effects.inference.multiplicity_step_down import reached, statistic, step_down
from effects.inference.westfall_young import Joint
from effects.inference.wild_bootstrap import Multipliers, Reduced, WildScores, prepared, studentised
from effects.rows.columns import Codes, Numbers

_JUDGED: Final = 60
"""Nanoseconds to divide and compare a statistic."""
_COPIED: Final = 2
"""Nanoseconds to pick an outcome's own cluster."""


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """One outcome: its scores, and which of the common clusters each of its own (G_o,) is."""

    scores: WildScores
    clusters: Codes


def romano_wolf(
    outcomes: Sequence[Bootstrapped], clusters: int, kind: BootstrapWeights, draws: int, seed: int
) -> Joint:
    """Adjusted p-values of outcomes that share `clusters`; signs are enumerated where that takes fewer draws.

    NaN for an outcome whose observed error is zero; it takes no part in the maximum.
    """
    drawn, every = Multipliers.of(kind, clusters, draws, seed), [_outcome(one, clusters) for one in outcomes]
    observed = _statistics(every, np.ones((1, clusters)))[0]
    known = np.isfinite(observed)
    p_values = np.full(len(outcomes), np.nan)
    if known.any():
        run = _Run(drawn, tuple(compress(every, known)), observed[known])
        cut = blocks(drawn.draws, drawn.cost + sum(one.cost for one in run.outcomes))
        counts: Numbers = np.sum(in_blocks(_reached, run, cut), axis=0)
        p_values[known] = step_down(run.observed, counts, drawn.draws, enumerated=drawn.enumerated)
    least = 2.0 / drawn.draws if drawn.enumerated else 1.0 / (drawn.draws + 1.0)
    return Joint(p_values, drawn.draws, least)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One outcome made ready for many draws; no `clusters` where its own are the common ones."""

    reduced: Reduced
    clusters: Codes | None

    @property
    def cost(self) -> int:
        """Nanoseconds of its statistic in a draw."""
        copied = 0 if self.clusters is None else _COPIED * len(self.clusters)
        return self.reduced.cost + copied + _JUDGED


def _outcome(stated: Bootstrapped, clusters: int) -> _Outcome:
    common = np.array_equal(stated.clusters, np.arange(clusters))
    return _Outcome(prepared(stated.scores), None if common else stated.clusters)


@dataclass(frozen=True, slots=True)
class _Run:
    drawn: Multipliers
    outcomes: tuple[_Outcome, ...]
    observed: Numbers


def _reached(run: _Run, block: Block) -> Numbers:
    """How many draws of a block reach each observed statistic (m,)."""
    counts = np.zeros(len(run.observed))
    for piece in run.drawn.within(block):
        counts += reached(run.observed, _statistics(run.outcomes, piece))
    return counts


def _statistics(outcomes: Sequence[_Outcome], drawn: Numbers) -> Numbers:
    """Absolute t statistics (d, m) of common multipliers (d, G); infinite without an error."""
    columns = []
    for outcome in outcomes:
        own = drawn if outcome.clusters is None else np.take(drawn, outcome.clusters, axis=1)
        columns.append(statistic(*studentised(outcome.reduced, own)))
    return np.column_stack(columns)
