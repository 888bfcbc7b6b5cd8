"""What an interval says against the difference that matters: the verdict ladder."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from effects.codes import Better, Claim, Role
from effects.rules.indicator import Indicator
from effects.rules.tristate import Tristate, above, all_of, at_least, below, negate


class Verdict(StrEnum):
    """The finding about one indicator; titles stand in the rule set."""

    IMPORTANT_BENEFIT = "important_benefit"
    BENEFIT_BELOW_IMPORTANCE = "benefit_below_importance"
    BENEFIT_SIZE_UNCERTAIN = "benefit_size_uncertain"
    IMPORTANT_HARM = "important_harm"
    HARM = "harm"
    LITTLE_OR_NO_EFFECT = "little_or_no_effect"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval in the outcome's unit, turned so that more is better."""

    estimate: float | None
    low: float | None
    high: float | None


def turned(indicator: Indicator) -> Interval:
    """The indicator's estimate and interval with + for an improvement."""
    estimate, low, high = indicator.estimate, indicator.low, indicator.high
    if indicator.better is Better.LOWER:
        estimate, low, high = _minus(estimate), _minus(high), _minus(low)
    if estimate is None and low is not None and high is not None:
        estimate = (low + high) / 2
    return Interval(estimate, low, high)


def predictive_low(indicator: Indicator) -> float | None:
    """The unfavourable end of the predictive interval, with + for an improvement."""
    return indicator.predictive_low if indicator.better is Better.HIGHER else _minus(indicator.predictive_high)


def predictive_high(indicator: Indicator) -> float | None:
    """The favourable end of the predictive interval, with + for an improvement."""
    return indicator.predictive_high if indicator.better is Better.HIGHER else _minus(indicator.predictive_low)


def states_no_gain(indicator: Indicator) -> Tristate:
    """Whether the interval says of a claimed improvement that there is none that matters."""
    if indicator.claim is not Claim.BETTER or indicator.role is Role.GUARDRAIL:
        return False
    return all_of([negate(above(turned(indicator).low, 0)), excludes_importance(indicator)])


def verdict(indicator: Indicator) -> Verdict | None:
    """First match of the ladder of rule set v1; None where an unknown part decides.

    Guardrails are held against their margin, everything else against the minimal important difference.
    """
    for name, state in _ladder(indicator):
        if state is None:
            return None
        if state:
            return name
    return None if turned(indicator).low is None else Verdict.INCONCLUSIVE


def _ladder(indicator: Indicator) -> Iterator[tuple[Verdict, Tristate]]:
    interval, important = turned(indicator), indicator.minimal_important
    low, high = interval.low, interval.high
    harm = indicator.harm_margin if indicator.role is Role.GUARDRAIL else important
    yield Verdict.IMPORTANT_BENEFIT, all_of([above(low, 0), reaches(low, important)])
    yield Verdict.BENEFIT_BELOW_IMPORTANCE, all_of([above(low, 0), short_of(high, important)])
    yield Verdict.BENEFIT_SIZE_UNCERTAIN, above(low, 0)
    yield Verdict.IMPORTANT_HARM, all_of([below(high, 0), reaches(_minus(high), harm)])
    yield Verdict.HARM, below(high, 0)
    yield Verdict.LITTLE_OR_NO_EFFECT, all_of([short_of(_minus(low), important), short_of(high, important)])


def reaches(value: float | None, bound: float | None) -> Tristate:
    """Whether a value is at least a bound that may itself not be known."""
    return None if bound is None else at_least(value, bound)


def short_of(value: float | None, bound: float | None) -> Tristate:
    """Whether a value stays below a bound that may itself not be known."""
    return None if bound is None else below(value, bound)


def shows_no_harm(indicator: Indicator) -> Tristate:
    """Whether the interval excludes a harm of the margin or more: low > -margin (Piaggio and others, CONSORT 2012)."""
    return short_of(_minus(turned(indicator).low), indicator.harm_margin)


def excludes_importance(indicator: Indicator) -> Tristate:
    """Whether the interval excludes a benefit of the minimal important difference: high < m."""
    return short_of(turned(indicator).high, indicator.minimal_important)


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
