"""Extra cost against units gained: the ratio where it means something, and the net value at stated values of a unit.

Net benefit and acceptability: Stinnett and Mullahy 1998; van Hout et al. 1994. The interval of a ratio: Fieller 1954.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from effects.economics.codes import Ratio
from effects.economics.estimate import STANDARD, Estimate, both_above, probability_above
from effects.economics.information import evpi_normal
from effects.message import Message


@dataclass(frozen=True, slots=True)
class Quadrants:
    """Probabilities of the four quadrants of the plane of cost and units; they add to 1."""

    costs_more_gains: float
    costs_more_loses: float
    saves_gains: float
    saves_loses: float


@dataclass(frozen=True, slots=True)
class Acceptable:
    """How probable it is that the net value is positive if a unit is worth `threshold`."""

    threshold: float
    probability: float


@dataclass(frozen=True, slots=True)
class CostEffectiveness:
    """Everything about one comparison, per person (or other unit of roll-out), in the currency of the costs.

    `icer` is the ratio of the two means; `ratio` and `reason` say how it may be read, and it is None where a ratio
    would mislead (one side better on both, nothing gained). `icer_low` and `icer_high` are given only where both
    intervals exclude zero. What rests on an interval or a value nobody stated is None and named in `unknown`.
    """

    icer: float | None
    icer_low: float | None
    icer_high: float | None
    ratio: Ratio
    reason: Message
    quadrants: Quadrants | None
    probability_cost_saving: float | None
    value_per_unit: float | None
    expected_net_value: float | None
    net_value_sd: float | None
    probability_positive: float | None
    acceptability: tuple[Acceptable, ...]
    evpi: float | None
    unknown: tuple[Message, ...]


def cost_effectiveness(
    cost: Estimate,
    units: Estimate,
    *,
    value_per_unit: float | None,
    correlation: float = 0.0,
    thresholds: Sequence[float] = (),
) -> CostEffectiveness:
    """Compare an extra cost with units gained, both normal with a correlation of their errors.

    `thresholds` are values of a unit to judge by; where none is named they are 0, half of `value_per_unit`, it, and
    twice it. Raises ValueError for a correlation outside -1 to 1 or a value of a unit that is not finite.
    """
    if not -1 <= correlation <= 1:
        raise ValueError("a correlation lies between -1 and 1")
    named = tuple(thresholds) or _usual_thresholds(value_per_unit)
    if not all(math.isfinite(value) for value in (*named, *([] if value_per_unit is None else [value_per_unit]))):
        raise ValueError("a value of a unit is finite")
    ratio, reason = _ratio(cost, units)
    low, high = _fieller(cost, units, correlation) if ratio in (Ratio.PRICE, Ratio.SAVING) else (None, None)
    cost_error, units_error = cost.standard_error, units.standard_error
    mean = None if value_per_unit is None else value_per_unit * units.mean - cost.mean
    spread = None if value_per_unit is None else _spread(cost_error, units_error, correlation, value_per_unit)
    return CostEffectiveness(
        icer=cost.mean / units.mean if ratio in (Ratio.PRICE, Ratio.SAVING, Ratio.UNCERTAIN) else None,
        icer_low=low,
        icer_high=high,
        ratio=ratio,
        reason=reason,
        quadrants=_quadrants(cost, units, correlation),
        probability_cost_saving=None if cost_error is None else probability_above(-cost.mean, cost_error),
        value_per_unit=value_per_unit,
        expected_net_value=mean,
        net_value_sd=spread,
        probability_positive=None if mean is None or spread is None else probability_above(mean, spread),
        acceptability=_acceptability(cost, units, correlation, named),
        evpi=None if mean is None or spread is None else evpi_normal(mean, spread),
        unknown=_unknown(cost, units, value_per_unit),
    )


def _usual_thresholds(value_per_unit: float | None) -> tuple[float, ...]:
    return () if value_per_unit is None else (0.0, value_per_unit / 2, value_per_unit, 2 * value_per_unit)


def _ratio(cost: Estimate, units: Estimate) -> tuple[Ratio, Message]:
    if units.mean == 0:
        return Ratio.UNDEFINED, Message("No ratio: the estimate is that nothing is gained or lost.")
    if cost.mean <= 0 < units.mean:
        return Ratio.DOMINANT, Message(
            "No ratio: the estimate is that it saves and gains, so any value of a unit pays."
        )
    if units.mean < 0 <= cost.mean:
        return Ratio.DOMINATED, Message(
            "No ratio: the estimate is that it costs and loses, so no value of a unit pays."
        )
    if not (units.excludes_zero and cost.excludes_zero):
        return Ratio.UNCERTAIN, Message(
            "The ratio of the two estimates alone: an interval holds zero, or is not known, so that the ratio has no "
            "useful interval; read the shares of the four quadrants and the acceptability instead."
        )
    if units.mean > 0:
        return Ratio.PRICE, Message("The price of one more unit.")
    return Ratio.SAVING, Message("What is saved by each unit lost: here a high ratio is good.")


def _fieller(cost: Estimate, units: Estimate, correlation: float) -> tuple[float | None, float | None]:
    """Limits of the ratio at the level of the units; None where the units could be of either sign."""
    cost_error, units_error = cost.standard_error, units.standard_error
    if cost_error is None or units_error is None:
        return None, None
    squared = STANDARD.inv_cdf((1 + units.level) / 2) ** 2
    shared = correlation * cost_error * units_error
    a = units.mean**2 - squared * units_error**2
    b = cost.mean * units.mean - squared * shared
    c = cost.mean**2 - squared * cost_error**2
    inside = b * b - a * c
    if a <= 0 or inside < 0:
        return None, None
    return (b - math.sqrt(inside)) / a, (b + math.sqrt(inside)) / a


def _spread(
    cost_error: float | None, units_error: float | None, correlation: float, value_per_unit: float
) -> float | None:
    if cost_error is None or units_error is None:
        return None
    worth = value_per_unit * units_error
    return math.sqrt(max(0.0, worth**2 + cost_error**2 - 2 * correlation * worth * cost_error))


def _quadrants(cost: Estimate, units: Estimate, correlation: float) -> Quadrants | None:
    cost_error, units_error = cost.standard_error, units.standard_error
    if cost_error is None or units_error is None:
        return None
    gains, costs = probability_above(units.mean, units_error), probability_above(cost.mean, cost_error)
    both = gains * costs
    if cost_error > 0 and units_error > 0:
        both = both_above(cost.mean / cost_error, units.mean / units_error, correlation)
    return Quadrants(
        costs_more_gains=both,
        costs_more_loses=max(0.0, costs - both),
        saves_gains=max(0.0, gains - both),
        saves_loses=max(0.0, 1 - gains - costs + both),
    )


def _acceptability(
    cost: Estimate, units: Estimate, correlation: float, thresholds: Sequence[float]
) -> tuple[Acceptable, ...]:
    spreads = ((value, _spread(cost.standard_error, units.standard_error, correlation, value)) for value in thresholds)
    return tuple(
        Acceptable(value, probability_above(value * units.mean - cost.mean, spread))
        for value, spread in spreads
        if spread is not None
    )


def _unknown(cost: Estimate, units: Estimate, value_per_unit: float | None) -> tuple[Message, ...]:
    found: list[Message] = []
    if value_per_unit is None:
        found.append(
            Message(
                "The value of a unit is not stated: net value, its probability and what more knowledge is worth are "
                "unknown."
            )
        )
    if cost.standard_error is None:
        found.append(Message("The interval of the cost is not stated: no probability can be given."))
    if units.standard_error is None:
        found.append(
            Message("The interval of the units gained is not stated: no probability of a net value can be given.")
        )
    return tuple(found)
