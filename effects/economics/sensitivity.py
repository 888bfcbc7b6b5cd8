"""What would have to be otherwise for the expected net value to be zero, and what a unit would have to be worth."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from effects.codes import Better
from effects.economics.business_case import BusinessCase
from effects.economics.codes import Input
from effects.economics.cost_effectiveness import Acceptable
from effects.economics.discounting import Schedule, flat, net_present_value
from effects.economics.estimate import probability_above
from effects.economics.products import Factor, Numbers, product
from effects.economics.stated import Line
from effects.economics.sums import Sums
from effects.economics.valuation import Curve, Switching
from effects.message import Message

HALVINGS: Final = 60


def switching_values(case: BusinessCase, sums: Sums, schedule: Schedule) -> tuple[Switching, ...]:
    """For every input that counts the value at which the expected net value crosses zero, all else at its mean."""
    return (*_amounts(sums), *_volumes(case, sums), *_effects(sums), *_haircuts(case, sums), _rate(sums, schedule))


def acceptability(sums: Sums) -> tuple[Curve, ...]:
    """For every line that values an effect: nothing, its low, likely and high amount, and twice that as thresholds."""
    return tuple(
        Curve(line.title, tuple(_accepted(sums, place, threshold) for threshold in _thresholds(line)))
        for place, line in enumerate(sums.lines)
        if line.indicator is not None and sums.counted[place]
    )


def _thresholds(line: Line) -> list[float]:
    points = line.amount
    return [] if points is None else sorted({0.0, points.low, points.likely, points.high, 2 * points.high})


def _accepted(sums: Sums, place: int, threshold: float) -> Acceptable:
    means, covariance = sums.amount.mean.copy(), sums.amount.covariance.copy()
    means[place], covariance[place, place] = threshold, 0.0
    terms = product([Factor(means, covariance), sums.volume, sums.effect])
    return Acceptable(threshold, probability_above(*terms.total(sums.net_weights)))


def _contributions(sums: Sums) -> Numbers:
    return sums.net_weights * sums.terms.mean


def _crossing(sums: Sums, of: Numbers, slope: float) -> float | None:
    """The value of an input that the lines marked in `of` are proportional to; None where they do not depend on it."""
    rest = float(_contributions(sums) @ (1 - of))
    return None if slope == 0 else -rest / slope


def _amounts(sums: Sums) -> Iterator[Switching]:
    slopes = sums.net_weights * sums.volume.mean * sums.effect.mean
    for place, line in enumerate(sums.lines):
        if sums.counted[place]:
            at = _crossing(sums, np.eye(len(sums.lines))[place], float(slopes[place]))
            yield _switching(Input.AMOUNT, line.title, float(sums.amount.mean[place]), at)


def _volumes(case: BusinessCase, sums: Sums) -> Iterator[Switching]:
    slopes = sums.net_weights * sums.amount.mean * sums.effect.mean
    for volume in case.volumes:
        of = _marked(sums, [line.volume == volume.name for line in sums.lines])
        if of.any():
            kind, now = (Input.VOLUME, volume.amount.mean) if volume.amount else (Input.COUNT, 1.0)
            yield _switching(kind, volume.title, now, _crossing(sums, of, float(slopes @ of)))


def _effects(sums: Sums) -> Iterator[Switching]:
    slopes = sums.net_weights * sums.amount.mean * sums.volume.mean
    for name in dict.fromkeys(line.indicator for line in sums.lines if line.indicator is not None):
        of = _marked(sums, [line.indicator == name for line in sums.lines])
        if of.any():
            place = int(np.argmax(of))
            turn = -1.0 if sums.lines[place].better is Better.LOWER else 1.0
            at = _crossing(sums, of, float(slopes @ of))
            now = turn * float(sums.effect.mean[place])
            yield _switching(Input.EFFECT, name, now, None if at is None else turn * at, signed=True)


def _haircuts(case: BusinessCase, sums: Sums) -> Iterator[Switching]:
    for kind in dict.fromkeys(line.benefit_kind for line in sums.lines if line.benefit_kind is not None):
        of = _marked(sums, [line.benefit_kind == kind for line in sums.lines])
        now = case.optimism.get(kind, 1.0)
        if of.any() and now > 0:
            slope = float(_contributions(sums) @ of) / now
            yield _switching(Input.HAIRCUT, kind, now, _crossing(sums, of, slope))


def _marked(sums: Sums, belong: Sequence[bool]) -> Numbers:
    return np.array(belong, dtype=float) * sums.counted


def _switching(kind: Input, name: str, now: float, at: float | None, *, signed: bool = False) -> Switching:
    if at is None:
        return Switching(kind, name, now, None, Message("The net value does not depend on it."))
    if at < 0 and not signed:
        return Switching(kind, name, now, None, Message("No value of it above zero makes the net value zero."))
    return Switching(kind, name, now, at)


def _rate(sums: Sums, schedule: Schedule) -> Switching:
    """The flat rate at which the net value is zero (internal rate of return), sought from 0 to 100 % by bisection."""
    yearly = [float(amount) for amount in sums.yearly]

    def net(rate: float) -> float:
        return net_present_value(yearly, flat(rate))

    low, high = 0.0, 1.0
    if net(low) * net(high) > 0 or not any(yearly):
        reason = Message("No rate between 0 and 100 % makes the net value zero.")
        return Switching(Input.RATE, "discount_rate", schedule.first_rate, None, reason)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if net(low) * net(middle) > 0 else (low, middle)
    return Switching(Input.RATE, "discount_rate", schedule.first_rate, high)
