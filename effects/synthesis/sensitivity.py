"""How far the synthesis hangs on one study, on the order of studies, on the prior, and on studies that are silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from effects.message import Message
from effects.synthesis.answers import (
    Answer,
    Answered,
    Interval,
    PooledAnswered,
    Unanswered,
    excludes_zero,
    pooled_answer,
)
from effects.synthesis.marginal import mean_only
from effects.synthesis.normal import density, quantile
from effects.synthesis.pooling import pool
from effects.synthesis.random_effects import random_effects
from effects.synthesis.studies import Studies

MOST_SUBSETS: Final = 200
NO_SCALE: Final = Unanswered(
    detail=Message("The pooling model's prior is stated in minimal important differences, and none is stated."),
    needs=Message("the smallest difference that is worth a roll-out, in the unit of yi"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """The synthesis of some of the studies: without `study`, or with all up to it.

    `pooling` is None where the pooling model lacks a scale, which the synthesis of all studies says once.
    """

    study: str
    date: str | None
    studies: int
    pooling: PooledAnswered | None
    reml_hartung_knapp: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorSensitivity:
    """The pooling model at half, the stated and double scale, and whether the scales disagree about zero."""

    half: PooledAnswered
    stated: PooledAnswered
    double: PooledAnswered
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentPilots:
    """How far studies that were completed and not reported could have moved the mean at worst.

    The mean by REML lies within `bias` of what all studies would have shown; `interval` is the interval by
    Hartung and Knapp widened by it at both ends.
    """

    kind: Literal["bound"] = "bound"
    reported: int
    silent: int
    bias: float
    interval: Interval
    excludes_zero: bool
    assumption: Message


def pooling(studies: Studies, scale: float | None, level: float) -> PooledAnswered:
    """The pooling model's answer, or that its prior needs a scale."""
    if scale is None:
        return NO_SCALE
    errors = np.sqrt(studies.v).tolist()
    return pooled_answer(pool(studies.estimates, errors, scale, level=level), scale, level)


def prior_sensitivity(studies: Studies, scale: float | None, level: float) -> PriorSensitivity | Unanswered:
    """The pooling model at half and double the scale of its prior beside the stated one."""
    if scale is None:
        return NO_SCALE
    half, stated, double = (pooling(studies, factor * scale, level) for factor in (0.5, 1.0, 2.0))
    verdicts = {excludes_zero(one.interval) for one in (half, stated, double) if not isinstance(one, Unanswered)}
    return PriorSensitivity(half=half, stated=stated, double=double, differs=len(verdicts) > 1)


def leave_one_out(studies: Studies, scale: float | None, level: float) -> tuple[Subset, ...] | Unanswered:
    """The synthesis without each study in turn."""
    if len(studies) < 2:
        return Unanswered(
            detail=Message("Without its only study there is no synthesis."), needs=Message("at least two studies")
        )
    everyone = range(len(studies))
    return _subsets(studies, [(place, [one for one in everyone if one != place]) for place in everyone], scale, level)


def cumulative(studies: Studies, scale: float | None, level: float) -> tuple[Subset, ...] | Unanswered:
    """The synthesis as it stood after each study, by date; studies of one date in the order in which they stand."""
    if studies.dates is None:
        return Unanswered(detail=Message("No dates are stated."), needs=Message("a column date with years or dates"))
    dates = studies.dates
    order = sorted(range(len(studies)), key=lambda place: dates[place])
    return _subsets(studies, [(place, order[: count + 1]) for count, place in enumerate(order)], scale, level)


def silent_pilots(studies: Studies, silent: int | None, level: float) -> SilentPilots | Unanswered:
    """Copas and Jackson's (2004) bound on publication bias for this many silent studies.

    With p the share that is reported and w_i = 1 / (v_i + tau^2):
    |bias| <= phi(Phi^-1(p)) / p x sum w_i^(1/2) / sum w_i, tau^2 by REML.
    """
    if silent is None:
        return Unanswered(
            detail=Message("How many completed studies are unreported is not stated."),
            needs=Message("the number of studies that were completed and not reported"),
        )
    answers = random_effects(mean_only(studies.y, studies.v), level)
    mean = answers.reml_hartung_knapp
    if not isinstance(mean, Answer):
        return mean
    share = len(studies) / (len(studies) + silent)
    weights = 1.0 / (studies.v + (mean.tau2 or 0.0))
    pull = 0.0 if silent == 0 else float(density(np.array([quantile(share)]))[0]) / share
    bias = pull * float(np.sum(np.sqrt(weights)) / np.sum(weights))
    limits = mean.interval
    widened = Interval(level=level, low=limits.low - bias, high=limits.high + bias, method=limits.method)
    return SilentPilots(
        reported=len(studies),
        silent=silent,
        bias=bias,
        interval=widened,
        excludes_zero=excludes_zero(widened),
        assumption=Message(
            "Whether a study was reported may hang on its result in any way; a more precise study was at least as "
            "likely to be reported as a less precise one."
        ),
    )


def _subsets(
    studies: Studies, subsets: Sequence[tuple[int, Sequence[int]]], scale: float | None, level: float
) -> tuple[Subset, ...] | Unanswered:
    if len(subsets) > MOST_SUBSETS:
        return Unanswered(
            detail=Message("{studies} syntheses are more than are made.", {"studies": len(subsets)}),
            needs=Message("at most {most} studies", {"most": MOST_SUBSETS}),
        )
    found = []
    for place, places in subsets:
        some = studies.some(places)
        found.append(
            Subset(
                study=studies.names[place],
                date=None if studies.dates is None else studies.dates[place],
                studies=len(some),
                pooling=None if scale is None else pooling(some, scale, level),
                reml_hartung_knapp=random_effects(mean_only(some.y, some.v), level).reml_hartung_knapp,
            )
        )
    return tuple(found)
