"""Pools the studies of every indicator before anything is graded: one method for every number of pilots.

The prior scale of the rule set is in minimal important differences, so that it means the same for every outcome. The
mean gives claims and verdicts, the predictive distribution what another place may expect.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Any, Final

from effects.case import Case
from effects.codes import Better, Claim
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import Ruleset
from effects.synthesis.pooling import Pooled, pool

SEVERAL: Final = 2
"""So many studies are pooled; a single one keeps the interval it was published with."""
POOLED: Final = ("estimate", "low", "high", "p_value", "margin_p_value", "standard_error", "df")
PREDICTED: Final = ("predictive_low", "predictive_high", "intervals_barely_overlap")


def pooled(case: Case, ruleset: Ruleset) -> Case:
    """The case in which the figures of every indicator with several studies are those of pooling them.

    Without a minimal important difference the scale of the prior is not known, and neither is the pooled effect.
    """
    if all(len(indicator.studies) < SEVERAL for indicator in case.indicators):
        return case
    return replace(case, indicators=tuple(pooled_indicator(indicator, ruleset) for indicator in case.indicators))


def pooled_indicator(indicator: Indicator, ruleset: Ruleset) -> Indicator:
    """One indicator of `pooled`."""
    if len(indicator.studies) < SEVERAL:
        return indicator
    answer = posterior(indicator, ruleset)
    if answer is None:
        unknown: dict[str, Any] = dict.fromkeys((*POOLED, *PREDICTED))
        return replace(indicator, **unknown)
    return moved(indicator, answer, 0.0, ruleset)


def posterior(indicator: Indicator, ruleset: Ruleset) -> Pooled | None:
    """What the pooling model says of several studies, as measured; None with fewer, or without what is important."""
    if len(indicator.studies) < SEVERAL or indicator.minimal_important is None:
        return None
    estimates = [study.estimate for study in indicator.studies]
    errors = [study.standard_error for study in indicator.studies]
    scale = ruleset.constant("prior_scale") * indicator.minimal_important
    return pool(estimates, errors, scale, level=ruleset.constant("level"))


def moved(indicator: Indicator, answer: Pooled, shift: float, ruleset: Ruleset) -> Indicator:
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


def _below(indicator: Indicator, answer: Pooled, margin: float, shift: float) -> float:
    """Probability that the mean effect, moved, is a harm of the margin or more."""
    if indicator.better is Better.HIGHER:
        return answer.below(-margin - shift)
    return answer.above(margin - shift)
