"""Cluster-robust variances of one coefficient.

With X_g, W_g and e_g the rows of cluster g, M = (X'WX)^-1 and c the row of M that belongs to the coefficient, every
variance here is the sum over clusters of (c' X_g' W_g A_g e_g)^2 times a factor; they differ in A_g and the factor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from effects.codes import WorkingVariance
from effects.inference.least_squares import Fit
from effects.rows.columns import Codes, Numbers

_NULL_SPACE: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Precision:
    """Standard error of a coefficient and the degrees of freedom of its t distribution."""

    standard_error: float
    df: float


def cluster_slices(clusters: Codes) -> Iterator[slice]:
    """Row ranges of clusters whose codes are in ascending order."""
    edges = np.flatnonzero(np.diff(clusters)) + 1
    bounds = [0, *edges.tolist(), len(clusters)]
    return (slice(low, high) for low, high in pairwise(bounds))


def plain_sandwich(fit: Fit, clusters: Codes, factor: float) -> Precision:
    """A_g = I (Liang and Zeger 1986); G - 1 degrees of freedom."""
    terms = fit.model.weights * (fit.model.design @ fit.influence) * fit.residuals
    sums = np.array([np.sum(terms[rows]) for rows in cluster_slices(clusters)])
    return Precision(float(np.sqrt(factor * np.sum(sums**2))), float(len(sums) - 1))


def cr2(fit: Fit, clusters: Codes, working: WorkingVariance) -> Precision:
    """Bias-reduced linearisation with Satterthwaite degrees of freedom.

    A_g = D_g B_g^(+1/2) D_g with B_g = D_g [(I - H) Phi (I - H)']_gg D_g, Phi the working variance and D its square
    root: the identity, or 1/w. Zero directions of B_g (absorbed effects) are left out by the pseudo-inverse.
    Bell and McCaffrey 2002; Pustejovsky and Tipton 2018.
    """
    weights = fit.model.weights / np.mean(fit.model.weights)
    scores = fit.model.weights * (fit.model.design @ fit.influence)
    if working is WorkingVariance.INVERSE_WEIGHT:
        directions = [_inverse_weight(fit, rows, weights, scores) for rows in cluster_slices(clusters)]
        return _satterthwaite(fit, clusters, np.concatenate(directions), weights, 1.0 / weights)
    spread = fit.orthonormal.T @ (weights[:, None] * fit.orthonormal)
    columns = len(spread)
    core = np.block([[spread, -np.eye(columns)], [-np.eye(columns), np.zeros((columns, columns))]])
    if not np.ptp(weights):
        core = -np.eye(columns)
    directions = [_identity(fit, rows, weights, scores, core) for rows in cluster_slices(clusters)]
    return _satterthwaite(fit, clusters, np.concatenate(directions), weights, np.ones_like(weights))


def cr3(fit: Fit, clusters: Codes) -> Precision:
    """A_g = (I - H_gg)^-1, the jackknife over clusters without further factor; Satterthwaite degrees of freedom.

    Directions that unit effects nested in the cluster absorb are left out by the pseudo-inverse.
    """
    weights = fit.model.weights / np.mean(fit.model.weights)
    root, core = np.sqrt(weights), -np.eye(len(fit.bread))
    scores = fit.model.weights * (fit.model.design @ fit.influence)
    directions = [
        root[rows] * power_times(fit.orthonormal[rows], core, -1.0, scores[rows] / root[rows])
        for rows in cluster_slices(clusters)
    ]
    return _satterthwaite(fit, clusters, np.concatenate(directions), weights, np.ones_like(weights))


def _identity(fit: Fit, rows: slice, weights: Numbers, scores: Numbers, core: Numbers) -> Numbers:
    """A_g' W_g X_g c (n_g,) for Phi = I: B_g = I + Z core Z', Z = [w^-1/2 Q, w^1/2 Q]; I - QQ' for equal weights."""
    basis, root = fit.orthonormal[rows], np.sqrt(weights[rows])[:, None]
    if len(core) > basis.shape[1]:
        basis = np.column_stack([basis / root, basis * root])
    return power_times(basis, core, -0.5, scores[rows])


def _inverse_weight(fit: Fit, rows: slice, weights: Numbers, scores: Numbers) -> Numbers:
    """A_g' W_g X_g c (n_g,) for Phi = 1/w: B_g = w^-1 (I - QQ') w^-1, not a small update, hence of full size."""
    own, orthonormal = weights[rows], fit.orthonormal[rows]
    middle = (np.eye(len(own)) - orthonormal @ orthonormal.T) / np.outer(own, own)
    values, vectors = np.linalg.eigh(middle)
    root = np.sqrt(own)
    direction: Numbers = (vectors @ (_power(values, -0.5) * (vectors.T @ (scores[rows] / root)))) / root
    return direction


def power_times(basis: Numbers, core: Numbers, power: float, vector: Numbers) -> Numbers:
    """(I + basis core basis')^power @ vector, the matrix formed only where it is small; basis (n_g, m), core (m, m)."""
    if len(basis) <= len(core):
        values, vectors = np.linalg.eigh(np.eye(len(basis)) + basis @ core @ basis.T)
        small: Numbers = vectors @ (_power(values, power) * (vectors.T @ vector))
        return small
    orthonormal, triangular = np.linalg.qr(basis)
    values, vectors = np.linalg.eigh(np.eye(len(triangular)) + triangular @ core @ triangular.T)
    inside = orthonormal.T @ vector
    changed: Numbers = vectors @ (_power(values, power) * (vectors.T @ inside))
    outcome: Numbers = vector + orthonormal @ (changed - inside)
    return outcome


def _power(values: Numbers, power: float) -> Numbers:
    kept = values > _NULL_SPACE * max(1.0, float(values[-1]))
    powered: Numbers = np.where(kept, np.where(kept, values, 1.0) ** power, 0.0)
    return powered


def _satterthwaite(fit: Fit, clusters: Codes, directions: Numbers, weights: Numbers, variance: Numbers) -> Precision:
    """Variance sum_g (u_g' e_g)^2 and df = tr(P)^2 / tr(P^2), P_gh = u_g' [(I - H) Phi (I - H)']_gh u_h.

    `directions` stacks the u_g (n,). P is diagonal plus F core F' with F (G, 2k); the smaller of G x G and 2k x 2k is
    formed.
    """
    starts = np.array([rows.start for rows in cluster_slices(clusters)], dtype=np.int64)
    root = np.sqrt(weights)
    sums = np.add.reduceat(directions * fit.residuals, starts)
    diagonal = np.add.reduceat(directions**2 * variance, starts)
    left = np.add.reduceat(fit.orthonormal * (directions / root)[:, None], starts, axis=0)
    right = np.add.reduceat(fit.orthonormal * (directions * root * variance)[:, None], starts, axis=0)
    middle = fit.orthonormal.T @ ((weights * variance)[:, None] * fit.orthonormal)
    columns = len(middle)
    core = np.block([[middle, -np.eye(columns)], [-np.eye(columns), np.zeros((columns, columns))]])
    factors = np.column_stack([left, right])
    if len(factors) <= len(core):
        products = np.diag(diagonal) + factors @ core @ factors.T
        return _moments(sums, float(np.trace(products)), float(np.sum(products**2)))
    update = core @ (factors.T @ factors)
    own = np.einsum("gi,ij,gj->g", factors, core, factors)
    trace = float(np.sum(diagonal) + np.trace(update))
    square = float(np.sum(diagonal**2) + 2.0 * np.sum(diagonal * own) + np.sum(update * update.T))
    return _moments(sums, trace, square)


def _moments(sums: Numbers, trace: float, square: float) -> Precision:
    return Precision(float(np.sqrt(np.sum(sums**2))), trace**2 / square if square > 0 else 0.0)
