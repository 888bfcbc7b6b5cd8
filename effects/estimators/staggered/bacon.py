"""Which comparisons the two-way fixed-effects coefficient is made of (Goodman-Bacon 2021)."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

import numpy as np

from effects.codes import Reason
from effects.estimators.staggered.panel import Panel
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers


class Comparison(StrEnum):
    """Who stands for the untreated."""

    NEVER_TREATED = "never_treated"
    LATER_TREATED = "later_treated"
    ALREADY_TREATED = "already_treated"


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """A difference in differences of two cohorts (times of first treatment) with its share of the coefficient."""

    comparison: Comparison
    treated: float
    compared: float
    estimate: float
    weight: float


def decomposition(panel: Panel) -> tuple[TwoByTwo, ...] | Obstacle:
    """All two-by-two comparisons; their weights sum to 1 and the weighted estimates to the coefficient, exactly.

    Of cohorts k before l, with D the share of periods under treatment and n the units: k against l before l begins
    weighs n_k n_l (D_k - D_l)(1 - D_k), l against k already treated n_k n_l (D_k - D_l) D_l, k against the never
    treated n_k n_0 D_k (1 - D_k), all over their sum. Needs a balanced panel without covariates and with equal weights.
    """
    observed = panel.observed.any(axis=0)
    outcome = panel.outcome[:, observed]
    if np.isnan(outcome).any() or panel.covariate_names or np.ptp(panel.weights):
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("the decomposition is exact for a balanced panel without covariates and weights only"),
            Message("every unit in every period"),
        )
    times = panel.times[observed]
    starts = np.where(panel.first <= times[-1], np.maximum(panel.first, times[0]), np.inf)
    groups = np.unique(starts)
    means = np.array([outcome[starts == start].mean(axis=0) for start in groups])
    sizes = np.array([float(np.sum(starts == start)) for start in groups])
    shares = np.array([float(np.mean(times >= start)) for start in groups])
    pairs = [
        pair
        for own, other in permutations(range(len(groups)), 2)
        if (pair := _pair(groups, means, sizes, shares, times, own, other)) is not None
    ]
    total = sum(pair.weight for pair in pairs)
    if not pairs or total <= 0.0:
        return Obstacle(
            Reason.NO_COMPARISON,
            Message("all units are first treated in the same period"),
            Message("units that are never, or later, treated"),
        )
    return tuple(
        TwoByTwo(pair.comparison, pair.treated, pair.compared, pair.estimate, pair.weight / total) for pair in pairs
    )


def _pair(
    groups: Numbers, means: Numbers, sizes: Numbers, shares: Numbers, times: Numbers, own: int, other: int
) -> TwoByTwo | None:
    """Cohort `own` as the treated one; None where it never changes while the other does not."""
    start, change = groups[own], means[own] - means[other]
    number = float(sizes[own] * sizes[other])
    if start == np.inf or start <= times[0]:
        return None
    if groups[other] == np.inf:
        before, after = times < start, times >= start
        kind, weight = Comparison.NEVER_TREATED, number * shares[own] * (1.0 - shares[own])
    elif groups[other] > start:
        before, after = times < start, (times >= start) & (times < groups[other])
        kind, weight = Comparison.LATER_TREATED, number * (shares[own] - shares[other]) * (1.0 - shares[own])
    else:
        before, after = (times >= groups[other]) & (times < start), times >= start
        kind, weight = Comparison.ALREADY_TREATED, number * (shares[other] - shares[own]) * shares[own]
    estimate = float(np.mean(change[after]) - np.mean(change[before]))
    return TwoByTwo(kind, float(start), float(groups[other]), estimate, float(weight))
