"""One estimate of a synthesis, or why there is none."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from effects.message import Message
from effects.synthesis.pooling import Pooled

MOST_STUDIES: Final = 500
"""Regressions and three levels are fitted to no more studies than these."""
ONE_STUDY: Final = Message("One study says nothing of how studies differ.")
TWO_STUDIES: Final = Message("at least two studies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Central limits in the outcome's unit; `method` names the distribution they are quantiles of."""

    level: float
    low: float
    high: float
    method: Literal["t", "normal", "mixture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An estimate in the outcome's unit. `df` is None where the reference distribution is the normal one."""

    kind: Literal["estimate"] = "estimate"
    estimator: str
    estimate: float
    standard_error: float
    df: float | None
    interval: Interval
    p_value: float
    tau2: float | None = None
    note: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """There is no such figure: why, and what would be needed."""

    kind: Literal["not_estimable"] = "not_estimable"
    detail: Message
    needs: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledAnswer:
    """The pooling model's figures, as in `Pooled`, with the scale of its prior and two probabilities."""

    kind: Literal["estimate"] = "estimate"
    estimator: Literal["normal_normal_half_normal"] = "normal_normal_half_normal"
    scale: float
    pilots: int
    estimate: float
    standard_error: float
    interval: Interval
    p_value: float
    tau: float
    predictive_interval: Interval
    predictive_sd: float
    probability_above_zero: float
    next_above_zero: float


Answered: TypeAlias = Answer | Unanswered
PooledAnswered: TypeAlias = PooledAnswer | Unanswered


def answer(
    estimator: str,
    estimate: float,
    standard_error: float,
    level: float,
    *,
    df: float | None = None,
    tau2: float | None = None,
    note: Message | None = None,
) -> Answer:
    """An estimate with its interval and two-sided p-value, by t with `df` or, where that is None, by z."""
    return Answer(
        estimator=estimator,
        estimate=estimate,
        standard_error=standard_error,
        df=df,
        interval=interval(estimate, standard_error, level, df),
        p_value=two_sided(estimate / standard_error, df),
        tau2=tau2,
        note=note,
    )


def too_many(studies: int) -> Unanswered:
    """What is said where a model would take too long."""
    return Unanswered(
        detail=Message("{studies} studies are more than the model is fitted to.", {"studies": studies}),
        needs=Message("at most {most} studies", {"most": MOST_STUDIES}),
    )


def interval(centre: float, spread: float, level: float, df: float | None = None) -> Interval:
    """Central limits by t with `df` or, where that is None, by z."""
    probability = 0.5 + level / 2.0
    reach = spread * float(ndtri(probability) if df is None else stdtrit(df, probability))
    return Interval(level=level, low=centre - reach, high=centre + reach, method="normal" if df is None else "t")


def two_sided(statistic: float, df: float | None) -> float:
    """The p-value of a statistic against t with `df` or, where that is None, against z."""
    far = -abs(statistic)
    return 2.0 * float(ndtr(far) if df is None else stdtr(df, far))


def pooled_answer(pooled: Pooled, scale: float, level: float) -> PooledAnswer:
    """The pooling model's figures in the shape of the others."""
    return PooledAnswer(
        scale=scale,
        pilots=pooled.pilots,
        estimate=pooled.mean,
        standard_error=pooled.standard_error,
        interval=Interval(level=level, low=pooled.low, high=pooled.high, method="mixture"),
        p_value=pooled.p_value,
        tau=pooled.tau,
        predictive_interval=Interval(
            level=level, low=pooled.predictive_low, high=pooled.predictive_high, method="mixture"
        ),
        predictive_sd=pooled.predictive_sd,
        probability_above_zero=pooled.above(0.0),
        next_above_zero=pooled.next_above(0.0),
    )


def excludes_zero(limits: Interval) -> bool:
    """Whether the interval lies on one side of zero."""
    return bool(np.sign(limits.low) == np.sign(limits.high))
