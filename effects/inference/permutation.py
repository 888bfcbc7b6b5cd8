"""Randomisation test of no effect on anybody: the assignment is re-drawn as it was made.

For a treatment t (n,) the coefficient beside nuisance columns N, weighted by w, is (Frisch and Waugh 1933)

    b(t) = t'We / (t'Wt - t'WN (N'WN)^-1 N'Wt),    e the residuals of the outcome on N,

and under the hypothesis e does not depend on t (Fisher 1935; Rosenbaum 2002). A draw therefore needs only sums over
blocks of rows that are always treated together: units, or units by periods.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.inference.assignment import Assignment, Redraws
from effects.inference.draw_blocks import Block, blocks, in_blocks
from effects.inference.resampling import Resampled, extremes, inverse, resampled
from effects.rows.columns import Codes, Numbers

_UNDETERMINED: Final = 1e-12
_FEWEST: Final = 50
"""Nanoseconds of a draw of hardly any numbers."""
_CHOSEN: Final = 1.5
"""Nanoseconds to tell whether a unit is on a path."""
_ADDED: Final = 0.04
"""Nanoseconds to add a number."""


@dataclass(frozen=True, slots=True)
class BlockSums:
    """Sums over B blocks of rows, m outcomes, k nuisance columns.

    unit and period (B,) say which unit of assignment a block belongs to, and where on its path it lies. residuals
    (B, m) are sums of w e, rows (B,) sums of w, nuisance (B, k) sums of w N, bread (k, k) is (N'WN)^-1.
    """

    unit: Codes
    period: Codes
    residuals: Numbers
    rows: Numbers
    nuisance: Numbers
    bread: Numbers


@dataclass(frozen=True, slots=True)
class PathSums:
    """What each of U units brings on each of S paths t: residuals t'We (U, S, m), rows t'Wt (U, S), nuisance t'WN
    (U, S, k); bread (k, k) is (N'WN)^-1.
    """

    residuals: Numbers
    rows: Numbers
    nuisance: Numbers
    bread: Numbers


def along_paths(sums: BlockSums, assignment: Assignment) -> PathSums:
    """Sums over the blocks in which a unit would be treated on each path."""
    outcomes = sums.residuals.shape[1]
    blocks = np.column_stack([sums.residuals, sums.rows, sums.nuisance])
    found = np.zeros((len(assignment.observed), len(assignment.paths), blocks.shape[1]))
    for path, periods in enumerate(assignment.paths):
        treated = np.flatnonzero(periods[sums.period])
        np.add.at(found[:, path], sums.unit[treated], blocks[treated])
    return PathSums(found[:, :, :outcomes], found[:, :, outcomes], found[:, :, outcomes + 1 :], sums.bread)


def sums_of_products(products: Numbers, outcome: Numbers, nuisance: Codes, paths: Numbers) -> PathSums:
    """From cross-products X_u'WX_u (U, c, c) and X_u'Wy_u (U, c, m) of each unit, without its rows.

    `nuisance` (k,) are the places of the nuisance columns; paths (S, c) writes the treatment of each path as a sum of
    columns: of dummies of the periods treated, or of the constant. The columns may be demeaned within units or smaller
    groups, which then are nuisance too.
    """
    bread = inverse(products[:, nuisance[:, None], nuisance].sum(axis=0))
    coefficients = bread @ outcome[:, nuisance].sum(axis=0)
    crossed = paths @ products
    residuals = paths @ outcome - crossed[:, :, nuisance] @ coefficients
    return PathSums(residuals, np.sum(crossed * paths, axis=2), crossed[:, :, nuisance], bread)


def sums_of_rows(unit: Codes, period: Codes, nuisance: Numbers, outcome: Numbers, weights: Numbers) -> BlockSums:
    """Sums over unit and period (n,) of rows with nuisance columns (n, k) of full rank and one outcome (n,).

    The nuisance columns are replaced by orthonormal ones that span the same.
    """
    root = np.sqrt(weights)
    orthonormal, _ = np.linalg.qr(nuisance * root[:, None])
    residuals = root * outcome - orthonormal @ (orthonormal.T @ (root * outcome))
    order = np.lexsort((period, unit))
    starts = np.flatnonzero(np.diff(unit[order], prepend=-1) | np.diff(period[order], prepend=-1))
    rows = np.column_stack([residuals * root, weights, orthonormal * root[:, None]])[order]
    blocks = np.add.reduceat(rows, starts, axis=0)
    return BlockSums(
        unit=unit[order][starts],
        period=period[order][starts],
        residuals=blocks[:, :1],
        rows=blocks[:, 1],
        nuisance=blocks[:, 2:],
        bread=np.eye(nuisance.shape[1]),
    )


def permutation(sums: BlockSums | PathSums, assignment: Assignment, draws: int, seed: int) -> Resampled:
    """Two-sided p-values (m,): how often |b| of another assignment reaches the observed one.

    Enumerates where there are no more than `draws` possible assignments. A draw that leaves the coefficient
    undetermined counts as reached; where the observed assignment does so the p-values are NaN.
    """
    redraws, on_paths = Redraws.of(assignment, draws, seed), put_on_paths(sums, assignment)
    size, spread = coefficients(on_paths, assignment.observed[None])
    run = _Run(redraws, on_paths, size[0] / np.where(spread[0] > 0.0, spread[0], np.nan))
    counts = in_blocks(_extreme, run, blocks(redraws.draws, redraws.cost + on_paths.cost))
    extreme: Numbers = np.sum(counts, axis=0)
    return resampled(extreme, run.observed, redraws.draws, redraws.enumerated)


@dataclass(frozen=True, slots=True)
class OnPaths:
    """What each unit would bring on each path that is ever treated: (U x A, m + 1 + k), with the places of the A."""

    sums: Numbers
    paths: Codes
    outcomes: int

    @property
    def cost(self) -> int:
        """Nanoseconds of the coefficients of a draw."""
        return int(_FEWEST + _CHOSEN * len(self.sums) + _ADDED * self.sums.size)


@dataclass(frozen=True, slots=True)
class _Run:
    redraws: Redraws
    on_paths: OnPaths
    observed: Numbers


def _extreme(run: _Run, block: Block) -> Numbers:
    """How many draws of a block reach each observed coefficient (m,)."""
    return extremes(run.observed, (coefficients(run.on_paths, piece) for piece in run.redraws.within(block)))


def put_on_paths(sums: BlockSums | PathSums, assignment: Assignment) -> OnPaths:
    """What coefficients of many assignments are made of.

    Nuisance sums are turned so that their squares add to the quadratic form of the denominator.
    """
    found = sums if isinstance(sums, PathSums) else along_paths(sums, assignment)
    active = np.flatnonzero(assignment.paths.any(axis=1))
    turned = found.nuisance[:, active] @ np.linalg.cholesky(found.bread)
    table = np.concatenate([found.residuals[:, active], found.rows[:, active, None], turned], axis=2)
    return OnPaths(table.reshape(-1, table.shape[2]), active, found.residuals.shape[2])


def coefficients(on_paths: OnPaths, paths: Codes) -> tuple[Numbers, Numbers]:
    """Numerators (d, m) and denominators (d, 1) of b for units on the paths (d, U); 0 where b is not determined."""
    chosen = (paths[:, :, None] == on_paths.paths).reshape(len(paths), -1).astype(np.float64)
    found = chosen @ on_paths.sums
    rows, nuisance = found[:, [on_paths.outcomes]], found[:, on_paths.outcomes + 1 :]
    spread = rows - np.sum(nuisance**2, axis=1, keepdims=True)
    return found[:, : on_paths.outcomes], np.where(spread > _UNDETERMINED * rows, spread, 0.0)
