"""Decisions for the tests of this slice and all later ones."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from registry.decisions.actions import decide
from registry.decisions.rollout_schemas import Drawing
from registry.decisions.rules import Choice
from registry.decisions.schemas import Deciding, NewCondition
from registry.evidence.tables import Assessment
from registry.kit.clock import today
from registry.people.actions import create_organisation, create_region
from registry.people.rules import OrganisationKind, Person, Role
from registry.people.schemas import NewOrganisation, NewRegion
from registry.plans.tables import Plan
from tests.conftest import ROOT
from tests.registry.desks.story import Crew, a_crew, a_recommendation, an_analysis
from tests.registry.desks.story import a_decision as a_bare_decision
from tests.registry.people.story import an_account
from tests.registry.plans.story import PLAN, Cast
from tests.registry.recommendations.story import an_issued_recommendation

REGIONS = ("1090", "1091")


def a_condition(**changes: Any) -> NewCondition:
    """Something that must hold within three months."""
    stated = {"text": "The business case is worked out", "owner": "Programme office", "due": in_days(90)}
    return NewCondition(**{**stated, **changes})


def deciding(choice: Choice = Choice.GATHER_EVIDENCE, **changes: Any) -> Deciding:
    """A decision that follows the advice of `an_issued_recommendation`, with one condition."""
    stated: dict[str, Any] = {"choice": choice, "reason": "", "conditions": [a_condition()]}
    return Deciding(**{**stated, **changes})


def in_days(number: int) -> Any:
    """That many days from today."""
    return today() + timedelta(days=number)


async def a_decision_maker(cast: Cast) -> Person:
    """A decision-maker of the pilot's owner."""
    return await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation)


async def a_decision(state: Path, **about: Any) -> tuple[Cast, int]:
    """A recorded decision that follows the advice."""
    cast, recommendation_id = await an_issued_recommendation(state, **about)
    return cast, await decide(recommendation_id, deciding(), by=await a_decision_maker(cast))


async def a_staged_decision(**about: Any) -> tuple[Crew, int]:
    """A decision to roll out in stages, which rests on the published figures of TeleCare Nord; as rows alone."""
    crew = await a_crew(**about)
    advice = await a_recommendation(crew)
    decision_id = await a_bare_decision(crew, advice, "roll_out_in_stages")
    case = (ROOT / "seeds" / "telecare_nord.toml").read_text("utf-8")
    await Assessment.update({Assessment.case: case}).where(Assessment.pilot == crew.pilot)
    return crew, decision_id


async def analysed(crew: Crew) -> None:
    """From here on the advice rests on a run of `PLAN`."""
    analysis_id = await an_analysis(crew)
    await Plan.update({Plan.toml: PLAN}).where(Plan.pilot == crew.pilot)
    await Assessment.update({Assessment.analysis: analysis_id}).where(Assessment.pilot == crew.pilot)


async def municipalities(number: int = 8) -> list[str]:
    """So many municipalities of two regions and all sizes; the answer is their codes."""
    for code in REGIONS:
        await create_region(NewRegion(code=code, name=f"Region {code}", valid_from=today()), by=None)
    codes = [str(9000 + place) for place in range(number)]
    for place, code in enumerate(codes):
        command = NewOrganisation(
            kind=OrganisationKind.MUNICIPALITY,
            code=code,
            name=f"Kommune {place}",
            region=REGIONS[place % 2],
            population=(15_000, 60_000, 150_000)[place % 3],
            population_year=2023,
        )
        await create_organisation(command, by=None)
    return codes


def a_drawing(places: Sequence[str], **changes: Any) -> Drawing:
    """Two stages, a month from today, three months apart."""
    return Drawing(**{"stages": 2, "first_period": in_days(30), "places": tuple(places), **changes})
