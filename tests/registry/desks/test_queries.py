"""A desk shows what waits for its owner, and only what they may see."""

import pytest

from registry.desks.queries import RATE, desk, pilot_home, wall
from registry.desks.schemas import Levels
from registry.indicators.actions import open_round
from registry.kit.errors import NotFound
from registry.people.rules import Person, Role, StakeholderGroup
from registry.pilots.rules import Phase, Visibility
from registry.pilots.tables import Pilot
from tests.registry.desks.story import a_crew, a_decision, a_recommendation, a_version
from tests.registry.indicators.story import a_stakeholder, rated_by, some_indicators
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

pytestmark = pytest.mark.usefixtures("database")


async def waiting_for(person: Person) -> list[int]:
    return [pilot.id for pilot in (await desk(person)).waiting]


async def test_a_desk_parts_what_waits_from_what_is_followed() -> None:
    crew = await a_crew(title="Robot cleaners")
    lead, evaluator = await desk(crew.lead), await desk(crew.evaluator)
    assert [pilot.title for pilot in lead.waiting] == ["Robot cleaners"]
    assert (lead.following, lead.roles, lead.more) == ([], [Role.PROJECT_LEAD], 0)
    assert lead.waiting[0].step.href == f"/pilots/{crew.pilot}/indicators"
    assert [pilot.title for pilot in evaluator.following] == ["Robot cleaners"]
    assert evaluator.waiting == []


async def test_another_lead_sees_nothing_of_a_private_pilot() -> None:
    await a_crew()
    other = await desk(await a_lead())
    assert (other.waiting, other.following, other.more) == ([], [], 0)


async def test_a_rating_waits_for_each_stakeholder_until_they_have_rated() -> None:
    crew = await a_crew()
    voices = [await a_stakeholder(group, pilot=crew.pilot) for group in StakeholderGroup]
    await some_indicators(crew.pilot, crew.lead)
    await open_round(crew.pilot, by=crew.lead)
    for voice in voices:
        assert [str(pilot.step.message) for pilot in (await desk(voice)).waiting] == [str(RATE)]
        assert await waiting_for(crew.lead) == []
        await rated_by(crew.pilot, voice)
        assert await waiting_for(voice) == []
    assert await waiting_for(crew.lead) == [crew.pilot]


async def test_a_version_waits_for_the_second_lead() -> None:
    crew = await a_crew()
    await a_version(crew)
    second = await a_lead(crew.lead.organisation)
    assert (await waiting_for(crew.lead), await waiting_for(second)) == ([], [crew.pilot])


async def test_advice_waits_for_the_decision_and_then_for_nobody() -> None:
    crew = await a_crew()
    advised = await a_recommendation(crew)
    assert [pilot.step.href for pilot in (await desk(crew.decider)).waiting] == [f"/recommendations/{advised}"]
    await a_decision(crew, advised)
    seen = await desk(crew.decider)
    assert (await pilot_home(crew.decider, crew.pilot)).step.href == f"/recommendations/{advised}/decision"
    assert (seen.waiting, [pilot.phase for pilot in seen.following]) == ([], [Phase.DECIDED])


async def test_the_desk_says_how_many_pilots_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.desks.queries.ON_A_DESK", 2)
    lead = await a_lead()
    ids = [await a_pilot(lead, title=f"Pilot {number}") for number in range(3)]
    seen = await desk(lead)
    assert ([pilot.id for pilot in seen.waiting], seen.more) == ([ids[2], ids[1]], 1)


async def test_a_catalogue_entry_is_on_no_desk() -> None:
    crew = await a_crew(source="A report", starts=None, ends=None)
    await Pilot.update({Pilot.registered_by: None}).where(Pilot.id == crew.pilot)
    seen = await desk(crew.lead)
    assert (seen.waiting + seen.following, seen.more) == ([], 1)


async def test_only_the_administrator_sees_the_upkeep() -> None:
    crew = await a_crew()
    assert (await desk(crew.lead)).upkeep is None
    seen = (await desk(await an_account(Role.ADMINISTRATOR, everywhere=True))).upkeep
    assert seen is not None
    assert (seen.worker_alive, seen.jobs_waiting, seen.accounts) == (False, 0, 4)
    assert seen.audit_entries > 0


async def test_somebody_without_a_role_has_an_empty_desk() -> None:
    seen = await desk(await an_account())
    assert (seen.roles, seen.waiting, seen.following, seen.wall) == ([], [], [], [])


async def test_the_wall_joins_advice_certainty_and_decision() -> None:
    crew, undecided = await a_crew(), await a_crew(visibility=Visibility.PROGRAMME)
    decision = await a_decision(crew, await a_recommendation(crew), "stop")
    await a_recommendation(undecided, advice={"indicators": []})
    open_row, row = await wall(await an_account(Role.EVALUATOR, everywhere=True))
    assert (open_row.decision_id, open_row.choice, open_row.deviates, open_row.certainty) == (None, None, False, None)
    assert (row.pilot_id, row.advised, row.decision_id, row.choice) == (crew.pilot, "EXTEND", decision, "stop")
    assert (row.deviates, row.certainty) == (True, Levels(1, 3))
    assert [one.pilot_id for one in await wall(await a_lead())] == [undecided.pilot]
    assert len((await desk(crew.decider)).wall) == 2


async def test_a_home_shows_the_pilot_its_phase_and_counts() -> None:
    crew = await a_crew(title="Robot cleaners")
    await some_indicators(crew.pilot, crew.lead, ["language"])
    home = await pilot_home(crew.lead, crew.pilot)
    assert (home.pilot.title, home.phase, home.mine) == ("Robot cleaners", Phase.INDICATORS_PROPOSED, True)
    assert (home.counts["sites"], home.counts["indicators"], home.counts["agreed"]) == (1, 1, 0)
    assert not (await pilot_home(crew.decider, crew.pilot)).mine


async def test_no_home_for_who_may_not_see_the_pilot() -> None:
    crew, stranger = await a_crew(), await a_lead()
    for pilot in (crew.pilot, 999_999):
        with pytest.raises(NotFound):
            await pilot_home(stranger, pilot)
