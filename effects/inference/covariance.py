"""Standard error of one coefficient by name; each name has one formula.

n rows, k coefficients, G clusters, e residuals, w weights, x rows of the design, c the row of (X'WX)^-1 that belongs to
the coefficient of interest, h the weighted leverages.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import Reason, StandardError, WorkingVariance
from effects.inference import cluster_robust
from effects.inference.cluster_robust import Precision
from effects.inference.least_squares import Fit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers

_FULL_LEVERAGE: Final = 1e-10
_LEAST_DF: Final = 1e-6


def precision(fit: Fit, kind: StandardError, working: WorkingVariance) -> Precision | Obstacle:
    """The standard error that `kind` names, with its degrees of freedom, or why there is none."""
    if kind in _BY_ROW:
        return _usable(_by_row(fit, kind))
    if kind not in _BY_CLUSTER:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("the standard error {kind} is not available yet", {"kind": kind.value}),
            Message("another standard_error"),
        )
    clusters = fit.model.clusters
    if clusters is None or clusters[-1] < 1:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS, Message("fewer than 2 clusters"), Message("at least 2 clusters in each arm")
        )
    return _usable(_BY_CLUSTER[kind](fit, clusters, working))


def _by_row(fit: Fit, kind: StandardError) -> Precision | Obstacle:
    rows, columns = fit.model.design.shape
    leverage = np.sum(fit.orthonormal**2, axis=1)
    if kind in (StandardError.HC2, StandardError.HC3) and bool(np.any(1.0 - leverage < _FULL_LEVERAGE)):
        alone = int(np.sum(1.0 - leverage < _FULL_LEVERAGE))
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{rows} rows determine a coefficient alone", {"rows": alone}),
            Message("at least 2 rows in each arm and level"),
        )
    return Precision(float(np.sqrt(_BY_ROW[kind](fit, leverage))), float(rows - columns))


def _iid(fit: Fit, _leverage: Numbers) -> float:
    """Sum(w e^2) / (n - k) times the diagonal element of (X'WX)^-1."""
    rows, columns = fit.model.design.shape
    scale = np.sum(fit.model.weights * fit.residuals**2) / (rows - columns)
    return float(scale * fit.influence[fit.model.effect])


def _hc1(fit: Fit, _leverage: Numbers) -> float:
    """n / (n - k) times sum((c'x w e)^2)."""
    rows, columns = fit.model.design.shape
    return float(np.sum(_scores(fit) ** 2) * rows / (rows - columns))


def _hc2(fit: Fit, leverage: Numbers) -> float:
    """Sum((c'x w e)^2 / (1 - h)), no further factor."""
    return float(np.sum(_scores(fit) ** 2 / (1.0 - leverage)))


def _hc3(fit: Fit, leverage: Numbers) -> float:
    """Sum((c'x w e)^2 / (1 - h)^2)."""
    return float(np.sum((_scores(fit) / (1.0 - leverage)) ** 2))


def _scores(fit: Fit) -> Numbers:
    scores: Numbers = fit.model.weights * (fit.model.design @ fit.influence) * fit.residuals
    return scores


def _cr0(fit: Fit, clusters: Codes, _working: WorkingVariance) -> Precision:
    """No factor."""
    return cluster_robust.plain_sandwich(fit, clusters, 1.0)


def _cr1(fit: Fit, clusters: Codes, _working: WorkingVariance) -> Precision:
    """Factor G/(G-1)."""
    groups = float(clusters[-1] + 1)
    return cluster_robust.plain_sandwich(fit, clusters, groups / (groups - 1.0))


def _cr1s(fit: Fit, clusters: Codes, _working: WorkingVariance) -> Precision:
    """Factor G/(G-1) (n-1)/(n-k); k leaves out unit effects nested in clusters but one, which is the intercept."""
    rows, columns = fit.model.design.shape
    groups = float(clusters[-1] + 1)
    counted = columns - fit.model.absorbed
    return cluster_robust.plain_sandwich(fit, clusters, groups / (groups - 1.0) * (rows - 1.0) / (rows - counted))


def _cr3(fit: Fit, clusters: Codes, _working: WorkingVariance) -> Precision:
    return cluster_robust.cr3(fit, clusters)


def _usable(found: Precision | Obstacle) -> Precision | Obstacle:
    if isinstance(found, Obstacle):
        return found
    if not (np.isfinite(found.standard_error) and np.isfinite(found.df)):
        return Obstacle(
            Reason.NOT_FINITE, Message("the standard error is not finite"), Message("values in a sensible unit")
        )
    if found.df < _LEAST_DF or found.standard_error <= 0.0:
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("no variation is left from which to compute a standard error"),
            Message("more clusters, or rows that vary within the arms"),
        )
    return found


_BY_ROW: Final[Mapping[StandardError, Callable[[Fit, Numbers], float]]] = MappingProxyType(
    {StandardError.IID: _iid, StandardError.HC1: _hc1, StandardError.HC2: _hc2, StandardError.HC3: _hc3}
)
_BY_CLUSTER: Final[Mapping[StandardError, Callable[[Fit, Codes, WorkingVariance], Precision]]] = MappingProxyType(
    {
        StandardError.CR0: _cr0,
        StandardError.CR1: _cr1,
        StandardError.CR1S: _cr1s,
        StandardError.CR2: cluster_robust.cr2,
        StandardError.CR3: _cr3,
    }
)
