from datetime import timedelta

import pytest

from registry.desks.lights import lights_of
from registry.desks.queries import desk
from registry.desks.schemas import Lit
from registry.kit.clock import today
from registry.kit.paging import Paging
from registry.people.rules import Person
from registry.pilots.actions import amend, keep_milestone
from registry.pilots.queries import milestones_of, visible_pilot, visible_pilots
from registry.pilots.rules import Weight
from registry.pilots.schemas import Amending, MilestoneRow, PilotFilter
from tests.registry.desks.story import Crew, a_crew, a_decision, a_recommendation

pytestmark = pytest.mark.usefixtures("database")


async def seen(person: Person) -> dict[int, Lit | None]:
    listed = await visible_pilots(person, Paging(), PilotFilter())
    return {pilot: found and found.lit for pilot, found in (await lights_of(listed.pilots)).items()}


async def a_promising_crew(due_in: int) -> Crew:
    """A pilot that ends in a year, with a milestone so many days from today."""
    day = today()
    due = day + timedelta(days=due_in)
    return await a_crew(
        starts=day - timedelta(days=700),
        ends=day + timedelta(days=365),
        milestones=(MilestoneRow(title="Halfway", due=due),),
    )


async def test_an_overdue_milestone_turns_the_light_until_it_is_reached() -> None:
    crew = await a_promising_crew(-60)
    assert await seen(crew.lead) == {crew.pilot: Lit.YELLOW}
    (milestone,) = await milestones_of(crew.pilot)
    await keep_milestone(crew.pilot, milestone.id, by=crew.lead)
    assert await seen(crew.lead) == {crew.pilot: Lit.YELLOW}, "it was reached two months late"


async def test_an_amendment_moves_the_day_and_not_the_baseline() -> None:
    crew = await a_promising_crew(30)
    assert await seen(crew.lead) == {crew.pilot: Lit.GREEN}
    pilot = await visible_pilot(crew.lead, crew.pilot)
    assert pilot.ends is not None
    stated = {name: getattr(pilot, name) for name in ("title", "starts", "legal_basis", "dpia", "technology")}
    command = Amending(
        **stated,
        ends=pilot.ends + timedelta(days=150),
        sites=(pilot.organisation_code,),
        version=pilot.version,
        weight=Weight.MAJOR,
        reason="The supplier was late.",
    )
    await amend(crew.pilot, command, by=crew.lead)
    assert await seen(crew.lead) == {crew.pilot: Lit.RED}


async def test_only_who_leads_pilots_has_lights_on_the_desk() -> None:
    crew = await a_promising_crew(-200)
    (own,) = (await desk(crew.lead)).waiting
    assert own.light is not None
    assert (own.light.lit, "Halfway" in str(own.light.why)) == (Lit.RED, True)
    (followed,) = (await desk(crew.evaluator)).following
    assert followed.light is None
    assert await lights_of([]) == {}


async def test_a_pilot_that_is_decided_has_no_schedule_to_keep_any_more() -> None:
    crew = await a_promising_crew(-200)
    await a_decision(crew, await a_recommendation(crew))
    (decided,) = (await desk(crew.lead)).following
    assert decided.light is None
