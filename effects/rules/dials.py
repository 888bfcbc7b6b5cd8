"""The inputs of a case that can be turned: each gives the case with that input changed and nothing else.

A dial is a number; its `marks` are where a rule compares it with something, so that a search need not guess. A switch
is a fact that holds or does not.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from effects.case import Case, GateFact
from effects.codes import Better
from effects.message import Message
from effects.rules.economy import worked_out
from effects.rules.facts import LARGEST_AMOUNT
from effects.rules.indicator import Indicator
from effects.rules.marks import costs, losses, shifts, units, values
from effects.rules.moving import mover
from effects.rules.ruleset import Ruleset
from effects.rules.steps import Value
from effects.rules.verdicts import turned

ESTIMATE: Final = Message("If the estimate of {indicator} passes {to}, now {now}")
SHARE: Final = Message("If {input} of {indicator} passes {to}, now {now}")
FIGURE: Final = Message("If {input} passes {to}, now {now}")
COUNT: Final = Message("If {input} were {to}, now {now}")
CLASS: Final = Message(
    "If the share of municipalities with positive value in size class {class} passes {to}, now {now}"
)
HOLDS: Final = Message("If this held: {input}")
HOLDS_NOT: Final = Message("If this did not hold: {input}")


ENDS: Final = {"cost_difference": ("cost_low", "cost_high"), "units_gained": ("units_low", "units_high")}
PARTS: Final = ("value_per_unit", *ENDS)
"""What a net value is worked out of."""


@dataclass(frozen=True, slots=True)
class Dial:
    """A number that can be turned within `low` and `high`; `whole` where it counts.

    `scale` is what a change is held against: 1 for a share, m for an estimate; else the larger of the two values.
    """

    input: str
    indicator: str | None
    now: float
    low: float
    high: float
    marks: tuple[float, ...]
    turn: Callable[[float], Case]
    message: Message
    whole: bool = False
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A fact that could be otherwise; `now` may not be known."""

    input: str
    now: Value
    to: bool
    case: Case
    message: Message


def dials(case: Case, ruleset: Ruleset) -> Iterator[Dial]:
    """Every number that the rules read and the case states."""
    yield from _economy(case, ruleset)
    yield from _portfolio(case, ruleset)
    for place, indicator in enumerate(case.indicators):
        yield from _estimate(case, place, indicator, ruleset)
        yield from _shares(case, place, indicator, ruleset)


def switches(case: Case, ruleset: Ruleset) -> Iterator[Switch]:
    """Every gate and every fact of the whole case, the other way round; what is not known as if it held."""
    for name, rule in ruleset.gates.items():
        now = case.gates.get(name, GateFact(None)).holds
        named = {"gate": name, "title": rule.title}
        message = Message("If gate {gate} held: {title}", named)
        if now:
            message = Message("If gate {gate} did not hold: {title}", named)
        yield Switch(name, now, not now, replace(case, gates={**case.gates, name: GateFact(not now)}), message)
    for name in ("strata_covered", "major_version_change"):
        now = getattr(case.portfolio, name)
        changed: dict[str, Any] = {name: not now}
        yield _switch(name, now, replace(case, portfolio=replace(case.portfolio, **changed)))
    segments = case.economy.value_in_named_segments
    valued = replace(case.economy, value_in_named_segments=not segments)
    yield _switch("value_in_named_segments", segments, replace(case, economy=valued))
    interested = case.analysed_by_supplier_or_owner
    changed_hands = replace(case, analysed_by_supplier_or_owner=not interested)
    yield _switch("analysed_by_supplier_or_owner", interested, changed_hands)
    if case.portfolio.extension_feasible is not True:
        offered = replace(
            case.portfolio, extension_feasible=True, evsi=1.0, extension_cost=0.0, extension_assurance=1.0
        )
        yield Switch(
            "extension_feasible",
            case.portfolio.extension_feasible,
            True,
            replace(case, portfolio=offered),
            Message("If a feasible extension were offered that settles the matter and is worth more than it costs"),
        )


def _switch(name: str, now: bool | None, case: Case) -> Switch:
    template = HOLDS_NOT if now else HOLDS
    return Switch(name, now, not now, case, Message(template.template, {"input": name}))


def _economy(case: Case, ruleset: Ruleset) -> Iterator[Dial]:
    economy, rule = case.economy, ruleset.recommendations["R2"]
    likely, nothing = rule.at("probability_positive"), rule.at("net_value")
    largest = LARGEST_AMOUNT
    for name, low, high, marks in (
        ("expected_net_value", -largest, largest, (nothing,)),
        ("probability_positive", 0.0, 1.0, (likely,)),
        ("value_per_unit", -largest, largest, values(economy, likely)),
        ("cost_difference", -largest, largest, costs(economy, likely)),
        ("units_gained", -largest, largest, units(economy, likely)),
    ):
        now = getattr(economy, name)
        if now is not None:
            yield Dial(name, None, now, low, high, marks, _in_economy(case, name), FIGURE)
    for size, share in economy.share_positive_by_size_class.items():
        message = Message(CLASS.template, {"class": size})
        marks = (rule.at("class_share"),)
        yield Dial(
            "share_positive_by_size_class", None, share, 0.0, 1.0, marks, _in_class(case, size), message, scale=1.0
        )


