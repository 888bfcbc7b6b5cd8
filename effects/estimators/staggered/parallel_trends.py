"""What the periods before treatment say about parallel trends, and how far they may fail afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import fdtrc

from effects.codes import Reason
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

SINGULAR: Final = 1e-10
STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class JointTest:
    """Wald statistic of several effects at once, its rank, and its p-value from an F distribution with `df` below."""

    statistic: float
    rank: int
    df: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How many times the largest step before treatment trends may differ by, per period, until the effect is in doubt.

    `known` takes the steps before treatment as known, as estimated; `uncertain` counts their error too. 0: the interval
    covers zero already. `largest` is that largest step, in the outcome's unit.
    """

    known: float
    uncertain: float
    largest: float


def jointly_zero(estimates: Numbers, covariance: Numbers, df: float) -> JointTest | Obstacle:
    """Whether all estimates (k,) are 0, their covariance (k, k) estimated with about `df` degrees of freedom.

    W (df - k + 1) / (df k) is compared with F(k, df - k + 1) (Hotelling 1931): without that, the chi-squared of few
    clusters rejects far too often.
    """
    number = len(estimates)
    spread = np.sqrt(np.diag(covariance)) if number else np.empty(0)
    if not number:
        return Obstacle(
            Reason.NO_BASELINE, Message("no effect before treatment to look at"), Message("a second period before it")
        )
    left = df - number + 1.0
    if left <= 0.0:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{effects} effects before treatment on {df:.0f} degrees of freedom", {"effects": number, "df": df}),
            Message("more clusters"),
        )
    if not np.all(spread > 0.0):
        return _dependent()
    scaled = covariance / np.outer(spread, spread)
    if np.linalg.eigvalsh(scaled)[0] <= SINGULAR:
        return _dependent()
    statistic = float((estimates / spread) @ np.linalg.solve(scaled, estimates / spread))
    return JointTest(statistic, number, left, float(fdtrc(number, left, statistic * left / (df * number))))


def breakdown(pre: Numbers, post: Numbers, covariance: Numbers, critical: float) -> Breakdown | Obstacle:
    """HonestDiD's relative magnitudes (Rambachan and Roth 2023) for the mean effect over the periods after treatment.

    pre (k,) and post (l,) are an event study around the last period before treatment, which is 0 and left out, in
    order; covariance (k + l, k + l); `critical` is the half width of the interval in standard errors. If no step of the
    difference in trends after treatment exceeds M times the largest step before, the mean over l periods is biased by
    at most M times (l + 1) / 2 of that step. `known` is the M at which estimate and interval, widened by so much, reach
    0 (as the library diff-diff has it). `uncertain` is the M at which the first of the steps can no longer be told to
    be too small, each tested with its own error: a union of hypotheses, rejected only if each one is, keeps its level.
    """
    if not len(pre) or not len(post):
        return Obstacle(
            Reason.NO_BASELINE,
            Message("no step between periods before treatment"),
            Message("a second period before it"),
        )
    moves = np.column_stack([np.eye(len(pre), k=1) - np.eye(len(pre)), np.zeros((len(pre), len(post)))])
    mean = np.concatenate([np.zeros(len(pre)), np.full(len(post), 1.0 / len(post))])
    both = np.concatenate([pre, post])
    reach = (len(post) + 1.0) / 2.0
    estimate, size = abs(float(mean @ both)), np.abs(moves @ both)
    clear = estimate - critical * float(np.sqrt(mean @ covariance @ mean))
    largest = float(np.max(size))
    if not np.isfinite(clear):
        return _dependent()
    if clear <= 0.0:
        return Breakdown(0.0, 0.0, largest)
    if largest <= 0.0:
        return _dependent()
    known = clear / (reach * largest)
    signed = np.sign(mean @ both)
    ways = np.vstack([moves, -moves])

    def told(times: float) -> bool:
        lines = signed * mean - times * reach * ways
        errors = np.sqrt(np.einsum("ij,jk,ik->i", lines, covariance, lines))
        return bool(np.all(lines @ both > critical * errors))

    return Breakdown(known, _last(told, known), largest)


def _last(told: Callable[[float], bool], upper: float) -> float:
    low, high = 0.0, upper
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if told(middle) else (low, middle)
    return low


def _dependent() -> Obstacle:
    return Obstacle(
        Reason.COLLINEAR, Message("the effects before treatment determine each other"), Message("more clusters")
    )
