"""The gates: what must hold before estimates are read at all, and before anything is rolled out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from effects.case import Case, GateFact
from effects.codes import Role
from effects.message import Message
from effects.rules.certainty import design_of
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Rule, Ruleset
from effects.rules.steps import Value
from effects.rules.tristate import Tristate, all_of, any_of

Reading: TypeAlias = tuple[Tristate, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: `kind` is validity or roll_out, `why` what the stated fact rests on."""

    id: str
    kind: str
    title: Message
    state: Tristate
    inputs: Mapping[str, Value]
    why: str | None
    remedy: Message
    supplier: Message
    source: str
    missing: tuple[str, ...] = ()


def gates(case: Case, ruleset: Ruleset) -> tuple[Gate, ...]:
    """Gates G1 to G7 in order.

    G2 and G7 are read off the indicators; a stated fact can only make them fail (a plan may hold more than is shown).
    """
    return tuple(_gate(case, rule, ruleset) for rule in ruleset.gates.values())


def hold(found: tuple[Gate, ...], kind: str) -> Tristate:
    """Whether all gates of a kind hold."""
    return all_of(gate.state for gate in found if gate.kind == kind)


def _gate(case: Case, rule: Rule, ruleset: Ruleset) -> Gate:
    fact = case.gates.get(rule.id, GateFact(None))
    state, inputs = READINGS.get(rule.id, _stated)(case, rule, ruleset)
    state = False if fact.holds is False else state
    return Gate(
        rule.id,
        rule.kind,
        Message(rule.title),
        state,
        inputs,
        fact.why,
        Message(rule.remedy),
        Message(ruleset.suppliers[rule.supplier]),
        rule.source,
        tuple(name for name, value in inputs.items() if value is None) if state is None else (),
    )


def _stated(case: Case, rule: Rule, _: Ruleset) -> Reading:
    holds = case.gates.get(rule.id, GateFact(None)).holds
    return holds, {rule.id: holds}


def _enough_indicators(case: Case, rule: Rule, _: Ruleset) -> Reading:
    """What surely stood in the plan decides when it suffices, what may have stood in it when it does not."""
    possible = [item for item in case.indicators if item.counts]
    planned = [item for item in possible if item.in_plan]
    state = True if _suffices(planned, rule) else None if _suffices(possible, rule) else False
    primaries = [item for item in possible if item.role is Role.PRIMARY]
    lacking = ", ".join(name for name in rule.guardrail_domains if name not in _guarded(possible))
    counted: dict[str, Value] = {
        "primaries": len(primaries),
        "domains": len({item.domain for item in primaries}),
        "guardrails_lacking": lacking,
    }
    return state, counted if state is not None else {**counted, "in_plan": None}


def _suffices(indicators: list[Indicator], rule: Rule) -> bool:
    primaries = [item for item in indicators if item.role is Role.PRIMARY]
    enough = len(primaries) >= rule.at("primaries")
    across = len({item.domain for item in primaries}) >= rule.at("domains")
    return enough and across and _guarded(indicators).issuperset(rule.guardrail_domains)


def _guarded(indicators: list[Indicator]) -> set[str]:
    return {item.domain.value for item in indicators if item.role is Role.GUARDRAIL}


def _something_to_compare(case: Case, _: Rule, ruleset: Ruleset) -> Reading:
    primaries = [item for item in case.indicators if item.role is Role.PRIMARY and item.counts]
    comparable = any_of(_comparable(item, ruleset) for item in primaries)
    state = any_of(all_of([item.in_plan, _comparable(item, ruleset)]) for item in primaries)
    return state, {"design": comparable, "in_plan": any_of(item.in_plan for item in primaries)}


def _comparable(indicator: Indicator, ruleset: Ruleset) -> Tristate:
    """Whether the indicator was measured before, or beside a comparison; a design above D0 says so by itself."""
    design = design_of(indicator, ruleset)
    if design is None:
        return any_of([indicator.has_baseline, indicator.has_comparison])
    return ruleset.starts[design.start].start > 0


READINGS: Mapping[str, Callable[[Case, Rule, Ruleset], Reading]] = {
    "G2": _enough_indicators,
    "G7": _something_to_compare,
}
