"""Weighted least squares through a QR decomposition."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import qr, solve_triangular

from effects.codes import Reason
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

COLLINEAR: Final = 1e-9
MOST_NAMES: Final = 8
_NO_VARIATION: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted least-squares fit.

    Shapes: coefficients (k,), residuals (n,), orthonormal (n, k) spanning sqrt(w) X, bread (k, k)
    = (X'WX)^-1.
    """

    model: LinearModel
    coefficients: Numbers
    residuals: Numbers
    orthonormal: Numbers
    bread: Numbers

    @property
    def influence(self) -> Numbers:
        """Row of the bread (k,) for the coefficient of interest."""
        row: Numbers = self.bread[self.model.effect]
        return row

    @property
    def estimate(self) -> float:
        """The coefficient of interest."""
        return float(self.coefficients[self.model.effect])

    @property
    def contributions(self) -> Numbers:
        """What each cluster (G,) of a clustered model contributes to the error of the estimate."""
        assert self.model.clusters is not None
        terms_of_rows = self.model.weights * (self.model.design @ self.influence) * self.residuals
        sums: Numbers = np.bincount(self.model.clusters, weights=terms_of_rows).astype(np.float64)
        return sums


def fit(model: LinearModel) -> Fit | Obstacle:
    """Fit by QR of the weighted design with columns scaled to unit norm, so that units of measurement do not matter.

    One step of refinement (Bjorck 1967) gives back the digits that long sums of equal values cost the decomposition.
    """
    rows, columns = model.design.shape
    if rows <= columns:
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{rows} rows for {coefficients} coefficients", {"rows": rows, "coefficients": columns}),
            Message("at least {rows} complete rows", {"rows": columns + 1}),
        )
    root = np.sqrt(model.weights)
    weighted = model.design * root[:, None]
    norms = np.sqrt(np.sum(weighted**2, axis=0))
    if not (np.isfinite(norms).all() and np.isfinite(model.outcome).all()):
        return _not_finite()
    scale = np.where(norms > 0, norms, 1.0)
    scaled = weighted / scale
    orthonormal, triangular = np.linalg.qr(scaled)
    obstacle = None if _surely_independent(triangular) else _collinear(scaled, model)
    if obstacle is not None:
        return obstacle
    coefficients = np.zeros(columns)
    for _ in range(2):
        left = root * (model.outcome - model.design @ coefficients)
        coefficients = coefficients + solve_triangular(triangular, orthonormal.T @ left) / scale
    inverse = solve_triangular(triangular, np.eye(columns)) / scale[:, None]
    residuals = model.outcome - model.design @ coefficients
    bread = inverse @ inverse.T
    if not all(np.isfinite(values).all() for values in (coefficients, residuals, bread)):
        return _not_finite()
    if _exact(residuals, model.outcome):
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("the model reproduces the outcome without error"),
            Message("an outcome that varies"),
        )
    return Fit(model, coefficients, residuals, orthonormal, bread)


def _surely_independent(triangular: Numbers) -> bool:
    """Whether the smallest singular value, at least 1 / (k max |R^-1|), clears the bound: no pivoting needed."""
    if not np.all(np.diag(triangular)):
        return False
    largest = np.max(np.abs(solve_triangular(triangular, np.eye(len(triangular)))))
    return bool(len(triangular) * largest * COLLINEAR < 1.0)


def _collinear(scaled: Numbers, model: LinearModel) -> Obstacle | None:
    triangular, pivots = qr(scaled, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangular))
    dependent = sorted(int(pivot) for pivot, size in zip(pivots, diagonal, strict=False) if size <= COLLINEAR)
    if not dependent:
        return None
    names = [model.names[place] for place in _involved(scaled, dependent)]
    involved = ", ".join(sorted(names, key=lambda name: "[" in name)[:MOST_NAMES])
    return Obstacle(
        Reason.COLLINEAR,
        Message("these columns determine each other: {columns}", {"columns": involved}),
        Message("fewer covariates, or a treatment that varies within units and periods"),
    )


def _involved(scaled: Numbers, dependent: list[int]) -> list[int]:
    others = [place for place in range(scaled.shape[1]) if place not in dependent]
    weights, *_ = np.linalg.lstsq(scaled[:, others], scaled[:, dependent], rcond=None)
    supporting = {place for place, row in zip(others, np.abs(weights), strict=True) if row.max() > COLLINEAR**0.5}
    return sorted(supporting | set(dependent))


def _exact(residuals: Numbers, outcome: Numbers) -> bool:
    spread = float(np.max(np.abs(outcome)))
    return float(np.max(np.abs(residuals))) <= _NO_VARIATION * spread


def _not_finite() -> Obstacle:
    return Obstacle(
        Reason.NOT_FINITE,
        Message("values are infinite or too large to compute with"),
        Message("finite values in a sensible unit"),
    )
