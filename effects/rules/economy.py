"""What is stated about cost and value, and what follows from it: never in the place of a stated figure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, TypeAlias

from effects.economics import CostEffectiveness, Estimate, cost_effectiveness, evpi_normal
from effects.economics.estimate import probability_above
from effects.errors import Finding
from effects.message import spoken
from effects.rules.facts import LARGEST_AMOUNT, Findings
from effects.rules.indicator import Flag, Level, Share, Text
from effects.serialize import plain_record

ShareTable: TypeAlias = Annotated[Mapping[str, float], "share_table"]
Amount: TypeAlias = Annotated[float | None, "amount"]
Correlation: TypeAlias = Annotated[float | None, "correlation"]
LEVEL: Final = 0.95
"""Coverage of an interval whose level is not stated."""
COMPARED: Final = ("icer", "icer_low", "icer_high", "probability_cost_saving")
"""Figures of the comparison that are shown beside the facts."""
OFF: Final = {"expected_net_value": 0.01, "probability_positive": 0.05, "evpi": 0.10}
"""How far a stated figure may lie from the one worked out: rounding of published inputs, bootstraps beside normals."""


@dataclass(frozen=True, slots=True)
class Economy:
    """Value of a roll-out in one currency; probabilities and shares 0 to 1.

    `expected_net_value` is per unit of roll-out (a citizen, a site) and is otherwise worked out as `value_per_unit` x
    `units_gained` - `cost_difference`, such as money per QALY, QALYs gained and extra cost a patient. The intervals of
    cost and units are central, at `level`; `correlation` is that of their errors. `evpi` is per unit of roll-out.
    """

    expected_net_value: Amount = None
    probability_positive: Share = None
    share_positive_by_size_class: ShareTable = field(default_factory=dict)
    value_in_named_segments: Flag = None
    value_per_unit: Amount = None
    units_gained: Amount = None
    units_low: Amount = None
    units_high: Amount = None
    cost_difference: Amount = None
    cost_low: Amount = None
    cost_high: Amount = None
    level: Level = None
    correlation: Correlation = None
    evpi: Amount = None
    currency: Text = None
    perspective: Text = None
    horizon_years: Amount = None
    discount_rate: Amount = None

    @property
    def cost(self) -> Estimate | None:
        """The extra cost with its interval."""
        return _estimate(self.cost_difference, self.cost_low, self.cost_high, self.level)

    @property
    def units(self) -> Estimate | None:
        """The units gained with their interval."""
        return _estimate(self.units_gained, self.units_low, self.units_high, self.level)

    @property
    def net_value(self) -> float | None:
        """Expected net value, stated or worked out."""
        if self.expected_net_value is not None:
            return self.expected_net_value
        if self.value_per_unit is None or self.units_gained is None or self.cost_difference is None:
            return None
        return self.value_per_unit * self.units_gained - self.cost_difference


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The economy with what follows from it; `worked_out` names the figures that were not stated but follow.

    `assumed` names what a figure rests on that was not stated: intervals of 95 %, errors that do not go together.
    """

    economy: Economy
    comparison: CostEffectiveness | None
    worked_out: tuple[str, ...]
    assumed: tuple[str, ...]

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready: the facts of the economy and the figures worked out, side by side; unknown ones are None."""
        stated = plain_record(self.economy)
        found = self.comparison
        return {
            **{name: value for name, value in stated.items() if name != "level"},
            "interval_level": self.economy.level,
            **{name: None if found is None else getattr(found, name) for name in COMPARED},
            "ratio": None if found is None else found.ratio.value,
            "net_value_sd": net_value_sd(self.economy),
            "acceptability": [] if found is None else [plain_record(point) for point in found.acceptability],
            "worked_out": list(self.worked_out),
            "assumed": list(self.assumed),
            "notes": [] if found is None else [spoken(note) for note in (found.reason, *found.unknown)],
        }


def appraised(economy: Economy) -> Appraisal:
    """Everything that the stated economy says."""
    whole, compared = completed(economy), comparison(economy)
    followed = [name for name in worked_out(economy) if getattr(economy, name) is None]
    figures = [name for name in COMPARED if compared is not None and getattr(compared, name) is not None]
    rests = {"level": economy.level, "correlation": economy.correlation} if net_value_sd(economy) is not None else {}
    assumed = tuple(name for name, value in rests.items() if value is None)
    return Appraisal(whole, compared, (*followed, *figures), assumed)


def net_value_sd(economy: Economy) -> float | None:
    """Standard deviation of the expected net value; None where an interval or the value of a unit is not stated."""
    cost, units, value = economy.cost, economy.units, economy.value_per_unit
    if cost is None or units is None or value is None:
        return None
    cost_error, units_error = cost.standard_error, units.standard_error
    if cost_error is None or units_error is None:
        return None
    worth = value * units_error
    shared = 2 * (economy.correlation or 0.0) * worth * cost_error
    return math.sqrt(max(0.0, worth**2 + cost_error**2 - shared))


def worked_out(economy: Economy) -> dict[str, float]:
    """Expected net value, probability that it is positive and value of perfect information, as far as they follow."""
    mean, sd = replace(economy, expected_net_value=None).net_value, net_value_sd(economy)
    if mean is None:
        return {}
    if sd is None:
        return {"expected_net_value": mean}
    return {
        "expected_net_value": mean,
        "probability_positive": probability_above(mean, sd),
        "evpi": evpi_normal(mean, sd),
    }


def completed(economy: Economy) -> Economy:
    """The economy with what follows from its parts, where that is not stated."""
    if economy.value_per_unit is None:
        return economy
    found = worked_out(economy)
    lacking: dict[str, Any] = {name: value for name, value in found.items() if getattr(economy, name) is None}
    return replace(economy, **lacking) if lacking else economy


def lacking(economy: Economy) -> dict[str, tuple[str, ...]]:
    """The parts that net value and its probability still wait for; none where nothing says that they come in parts."""
    means = ("value_per_unit", "units_gained", "cost_difference")
    ends = ("units_low", "units_high", "cost_low", "cost_high")
    missing = [name for name in (*means, *ends) if getattr(economy, name) is None]
    if len(missing) == len(means) + len(ends):
        return {}
    figures = {
        "expected_net_value": tuple(name for name in missing if name in means),
        "probability_positive": tuple(missing),
    }
    return {name: parts for name, parts in figures.items() if parts}


def comparison(economy: Economy) -> CostEffectiveness | None:
    """Ratio, quadrants and acceptability; None unless an extra cost and units gained are stated."""
    if economy.cost is None or economy.units is None:
        return None
    return cost_effectiveness(
        economy.cost,
        economy.units,
        value_per_unit=economy.value_per_unit,
        correlation=economy.correlation or 0.0,
    )


def contradictions(economy: Economy, where: str) -> Findings:
    """Findings about intervals that do not hold their figure, and about figures that do not follow from their parts."""
    found = [
        *_interval(f"{where}.cost", economy.cost_low, economy.cost_difference, economy.cost_high),
        *_interval(f"{where}.units", economy.units_low, economy.units_gained, economy.units_high),
    ]
    if economy.units_gained and abs((economy.cost_difference or 0.0) / economy.units_gained) > LARGEST_AMOUNT:
        found.append(
            Finding(
                f"{where}.units_gained",
                "too_large",
                "The cost of a unit is out of any scale.",
                "Choose a smaller unit.",
            )
        )
    if found:
        return found
    for name, value in worked_out(economy).items():
        stated = getattr(economy, name)
        if stated is not None and abs(stated - value) > OFF[name] * _scale(name, economy):
            found.append(
                Finding(
                    f"{where}.{name}",
                    "contradicts_its_parts",
                    "{key} is stated as {stated}, but its parts give {found}.",
                    "Leave {key} out, or correct its parts.",
                    {"key": name, "stated": stated, "found": float(f"{value:.6g}")},
                )
            )
    return found


def _scale(name: str, economy: Economy) -> float:
    """What a difference is held against: money against the sums it is made of, a probability as it is."""
    if name == "probability_positive":
        return 1.0
    value, units, cost = economy.value_per_unit or 0.0, economy.units_gained or 0.0, economy.cost_difference or 0.0
    return abs(value * units) + abs(cost)


def _interval(where: str, low: float | None, middle: float | None, high: float | None) -> Findings:
    stated = [end for end in (low, middle, high) if end is not None]
    if (low is None) != (high is None):
        end = "low" if low is None else "high"
        return [
            Finding(
                f"{where}_{end}",
                "half_interval",
                "Only one end of the interval is stated.",
                "State both ends, or neither.",
            )
        ]
    if stated != sorted(stated):
        return [
            Finding(
                f"{where}_low",
                "interval_order",
                "The figure lies outside its interval.",
                "State the lower end, the figure and the upper end in this order.",
            )
        ]
    return []


def _estimate(mean: float | None, low: float | None, high: float | None, level: float | None) -> Estimate | None:
    return None if mean is None else Estimate(mean, low, high, LEVEL if level is None else level)