def _in_economy(case: Case, name: str) -> Callable[[float], Case]:
    """The input changed; an interval moves with its figure, and what parts give is worked out of them anew."""
    economy = case.economy
    low, high = ENDS.get(name, ("", ""))
    at_low, at_high = (getattr(economy, end) if end else None for end in (low, high))
    anew: dict[str, Any] = dict.fromkeys(worked_out(economy)) if name in PARTS else {}

    def turned_to(value: float) -> Case:
        shift = value - getattr(economy, name)
        changed: dict[str, Any] = {**anew, name: value}
        if at_low is not None:
            changed[low] = min(at_low + shift, value)
        if at_high is not None:
            changed[high] = max(at_high + shift, value)
        return replace(case, economy=replace(economy, **changed))

    return turned_to


def _in_class(case: Case, size: str) -> Callable[[float], Case]:
    shares = case.economy.share_positive_by_size_class

    def turned_to(value: float) -> Case:
        return replace(case, economy=replace(case.economy, share_positive_by_size_class={**shares, size: value}))

    return turned_to


def _portfolio(case: Case, ruleset: Ruleset) -> Iterator[Dial]:
    transfer, silence, everywhere = ruleset.steps["J"], ruleset.steps["K"], ruleset.recommendations["R2"]
    reach, assurance = case.portfolio, ruleset.recommendations["R5"].at("assurance")
    for name, marks in (
        ("share_silent", (silence.at("silent_one"), silence.at("silent_two"))),
        ("untested_size_classes", (transfer.at("untested"),)),
        ("untested_target_groups", (transfer.at("untested"),)),
        ("extension_assurance", (assurance,)),
    ):
        yield from _of_portfolio(case, name, 1.0, marks, FIGURE)
    for name, least in (("municipalities", everywhere.at("municipalities")), ("regions", everywhere.at("regions"))):
        yield from _of_portfolio(case, f"{name}_with_comparison", math.inf, (least, least - 1), COUNT, whole=True)
    if reach.evsi is not None and reach.extension_cost is not None:
        yield from _of_portfolio(case, "evsi", LARGEST_AMOUNT, (reach.extension_cost,), FIGURE)
        yield from _of_portfolio(case, "extension_cost", LARGEST_AMOUNT, (reach.evsi,), FIGURE)


def _of_portfolio(
    case: Case, name: str, high: float, marks: tuple[float, ...], message: Message, *, whole: bool = False
) -> Iterator[Dial]:
    now = getattr(case.portfolio, name)
    if now is None:
        return

    def turned_to(value: float) -> Case:
        changed: dict[str, Any] = {name: value}
        return replace(case, portfolio=replace(case.portfolio, **changed))

    yield Dial(name, None, now, 0.0, high, marks, turned_to, message, whole, 1.0 if high == 1 else None)


def _estimate(case: Case, place: int, indicator: Indicator, ruleset: Ruleset) -> Iterator[Dial]:
    """The whole effect moved: interval, predictive interval, every study."""
    effect, moving = turned(indicator), mover(indicator, ruleset)
    if moving is None or effect.estimate is None:
        return
    sign = 1 if indicator.better is Better.HIGHER else -1
    now = sign * effect.estimate
    gains = shifts(case, indicator, moving, ruleset)
    yield Dial(
        "estimate",
        indicator.name,
        now,
        -math.inf,
        math.inf,
        tuple(now + sign * gain for gain in gains),
        lambda value: _with(case, place, moving(value - now)),
        ESTIMATE,
        scale=indicator.minimal_important,
    )


def _shares(case: Case, place: int, indicator: Indicator, ruleset: Ruleset) -> Iterator[Dial]:
    for name, marks in (
        ("attrition_treated", losses(indicator.attrition_control, ruleset.steps["A"])),
        ("attrition_control", losses(indicator.attrition_treated, ruleset.steps["A"])),
        ("dose", (ruleset.steps["D"].at("dose"),)),
        ("contamination", (ruleset.steps["D"].at("contamination"),)),
    ):
        now = getattr(indicator, name)
        if now is not None:
            turn = _in_indicator(case, place, indicator, name)
            yield Dial(name, indicator.name, now, 0.0, 1.0, marks, turn, SHARE, scale=1.0)


def _in_indicator(case: Case, place: int, indicator: Indicator, name: str) -> Callable[[float], Case]:
    def turned_to(value: float) -> Case:
        changed: dict[str, Any] = {name: value}
        return _with(case, place, replace(indicator, **changed))

    return turned_to


def _with(case: Case, place: int, indicator: Indicator) -> Case:
    return replace(case, indicators=(*case.indicators[:place], indicator, *case.indicators[place + 1 :]))
