"""Westfall and Young's step-down over the permutation distribution: every outcome sees the same re-drawn assignments.

Each coefficient is divided by the standard deviation of its own permutation distribution. This distribution is the same
whichever assignment was drawn, so that the test stays exact, and outcomes of different units are on one scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Final

import numpy as np

from effects.inference.assignment import Assignment, Redraws
from effects.inference.draw_blocks import Block, blocks, in_blocks
from effects.inference.multiplicity_step_down import reached, statistic, step_down
from effects.inference.permutation import BlockSums, OnPaths, coefficients, put_on_paths
from effects.inference.resampling import pieces
from effects.rows.columns import Codes, Numbers

_JUDGED: Final = 30
"""Nanoseconds to divide, scale and compare a coefficient."""
_COPIED: Final = 2
"""Nanoseconds to pick an outcome's own unit."""


@dataclass(frozen=True, slots=True)
class Redrawable:
    """One outcome: its sums, its own assignment (U_o units), and which unit of the common one each of these is."""

    sums: BlockSums
    assignment: Assignment
    units: Codes


@dataclass(frozen=True, slots=True)
class Joint:
    """Adjusted p-values (m,) from `draws` draws, and the smallest that could have come out."""

    p_values: Numbers
    draws: int
    smallest: float


def westfall_young(outcomes: Sequence[Redrawable], common: Assignment, draws: int, seed: int) -> Joint:
    """Adjusted p-values of outcomes whose units were assigned together as `common` says; all, or `draws` of them.

    NaN where the observed assignment leaves a coefficient undetermined; such an outcome takes no part in the maximum.
    """
    redraws = Redraws.of(common, draws, seed)
    every = [_outcome(one, len(common.observed)) for one in outcomes]
    observed = _coefficients(every, common.observed[None])[0]
    known = np.isfinite(observed)
    p_values = np.full(len(outcomes), np.nan)
    if known.any():
        p_values[known] = _adjusted(_Run(redraws, tuple(compress(every, known)), observed[known]))
    least = 1.0 / redraws.draws if redraws.enumerated else 1.0 / (redraws.draws + 1.0)
    return Joint(p_values, redraws.draws, least)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One outcome made ready for many draws; no `units` where its own are the common ones."""

    on_paths: OnPaths
    units: Codes | None

    @property
    def cost(self) -> int:
        """Nanoseconds of its coefficient in a draw."""
        return self.on_paths.cost + _JUDGED + (0 if self.units is None else _COPIED * len(self.units))


def _outcome(stated: Redrawable, units: int) -> _Outcome:
    common = np.array_equal(stated.units, np.arange(units))
    return _Outcome(put_on_paths(stated.sums, stated.assignment), None if common else stated.units)


@dataclass(frozen=True, slots=True)
class _Run:
    """Outcomes (m) with their observed coefficients, and the standard deviations once these are known."""

    redraws: Redraws
    outcomes: tuple[_Outcome, ...]
    observed: Numbers
    sizes: Numbers = field(default_factory=lambda: np.ones(1))


def _adjusted(run: _Run) -> Numbers:
    """Several blocks are drawn twice: for the standard deviations, which need all of them, and to be held against."""
    cut = blocks(run.redraws.draws, run.redraws.cost + sum(one.cost for one in run.outcomes))
    if len(cut) == 1:
        drawn = _drawn(run, cut[0])
        run = replace(run, sizes=_sizes([_squares(drawn)]))
        counts = _counts(run, drawn)
    else:
        run = replace(run, sizes=_sizes(in_blocks(_squared, run, cut)))
        counts = np.sum(in_blocks(_reached, run, cut), axis=0)
    return step_down(run.observed / run.sizes, counts, run.redraws.draws, enumerated=run.redraws.enumerated)


def _squared(run: _Run, block: Block) -> Numbers:
    return _squares(_drawn(run, block))


def _reached(run: _Run, block: Block) -> Numbers:
    return _counts(run, _drawn(run, block))


def _drawn(run: _Run, block: Block) -> Numbers:
    found, done = np.empty((block.draws, len(run.outcomes))), 0
    for piece in run.redraws.within(block):
        found[done : done + len(piece)] = _coefficients(run.outcomes, piece)
        done += len(piece)
    return found


def _coefficients(outcomes: Sequence[_Outcome], paths: Codes) -> Numbers:
    """Absolute coefficients (d, m) of the common assignments (d, U); infinite where undetermined."""
    columns = []
    for outcome in outcomes:
        own = paths if outcome.units is None else np.take(paths, outcome.units, axis=1)
        columns.append(statistic(*coefficients(outcome.on_paths, own)))
    return np.column_stack(columns)


def _squares(drawn: Numbers) -> Numbers:
    """Of the finite coefficients of each outcome: the sum of squares, and how many they are (2, m)."""
    found = np.zeros((2, drawn.shape[1]))
    for place, column in enumerate(drawn.T):
        finite = column[np.isfinite(column)]
        found[:, place] = np.sum(finite**2), len(finite)
    return found


def _sizes(squares: Sequence[Numbers]) -> Numbers:
    """Root mean squares (m,) of all blocks; 1 where there is none."""
    total, number = np.sum(squares, axis=0)
    found: Numbers = np.sqrt(total / np.maximum(number, 1.0))
    return np.where(found > 0.0, found, 1.0)


def _counts(run: _Run, drawn: Numbers) -> Numbers:
    """How many of the draws (d, m) reach each observed coefficient, on one scale (m,)."""
    counts = np.zeros(len(run.observed))
    for start, stop in pieces(*drawn.shape):
        counts += reached(run.observed / run.sizes, drawn[start:stop] / run.sizes)
    return counts
