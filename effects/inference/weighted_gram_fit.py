"""Least squares from cross-products in which every cluster has a weight of its own, and its cr2.

With the letters of `gram_fit`, w_g the weight of cluster g, M = LL' = (sum w_g S_g)^-1 and N = L'(sum w_g^2 S_g)L.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from effects.inference.cluster_robust import Precision
from effects.inference.gram_fit import GramFit, GramModel, usable
from effects.linear_model import Obstacle
from effects.rows.columns import Numbers

_NULL_SPACE: Final = 1e-10


def with_weights(model: GramModel, weights: Numbers, estimator: str) -> GramModel:
    """The model in which the rows of cluster g count with weights[g] (G,)."""
    return replace(
        model,
        products=model.products * weights[:, None, None],
        outcome=model.outcome * weights[:, None],
        squares=None if model.squares is None else model.squares * weights,
        estimator=estimator,
    )


def weighted_cr2(fit: GramFit, weights: Numbers) -> Precision | Obstacle:
    """The cr2 of `cluster_robust` with the identity as working variance, of a fit `with_weights`.

    B_g = I - Z_g E_g Z_g' with Z_g = X_g L and E_g = 2 w_g I - N; with Z_g'Z_g = U D U' and T_g = D^1/2 U'E_gU D^1/2,
    B_g^(-1/2) Z_g = Z_g U D^-1/2 (I - T_g)^(-1/2) D^1/2 U', whose zero directions are left out.
    """
    root = np.linalg.cholesky(fit.bread)
    inner = root.T @ fit.model.products @ root
    doubled, unit = np.tensordot(weights, inner, axes=1), np.eye(len(root))
    values, vectors = np.linalg.eigh(_symmetric(inner) / weights[:, None, None])
    size = np.where(values > _NULL_SPACE * values[:, -1:], np.sqrt(np.maximum(values, 0.0)), 0.0)
    turned = vectors * size[:, None, :]
    core = 2.0 * weights[:, None, None] * unit - doubled
    left, frame = np.linalg.eigh(_symmetric(unit - turned.transpose(0, 2, 1) @ core @ turned))
    kept = left > _NULL_SPACE * np.maximum(1.0, left[:, -1:])
    powered = np.where(kept, np.where(kept, left, 1.0) ** -0.5, 0.0)
    inside = _times(turned.transpose(0, 2, 1), np.broadcast_to(root[fit.model.effect], size.shape))
    moved = _times(frame, powered * _times(frame.transpose(0, 2, 1), inside))
    directions = _times(vectors, np.where(size > 0.0, moved / np.where(size > 0.0, size, 1.0), 0.0)) @ root.T
    pulled = _times(fit.model.products, directions)
    own = weights * np.sum(directions * pulled, axis=1)
    error = float(np.sqrt(np.sum(np.sum(directions * fit.scores, axis=1) ** 2)))
    return usable(Precision(error, _df(own, pulled @ root, weights, doubled)))


def _df(own: Numbers, factors: Numbers, weights: Numbers, doubled: Numbers) -> float:
    """tr(P)^2 / tr(P^2) with P_gh = own_g [g = h] + f_g'N f_h - (w_g + w_h) f_g'f_h; factors f (G, k)."""
    unit = np.eye(len(doubled))
    core = np.block([[doubled, -unit], [-unit, np.zeros_like(unit)]])
    both = np.column_stack([factors, weights[:, None] * factors])
    crossed, diagonal = core @ (both.T @ both), np.sum((both @ core) * both, axis=1)
    trace = float(np.sum(own + diagonal))
    square = float(np.sum(own**2) + 2.0 * np.sum(own * diagonal) + np.sum(crossed * crossed.T))
    return trace**2 / square if square > 0.0 else 0.0


def _times(matrices: Numbers, columns: Numbers) -> Numbers:
    """Each matrix (G, k, k) times its own column (G, k)."""
    found: Numbers = (matrices @ columns[:, :, None])[:, :, 0]
    return found


def _symmetric(matrices: Numbers) -> Numbers:
    return (matrices + matrices.transpose(0, 2, 1)) / 2.0
