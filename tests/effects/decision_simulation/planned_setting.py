"""The setting of the rule set's own table: four primaries in four domains and three guardrails."""

from dataclasses import replace
from typing import Any

from effects.codes import Better, Domain, Role
from effects.decision_simulation.setting import Expected, Setting
from effects.decision_simulation.truths import Truth
from effects.message import Message

CONTROL = Expected(
    name="control",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    minimal_important=2.0,
    standard_error=0.7,
)
PRIMARIES = (
    CONTROL,
    replace(CONTROL, name="strain", domain=Domain.STAFF, better=Better.LOWER),
    replace(CONTROL, name="visits", domain=Domain.ORGANISATION, better=Better.LOWER),
    replace(CONTROL, name="uptime", domain=Domain.TECHNOLOGY),
)
GUARDRAILS = tuple(
    replace(CONTROL, name=f"guard {domain.value}", role=Role.GUARDRAIL, domain=domain)
    for domain in (Domain.SAFETY, Domain.STAFF, Domain.EQUITY)
)
NAMES = [item.name for item in PRIMARIES]


def setting(**changes: Any) -> Setting:
    """Three pilots, standard error 0.35 and margin 1 in units of what matters, tau 0.3, correlation 0.3."""
    stated = {"indicators": (*PRIMARIES, *GUARDRAILS), "design": "cluster_randomised", "pilots": 3}
    return Setting(**(stated | changes))


def truth(name: str, effects: dict[str, float] | None = None, probability: float | None = None) -> Truth:
    return Truth(name, Message("One of the truths"), effects or {}, probability)


NOTHING = truth("nothing")
ALL_HELP = truth("all_help", dict.fromkeys(NAMES, 1.5))
ONE_HARMED = truth("one_harmed", {"control": 1.5, "strain": 1.5, "uptime": -1.5})
