"""Agreed indicators and plans for the tests of this slice and all later ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from effects.codes import Kind
from registry.indicators.rules import Outcome
from registry.indicators.schemas import AgreedIndicator
from registry.indicators.tables import Agreement, Indicator, Rating, Round
from registry.kit.clock import now
from registry.people.rules import Person, Role, StakeholderGroup
from registry.people.tables import Account
from registry.plans.actions import draft, lock
from registry.plans.schemas import Drafting, Locking
from registry.plans.simulation_schemas import FEWEST, Expected, Prior, Simulating
from registry.plans.tables import Plan, Simulation
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

PLAN = """
# A comment that has to survive.
schema = "virkning-plan/1"
title = "Two indicators of a digital service"
design = "stepped_wedge"
estimand = "itt"

[data]
unit = "area"
period = "week"
treated = "digital"
weight = "n"

[[outcome]]
column = "language"
name = "Language known"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.05

[[outcome]]
column = "strain"
role = "secondary"
domain = "staff"
better = "lower"
covariates = ["age", "factor(season)"]

[model]
working_model = "fixed_effects"
fixed_effects = ["unit", "period"]

[inference]
standard_error = "cr2"
seed = 20211215

[multiplicity]
primary = "holm"
"""

LANGUAGE: dict[str, Any] = {
    "code": "language",
    "name": "Language known",
    "wording": "Share of citizens whose language is known",
    "role": "primary",
    "domain": "citizen",
    "better": "higher",
    "minimal_important": 0.05,
    "margin": None,
}
STRAIN: dict[str, Any] = {
    **LANGUAGE,
    "code": "strain",
    "name": "Strain",
    "wording": "How strained the staff feels",
    "role": "secondary",
    "domain": "staff",
    "better": "lower",
    "minimal_important": None,
}

A_REQUEST = Simulating(
    outcomes=(Expected(column="language", standard_error=0.02),),
    chance_of_value=90,
    prior=Prior(nothing_helps=50, all_help=50),
    replications=FEWEST,
)
"""Everything that a simulation of `PLAN` needs, and no more replications than it must have."""


@dataclass(frozen=True)
class Cast:
    """A pilot and the people around it, all with roles in the organisation that owns it."""

    pilot: int
    lead: Person
    second: Person
    evaluator: Person


def an_agreed(stated: Mapping[str, Any] = LANGUAGE, **changes: Any) -> AgreedIndicator:
    """An agreed indicator as the checks see it; needs no database."""
    known = {"id": 1, "unit": "", "outcome": Outcome.IN, "tallies": {}, "dissent": (), "agreed_at": now()}
    return msgspec.convert({**known, **stated, **changes}, AgreedIndicator)


async def a_cast(**about: Any) -> Cast:
    """A private pilot with two project leads and an evaluator of its owner."""
    lead = await a_lead()
    return Cast(
        pilot=await a_pilot(lead, **about),
        lead=lead,
        second=await a_lead(lead.organisation),
        evaluator=await an_account(Role.EVALUATOR, organisation=lead.organisation),
    )


async def a_voice(cast: Cast) -> Person:
    """Somebody who speaks for the staff of the pilot's owner, and may look but not touch."""
    return await an_account(Role.STAKEHOLDER, organisation=cast.lead.organisation, group=StakeholderGroup.STAFF)


async def agree(pilot_id: int, indicators: Sequence[Mapping[str, Any]] = (LANGUAGE, STRAIN)) -> None:
    """Enter a closed round in which every stakeholder group took these indicators in."""
    by = await Account.select(Account.id).order_by(Account.id).first()
    assert by is not None
    rated = Round(pilot=pilot_id, number=1, opened_by=by["id"], opened_at=now(), closed_at=now())
    await rated.save()
    voices = {group: await an_account(Role.STAKEHOLDER, group=group) for group in StakeholderGroup}
    for stated in indicators:
        indicator = Indicator(pilot=pilot_id, proposed_by=by["id"], proposed_at=now(), **stated)
        await indicator.save()
        for group, voice in voices.items():
            rating = {"score": 8, "stakeholder_group": group, "account": voice.id, "rated_at": now()}
            await Rating(round=rated.id, indicator=indicator.id, **rating).save()
        tallies = {group.value: [0, 0, 0, 0, 0, 0, 0, 1, 0] for group in StakeholderGroup}
        agreed = {"outcome": Outcome.IN, "wording": stated["wording"], "dissent": "[]", "agreed_at": now()}
        tallied = msgspec.json.encode(tallies).decode()
        await Agreement(round=rated.id, indicator=indicator.id, tallies=tallied, **agreed).save()


async def a_draft(cast: Cast, toml: str = PLAN) -> int:
    """A draft of the cast's evaluator; the answer is its id."""
    return await draft(cast.pilot, Drafting(toml=toml), by=cast.evaluator)


async def a_locked_plan(cast: Cast, toml: str = PLAN) -> int:
    """A locked plan for a pilot whose indicators are agreed; the answer is its id."""
    plan_id = await a_draft(cast, toml)
    await locked(plan_id, cast.evaluator)
    return plan_id


async def locked(plan_id: int, by: Person, version: int = 1) -> None:
    """Lock a draft with a simulation of it that promises to settle the matter."""
    await lock(plan_id, Locking(version, await a_simulation(plan_id, by)), by=by)


def a_forecast(settled: float = 0.75) -> dict[str, Any]:
    """What the worker stores of a simulation in which nothing helps or all help; one gain is within its error."""
    kinds: dict[str, Any] = {kind.value: {"share": 0.0, "error": 0.0} for kind in Kind}
    outlooks = [
        {
            "truth": {"name": name, "title": {"template": title, "params": {}}, "probability": 0.5},
            "kinds": kinds | {"ROLL_OUT": {"share": out, "error": 0.01}, "STOP": {"share": 0.9 - out, "error": 0.03}},
            "settled": {"share": settled, "error": 0.02},
            "peers": {"do_no_harm": {"share": 0.87, "error": 0.01}, "all_goals_win": {"share": 0.0, "error": 0.0}},
        }
        for name, title, out in (
            ("nothing_helps", "Nothing helps", 0.01),
            ("all_help", "All primary indicators improve by what matters", 0.85),
        )
    ]
    found = {"rules_version": "1", "replications": 100, "seed": 1, "probability_settled": settled}
    pilots = {"template": "Twice as many pilots: {pilots}", "params": {"pilots": 6}}
    alike = {"template": "Places that differ half as much", "params": {}}
    return {
        "standard_errors": {"language": 0.02},
        "forecast": {**found, "outlooks": outlooks},
        "error": 0.02,
        "changes": [{"change": alike, "gain": 0.01}, {"change": pilots, "gain": 0.125}],
        "barriers": [],
    }


async def a_simulation(plan_id: int, by: Person, settled: float = 0.75, **changes: Any) -> int:
    """A finished simulation of a plan as it stands, as the worker leaves it; the answer is its id."""
    plan = await Plan.select(Plan.fingerprint).where(Plan.id == plan_id).first()
    assert plan is not None
    stated: dict[str, Any] = {
        "plan": plan_id,
        "fingerprint": plan["fingerprint"],
        "request": msgspec.json.encode(A_REQUEST).decode(),
        "result": msgspec.json.encode(a_forecast(settled)).decode(),
        "requested_by": by.id,
        "requested_at": now(),
    }
    row = Simulation(**{**stated, **changes})
    await row.save()
    return int(row.id)
