"""Survey weights tied to known totals of the population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Calibration, Reason
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.survey_checks import is_numeric_total
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes, Numbers
from effects.rows.survey_columns import as_numbers

MOST_PASSES: Final = 1000
SWEEPS: Final = 10
PEOPLE: Final = 1.0
SHARE: Final = 1e-3
_MET: Final = 1e-6
_RANK: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Margin:
    """Population totals (L,) of the levels of a column; codes (n,) into them."""

    name: str
    codes: Codes
    totals: Numbers
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """The population total of a numeric column with values (n,)."""

    name: str
    values: Numbers
    total: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Weights (n,) and an orthonormal basis (n, k) of what they were tied to, each row times `root` (n,).

    Raking has no basis but the codes (n,) of each margin with the weights (n,) that met it last.
    """

    weights: Numbers
    basis: Numbers
    root: Numbers
    raked: tuple[tuple[Codes, Numbers], ...] = ()

    def residuals(self, values: Numbers) -> Numbers:
        """What the calibration variables leave of the values (n,): by regression, or sweeping margin after margin."""
        if self.raked:
            return self._swept(values)
        scaled = values * self.root
        left: Numbers = (scaled - self.basis @ (self.basis.T @ scaled)) / self.root
        return left

    def _swept(self, values: Numbers) -> Numbers:
        scores = values * self.weights
        for _ in range(SWEEPS):
            for codes, weights in self.raked:
                means = np.bincount(codes, weights=scores / weights) / np.bincount(codes)
                scores = scores - weights * means[codes]
        left: Numbers = scores / self.weights
        return left


def calibrate(
    method: Calibration, weights: Numbers, margins: Sequence[Margin], totals: Sequence[Total] = ()
) -> Calibrated | Obstacle:
    """Weights (n,) that meet the margins, and the residuals that their errors rest on; the formulas of R survey.

    Post-stratification scales each level to its total. Raking does so margin by margin until no cell of their cross
    table changes by a person (or a thousandth of the population, if that is less). GREG adds d x'(X'dX)^-1 (T - X'd);
    a level's indicator and each numeric column are an x. Residuals come from regression weighted by the design weights
    d; for raking from ten sweeps of plain means, margin after margin. Deming and Stephan 1940; Deville and Saerndal
    1992.
    """
    if method is Calibration.NONE:
        return Calibrated(weights, np.empty((len(weights), 0)), np.ones(len(weights)))
    for margin in margins:
        absent = np.bincount(margin.codes, minlength=len(margin.totals)) == 0
        if absent.any():
            missing = ", ".join(level for level, gone in zip(margin.levels, absent, strict=True) if gone)
            return Obstacle(
                Reason.CALIBRATION,
                Message("nobody in the sample has {column} = {levels}", {"column": margin.name, "levels": missing}),
                Message("margins over levels that were sampled in both waves: merge small levels"),
            )
    if method is Calibration.GREG:
        return _greg(weights, margins, totals)
    if method is Calibration.RAKING:
        return _raked(weights, margins)
    (margin,) = margins
    held = np.bincount(margin.codes, weights=weights, minlength=len(margin.totals))
    root = np.sqrt(weights)
    basis = _orthonormal(_columns(margins, ()) * root[:, None])
    found = weights * (margin.totals / held)[margin.codes]
    return Calibrated(found, basis, root) if np.isfinite(found).all() else _too_large()


def _too_large() -> Obstacle:
    return Obstacle(
        Reason.NOT_FINITE,
        Message("values are infinite or too large to compute with"),
        Message("finite values in a sensible unit"),
    )


def margins_of(
    stated: Mapping[str, Mapping[str, float]], columns: Mapping[str, Levels], rows: Codes
) -> tuple[list[Margin], list[Total]]:
    """The stated totals with the codes and values of the rows (n,) that they are about."""
    margins, totals = [], []
    for column, figures in stated.items():
        levels = columns[column]
        if is_numeric_total(figures):
            totals.append(Total(column, as_numbers(levels)[rows], next(iter(figures.values()))))
            continue
        names = tuple(figures)
        places = np.array([names.index(level) if level in names else -1 for level in levels.levels], dtype=np.int64)
        margins.append(Margin(column, places[levels.codes[rows]], np.array(list(figures.values())), names))
    return margins, totals


def _raked(weights: Numbers, margins: Sequence[Margin]) -> Calibrated | Obstacle:
    """Iterative proportional fitting."""
    sizes = [len(margin.totals) for margin in margins]
    cells = np.ravel_multi_index([margin.codes for margin in margins], sizes)
    near = min(PEOPLE, SHARE * float(np.sum(margins[0].totals)))
    table = np.bincount(cells, weights=weights)
    for _ in range(MOST_PASSES):
        met = []
        for margin in margins:
            held = np.bincount(margin.codes, weights=weights, minlength=len(margin.totals))
            weights = weights * (margin.totals / held)[margin.codes]
            met.append((margin.codes, weights))
        before, table = table, np.bincount(cells, weights=weights)
        if not np.isfinite(table).all():
            break
        if float(np.max(np.abs(table - before))) < near and _farthest(weights, margins) < 10.0 * near:
            return Calibrated(weights, np.empty((len(weights), 0)), np.ones(len(weights)), tuple(met))
    return Obstacle(
        Reason.CALIBRATION,
        Message("raking did not converge in {passes} passes", {"passes": MOST_PASSES}),
        Message("margins that can hold together: merge levels whose cells are empty"),
    )


def _farthest(weights: Numbers, margins: Sequence[Margin]) -> float:
    """The largest distance of a weighted count from its total."""
    held = [np.bincount(margin.codes, weights=weights, minlength=len(margin.totals)) for margin in margins]
    return max(float(np.max(np.abs(own - margin.totals))) for own, margin in zip(held, margins, strict=True))


def _greg(weights: Numbers, margins: Sequence[Margin], totals: Sequence[Total]) -> Calibrated | Obstacle:
    columns = _columns(margins, totals)
    wanted = np.concatenate([*(margin.totals for margin in margins), [total.total for total in totals]])
    if margins:
        weights = weights * (np.sum(margins[0].totals) / np.sum(weights))
    scale = np.sqrt(np.sum(weights[:, None] * columns**2, axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    scaled, aims = columns / scale, wanted / scale
    if not (np.isfinite(scaled).all() and np.isfinite(scale).all() and np.isfinite(weights).all()):
        return _too_large()
    solved, *_ = np.linalg.lstsq(scaled.T @ (weights[:, None] * scaled), aims - scaled.T @ weights, rcond=_RANK)
    found = weights * (1.0 + scaled @ solved)
    missed = np.abs(scaled.T @ found - aims) > _MET * np.maximum(np.abs(aims), 1e-300)
    if missed.any() or not np.isfinite(found).all():
        return Obstacle(
            Reason.CALIBRATION,
            Message("no weights meet all {totals} totals", {"totals": len(wanted)}),
            Message("totals that do not contradict each other"),
        )
    root = np.sqrt(weights)
    return Calibrated(found, _orthonormal(scaled * root[:, None]), root)


def _columns(margins: Sequence[Margin], totals: Sequence[Total]) -> Numbers:
    blocks = [np.eye(len(margin.totals))[margin.codes] for margin in margins]
    return np.column_stack([*blocks, *(total.values for total in totals)])


def _orthonormal(columns: Numbers) -> Numbers:
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    basis: Numbers = left[:, sizes > _RANK * sizes.max(initial=0.0)]
    return basis
