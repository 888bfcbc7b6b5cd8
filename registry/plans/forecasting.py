"""What the worker works out for a simulation; the only module of the slice that loads power and simulation."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from effects.codes import Domain
from effects.decision_simulation import (
    Assumptions,
    Expectation,
    Setting,
    Truth,
    economy_at,
    forecast,
    offered,
    setting_of,
)
from effects.message import Message, spoken
from effects.plan import AnalysisPlan
from effects.rules.gates import Gate, gates
from effects.rules.ruleset import Ruleset, load_ruleset
from registry.plans.simulation_schemas import FEWEST, Simulating

CERTAIN_VALUE: Final = 90.0  # percent
OWN: Final = "own"
COUNTED: Final[Mapping[str, Message]] = {
    "primaries": Message("Primary indicators: {held} of at least {needed}."),
    "domains": Message("Domains of the primary indicators: {held} of at least {needed}."),
}
UNGUARDED: Final[Mapping[str, Message]] = {
    Domain.SAFETY: Message("There is no guardrail for safety."),
    Domain.STAFF: Message("There is no guardrail for staff."),
    Domain.EQUITY: Message("There is no guardrail for equity."),
}


def forecast_of(toml: str, request: bytes) -> dict[str, Any]:
    """The forecast of a plan file under what a request takes for granted, and what would raise P(settled).

    `barriers` are the gates that the plan itself keeps shut, whatever is found; `lacking` names what
    they miss. The same arguments give the same figures. Raises SettingError with everything that is missing.
    """
    stated = msgspec.json.decode(request, type=Simulating)
    setting = setting_of(AnalysisPlan.from_text(toml), assumed(stated))
    rules = load_ruleset()
    shut = [gate for gate in gates(setting.case, rules) if gate.state is False]
    truths = truths_of(setting, stated)
    found = forecast(setting, truths, replications=stated.replications, seed=stated.seed)
    return {
        "standard_errors": {item.name: item.standard_error for item in setting.indicators},
        "forecast": found.to_mapping(),
        "error": math.fsum((one.truth.probability or 0.0) * one.settled.error for one in found.outlooks),
        "changes": _changes(setting, truths, stated),
        "barriers": [{"title": spoken(gate.title), "remedy": spoken(gate.remedy)} for gate in shut],
        "lacking": [spoken(message) for message in lacking(shut, rules)],
    }


def lacking(shut: Iterable[Gate], rules: Ruleset) -> Iterator[Message]:
    """What a plan misses of the indicators that a roll-out requires, one by one."""
    for gate in shut:
        needed = rules.gates[gate.id]
        for name, message in COUNTED.items():
            held = gate.inputs.get(name)
            if isinstance(held, int) and held < needed.at(name):
                yield replace(message, params={"held": held, "needed": int(needed.at(name))})
        for domain in str(gate.inputs.get("guardrails_lacking") or "").split(", "):
            yield from [UNGUARDED[domain]] if domain in UNGUARDED else []


def assumed(stated: Simulating) -> Assumptions:
    """The request as the simulator takes it."""
    chance = stated.chance_of_value
    return Assumptions(
        outcomes={row.column: Expectation(standard_error=row.standard_error, sd=row.sd) for row in stated.outcomes},
        pilots=stated.pilots,
        tau=stated.tau,
        correlation=stated.correlation,
        probability_positive=None if chance is None else chance / 100.0,
        clusters=() if stated.clusters is None else (stated.clusters,),
        size=stated.size,
        periods=stated.periods,
        icc=stated.icc,
    )


def truths_of(setting: Setting, stated: Simulating) -> tuple[Truth, ...]:
    """The truths with their prior probabilities, which sum to 1; one held impossible is simulated all the same."""
    percent: Mapping[str, float] = msgspec.structs.asdict(stated.prior)
    truths = list(offered(setting.indicators))
    effects = {row.column: row.effect for row in stated.outcomes if row.effect is not None}
    if effects and (stated.own_truth or stated.prior.own):
        title = Message("Your own: {truth}", {"truth": stated.own_truth or "–"})
        truths.append(Truth(OWN, title, effects))
    together = math.fsum(percent[truth.name] for truth in truths)
    return tuple(replace(truth, probability=percent[truth.name] / together) for truth in truths)


def _changes(setting: Setting, truths: tuple[Truth, ...], stated: Simulating) -> list[dict[str, Any]]:
    """What other plans would gain, told by fewer replications: the same draws on both sides make a gain sharp."""

    def settled(other: Setting) -> float:
        found = forecast(other, truths, replications=max(FEWEST, stated.replications // 4), seed=stated.seed)
        assert found.probability_settled is not None, "the prior is whole"
        return found.probability_settled

    now = settled(setting)
    return [{"change": spoken(change), "gain": settled(other) - now} for change, other in _stronger(setting, stated)]


def _stronger(setting: Setting, stated: Simulating) -> list[tuple[Message, Setting]]:
    """Other plans and circumstances that could settle more."""
    sharper = tuple(replace(item, standard_error=item.standard_error / math.sqrt(2.0)) for item in setting.indicators)
    changes = [
        (
            Message("Twice as many pilots: {pilots}", {"pilots": 2 * setting.pilots}),
            replace(setting, pilots=2 * setting.pilots),
        ),
        (Message("Twice as many clusters in each pilot"), replace(setting, indicators=sharper)),
        (
            Message("Both: twice as many pilots with twice as many clusters"),
            replace(setting, indicators=sharper, pilots=2 * setting.pilots),
        ),
        (Message("Places that differ half as much"), replace(setting, tau=setting.tau / 2.0)),
    ]
    if stated.chance_of_value is None or stated.chance_of_value < CERTAIN_VALUE:
        message = Message("A business case that pays with {chance:.0f} percent certainty", {"chance": CERTAIN_VALUE})
        changes.append((message, replace(setting, economy=economy_at(CERTAIN_VALUE / 100.0))))
    return changes
