"""Nearest-neighbour matching on covariates, with replacement, and the variance that belongs to it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from effects.codes import Estimand
from effects.rows.columns import Codes, Numbers

TIE: Final = 1e-12
ROUNDING: Final = 1e-12
_NEAR_ZERO: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Matched:
    """An effect and its standard error; `reused` (n,) is how often each row stands for a row of the other arm."""

    estimate: float
    standard_error: float
    reused: Numbers


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm as its u different covariate rows, whitened in `points` (u, m); `point` (n,) is the one of each row."""

    outcome: Numbers
    covariates: Numbers
    points: Numbers
    sizes: Numbers
    point: Codes

    def mean(self, values: Numbers) -> Numbers:
        """Mean over the rows (n,) of each point."""
        means: Numbers = np.bincount(self.point, weights=values, minlength=len(self.sizes)) / self.sizes
        return means


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """Pairs (p,) of a point and one that is nearest to it; `rows` (u,) counts the rows in the nearest points."""

    own: Codes
    other: Codes
    rows: Numbers

    def mean(self, values: Numbers, sizes: Numbers) -> Numbers:
        """For each point (u,) the mean of its neighbours' values, each counted as often as it has rows."""
        sums = np.bincount(self.own, weights=(values * sizes)[self.other], minlength=len(self.rows))
        means: Numbers = sums / self.rows
        return means

    def used(self, weights: Numbers, others: int) -> Numbers:
        """For each of the other points the weights (u,) of the points that it is nearest to, summed."""
        return np.bincount(self.other, weights=weights[self.own], minlength=others).astype(np.float64)


def matched(
    outcome: Numbers,
    treated: Numbers,
    covariates: Numbers,
    estimand: Estimand,
    *,
    adjusted: bool = True,
    tie: float = TIE,
) -> Matched:
    """Each row against the mean of the nearest rows of the other arm by Mahalanobis distance, ties all taken.

    Covariates (n, m); rows are tied where their squared distances differ by less than `tie`. `adjusted` removes the
    bias of inexact matches by a linear regression on the matched rows of the arm (Abadie and Imbens 2011). The variance
    is Abadie and Imbens' (2006, theorem 7): with K the weights with which a row is used, K2 those squared and s2 its
    conditional variance from the nearest rows of its own arm,
    ate: [sum (tau_i - tau)^2 + sum (K^2 + 2 K - K2) s2] / n^2; att: [sum over treated (tau_i - tau)^2 + sum over
    untreated (K^2 - K2) s2] / n1^2. The bootstrap is invalid here (Abadie and Imbens 2008).
    """
    spread, vectors = np.linalg.eigh(np.atleast_2d(np.cov(covariates, rowvar=False)))
    whitening = vectors / np.sqrt(np.maximum(spread, _NEAR_ZERO * spread.max()))
    arms = [_arm(outcome[treated == arm], covariates[treated == arm], whitening) for arm in (1.0, 0.0)]
    gains = np.zeros(len(outcome))
    reused, squared, noise = np.zeros(len(outcome)), np.zeros(len(outcome)), np.zeros(len(outcome))
    wanted = (1.0,) if estimand is Estimand.ATT else (1.0, 0.0)
    for arm, own, other in ((1.0, arms[0], arms[1]), (0.0, arms[1], arms[0])):
        noise[treated == arm] = _noise(own, tie)
        if arm not in wanted:
            continue
        nearest = _nearest(own.points, other.points, other.sizes, tie)
        used = nearest.used(own.sizes / nearest.rows, len(other.sizes))
        twice = nearest.used(own.sizes / nearest.rows**2, len(other.sizes))
        reused[treated != arm], squared[treated != arm] = used[other.point], twice[other.point]
        stand_in = nearest.mean(other.mean(other.outcome), other.sizes)
        if adjusted:
            stand_in = stand_in + _bias(own, other, nearest, used)
        gains[treated == arm] = (2.0 * arm - 1.0) * (own.outcome - stand_in[own.point])
    about = np.isin(treated, wanted)
    estimate = float(np.mean(gains[about]))
    factor = reused**2 - squared if estimand is Estimand.ATT else reused**2 + 2.0 * reused - squared
    total = np.sum((gains[about] - estimate) ** 2) + np.sum(factor * noise)
    return Matched(estimate, float(np.sqrt(total)) / int(about.sum()), reused)


def _arm(outcome: Numbers, covariates: Numbers, whitening: Numbers) -> _Arm:
    different, point, sizes = np.unique(covariates, axis=0, return_inverse=True, return_counts=True)
    return _Arm(outcome, different, different @ whitening, sizes.astype(np.float64), point.reshape(-1))


def _nearest(points: Numbers, others: Numbers, sizes: Numbers, tie: float, *, itself: bool = False) -> _Neighbours:
    """All nearest of the others to each point; `itself` says that both are the same and a point is not its own."""
    tree = cKDTree(others)
    distances = np.asarray(tree.query(points, k=[2 if itself else 1])[0])
    found = tree.query_ball_point(points, np.sqrt(distances[:, 0] ** 2 * (1.0 + ROUNDING) + tie), return_sorted=True)
    own = np.repeat(np.arange(len(points)), [len(places) for places in found])
    other = np.concatenate([np.asarray(places, dtype=np.int64) for places in found])
    kept = own != other if itself else np.ones(len(own), dtype=np.bool_)
    own, other = own[kept], other[kept]
    return _Neighbours(own, other, np.bincount(own, weights=sizes[other], minlength=len(points)).astype(np.float64))


def _noise(arm: _Arm, tie: float) -> Numbers:
    """J / (J + 1) (y - mean of the J nearest rows of the same arm)^2 of each row (n,)."""
    means = arm.mean(arm.outcome)
    twins = arm.sizes[arm.point]
    ratio = twins / np.maximum(twins - 1.0, 1.0)
    among_twins: Numbers = ratio * (arm.outcome - means[arm.point]) ** 2
    if len(arm.points) == 1:
        return among_twins
    nearest = _nearest(arm.points, arm.points, arm.sizes, tie, itself=True)
    apart = arm.outcome - nearest.mean(means, arm.sizes)[arm.point]
    rows = nearest.rows[arm.point]
    noise: Numbers = np.where(twins > 1.0, among_twins, rows / (rows + 1.0) * apart**2)
    return noise


def _bias(own: _Arm, other: _Arm, nearest: _Neighbours, used: Numbers) -> Numbers:
    """For each point (u,) what a regression on the used rows of the other arm says of the distance to its matches."""
    gaps = own.covariates - np.column_stack([nearest.mean(column, other.sizes) for column in other.covariates.T])
    root = np.sqrt(used * other.sizes)
    middle = np.average(other.covariates, axis=0, weights=root**2)
    spread = np.std(other.covariates, axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    design = np.column_stack([np.ones(len(root)), (other.covariates - middle) / spread])
    slopes, *_ = np.linalg.lstsq(design * root[:, None], other.mean(other.outcome) * root, rcond=None)
    correction: Numbers = gaps @ (slopes[1:] / spread)
    return correction
