"""Where along an input a rule would say something else: the thresholds, turned into values of that input."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from statistics import NormalDist
from typing import Final

from effects.case import Case
from effects.codes import Better, Role
from effects.rules.attrition import potential_bias
from effects.rules.claims import alpha_now, claim_p
from effects.rules.economy import Economy, net_value_sd
from effects.rules.facts import LARGEST_AMOUNT
from effects.rules.indicator import Indicator
from effects.rules.moving import Mover
from effects.rules.ruleset import Rule, Ruleset
from effects.rules.verdicts import predictive_high, predictive_low, turned

HALVINGS: Final = 50


def values(economy: Economy, likely: float) -> tuple[float, ...]:
    """Values of a unit at which the net value is nothing, or positive with the probability asked for (Fieller)."""
    cost, units = economy.cost, economy.units
    if cost is None or units is None or not units.mean:
        return ()
    marks = [cost.mean / units.mean]
    if cost.standard_error is not None and units.standard_error is not None:
        squared = NormalDist().inv_cdf(likely) ** 2
        shared = squared * (economy.correlation or 0.0) * cost.standard_error * units.standard_error
        a = units.mean**2 - squared * units.standard_error**2
        b = units.mean * cost.mean - shared
        c = cost.mean**2 - squared * cost.standard_error**2
        if a and b * b >= a * c:
            marks += [(b + sign * math.sqrt(b * b - a * c)) / a for sign in (-1, 1)]
    return tuple(mark for mark in marks if abs(mark) <= LARGEST_AMOUNT)


def costs(economy: Economy, likely: float) -> tuple[float, ...]:
    """Extra costs at which the net value is nothing, or positive with the probability asked for."""
    if economy.value_per_unit is None or economy.units_gained is None:
        return ()
    gained, sd = economy.value_per_unit * economy.units_gained, net_value_sd(economy)
    return (gained,) if sd is None else (gained, gained - NormalDist().inv_cdf(likely) * sd)


def units(economy: Economy, likely: float) -> tuple[float, ...]:
    """Units gained at which the net value is nothing, or positive with the probability asked for."""
    if not economy.value_per_unit or economy.cost_difference is None:
        return ()
    sd = net_value_sd(economy)
    needed = [0.0] if sd is None else [0.0, NormalDist().inv_cdf(likely) * sd]
    return tuple((economy.cost_difference + more) / economy.value_per_unit for more in needed)


def shifts(case: Case, indicator: Indicator, moving: Mover, ruleset: Ruleset) -> list[float]:
    """Gains that take an end of the interval to 0, m, the margin or 2 m, a predictive end to m or -m, p to a level."""
    effect, important = turned(indicator), indicator.minimal_important
    stated = [bound for bound in (important, indicator.harm_margin) if bound is not None]
    bounds = {0.0, *stated, *(-bound for bound in stated)}
    low, high = effect.low or 0.0, effect.high or 0.0
    end, best = predictive_low(indicator), predictive_high(indicator)
    found = {bound - at for bound in bounds for at in (low, high)} | {-(effect.estimate or 0.0)}
    if important is not None:
        found.add(ruleset.steps["UP"].at("times_important") * important - low)
        found |= set() if end is None else {-important - end}
        found |= set() if best is None else {important - best}
    proofs = _proofs(case, indicator, moving, ruleset, max(map(abs, found)) + 8 * (high - low))
    return sorted({*found, *proofs})


def _proofs(case: Case, indicator: Indicator, moving: Mover, ruleset: Ruleset, reach: float) -> list[float]:
    """Gains at which the p value of a primary claim reaches one of the levels that Holm and the conjunction ask for."""
    if indicator.role is not Role.PRIMARY or not indicator.counts:
        return []
    number = sum(item.role is Role.PRIMARY and item.counts for item in case.indicators)
    alpha, level = alpha_now(case, ruleset), ruleset.constant("level")
    sign = 1 if indicator.better is Better.HIGHER else -1

    def lacks(asked: float, gain: float) -> float:
        p = claim_p(moving(sign * gain), level)
        return 1.0 if p is None else p - asked

    asked = [alpha / step for step in range(1, number + 1)]
    return [gain for each in asked for gain in _crossings(partial(lacks, each), (-reach, reach))]


def losses(other: float | None, rule: Rule) -> tuple[float, ...]:
    """Shares lost in one arm at which the potential bias passes a threshold, given the share lost in the other."""
    if other is None:
        return ()
    at = rule.at

    def excess(bound: float, share: float) -> float:
        return potential_bias(share, other, at("alpha_more_lost"), at("alpha_less_lost")) - bound

    bounds = (at("bias_one"), at("bias_two"))
    return (
        other,
        *(mark for bound in bounds for mark in _crossings(partial(excess, bound), (0.0, other, 1.0))),
    )


def _crossings(function: Callable[[float], float], ends: Sequence[float]) -> Iterator[float]:
    """Where a function that is monotone between consecutive ends changes its sign."""
    for start, stop in pairwise(ends):
        low, high = start, stop
        below = function(low) > 0
        if below is (function(high) > 0):
            continue
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if (function(middle) > 0) is below:
                low = middle
            else:
                high = middle
        yield high
