"""Pools the studies of every indicator before anything is graded: one method for every number of pilots.

The prior scale of the rule set is in minimal important differences, so that it means the same for every outcome. The
mean gives claims and verdicts, the predictive distribution what another place may expect.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from effects.case import Case
from effects.codes import Better, Claim
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import Ruleset
from effects.synthesis.mixtures import Mixtures
from effects.synthesis.pooling import PooledMany, pool_many

SEVERAL: Final = 2
"""So many studies are pooled; a single one keeps the interval it was published with."""
POOLED: Final = ("estimate", "low", "high", "p_value", "margin_p_value", "standard_error", "df")
PREDICTED: Final = ("predictive_low", "predictive_high", "intervals_barely_overlap")


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the pooling model says of one indicator, in its unit and as measured; as in `effects.synthesis.Pooled`."""

    mean: float
    standard_error: float
    low: float
    high: float
    predictive_low: float
    predictive_high: float
    unit: float
    means: Mixtures

    def below(self, value: float) -> float:
        """P(mean < value)."""
        return float(self.means.below(np.array([value / self.unit]))[0])

    def above(self, value: float) -> float:
        """P(mean > value)."""
        return float(self.means.above(np.array([value / self.unit]))[0])


def pooled(case: Case, ruleset: Ruleset) -> Case:
    """The case in which the figures of every indicator with several studies are those of pooling them.

    Without a minimal important difference the scale of the prior is not known, and neither is the pooled effect.
    """
    if all(len(indicator.studies) < SEVERAL for indicator in case.indicators):
        return case
    answers = zip(case.indicators, posteriors(case.indicators, ruleset), strict=True)
    return replace(case, indicators=tuple(_pooled(indicator, answer, ruleset) for indicator, answer in answers))


def _pooled(indicator: Indicator, answer: Posterior | None, ruleset: Ruleset) -> Indicator:
    if answer is not None:
        return moved(indicator, answer, 0.0, ruleset)
    if len(indicator.studies) < SEVERAL:
        return indicator
    unknown: dict[str, Any] = dict.fromkeys((*POOLED, *PREDICTED))
    return replace(indicator, **unknown)


def posterior(indicator: Indicator, ruleset: Ruleset) -> Posterior | None:
    """What the pooling model says of several studies; None with fewer, or without what is important."""
    return posteriors([indicator], ruleset)[0]


def posteriors(indicators: Sequence[Indicator], ruleset: Ruleset) -> list[Posterior | None]:
    """`posterior` of each indicator, those with equally many studies worked out at once."""
    found: list[Posterior | None] = [None] * len(indicators)
    several = [
        (place, indicator.studies, indicator.minimal_important)
        for place, indicator in enumerate(indicators)
        if len(indicator.studies) >= SEVERAL and indicator.minimal_important is not None
    ]
    for number in {len(studies) for _, studies, _ in several}:
        alike = [(place, studies, unit) for place, studies, unit in several if len(studies) == number]
        estimates = np.array([[study.estimate / unit for study in studies] for _, studies, unit in alike])
        errors = np.array([[study.standard_error / unit for study in studies] for _, studies, unit in alike])
        many = pool_many(estimates, errors, ruleset.constant("prior_scale"), level=ruleset.constant("level"))
        for row, (place, _, unit) in enumerate(alike):
            found[place] = _row(many, row, unit)
    return found


def _row(many: PooledMany, row: int, unit: float) -> Posterior:
    means = many.means
    one = Mixtures(means.weights[[row]], means.centres[[row]], means.spreads[[row]])
    ends = (many.low, many.high, many.predictive_low, many.predictive_high)
    low, high, predictive_low, predictive_high = (unit * float(end[row]) for end in ends)
    mean, error = unit * float(many.mean[row]), unit * float(many.standard_error[row])
    return Posterior(mean, error, low, high, predictive_low, predictive_high, unit, one)


def moved(indicator: Indicator, answer: Posterior, shift: float, ruleset: Ruleset) -> Indicator:
    """The indicator with the pooled figures had every study's estimate been larger by `shift`, as measured.

    The prior of the mean is flat, so that the posterior moves along and keeps its shape.
    """
    level = ruleset.constant("level")
    margin = indicator.harm_margin if indicator.claim is Claim.NOT_WORSE else None
    worse = None if margin is None else _below(indicator, answer, margin, shift)
    return replace(
        indicator,
        estimate=answer.mean + shift,
        low=answer.low + shift,
        high=answer.high + shift,
        level=level,
        p_value=min(1.0, 2 * min(answer.below(-shift), answer.above(-shift))),
        margin_p_value=None if worse is None else min(1.0, 2 * min(worse, 1 - worse)),
        standard_error=answer.standard_error,
        df=None,
        predictive_low=answer.predictive_low + shift,
        predictive_high=answer.predictive_high + shift,
        intervals_barely_overlap=barely_overlap(indicator.studies, level),
        studies=tuple(replace(study, estimate=study.estimate + shift) for study in indicator.studies),
    )


def barely_overlap(studies: Sequence[Study], level: float) -> bool:
    """Whether no effect lies in the intervals of all pilots: some two of them do not touch."""
    quantile = NormalDist().inv_cdf((1 + level) / 2)
    lows = [study.estimate - quantile * study.standard_error for study in studies]
    highs = [study.estimate + quantile * study.standard_error for study in studies]
    return max(lows) > min(highs)


def _below(indicator: Indicator, answer: Posterior, margin: float, shift: float) -> float:
    """Probability that the mean effect, moved, is a harm of the margin or more."""
    if indicator.better is Better.HIGHER:
        return answer.below(-margin - shift)
    return answer.above(margin - shift)
