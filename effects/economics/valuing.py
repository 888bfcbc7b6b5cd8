"""What a business case is worth with the effects that were measured, in the places it is meant for."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np

from effects.economics.assumptions import assumptions
from effects.economics.business_case import BusinessCase
from effects.economics.codes import Scope
from effects.economics.discounting import Schedule, flat, in_force
from effects.economics.estimate import STANDARD, probability_above
from effects.economics.facts import Effect, Place
from effects.economics.information import evpi_normal
from effects.economics.line_values import by_payer, guessed_share, line_values, tornado
from effects.economics.local_values import class_values, local_values
from effects.economics.second_opinion import simulated
from effects.economics.sensitivity import acceptability, switching_values
from effects.economics.stated import Line, Unquantified
from effects.economics.study import extended
from effects.economics.sums import Sums, sums
from effects.economics.valuation import Kept, Valuation, YearValue
from effects.message import Message

DRAWS: Final = 20_000
NAMED: Final = 3
NATIONAL: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        ("expected_net_value", "sd", "probability_positive", "evpi", "payback_year", "extension", "simulated")
    ),
    **dict.fromkeys(("by_year", "switching_values", "acceptability"), ()),
}
"""What stays open where a line that counts cannot be valued."""


def value(
    case: BusinessCase, effects: Mapping[str, Effect], places: Sequence[Place], *, draws: int = DRAWS, seed: int = 1
) -> Valuation:
    """Net present value for nation, size classes and places, in closed form and once more by simulation.

    `effects` are by code of the indicator. What cannot be worked out for want of an input is None and named in
    `Valuation.unknown`; the lines that are known are valued all the same. Raises ValueError where no discount rate is
    known, which a case that was read always has.
    """
    schedule = _schedule(case)
    lacking = {line.title: reason for line in case.lines if (reason := _lacks(case, line, effects)) is not None}
    found = sums(case, [line for line in case.lines if line.title not in lacking], effects, places, schedule)
    unknown = lacking | _uncounted(found, places)
    whole = not any(case.counts(line) and line.title in unknown for line in case.lines)
    lines = line_values(case, found, unknown, whole=whole)
    local = local_values(found, places, _barred(case, lacking))
    return Valuation(
        **_stated(case, schedule),
        **(_national(case, found, schedule, draws, seed) if whole else NATIONAL),
        guessed_share=guessed_share(lines),
        by_payer=by_payer(lines),
        lines=lines,
        tornado=tornado(lines),
        by_place=local,
        by_size_class=class_values(found, places, local),
        unquantified=tuple(_kept(item, effects) for item in case.unquantified),
        assumptions=(*assumptions(case, schedule), *_left_out(case, places)),
        unknown=tuple(unknown.values()),
    )


def _schedule(case: BusinessCase) -> Schedule:
    if case.discount_rate is not None:
        return flat(case.discount_rate)
    schedule = in_force(case.stated_on)
    if schedule is None:
        raise ValueError("no discount rate is known for the day of the case")
    return schedule


def _lacks(case: BusinessCase, line: Line, effects: Mapping[str, Effect]) -> Message | None:
    """Why a line can be valued nowhere, if so."""
    volume = case.volume(line.volume)
    if line.amount is None:
        return Message("{line}: its amount is not stated.", {"line": line.title})
    if line.scope is Scope.UNIT and (volume is None or (volume.amount is None and not volume.by_place)):
        named = (line.volume or "") if volume is None else volume.title
        return Message("{line}: how many there are of {volume} is not stated.", {"line": line.title, "volume": named})
    if line.indicator is not None and line.indicator not in effects:
        params = {"line": line.title, "indicator": line.indicator}
        return Message("{line}: no effect on {indicator} is known.", params)
    return None


def _uncounted(found: Sums, places: Sequence[Place]) -> dict[str, Message]:
    """Why a line cannot be summed over the nation, by its title."""
    reasons: dict[str, Message] = {}
    for column, line in enumerate(found.lines):
        without = [place.name for row, place in enumerate(places) if np.isnan(found.units[row, column])]
        if line.scope is not Scope.NATIONAL and not places:
            reasons[line.title] = Message("{line}: no municipality is given.", {"line": line.title})
        elif without:
            reasons[line.title] = Message(
                "{line}: {count} municipalities have no known number of inhabitants, or no count: {names}.",
                {"line": line.title, "count": len(without), "names": _few(without)},
            )
    return reasons


def _left_out(case: BusinessCase, places: Sequence[Place]) -> Iterator[Message]:
    """Counts that were stated for places the case is not valued for."""
    known = {place.code for place in places}
    for volume in case.volumes:
        others = [code for code in volume.by_place if code not in known]
        if others:
            yield Message(
                "{volume}: counts of codes that are not among the municipalities are left out: {codes}.",
                {"volume": volume.title, "codes": _few(others)},
            )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")


def _barred(case: BusinessCase, lacking: Mapping[str, Message]) -> Message | None:
    """Why no place has a value of its own, if so."""
    lines = [line for line in case.lines if case.counts(line) and line.scope is not Scope.NATIONAL]
    return next((lacking[line.title] for line in lines if line.title in lacking), None)


def _stated(case: BusinessCase, schedule: Schedule) -> dict[str, Any]:
    names = ("technology", "major_version", "title", "currency", "perspective", "payers", "price_year", "start_year")
    stated = {name: getattr(case, name) for name in (*names, "horizon_years", "phase_in")}
    return {**stated, "discount": schedule}


def _national(case: BusinessCase, found: Sums, schedule: Schedule, draws: int, seed: int) -> dict[str, Any]:
    mean, sd = found.terms.total(found.net_weights)
    years = _by_year(case, found)
    return {
        "expected_net_value": mean,
        "sd": sd,
        "probability_positive": probability_above(mean, sd),
        "evpi": evpi_normal(mean, sd),
        "payback_year": _payback(years),
        "by_year": years,
        "switching_values": switching_values(case, found, schedule),
        "acceptability": acceptability(found),
        "extension": None if case.extension is None else extended(found, case.extension),
        "simulated": simulated(found, case.effect_correlation, draws=draws, seed=seed),
    }


def _by_year(case: BusinessCase, found: Sums) -> tuple[YearValue, ...]:
    means = [float(mean) for mean in found.yearly]
    worth = [mean * float(factor) for mean, factor in zip(means, found.factors, strict=True)]
    return tuple(
        YearValue(case.start_year + place, float(found.factors[place]), means[place], worth[place], cumulative)
        for place, cumulative in enumerate(accumulate(worth))
    )


def _payback(years: Sequence[YearValue]) -> int | None:
    """The first year from which the discounted sum never falls below zero again."""
    below = [place for place, year in enumerate(years) if year.cumulative < 0]
    first = below[-1] + 1 if below else 0
    return years[first].year if first < len(years) else None


def _kept(item: Unquantified, effects: Mapping[str, Effect]) -> Kept:
    stated = (item.title, item.indicator, item.unit, item.note)
    effect = None if item.indicator is None else effects.get(item.indicator)
    if effect is None:
        return Kept(*stated, unknown=Message("No effect on it is known; it is named and not measured."))
    reach = STANDARD.inv_cdf(0.975) * effect.sd
    return Kept(*stated, effect.mean, effect.mean - reach, effect.mean + reach)
