"""Stating what is known about a result, grading it and having it approved by somebody else."""

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec
import tomli_w

from effects.case import Case, CaseError, case_from_mapping, to_mapping
from effects.errors import Finding
from effects.plan import AnalysisPlan
from effects.ruleset import load_ruleset
from registry.audit.actions import record
from registry.evidence import queries
from registry.evidence.cases import case_of
from registry.evidence.rules import APPROVE, APPROVED_ALREADY, ASSESS, NO_RESULT, NOT_GRADED, OWN_WORK
from registry.evidence.schemas import Facts, Published
from registry.evidence.tables import Assessment
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot

GRADE = "evidence.grade"


async def assess(analysis_id: int, facts: Facts, *, by: Person) -> int:
    """State the facts about a finished run and have the worker grade it; returns the assessment.

    Raises NotFound, Forbidden, and Conflict while the run has no result.
    """
    run = await queries.result_to_assess(by, analysis_id)
    pilot = await visible_pilot(by, run["pilot_id"])
    require(by, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
    if run["result"] is None:
        raise Conflict(NO_RESULT)
    plan = AnalysisPlan.from_text(run["toml"])
    about = await queries.circumstances(pilot, run)
    case = case_of(plan, msgspec.json.decode(run["result"]), about, facts)
    stated = {name: value for name, value in msgspec.to_builtins(facts).items() if name != "remark"}
    row = Assessment(
        pilot=pilot.id,
        analysis=analysis_id,
        facts=msgspec.json.encode(stated).decode(),
        remark=facts.remark,
        assessed_by=by.id,
        assessed_at=now(),
    )
    return await _enqueue(row, case, by)


async def assess_published(pilot_id: int, published: Published, *, by: Person) -> int:
    """Enter a published trial as a case file with its source; returns the assessment.

    Raises NotFound, Forbidden, and Invalid with every finding of the case file.
    """
    pilot = await visible_pilot(by, pilot_id)
    require(by, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
    row = Assessment(
        pilot=pilot_id, source=published.source, remark=published.remark, assessed_by=by.id, assessed_at=now()
    )
    return await _enqueue(row, _read(published.case), by)


async def store_grade(assessment_id: int, grade: Mapping[str, Any]) -> None:
    """Keep the grade of an assessment; inside the transaction of the job that made it."""
    text = msgspec.json.encode(grade).decode()
    await Assessment.update({Assessment.grade: text}).where(Assessment.id == assessment_id)
    await record(
        action="evidence.grade", object_kind="assessment", object_id=assessment_id, content=_digest(text), by=None
    )


async def approve(assessment_id: int, *, by: Person) -> None:
    """Approve somebody else's graded assessment. Raises NotFound, Forbidden, Conflict."""
    view = await queries.assessment(by, assessment_id)
    pilot = await visible_pilot(by, view.assessment.pilot_id)
    require(by, APPROVE, organisation=pilot.organisation, pilot=pilot.id)
    if view.assessment.assessed_by == by.id:
        raise Forbidden(OWN_WORK)
    if view.grade is None:
        raise Conflict(NOT_GRADED)
    async with transaction():
        waiting = (Assessment.id == assessment_id) & Assessment.approved_at.is_null()
        values: dict[Any, Any] = {Assessment.approved_by: by.id, Assessment.approved_at: now()}
        if not await Assessment.update(values).where(waiting).returning(Assessment.id):
            raise Conflict(APPROVED_ALREADY)
        content = {"assessment": assessment_id, "case": _digest(view.case)}
        await record(
            action="evidence.approve", object_kind="assessment", object_id=assessment_id, content=content, by=by.id
        )


async def _enqueue(row: Assessment, case: Case, by: Person) -> int:
    row.case = tomli_w.dumps(to_mapping(case))
    row.ruleset = load_ruleset().version
    async with transaction():
        await row.save()
        job = await jobs.enqueue(GRADE, subject=f"assessment:{row.id}", payload={"assessment": row.id})
        await Assessment.update({Assessment.job: job}).where(Assessment.id == row.id)
        content = {"assessment": row.id, "case": _digest(row.case)}
        await record(action="evidence.assess", object_kind="assessment", object_id=row.id, content=content, by=by.id)
    return row.id


def _read(text: str) -> Case:
    try:
        return case_from_mapping(tomllib.loads(text))
    except CaseError as error:
        raise Invalid(error.findings) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        finding = Finding("case", "not_toml", "The case is not TOML: {reason}.", params={"reason": str(error)[:200]})
        raise Invalid([finding]) from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
