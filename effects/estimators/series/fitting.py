"""Fit a segmented model: least squares, or a quasi-likelihood by iterated least squares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import expit, xlogy

from effects.codes import Family, Reason
from effects.estimators.series.points import Points
from effects.estimators.series.segments import Segments
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

TOLERANCE: Final = 1e-12
MOST_ROUNDS: Final = 100
_VANISHED: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Link:
    """Mean of a linear predictor, slope at a mean, where the search begins, and the deviance of each point."""

    mean: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]
    begin: Callable[[Numbers], Numbers]
    deviance: Callable[[Numbers, Numbers], Numbers]


def _logit_start(outcome: Numbers) -> Numbers:
    middle = (outcome + 0.5) / 2.0
    answer: Numbers = np.log(middle / (1.0 - middle))
    return answer


def _poisson_deviance(outcome: Numbers, mean: Numbers) -> Numbers:
    lost: Numbers = 2.0 * (np.asarray(xlogy(outcome, outcome / mean)) - (outcome - mean))
    return lost


def _binomial_deviance(outcome: Numbers, mean: Numbers) -> Numbers:
    events = np.asarray(xlogy(outcome, outcome / mean))
    others = np.asarray(xlogy(1.0 - outcome, (1.0 - outcome) / (1.0 - mean)))
    lost: Numbers = (2.0 * (events + others)).astype(np.float64)
    return lost


LINKS: Final[Mapping[Family, Link]] = MappingProxyType(
    {
        Family.POISSON: Link(
            mean=np.exp,
            slope=lambda mean: mean,
            begin=lambda outcome: np.log((outcome + outcome.mean()) / 2.0),
            deviance=_poisson_deviance,
        ),
        Family.BINOMIAL: Link(
            mean=expit,
            slope=lambda mean: mean * (1.0 - mean),
            begin=_logit_start,
            deviance=_binomial_deviance,
        ),
    }
)
"""Poisson with log link and binomial with logit link; the dispersion is estimated beside them."""


def fitted(points: Points, segments: Segments) -> Fit | Obstacle:
    """The fit of a series in its family.

    A count or share gives the last weighted least squares of the search: its residuals are (y - mean) / slope and its
    weights slope times those of the points, so that every error of a linear model has its quasi-likelihood meaning;
    `iid` is the one with the dispersion X^2 / (n - k) (McCullagh and Nelder 1989).
    """
    if points.family is Family.GAUSSIAN:
        return fit(_working(points, segments, points.outcome - points.offset, points.weights))
    return _iterated(points, segments, LINKS[points.family])


def _working(points: Points, segments: Segments, outcome: Numbers, weights: Numbers) -> LinearModel:
    return LinearModel(
        outcome=outcome,
        design=segments.design,
        names=segments.names,
        effect=next(iter(segments.changes.values())),
        weights=weights,
        clusters=None,
        absorbed=0,
        estimator=f"segmented_{points.family.value}",
    )


def _iterated(points: Points, segments: Segments, link: Link) -> Fit | Obstacle:
    predictor, lost = link.begin(points.outcome) + 0.0, np.inf
    for number in range(MOST_ROUNDS):
        mean = link.mean(predictor)
        slope = link.slope(mean)
        if not np.isfinite(mean).all() or np.min(slope) <= _VANISHED * np.max(slope):
            return _separated()
        outcome = predictor - points.offset + (points.outcome - mean) / slope
        found = fit(_working(points, segments, outcome, points.weights * slope))
        if isinstance(found, Obstacle):
            return found if number == 0 else _separated()
        deviance = float(np.sum(points.weights * link.deviance(points.outcome, mean)))
        if number and abs(lost - deviance) <= TOLERANCE * (abs(deviance) + TOLERANCE):
            return found
        predictor, lost = points.offset + segments.design @ found.coefficients, deviance
    return _separated()


def _separated() -> Obstacle:
    return Obstacle(
        Reason.SEPARATION,
        Message("the likelihood has no maximum: a segment or season has only zeros, or only ones"),
        Message("longer periods, or fewer terms in the model"),
    )
