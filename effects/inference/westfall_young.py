"""Westfall and Young's step-down over the permutation distribution: every outcome sees the same re-drawn assignments.

Each coefficient is divided by the standard deviation of its own permutation distribution. This distribution is the same
whichever assignment was drawn, so that the test stays exact, and outcomes of different units are on one scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effects.inference.assignment import Assignment, all_assignments, possible, random_assignments
from effects.inference.multiplicity_step_down import step_down
from effects.inference.permutation import BlockSums, coefficients
from effects.rows.columns import Codes, Numbers


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
    number = possible(common, draws)
    enumerated = number <= draws
    pieces = all_assignments(common) if enumerated else random_assignments(common, draws, seed)
    observed = _coefficients(outcomes, common.observed[None])[0]
    drawn = np.concatenate([_coefficients(outcomes, piece) for piece in pieces])
    known = np.isfinite(observed)
    spread = np.array([_spread(column) for column in drawn.T])
    p_values = np.full(len(outcomes), np.nan)
    if known.any():
        statistics = np.where(np.isfinite(drawn), drawn / spread, np.inf)
        p_values[known] = step_down(observed[known] / spread[known], statistics[:, known], enumerated=enumerated)
    count = number if enumerated else draws
    return Joint(p_values, count, 1.0 / count if enumerated else 1.0 / (count + 1.0))


def _coefficients(outcomes: Sequence[Redrawable], paths: Codes) -> Numbers:
    """Absolute coefficients (d, m) of the common assignments (d, U); infinite where undetermined."""
    columns = []
    for outcome in outcomes:
        size, spread = coefficients(outcome.sums, outcome.assignment, paths[:, outcome.units])
        columns.append(np.where(spread > 0.0, np.abs(size) / np.where(spread > 0.0, spread, 1.0), np.inf)[:, 0])
    return np.column_stack(columns)


def _spread(drawn: Numbers) -> float:
    """Root mean square of the finite coefficients; 1 where there is none."""
    finite = drawn[np.isfinite(drawn)]
    size = float(np.sqrt(np.mean(finite**2))) if len(finite) else 0.0
    return size if size > 0.0 else 1.0
