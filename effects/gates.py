"""The gates: what must hold before estimates are read at all, and before anything is rolled out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from effects.case import Case, GateFact
from effects.certainty import design_of
from effects.codes import Role
from effects.indicator import Indicator
from effects.message import Message
from effects.ruleset import Rule, Ruleset
from effects.steps import Value
from effects.tristate import Tristate, all_of, any_of

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
    primaries = [item for item in case.indicators if _primary(item)]
    domains = {item.domain for item in primaries}
    guarded = {item.domain for item in case.indicators if item.role is Role.GUARDRAIL and item.counts}
    lacking = [name for name in rule.guardrail_domains if name not in guarded]
    enough = len(primaries) >= rule.at("primaries") and len(domains) >= rule.at("domains") and not lacking
    return enough, {"primaries": len(primaries), "domains": len(domains), "guardrails_lacking": ", ".join(lacking)}


def _something_to_compare(case: Case, _: Rule, ruleset: Ruleset) -> Reading:
    comparable = any_of(_comparable(item, ruleset) for item in case.indicators if _primary(item))
    return comparable, {"design": comparable}


def _comparable(indicator: Indicator, ruleset: Ruleset) -> Tristate:
    """Whether the indicator was measured before, or beside a comparison; a design above D0 says so by itself."""
    design = design_of(indicator, ruleset)
    if design is None:
        return any_of([indicator.has_baseline, indicator.has_comparison])
    return ruleset.starts[design.start].start > 0


def _primary(indicator: Indicator) -> bool:
    return indicator.role is Role.PRIMARY and indicator.counts


READINGS: Mapping[str, Callable[[Case, Rule, Ruleset], Reading]] = {
    "G2": _enough_indicators,
    "G7": _something_to_compare,
}
