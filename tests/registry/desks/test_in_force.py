"""Only what still counts leads to the next step; advice counts for every pilot that it rests on."""

from typing import Any

import msgspec
import pytest

from registry.analyses.tables import Retraction
from registry.datasets.tables import DatasetVersion, Withdrawal
from registry.desks.gathering import facts_of
from registry.desks.in_force import in_force
from registry.evidence.tables import Assessment, Synthesis
from registry.kit.clock import now
from registry.pilots.rules import Phase, phase
from registry.pilots.tables import Pilot
from registry.recommendations.tables import Basis, Recommendation
from tests.registry.desks.story import (
    Crew,
    a_crew,
    a_decision,
    a_recommendation,
    an_analysis,
    an_assessment,
)

pytestmark = pytest.mark.usefixtures("database")


async def the_phase(crew: Crew) -> Phase:
    return phase((await facts_of([crew.pilot]))[crew.pilot])


async def decided_on_a_run(crew: Crew) -> int:
    """A pilot whose decision rests on a run of its own; returns the run."""
    run = await an_analysis(crew)
    advice = await a_recommendation(crew)
    resting: dict[Any, Any] = {Assessment.analysis: run}
    await Assessment.update(resting).where(Assessment.pilot == crew.pilot)
    await a_decision(crew, advice)
    return run


async def test_a_retracted_result_leads_back_to_the_data_it_was_run_on() -> None:
    crew = await a_crew()
    run = await decided_on_a_run(crew)
    assert await the_phase(crew) is Phase.DECIDED
    said = Retraction(analysis=run, reason="A wrong column.", retracted_by=crew.evaluator.id, retracted_at=now())
    await Retraction.insert(said)
    found = await in_force([crew.pilot])
    assert (found.analyses, found.assessments, found.recommendations, found.decisions) == ({}, {}, {}, {})
    assert await the_phase(crew) is Phase.DATA_APPROVED


async def test_withdrawn_rows_lead_back_to_the_plan() -> None:
    crew = await a_crew()
    await decided_on_a_run(crew)
    version = await DatasetVersion.select(DatasetVersion.id).first()
    assert version is not None
    said = Withdrawal(version=version["id"], reason="Shifted.", withdrawn_by=crew.lead.id, withdrawn_at=now())
    await Withdrawal.insert(said)
    facts = (await facts_of([crew.pilot]))[crew.pilot]
    assert (facts.data_approved, phase(facts)) == (0, Phase.PLAN_LOCKED)


async def test_an_older_assessment_waits_for_nobody_once_a_newer_one_is_approved() -> None:
    crew = await a_crew()
    await an_assessment(crew)
    assert (await in_force([crew.pilot])).assessments_waiting[crew.pilot] == 1
    await an_assessment(crew, approved_by=crew.lead)
    found = await in_force([crew.pilot])
    assert (found.assessments_waiting[crew.pilot], found.assessments[crew.pilot]) == (0, 1)


async def test_advice_on_a_technology_counts_for_every_pilot_that_it_rests_on() -> None:
    crew, other, third = await a_crew(), await a_crew(), await a_crew()
    row = await Pilot.select(Pilot.technology).where(Pilot.id == crew.pilot).first()
    assert row is not None
    same: dict[Any, Any] = {Pilot.technology: row["technology"]}
    await Pilot.update(same).where(Pilot.id.is_in([other.pilot, third.pilot]))
    theirs = await an_assessment(other, approved_by=other.lead)
    advice = await a_recommendation(crew)
    own = await Recommendation.select(Recommendation.assessment).where(Recommendation.id == advice).first()
    assert own is not None
    look = Synthesis(
        technology=row["technology"],
        assessments=msgspec.json.encode([theirs, own["assessment"]]).decode(),
        case="",
        ruleset="1",
        made_at=now(),
    )
    await look.save()
    await Basis.insert(Basis(recommendation=advice, synthesis=look.id))
    await a_decision(crew, advice)
    found = await in_force([crew.pilot, other.pilot, third.pilot])
    assert found.recommendations == found.decisions == {crew.pilot: 1, other.pilot: 1}
    assert await the_phase(other) is Phase.DECIDED
