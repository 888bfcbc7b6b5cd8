"""Cluster-robust standard errors around a mixed model: right whatever the true correlation within clusters is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from effects.codes import Reason, StandardError
from effects.inference.cluster_robust import Precision, cluster_slices
from effects.inference.least_squares import Fit
from effects.inference.mixed_blocks import CELL, CLUSTER
from effects.inference.mixed_model import MixedFit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

MOST_WORK: Final = 2e9
_NULL_SPACE: Final = 1e-10
_LEAST_DF: Final = 1e-6
_POWERS: Final[Mapping[StandardError, float]] = MappingProxyType({StandardError.CR2: -0.5, StandardError.CR3: -1.0})
_PLAIN: Final = (StandardError.CR0, StandardError.CR1, StandardError.CR1S)


def mixed_sandwich(fitted: MixedFit, contrast: Numbers, kind: StandardError) -> Precision | Obstacle:
    """Standard error of a contrast (k,) from the clusters' residuals, V the fitted covariance as working model.

    With u_g = A_g V_g^-1 X_g M c and e_g the residuals of cluster g, the variance is the sum of (u_g'e_g)^2. cr0, cr1
    and cr1s take A_g = I and their factors, with G - 1 degrees of freedom. cr2 takes A_g = D'(D B D')^(-1/2) D with
    V_g = D'D and B = V_g - X_g M X_g', cr3 A_g = V_g B^-1; both with Satterthwaite degrees of freedom under V
    (Pustejovsky and Tipton 2018). Refuses clusters too large to invert, and iid.
    """
    rows = fitted.least_squares
    if rows is None or rows.model.clusters is None:
        return Obstacle(
            Reason.NEEDS_ROWS,
            Message("{kind} around a mixed model needs rows", {"kind": kind.value}),
            Message("the rows themselves, or model_based"),
        )
    slices = list(cluster_slices(rows.model.clusters))
    if sum(float(rows.stop - rows.start) ** 3 for rows in slices) > MOST_WORK:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("clusters are too large for {kind} around a mixed model", {"kind": kind.value}),
            Message("model_based, or averages of clusters by period"),
        )
    if kind not in _POWERS and kind not in _PLAIN:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{kind} has no meaning for a mixed model", {"kind": kind.value}),
            Message("model_based, cr1 or cr2"),
        )
    found = _Found(fitted, rows, contrast)
    terms = [found.of_cluster(rows, _POWERS.get(kind)) for rows in slices]
    scores = np.array([term[0] for term in terms])
    error = float(np.sqrt(np.sum(scores**2) * _factor(fitted, kind, len(slices))) * fitted.blocks.scale)
    df = float(len(slices) - 1)
    if kind in _POWERS:
        pulls = np.array([term[2] for term in terms])
        products = np.diag([term[1] for term in terms]) - pulls @ fitted.curvature.covariance @ pulls.T
        df = float(np.trace(products) ** 2 / np.sum(products**2)) if products.any() else 0.0
    if not (np.isfinite([error, df]).all() and error > 0.0 and df > _LEAST_DF):
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("no variation is left from which to compute a standard error"),
            Message("more clusters, or rows that vary within the arms"),
        )
    return Precision(error, df)


def _factor(fitted: MixedFit, kind: StandardError, clusters: int) -> float:
    few = clusters / (clusters - 1.0)
    if kind is StandardError.CR1S:
        return few * (fitted.blocks.rows - 1.0) / fitted.curvature.freedom
    return few if kind is StandardError.CR1 else 1.0


class _Found:
    """Columns and residuals of a fit by row, in units of the blocks."""

    def __init__(self, fitted: MixedFit, rows: Fit, contrast: Numbers) -> None:
        self.weights = rows.model.weights
        self.columns = rows.orthonormal / np.sqrt(self.weights)[:, None]
        self.residuals = rows.residuals / fitted.blocks.scale - self.columns @ fitted.curvature.coefficients
        self.covariance = fitted.curvature.covariance
        self.leaning = self.covariance @ fitted.directions(contrast[None, :])[0]
        self.ratios = fitted.ratios
        self.cells = fitted.cells

    def of_cluster(self, rows: slice, power: float | None) -> tuple[float, float, Numbers]:
        """u'e, u'V u and X'u of a cluster."""
        columns = self.columns[rows]
        spread = np.diag(1.0 / self.weights[rows]) + self.ratios[CLUSTER]
        if self.cells is not None:
            own = self.cells[rows]
            spread += self.ratios[CELL] * (own[:, None] == own[None, :])
        score = cho_solve(cho_factor(spread), columns @ self.leaning)
        if power is not None:
            score = _adjusted(spread, columns @ self.covariance @ columns.T, score, power)
        return float(score @ self.residuals[rows]), float(score @ spread @ score), columns.T @ score


def _adjusted(spread: Numbers, fitted: Numbers, score: Numbers, power: float) -> Numbers:
    """A' score for one cluster; directions that the cluster's own effects absorb are left out by the pseudo-inverse."""
    upper = np.asarray(np.linalg.cholesky(spread).T, dtype=np.float64)
    middle = np.asarray(upper @ (spread - fitted) @ upper.T, dtype=np.float64)
    values, vectors = np.linalg.eigh(middle)
    turned = upper @ score if power > -1.0 else upper @ upper.T @ upper @ score
    kept = values > _NULL_SPACE * float(values[-1])
    powered = np.where(kept, np.where(kept, values, 1.0) ** power, 0.0)
    adjusted: Numbers = upper.T @ (vectors @ (powered * (vectors.T @ turned)))
    return adjusted
