"""Least squares from cross-products by cluster: the coefficient and the errors that need no rows.

G clusters, k columns; S_g = X_g'X_g and s_g = X_g'y_g stand for the rows of cluster g, M = (sum S_g)^-1, c its row of
the effect, r_g = s_g - S_g b. With M = LL', K_g = L'S_gL and q = L'e, the adjusted rows (I - X_gMX_g')^p X_g c of
`cluster_robust` are X_g v_g with v_g = L (I - K_g)^p q, so that every sum over rows is one over k-vectors.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import Reason, StandardError
from effects.inference.cluster_robust import Precision
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers

LEAST_EIGENVALUE: Final = 1e-6
"""Of the products scaled to unit diagonal; below it cross-products lose more digits than 1e-10 leaves."""

_NULL_SPACE: Final = 1e-10
_NO_VARIATION: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class GramModel:
    """A linear model as cross-products: products (G, k, k), outcome (G, k), squares y'y (G,) or None where unknown.

    `absorbed` counts the columns that are gone by demeaning, their constant included; `rows` (G,) the rows behind it.
    """

    products: Numbers
    outcome: Numbers
    squares: Numbers | None
    rows: Codes
    names: tuple[str, ...]
    effect: int
    absorbed: int
    estimator: str


@dataclass(frozen=True, slots=True)
class GramFit:
    """Coefficients (k,), bread M (k, k) and residual scores r_g (G, k)."""

    model: GramModel
    coefficients: Numbers
    bread: Numbers
    scores: Numbers

    @property
    def estimate(self) -> float:
        """The coefficient of interest."""
        return float(self.coefficients[self.model.effect])

    @property
    def influence(self) -> Numbers:
        """Row of the bread (k,) for the coefficient of interest."""
        row: Numbers = self.bread[self.model.effect]
        return row

    @property
    def contributions(self) -> Numbers:
        """What each cluster (G,) contributes to the error of the estimate."""
        return self.scores @ self.influence


def fit_products(model: GramModel) -> GramFit | Obstacle:
    """Solve the normal equations with columns scaled to unit norm; near collinearity is refused, not answered badly."""
    rows, columns = int(model.rows.sum()), len(model.names) + model.absorbed
    if rows <= columns:
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{rows} rows for {coefficients} coefficients", {"rows": rows, "coefficients": columns}),
            Message("at least {rows} complete rows", {"rows": columns + 1}),
        )
    total = model.products.sum(axis=0)
    norms = np.sqrt(np.maximum(np.diag(total), 0.0))
    if not (np.isfinite(total).all() and np.isfinite(model.outcome).all()):
        return _obstacle(Reason.NOT_FINITE, Message("values are infinite or too large to compute with"))
    scale = np.where(norms > 0.0, norms, 1.0)
    values, vectors = np.linalg.eigh(total / np.outer(scale, scale))
    if values[0] < LEAST_EIGENVALUE:
        return _obstacle(Reason.COLLINEAR, Message("the columns determine each other, or nearly so"))
    bread = (vectors / values) @ vectors.T / np.outer(scale, scale)
    coefficients = bread @ model.outcome.sum(axis=0)
    coefficients = coefficients + bread @ (model.outcome.sum(axis=0) - total @ coefficients)
    scores = model.outcome - model.products @ coefficients
    if _reproduced(model, coefficients, scores):
        return _obstacle(Reason.NO_RESIDUAL_VARIATION, Message("the model reproduces the outcome without error"))
    return GramFit(model, coefficients, bread, scores)


def precision_from_products(fit: GramFit, kind: StandardError) -> Precision | Obstacle:
    """The standard error that `kind` names; the formulas are those of `covariance`.

    HC errors need clusters whose rows are all alike in the columns: the two arms of a difference in means.
    """
    if kind not in _BY_CLUSTER and fit.model.squares is None:
        return _needs_rows(kind)
    if kind is StandardError.IID:
        return usable(_iid(fit))
    if kind in _BY_ARM:
        return usable(_hc(fit, kind))
    if kind not in _BY_CLUSTER:
        return _needs_rows(kind)
    if len(fit.scores) < 2:
        return _obstacle(Reason.TOO_FEW_CLUSTERS, Message("fewer than 2 clusters"))
    return usable(_BY_CLUSTER[kind](fit))


def _iid(fit: GramFit) -> Precision:
    """Sum(e^2) / (n - columns) times the diagonal element of M."""
    df = int(fit.model.rows.sum()) - len(fit.model.names) - fit.model.absorbed
    variance = _unexplained(fit.model, fit.coefficients).sum() / df * fit.influence[fit.model.effect]
    return Precision(float(np.sqrt(variance)), float(df))


def _hc(fit: GramFit, kind: StandardError) -> Precision:
    """Sum((c'x e)^2 / (1 - h)^p): p = 0 with factor n / (n - k), 1 and 2 for hc1, hc2 and hc3."""
    number = fit.model.rows.astype(np.float64)
    row = fit.model.products[:, :, fit.model.names.index("constant")] / number[:, None]
    terms = (row @ fit.influence) ** 2 * _unexplained(fit.model, fit.coefficients)
    leverage = np.einsum("gi,ij,gj->g", row, fit.bread, row)
    df = float(number.sum() - len(fit.model.names))
    power = _BY_ARM[kind]
    factor = number.sum() / df if power == 0.0 else 1.0
    return Precision(float(np.sqrt(factor * np.sum(terms / (1.0 - leverage) ** power))), df)


def _unexplained(model: GramModel, coefficients: Numbers) -> Numbers:
    """Sum of squared residuals of each cluster (G,): y'y - 2 b'X'y + b'X'Xb; the squares must be known."""
    squares = np.zeros(len(model.rows)) if model.squares is None else model.squares
    explained = 2.0 * model.outcome @ coefficients - (model.products @ coefficients) @ coefficients
    left: Numbers = np.maximum(0.0, squares - explained)
    return left


def _reproduced(model: GramModel, coefficients: Numbers, scores: Numbers) -> bool:
    """Whether nothing but rounding is left of the outcome, or of its products where its square is unknown."""
    if model.squares is None:
        return bool(np.abs(scores).max() <= _NO_VARIATION * np.abs(model.outcome).max())
    return bool(_unexplained(model, coefficients).sum() <= _NO_VARIATION * model.squares.sum())


def _sandwich(fit: GramFit, factor: float) -> Precision:
    sums = fit.contributions
    return Precision(float(np.sqrt(factor * np.sum(sums**2))), float(len(sums) - 1))


def _cr0(fit: GramFit) -> Precision:
    """No factor."""
    return _sandwich(fit, 1.0)


def _cr1(fit: GramFit) -> Precision:
    """Factor G/(G-1)."""
    groups = len(fit.scores)
    return _sandwich(fit, groups / (groups - 1.0))


def _cr1s(fit: GramFit) -> Precision:
    """Factor G/(G-1) (n-1)/(n-k); of what was absorbed, k counts the constant alone."""
    groups, rows = len(fit.scores), float(fit.model.rows.sum())
    counted = len(fit.model.names) + min(fit.model.absorbed, 1)
    return _sandwich(fit, groups / (groups - 1.0) * (rows - 1.0) / (rows - counted))


def _cr2(fit: GramFit) -> Precision:
    """Bell and McCaffrey 2002 with the identity as working variance."""
    return _adjusted(fit, -0.5)


def _cr3(fit: GramFit) -> Precision:
    """The jackknife over clusters without further factor."""
    return _adjusted(fit, -1.0)


def _adjusted(fit: GramFit, power: float) -> Precision:
    """Variance sum_g (v_g'r_g)^2, df = tr(P)^2 / tr(P^2) with P_gh = v_g'S_g v_g [g = h] - (L'S_gv_g)'(L'S_hv_h)."""
    root = np.linalg.cholesky(fit.bread)
    inner = root.T @ fit.model.products @ root
    values, vectors = np.linalg.eigh((inner + inner.transpose(0, 2, 1)) / 2.0)
    left = 1.0 - values
    kept = left > _NULL_SPACE
    powered = np.where(kept, np.where(kept, left, 1.0) ** power, 0.0)
    turned = powered * (root[fit.model.effect] @ vectors)
    directions = (vectors @ turned[:, :, None])[:, :, 0] @ root.T
    moved = (fit.model.products @ directions[:, :, None])[:, :, 0]
    sums = np.sum(directions * fit.scores, axis=1)
    diagonal, factors = np.sum(directions * moved, axis=1), moved @ root
    cross = factors.T @ factors
    trace = float(np.sum(diagonal) - np.trace(cross))
    square = float(np.sum(diagonal**2) - 2.0 * np.sum(diagonal * np.sum(factors**2, axis=1)) + np.sum(cross**2))
    return Precision(float(np.sqrt(np.sum(sums**2))), trace**2 / square if square > 0.0 else 0.0)


def usable(found: Precision) -> Precision | Obstacle:
    """The precision, or why it says nothing."""
    if not (np.isfinite(found.standard_error) and np.isfinite(found.df)):
        return _obstacle(Reason.NOT_FINITE, Message("the standard error is not finite"))
    if found.df < 1e-6 or found.standard_error <= 0.0:
        return _obstacle(
            Reason.NO_RESIDUAL_VARIATION, Message("no variation is left from which to compute a standard error")
        )
    return found


def _needs_rows(kind: StandardError) -> Obstacle:
    return Obstacle(
        Reason.NEEDS_ROWS,
        Message("the standard error {kind} needs rows", {"kind": kind.value}),
        Message("the rows themselves, or a cluster-robust standard_error"),
    )


def _obstacle(reason: Reason, detail: Message) -> Obstacle:
    return Obstacle(reason, detail, Message("the rows themselves, or a plan that these moments can carry"))


_BY_ARM: Final[Mapping[StandardError, float]] = MappingProxyType(
    {StandardError.HC1: 0.0, StandardError.HC2: 1.0, StandardError.HC3: 2.0}
)
_BY_CLUSTER: Final[Mapping[StandardError, Callable[[GramFit], Precision]]] = MappingProxyType(
    {
        StandardError.CR0: _cr0,
        StandardError.CR1: _cr1,
        StandardError.CR1S: _cr1s,
        StandardError.CR2: _cr2,
        StandardError.CR3: _cr3,
    }
)
