"""One effect on the treated from the changes of two groups, with what each unit contributes to its error."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import qr
from scipy.special import expit

from effects.codes import Reason
from effects.inference.propensity import logit_maximum
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers

CERTAIN: Final = 0.999
TRIMMED: Final = 0.995
COLLINEAR: Final = 1e-9
MOST_CERTAIN: Final = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class Contrast:
    """An effect and the share of its error that each unit brings (n,): the variance is the sum of their squares."""

    estimate: float
    influence: Numbers


def difference_in_means(change: Numbers, treated: Flags, weights: Numbers) -> Contrast:
    """Weighted mean change (n,) of the treated less that of the others; both groups hold somebody."""
    influence = np.zeros_like(change)
    means = []
    for group, sign in ((treated, 1.0), (~treated, -1.0)):
        own = weights[group] / np.sum(weights[group])
        mean = float(np.sum(own * change[group]))
        influence[group] = sign * own * (change[group] - mean)
        means.append(mean)
    return Contrast(means[0] - means[1], influence)


def doubly_robust(change: Numbers, treated: Flags, covariates: Numbers, weights: Numbers) -> Contrast | Obstacle:
    """Outcome regression on the untreated and inverse probability weights with unit sum, right if either model is.

    covariates (n, m) without intercept. A logit gives the weights p/(1-p) of the untreated (none above 0.995), least
    squares their expected change. Sant'Anna and Zhao 2020, `drdid_panel` of the R package DRDID. Refuses covariates
    that determine each other among the untreated or tell (p >= 0.999) who is treated.
    """
    design = _standardised(covariates)
    if _dependent(design[~treated] * np.sqrt(weights[~treated])[:, None]) or _dependent(design):
        return Obstacle(
            Reason.COLLINEAR,
            Message(
                "the covariates determine each other among {units} comparison units", {"units": int(np.sum(~treated))}
            ),
            Message("fewer covariates"),
        )
    relative = weights / np.mean(weights)
    slopes = logit_maximum(treated.astype(np.float64), design, relative)
    fitted = None if slopes is None else np.minimum(expit(design @ slopes), MOST_CERTAIN)
    if fitted is None or float(np.max(fitted)) >= CERTAIN:
        return Obstacle(
            Reason.SEPARATION,
            Message("the covariates tell who is treated"),
            Message("comparison units that resemble the treated ones, or fewer covariates"),
        )
    return _combined(change, treated.astype(np.float64), design, relative, fitted)


def _combined(change: Numbers, treated: Numbers, design: Numbers, weights: Numbers, fitted: Numbers) -> Contrast:
    rows = len(change)
    untreated = weights * (1.0 - treated)
    bread = np.linalg.inv(design.T @ (untreated[:, None] * design) / rows)
    slopes = bread @ (design.T @ (untreated * change)) / rows
    residuals = change - design @ slopes
    regression = (untreated * residuals)[:, None] * design @ bread
    information = np.linalg.inv(design.T @ ((weights * fitted * (1.0 - fitted))[:, None] * design) / rows)
    score = (weights * (treated - fitted))[:, None] * design @ information
    own = weights * treated
    other = untreated * np.where(fitted < TRIMMED, fitted / (1.0 - fitted), 0.0)
    mean, compared = (float(np.sum(part * residuals) / np.sum(part)) for part in (own, other))
    of_treated = own * (residuals - mean) - regression @ np.mean(own[:, None] * design, axis=0)
    of_others = (
        other * (residuals - compared)
        + score @ np.mean((other * (residuals - compared))[:, None] * design, axis=0)
        - regression @ np.mean(other[:, None] * design, axis=0)
    )
    influence = of_treated / np.mean(own) - of_others / np.mean(other)
    return Contrast(mean - compared, influence / rows)


def _standardised(covariates: Numbers) -> Numbers:
    """An intercept beside covariates with mean 0 and deviation 1, which changes no fit and steadies its arithmetic."""
    centred = covariates - np.mean(covariates, axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0))
    return np.column_stack([np.ones(len(covariates)), centred / np.where(spread > 0.0, spread, 1.0)])


def _dependent(design: Numbers) -> bool:
    if len(design) < design.shape[1]:
        return True
    triangular, _ = qr(design, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangular))
    return bool(diagonal.min() <= COLLINEAR * diagonal.max())
