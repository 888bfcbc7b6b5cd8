"""Weights that let those who answered stand for those who did not."""

from dataclasses import replace
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.inference.propensity import propensity
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags
from effects.rows.samples import Sample

LARGEST: Final = 20.0
"""A weight above this is cut: one who answers would stand for more than twenty like them."""


def response_weighted(sample: Sample) -> Sample | Obstacle:
    """The rows with an outcome, their weights times the inverse of the estimated probability of having one.

    The probability is logistic in the covariates, apart in each arm, so that loss may depend on both. Errors take the
    weights as known, which is cautious on average (Seaman and White 2013). Needs covariates that loss can depend on.
    """
    known: Flags = ~np.isnan(sample.outcome)
    if known.all():
        return sample
    if not sample.covariate_names:
        needs = Message("covariates that may explain who answers")
        return Obstacle(Reason.NO_COVARIATES, Message("response weights without covariates change nothing"), needs)
    factor = np.ones(sample.size)
    for arm in (0.0, 1.0):
        rows = sample.treated == arm
        if known[rows].all():
            continue
        answering, weights = known[rows].astype(np.float64), sample.weights[rows]
        found = propensity(answering, sample.covariates[rows], sample.covariate_names, weights)
        if isinstance(found, Obstacle):
            return found
        factor[rows] = np.minimum(LARGEST, 1.0 / np.maximum(found.probabilities, 1.0 / LARGEST))
    return replace(sample, weights=sample.weights * factor).part(known)
