"""Pilots at every point of the chain, for desks. The rows after the plan are entered as the later slices leave them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from registry.analyses.tables import Analysis
from registry.datasets.rules import UploadState
from registry.datasets.tables import DatasetVersion, Upload
from registry.decisions.tables import Decision
from registry.evidence.tables import Assessment
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.jobs import enqueue
from registry.people.rules import Person, Role
from registry.pilots.tables import Pilot
from registry.plans.tables import Plan
from registry.recommendations.tables import Recommendation
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

LATER = date(2030, 1, 1)
ADVICE = {
    "indicators": [
        {"role": "primary", "certainty": {"lowest": 1, "highest": 4}},
        {"role": "primary", "certainty": {"lowest": 2, "highest": 3}},
        {"role": "secondary", "certainty": {"lowest": 0, "highest": 0}},
    ]
}


@dataclass(frozen=True)
class Crew:
    """A pilot and one person of each role in the organisation that owns it."""

    pilot: int
    lead: Person
    evaluator: Person
    decider: Person


async def a_crew(**about: Any) -> Crew:
    """A registered private pilot and its people."""
    lead = await a_lead()
    return Crew(
        pilot=await a_pilot(lead, **about),
        lead=lead,
        evaluator=await an_account(Role.EVALUATOR, organisation=lead.organisation),
        decider=await an_account(Role.DECISION_MAKER, organisation=lead.organisation),
    )


async def a_plan(crew: Crew, **changes: Any) -> int:
    """A locked plan."""
    row = Plan(
        pilot=crew.pilot,
        toml="",
        drafted_by=crew.evaluator.id,
        drafted_at=now(),
        locked_by=crew.evaluator.id,
        locked_at=now(),
    )
    for name, value in changes.items():
        setattr(row, name, value)
    await row.save()
    return int(row.id)


async def an_upload(crew: Crew, state: UploadState = UploadState.STORED, plan: int | None = None) -> int:
    """A file that the lead sent."""
    row = Upload(
        pilot=crew.pilot,
        plan=plan or await a_plan(crew),
        filename="a.csv",
        schema="{}",
        state=state,
        retain_until=LATER,
        uploaded_by=crew.lead.id,
        uploaded_at=now(),
    )
    await row.save()
    return int(row.id)


async def a_version(crew: Crew, *, approved_by: Person | None = None, number: int = 1) -> int:
    """A version of the lead's, approved or waiting."""
    plan = await a_plan(crew, number=number)
    row = DatasetVersion(
        pilot=crew.pilot,
        plan=plan,
        upload=await an_upload(crew, plan=plan),
        number=number,
        content=str(number),
        columns="[]",
        completeness="{}",
        uploaded_by=crew.lead.id,
        stored_at=now(),
        approved_by=approved_by.id if approved_by else None,
        approved_at=now() if approved_by else None,
    )
    await row.save()
    return int(row.id)


async def an_analysis(crew: Crew, *, finished: bool = True) -> int:
    """A run of the evaluator's on approved data; one that is not finished waits for the worker."""
    version = await a_version(crew, approved_by=crew.evaluator)
    plan = await Plan.select(Plan.id).where(Plan.pilot == crew.pilot).order_by(Plan.id, ascending=False).first()
    assert plan is not None
    async with transaction():
        job = None if finished else await enqueue("analyses.run", subject="analysis:1")
        row = Analysis(
            plan=plan["id"],
            dataset_version=version,
            effects_version="1",
            job=job,
            result="{}" if finished else None,
            requested_by=crew.evaluator.id,
            requested_at=now(),
            finished_at=now() if finished else None,
        )
        await row.save()
    return int(row.id)


async def an_assessment(crew: Crew, *, approved_by: Person | None = None) -> int:
    """The evaluator's assessment of published figures, approved or waiting."""
    row = Assessment(
        pilot=crew.pilot,
        source="A report",
        case="",
        ruleset="1",
        grade="{}",
        assessed_by=crew.evaluator.id,
        assessed_at=now(),
        approved_by=approved_by.id if approved_by else None,
        approved_at=now() if approved_by else None,
    )
    await row.save()
    return int(row.id)


async def a_recommendation(crew: Crew, advice: Any = ADVICE, kind: str = "EXTEND") -> int:
    """Advice that the evaluator issued on an approved assessment."""
    pilot = await Pilot.select(Pilot.technology).where(Pilot.id == crew.pilot).first()
    assert pilot is not None
    row = Recommendation(
        technology=pilot["technology"],
        assessment=await an_assessment(crew, approved_by=crew.lead),
        ruleset="1",
        kind=kind,
        rule="R5",
        advice=msgspec.json.encode(advice).decode(),
        issued_by=crew.evaluator.id,
        issued_at=now(),
    )
    await row.save()
    return int(row.id)


async def a_decision(crew: Crew, recommendation: int, choice: str = "extend") -> int:
    """The decision-maker's word on a recommendation."""
    row = Decision(
        recommendation=recommendation,
        choice=choice,
        deviates=choice != "extend",
        reason="Because.",
        review_on=LATER,
        decided_by=crew.decider.id,
        decided_at=now(),
    )
    await row.save()
    return int(row.id)
