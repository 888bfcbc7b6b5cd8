"""Weighted means of a sample, and the difference of two of them, with linearised errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.estimators.survey.calibration import Calibrated
from effects.estimators.survey.sampling import Sampling, variance
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or a difference in the outcome's unit; `df` is clusters less strata."""

    estimate: float
    standard_error: float
    df: float


@dataclass(frozen=True, slots=True)
class Part:
    """Rows (m,) of a sample that were calibrated together, and which of them (m,) the mean is about."""

    rows: Flags
    calibrated: Calibrated
    about: Flags


def weighted_mean(values: Numbers, part: Part) -> tuple[float, Numbers]:
    """The part's mean sum(w y) / sum(w) and its linearised scores (m,): w times the residual of (y - mean) / sum(w).

    Rows that the mean is not about have the value 0 before calibration takes its share, as in a domain.
    """
    weights = part.calibrated.weights
    own = np.where(part.about, weights, 0.0)
    total = np.sum(own)
    mean = float(np.sum(own * np.where(part.about, values, 0.0)) / total)
    deviation = np.where(part.about, values - mean, 0.0) / total
    scores: Numbers = weights * part.calibrated.residuals(deviation)
    return mean, scores


def contrast(values: Numbers, parts: Sequence[tuple[float, Part]], sampling: Sampling) -> Estimate | Obstacle:
    """Sum of factor times the mean of each part, values (n,) over all rows of the sampling.

    Clusters that several parts share bring their covariance with them.
    """
    scores = np.zeros(len(values))
    estimate = 0.0
    for factor, part in parts:
        mean, own = weighted_mean(values[part.rows], part)
        estimate += factor * mean
        scores[part.rows] += factor * own
    if sampling.df < 1:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{df} clusters more than strata", {"df": sampling.df}),
            Message("at least 2 clusters in a stratum"),
        )
    found = variance(scores, sampling)
    if isinstance(found, Obstacle):
        return found
    if not (np.isfinite(estimate) and np.isfinite(found)):
        return Obstacle(
            Reason.NOT_FINITE,
            Message("values are infinite or too large to compute with"),
            Message("finite values in a sensible unit"),
        )
    return Estimate(float(estimate), float(np.sqrt(found)), float(sampling.df))
