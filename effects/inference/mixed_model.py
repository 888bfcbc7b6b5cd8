"""Gaussian mixed models by restricted maximum likelihood: random clusters, and cluster-periods nested in them.

y = X b + Z1 u1 + Z2 u2 + e with independent normal u1, u2 and e, the latter of variance sigma2 / w for known weights w.
The residual variance is profiled out; Newton's method on exact derivatives finds the ratios of the other variances to
it (Bates et al. 2015 define the criterion).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.inference.least_squares import Fit, fit
from effects.inference.mixed_blocks import Blocks, condensed, terms
from effects.inference.mixed_curvature import Curvature, curvature, profile_deviance
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers

MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 600
MOST_WORK: Final = 2.5e9
_MOST_CELL_WORK: Final = 5e7
_GRID: Final = (0.0, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4)
_COARSE: Final = (0.0, 1e-2, 0.1, 1.0, 10.0, 1e3)
_TRIAL: Final = 0.1
_STEPS: Final = 100
_CONVERGED: Final = 1e-18
_ROUNDING: Final = 1e-11
_UNIDENTIFIED: Final = 1e-8
_ENDLESS: Final = 1e6
_BENT: Final = 1e-8
_FARTHEST_STEP: Final = 10.0
_FITTED_EXACTLY: Final = 1e-22


@dataclass(frozen=True, slots=True)
class Fixed:
    """Least squares behind a mixed model, however it was found.

    Shapes: coefficients (k,), turn (k, k) from contrasts of them to the orthonormal columns of the blocks.
    `log_determinant` is log |W| - log |X'WX|.
    """

    coefficients: Numbers
    turn: Numbers
    log_determinant: float


@dataclass(frozen=True, slots=True)
class MixedFit:
    """A fitted mixed model; `least_squares` is that of its rows with weights of mean 1, None where it has sums alone.

    `ratios` (m,) are the variances of clusters and, in a nested model, of cells over the residual variance of a row of
    mean weight; `variances` (m + 1,) these with the residual variance last, for weights as they were given, in the
    outcome's unit squared. `cells` (n,) are those that entered; `merged` where they were asked for and cannot be told
    from rows; `equalised` where rows of unequal weight, one in each cell, turned out to vary alike and count alike.
    `slope` is the Newton decrement at the optimum.
    """

    fixed: Fixed
    curvature: Curvature
    ratios: Numbers
    variances: Numbers
    log_likelihood: float
    cells: Codes | None
    merged: bool
    slope: float
    least_squares: Fit | None = None
    equalised: bool = False

    @property
    def blocks(self) -> Blocks:
        """The condensed rows."""
        return self.curvature.terms.blocks

    @property
    def spread(self) -> float:
        """Residual variance of a row of mean weight, in units of the blocks."""
        return self.curvature.squares / self.curvature.freedom

    @property
    def at_zero(self) -> bool:
        """Whether a variance of clusters or of cells is estimated as zero."""
        return bool(np.any(self.ratios == 0.0))

    def directions(self, contrasts: Numbers) -> Numbers:
        """Contrasts of the coefficients (q, k) in terms of the orthonormal columns (q, k)."""
        turned: Numbers = contrasts @ self.fixed.turn.T
        return turned

    def estimates(self, contrasts: Numbers) -> Numbers:
        """Contrasts (q, k) of the coefficients, (q,)."""
        moved = self.directions(contrasts) @ self.curvature.coefficients
        found: Numbers = contrasts @ self.fixed.coefficients + moved * self.blocks.scale
        return found


def fit_mixed(model: LinearModel, cells: Codes | None = None) -> MixedFit | Obstacle:
    """Fit the random effects of `model.clusters` and, where given, of `cells` (n,) inside them.

    Cells that cannot be told from rows (one row each, of equal weight) are left out, and the fit says so. Refuses what
    least squares refuses, too few clusters or rows in them, rows without variation inside clusters, and sizes at which
    rows should rather be averaged.
    """
    rows, columns = model.design.shape
    large = too_large(rows, columns)
    if large is not None:
        return large
    if model.clusters is None:
        return Obstacle(Reason.TOO_FEW_CLUSTERS, Message("no clusters are stated"), Message("a column in data.cluster"))
    weight = float(np.mean(model.weights))
    fixed = fit(replace(model, weights=model.weights / weight))
    if isinstance(fixed, Obstacle):
        return fixed
    clusters = model.clusters
    found = optimum_of(
        lambda nested: condensed(fixed, clusters, cells if nested else None),
        nested=cells is not None,
        alike=not np.ptp(model.weights),
    )
    if isinstance(found, Obstacle):
        return found
    at, slope = found
    nested = at.terms.blocks.nested
    if nested and len(at.terms.blocks.means) == rows and at.terms.ratios.max() > _ENDLESS:
        alike = fit_mixed(replace(model, weights=np.ones(rows)), cells)
        return alike if isinstance(alike, Obstacle) else replace(alike, equalised=True)
    fitted = fit_at(at, slope, _fixed(fixed), merged=cells is not None and not nested, weight=weight)
    if isinstance(fitted, Obstacle):
        return fitted
    return replace(fitted, cells=cells if nested else None, least_squares=fixed)


def _fixed(found: Fit) -> Fixed:
    weights = found.model.weights
    turn: Numbers = found.orthonormal.T @ ((found.model.design @ found.bread) * np.sqrt(weights)[:, None])
    log_determinant = float(np.sum(np.log(weights))) + float(np.linalg.slogdet(found.bread)[1])
    return Fixed(found.coefficients, turn, log_determinant)


def optimum_of(condense: Callable[[bool], Blocks], *, nested: bool, alike: bool) -> tuple[Curvature, float] | Obstacle:
    """The best ratios and the Newton decrement there; `condense` gives the blocks with cells nested or without.

    Cells that cannot be told from rows are left out: one row each (of equal weight: `alike`), or no information.
    """
    blocks = condense(nested)
    if len(blocks.means) == blocks.rows and alike:
        blocks = condense(False)
    if len(blocks.means) * float(blocks.columns) ** 2 > _MOST_CELL_WORK:
        return _refused(blocks.rows, blocks.columns)
    if blocks.nested and not _identified(blocks):
        blocks = condense(False)
    if not _identified(blocks):
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message(
                "the variance between {clusters} clusters cannot be told from that within",
                {"clusters": len(blocks.starts)},
            ),
            Message("more clusters in each arm, each with several rows"),
        )
    return _optimum(blocks)


def too_large(rows: int, columns: int) -> Obstacle | None:
    """Why a mixed model of so many rows and fixed effects is not even tried."""
    within = rows <= MOST_ROWS and float(rows) * columns**2 <= MOST_WORK
    return too_wide(rows, columns) if within else _refused(rows, columns)


def too_wide(rows: int, columns: int) -> Obstacle | None:
    """Why a mixed model of so many fixed effects is not even tried, however few cells stand for the rows."""
    return None if columns <= MOST_COLUMNS else _refused(rows, columns)


def _refused(rows: int, columns: int) -> Obstacle:
    return Obstacle(
        Reason.NOT_IMPLEMENTED,
        Message("{rows} rows and {columns} columns are too many for a mixed model", {"rows": rows, "columns": columns}),
        Message("averages of clusters by period, longer periods, or cr2 with fixed effects"),
    )


def _identified(blocks: Blocks) -> bool:
    """Whether the expected information tells the variances apart."""
    found = curvature(terms(blocks, np.full(2 if blocks.nested else 1, _TRIAL)))
    plain = [found.terms.double_trace(part, part) for part in range(len(found.terms.ratios))]
    if not np.all(np.diag(found.expected)[1:] > _UNIDENTIFIED * np.array(plain)):
        return False
    scale = np.sqrt(np.diag(found.expected))
    return bool(np.linalg.eigvalsh(found.expected / np.outer(scale, scale))[0] > _UNIDENTIFIED)


def fit_at(found: Curvature, slope: float, fixed: Fixed, *, merged: bool, weight: float = 1.0) -> MixedFit | Obstacle:
    """The fit at an optimum, or why that is none; `weight` is the mean of the weights as they were given."""
    blocks = found.terms.blocks
    if not np.isfinite(found.squares) or found.squares <= _FITTED_EXACTLY or found.terms.ratios.max() > _ENDLESS:
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("the variance within clusters is estimated as zero"),
            Message("rows that vary within clusters, or cr2 on averages of clusters"),
        )
    if slope > np.sqrt(_ROUNDING):
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("the restricted likelihood has no maximum that can be found"),
            Message("cr2 with fixed effects"),
        )
    residual = found.squares / found.freedom * np.square(blocks.scale)
    normal = found.freedom * (1.0 + np.log(2.0 * np.pi * found.squares / found.freedom) + 2.0 * np.log(blocks.scale))
    return MixedFit(
        fixed=fixed,
        curvature=found,
        ratios=found.terms.ratios,
        variances=np.append(found.terms.ratios * residual, residual * weight),
        log_likelihood=float(-0.5 * (normal + found.log_determinant - fixed.log_determinant)),
        cells=None,
        merged=merged,
        slope=slope,
    )


def _optimum(blocks: Blocks) -> tuple[Curvature, float]:
    """The least deviance over ratios >= 0, from the best point of a grid, and the Newton decrement there."""
    points = product(_COARSE, repeat=2) if blocks.nested else ((ratio,) for ratio in _GRID)
    start = min((np.array(point) for point in points), key=lambda ratios: profile_deviance(terms(blocks, ratios)))
    found, slope = curvature(terms(blocks, start)), np.inf
    for _ in range(_STEPS):
        if found.squares <= _FITTED_EXACTLY:
            return found, 0.0
        ratios, gradient = found.terms.ratios, found.gradient
        free = (ratios > 0.0) | (gradient < 0.0)
        if not free.any():
            return found, 0.0
        step = _newton_step(found, free)
        if np.any((ratios == 0.0) & (step < 0.0)):
            step = _newton_step(found, free & ((ratios > 0.0) | (step > 0.0)))
        slope = float(np.sqrt(abs(gradient @ step)))
        if not np.isfinite(slope):
            return found, np.inf
        moved = None if ratios.max() > _ENDLESS else _line_search(found, step)
        found = found if moved is None else moved
        if moved is None or slope**2 <= _CONVERGED:
            break
    return found, slope


def _newton_step(found: Curvature, free: Flags) -> Numbers:
    """A step in the free ratios by the observed curvature, or where that bends downwards by the expected one."""
    places = np.ix_(free, free)
    expected = found.hessian(expected=True)[places]
    scale = np.sqrt(np.diag(expected))
    observed, expected = (bend / np.outer(scale, scale) for bend in (found.hessian(expected=False)[places], expected))
    bend = observed if np.linalg.eigvalsh(observed)[0] > _BENT else expected
    step = np.zeros_like(found.terms.ratios)
    step[free] = -(np.linalg.pinv(bend, hermitian=True) @ (found.gradient[free] / scale)) / scale
    farthest = float(np.max(np.abs(step) / (_TRIAL + found.terms.ratios)))
    shortened: Numbers = step * min(1.0, _FARTHEST_STEP / farthest) if farthest > 0.0 else step
    return shortened


def _line_search(found: Curvature, step: Numbers) -> Curvature | None:
    """The first of ever shorter steps, cut off at zero, that does not raise the deviance."""
    blocks, bound = found.terms.blocks, found.deviance + _ROUNDING * (1.0 + abs(found.deviance))
    for length in 0.5 ** np.arange(30):
        ratios = np.maximum(found.terms.ratios + length * step, 0.0)
        at = terms(blocks, ratios)
        if profile_deviance(at) <= bound:
            return curvature(at)
    return None
