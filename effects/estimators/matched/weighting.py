"""Inverse-probability weighting."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Estimand
from effects.inference.propensity import Propensity
from effects.rows.columns import Codes, Numbers

LEAST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Scored:
    """An estimate with the influence of each row (n,) on it: the squares add up to the variance of independent rows.

    `scores` counts that the nuisance was estimated, `known` takes the weights as known; neither has a factor.
    `cautious` is `scores` with each cluster's deviations from means or regressions without it, for few clusters.
    """

    estimate: float
    scores: Numbers
    known: Numbers
    cautious: Numbers


def balancing_weights(treated: Numbers, probabilities: Numbers, estimand: Estimand, weights: Numbers) -> Numbers:
    """Weights (n,) of the rows: 1/p and 1/(1-p) for the ate, 1 and p/(1-p) for the att, times the plan's."""
    odds = probabilities / (1.0 - probabilities)
    if estimand is Estimand.ATT:
        return weights * np.where(treated == 1.0, 1.0, odds)
    return weights * np.where(treated == 1.0, 1.0 / probabilities, 1.0 / (1.0 - probabilities))


def weighted_difference(
    outcome: Numbers,
    treated: Numbers,
    model: Propensity,
    estimand: Estimand,
    weights: Numbers,
    clusters: Codes | None = None,
) -> Scored:
    """The difference of the arms' weighted means (Hajek), as from a regression weighted by `balancing_weights`.

    The influence stacks the estimating equations of the two means and of the logistic regression, so that estimated
    weights count (Lunceford and Davidian 2004); taken as known it is the HC0 sandwich of the weighted regression. The
    cautious one needs `clusters`.
    """
    own = balancing_weights(treated, model.probabilities, estimand, weights)
    arms = [own * (treated == arm) for arm in (1.0, 0.0)]
    totals = [float(np.sum(arm)) for arm in arms]
    means = [float(np.sum(arm * outcome)) / total for arm, total in zip(arms, totals, strict=True)]
    one, other = (arm * (outcome - mean) / total for arm, mean, total in zip(arms, means, totals, strict=True))
    treated_slope = np.zeros(len(one)) if estimand is Estimand.ATT else -one * (1.0 - model.probabilities)
    untreated_slope = other if estimand is Estimand.ATT else other * model.probabilities
    known = one - other
    added = through(model, treated_slope - untreated_slope)
    cautious = known if clusters is None else _left_out(one, arms[0], clusters) - _left_out(other, arms[1], clusters)
    return Scored(means[0] - means[1], known + added, known, cautious + added)


def _left_out(scores: Numbers, arm: Numbers, clusters: Codes) -> Numbers:
    """The scores (n,) of an arm's mean with each cluster's deviation taken from the mean without it."""
    share = np.bincount(clusters, weights=arm / np.sum(arm))[clusters]
    grown: Numbers = scores / np.maximum(1.0 - share, LEAST)
    return grown


def through(model: Propensity, slopes: Numbers) -> Numbers:
    """What estimating the propensity adds to each row's influence (n,); slopes (n,) by the linear predictor."""
    gradient = model.basis.T @ slopes
    added: Numbers = model.scores @ np.linalg.solve(model.information, gradient)
    return added
