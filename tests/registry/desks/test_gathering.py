"""What has happened to a pilot is read from every later noun."""

from typing import Any

import pytest

from registry.datasets.rules import UploadState
from registry.datasets.tables import DatasetVersion, Deletion
from registry.desks.gathering import facts_of
from registry.indicators.actions import close_round, open_round
from registry.kit.clock import now
from registry.kit.database import engine
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import StakeholderGroup
from registry.pilots.rules import Facts, Part, Phase, phase
from registry.pilots.tables import Site
from tests.registry.desks.story import (
    Crew,
    a_crew,
    a_decision,
    a_plan,
    a_recommendation,
    a_version,
    an_analysis,
    an_assessment,
    an_upload,
)
from tests.registry.indicators.story import a_stakeholder, rated_by, some_indicators
from tests.registry.people.story import an_organisation

pytestmark = pytest.mark.usefixtures("database")


async def the_facts(crew: Crew) -> Facts:
    return (await facts_of([crew.pilot]))[crew.pilot]


async def test_nothing_has_happened_to_a_registered_pilot_but_its_sites() -> None:
    crew = await a_crew()
    assert await the_facts(crew) == Facts(sites=1)
    assert await facts_of([]) == {}


async def test_places_to_compare_with_are_counted_apart() -> None:
    crew = await a_crew()
    place = await an_organisation()
    await Site.insert(Site(pilot=crew.pilot, organisation=place, part=Part.COMPARISON))
    facts = await the_facts(crew)
    assert (facts.sites, facts.comparison_sites) == (1, 1)


async def test_the_rating_is_followed_from_proposal_to_agreement() -> None:
    crew = await a_crew()
    await some_indicators(crew.pilot, crew.lead, ["language", "employer"])
    assert await the_facts(crew) == Facts(sites=1, indicators=2)
    await open_round(crew.pilot, by=crew.lead)
    for group in (StakeholderGroup.STAFF, StakeholderGroup.STAFF, StakeholderGroup.CITIZENS):
        await rated_by(crew.pilot, await a_stakeholder(group))
    assert await the_facts(crew) == Facts(sites=1, indicators=2, round_open=True, groups_rated=2)
    await close_round(crew.pilot, by=crew.lead)
    closed = await the_facts(crew)
    assert (closed.round_open, closed.round_closed, phase(closed)) == (False, True, Phase.INDICATORS_AGREED)


async def test_a_draft_is_no_locked_plan() -> None:
    crew = await a_crew()
    await a_plan(crew, locked_at=None, locked_by=None)
    facts = await the_facts(crew)
    assert (facts.plan_drafted, facts.plan_locked) == (True, False)


@pytest.mark.parametrize(
    ("state", "checking"),
    [
        (UploadState.RECEIVED, True),
        (UploadState.CHECKING, True),
        (UploadState.REFUSED, False),
        (UploadState.STORED, False),
    ],
)
async def test_an_upload_on_its_way_is_being_checked(state: UploadState, checking: bool) -> None:
    crew = await a_crew()
    await an_upload(crew, state)
    assert (await the_facts(crew)).data_checking is checking


async def test_a_version_waits_until_somebody_approves_or_rejects_it() -> None:
    crew = await a_crew()
    version = await a_version(crew)
    await a_version(crew, approved_by=crew.evaluator, number=2)
    facts = await the_facts(crew)
    assert (facts.data_waiting, facts.data_approved) == (1, 1)
    rejected = {DatasetVersion.rejected_at: now(), DatasetVersion.rejected_by: crew.evaluator.id}
    await DatasetVersion.update(rejected).where(DatasetVersion.id == version)
    assert (await the_facts(crew)).data_waiting == 0


async def test_a_version_whose_rows_are_deleted_waits_for_nobody_and_serves_nobody() -> None:
    crew = await a_crew()
    waiting = await a_version(crew, number=2)
    await Deletion.insert(Deletion(version=waiting, deleted_at=now()))
    assert (await the_facts(crew)).data_waiting == 0
    await an_analysis(crew)
    approved = await DatasetVersion.select(DatasetVersion.id).where(DatasetVersion.approved_at.is_not_null()).first()
    assert approved is not None
    await Deletion.insert(Deletion(version=approved["id"], deleted_at=now()))
    facts = await the_facts(crew)
    assert (facts.data_approved, facts.analyses, phase(facts)) == (0, 1, Phase.ANALYSED)


async def test_a_run_is_under_way_only_while_its_job_is() -> None:
    crew = await a_crew()
    await an_analysis(crew, finished=False)
    running = await the_facts(crew)
    assert (running.analysis_running, running.analyses) == (True, 0)
    await Job.update({Job.state: JobState.FAILED}, force=True)
    assert not (await the_facts(crew)).analysis_running


async def test_evidence_advice_and_decision_are_counted() -> None:
    crew = await a_crew()
    await an_analysis(crew)
    await a_decision(crew, await a_recommendation(crew))
    await an_assessment(crew)
    facts = await the_facts(crew)
    assert (facts.analyses, facts.assessments_waiting, facts.assessments) == (1, 1, 1)
    assert (facts.recommendations, facts.decisions, phase(facts)) == (1, 1, Phase.DECIDED)


async def test_what_happens_in_one_pilot_leaves_the_others_alone() -> None:
    crew, other = await a_crew(), await a_crew()
    await a_recommendation(crew)
    assert await facts_of([crew.pilot, other.pilot]) == {crew.pilot: await the_facts(crew), other.pilot: Facts(sites=1)}


async def test_the_number_of_statements_does_not_grow_with_the_pilots(monkeypatch: pytest.MonkeyPatch) -> None:
    pilots = [(await a_crew()).pilot for _ in range(4)]
    asked: list[int] = []
    run: Any = type(engine()).run_querystring

    async def counted(*given: Any, **named: Any) -> Any:
        asked.append(1)
        return await run(*given, **named)

    monkeypatch.setattr(type(engine()), "run_querystring", counted)
    await facts_of(pilots[:1])
    alone = len(asked)
    await facts_of(pilots)
    assert len(asked) == 2 * alone > 0
