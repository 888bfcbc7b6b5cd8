"""How much true effects differ between studies: Q, tau^2 by three estimators with an interval, and I^2 by two."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from effects.message import Message
from effects.synthesis.answers import ONE_STUDY, TWO_STUDIES, Unanswered
from effects.synthesis.marginal import Marginal

_TIGHTEST: Final = 4.0 * float(np.finfo(np.float64).eps)
_SMALLEST: Final = 1e-300
_PLACES: Final = 60
_TINY: Final = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class QTest:
    """Cochran's Q against chi-squared: would equal true effects give estimates this far apart?"""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QProfile:
    """The interval of tau^2 by the Q-profile method (Viechtbauer 2007)."""

    level: float
    low: float
    high: float
    note: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """tau^2 in the outcome's unit squared; both I^2 in percent of the total variation, each with what it rests on."""

    q: QTest
    tau2_reml: float
    se_tau2_reml: float
    tau2_paule_mandel: float
    tau2_dersimonian_laird: float
    tau2_interval: QProfile | Unanswered
    i2_tau2_based: float
    i2_q_based: float
    i2_conventions: tuple[Message, ...] = (
        Message("i2_tau2_based: tau2 by REML over tau2 plus the typical sampling variance (Higgins and Thompson)."),
        Message("i2_q_based: (Q - df) / Q, at least 0, which takes tau2 by DerSimonian and Laird for granted."),
    )


def heterogeneity(model: Marginal, level: float) -> Heterogeneity | Unanswered:
    """All figures for a model with at least one degree of freedom left; the reason where there is none."""
    if model.df < 1:
        return Unanswered(detail=ONE_STUDY, needs=TWO_STUDIES)
    equal = model.at(0.0)
    tau2 = reml(model)
    typical = model.df / equal.trace
    return Heterogeneity(
        q=q_test(model),
        tau2_reml=tau2,
        se_tau2_reml=float(model.at(tau2).information ** -0.5),
        tau2_paule_mandel=_crossing(model, float(model.df)),
        tau2_dersimonian_laird=max(0.0, (equal.q - model.df) / equal.trace),
        tau2_interval=_q_profile(model, level),
        i2_tau2_based=100.0 * tau2 / (tau2 + typical),
        i2_q_based=100.0 * max(0.0, (equal.q - model.df) / equal.q) if equal.q > 0.0 else 0.0,
    )


def q_test(model: Marginal) -> QTest:
    """Q about the mean, or about the regression where there are moderators; at least one degree of freedom."""
    statistic = model.at(0.0).q
    return QTest(statistic=statistic, df=model.df, p_value=float(chdtrc(model.df, statistic)))


def reml(model: Marginal) -> float:
    """tau^2 >= 0 of the largest restricted likelihood, its score solved to rounding.

    The likelihood can have several peaks: the sign of the score on a grid finds each, the highest is taken.
    """
    far = _far(model)
    grid = [0.0, *np.geomspace(_TINY * float(np.min(model.variances)), far, _PLACES).tolist()]
    scores = [model.at(tau2).score for tau2 in grid]
    peaks = [0.0] if scores[0] <= 0.0 else []
    for low, high, before, after in zip(grid[:-1], grid[1:], scores[:-1], scores[1:], strict=True):
        if before > 0.0 >= after:
            peaks.append(_root(lambda tau2: model.at(tau2).score, low, high))
    return max(peaks, key=lambda tau2: model.at(tau2).log_likelihood)


def _q_profile(model: Marginal, level: float) -> QProfile | Unanswered:
    tail = (1.0 - level) / 2.0
    largest, smallest = float(chdtri(model.df, tail)), float(chdtri(model.df, 1.0 - tail))
    if model.at(0.0).q < smallest:
        return Unanswered(
            detail=Message("The estimates lie closer together than sampling error explains: no tau2 fits them."),
            needs=Message("standard errors that are not too large, or more studies"),
        )
    low = _crossing(model, largest)
    note = None if low > 0.0 else Message("The lower limit is 0: equal true effects are not ruled out.")
    return QProfile(level=level, low=low, high=_crossing(model, smallest), note=note)


def _crossing(model: Marginal, value: float) -> float:
    """The tau^2 at which Q, which falls with it, has this value; 0 where it begins below."""
    if model.at(0.0).q <= value:
        return 0.0
    high = _far(model)
    while model.at(high).q > value:
        high *= 8.0
    return _root(lambda tau2: model.at(tau2).q - value, 0.0, high)


def _far(model: Marginal) -> float:
    """A tau^2 beyond which the restricted likelihood falls."""
    residuals = model.estimates - model.design @ model.at(0.0).coefficients
    return float(4.0 * len(residuals) * np.max(residuals**2) + np.max(model.variances))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=_SMALLEST, rtol=_TIGHTEST, maxiter=500))
