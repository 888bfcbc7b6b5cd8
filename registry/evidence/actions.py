"""Stating what is known about a result, grading it and having it approved by somebody else."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import tomli_w

from effects.case import Case, CaseError, case_from_mapping, to_mapping
from effects.errors import Finding
from effects.rules.ruleset import load_ruleset
from registry.audit.actions import record
from registry.evidence import looks, queries
from registry.evidence.cases import case_of
from registry.evidence.rules import APPROVE, APPROVED_ALREADY, ASSESS, JOB, NOT_GRADED, OWN_WORK, SUBJECT, is_own_work
from registry.evidence.schemas import Facts, Published
from registry.evidence.tables import Assessment
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot


async def assess(analysis_id: int, facts: Facts, *, by: Person) -> int:
    """State the facts about a finished run and have the worker grade it; returns the assessment.

    Raises NotFound, Forbidden, and Conflict while the run has no result.
    """
    async with transaction():
        found = await queries.grounds(by, analysis_id)
        pilot = found.about.pilot
        require(by, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
        case = case_of(found.plan, found.result, found.about, facts)
        stated = {name: value for name, value in msgspec.to_builtins(facts).items() if name != "remark"}
        written = msgspec.json.encode(stated).decode()
        about = {"analysis": analysis_id, "facts": written, "remark": facts.remark}
        return await _keep(pilot.id, about, case, by)


async def assess_published(pilot_id: int, published: Published, *, by: Person) -> int:
    """Enter a published trial as a case file with its source; returns the assessment.

    Raises NotFound, Forbidden, and Invalid with every finding of the case file.
    """
    case = _read(published.case)
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
        about = {"source": published.source, "remark": published.remark}
        return await _keep(pilot_id, about, case, by)


async def store_grade(assessment_id: int, grade: Mapping[str, Any]) -> None:
    """Keep the grade of an assessment; inside the transaction of the job that made it."""
    text = msgspec.json.encode(grade).decode()
    await Assessment.update({Assessment.grade: text}).where(Assessment.id == assessment_id)
    await _record("evidence.grade", assessment_id, {"grade": _digest(text)}, None)


async def approve(assessment_id: int, *, by: Person) -> None:
    """Approve somebody else's graded assessment of somebody else's analysis; the technology is looked at anew.

    Raises NotFound, Forbidden, and Conflict while it is not graded, once it is approved or where it is outdated.
    """
    async with transaction():
        view = await queries.assessment(by, assessment_id)
        about = view.assessment
        pilot = await visible_pilot(by, about.pilot_id)
        require(by, APPROVE, organisation=pilot.organisation, pilot=pilot.id)
        if is_own_work(by.id, about.assessed_by, about.analysed_by):
            raise Forbidden(OWN_WORK)
        if view.grade is None:
            raise Conflict(NOT_GRADED)
        if about.outdated is not None:
            raise Conflict(about.outdated)
        waiting = (Assessment.id == assessment_id) & Assessment.approved_at.is_null()
        values: dict[Any, Any] = {Assessment.approved_by: by.id, Assessment.approved_at: now()}
        if not await Assessment.update(values).where(waiting).returning(Assessment.id):
            raise Conflict(APPROVED_ALREADY)
        await _record("evidence.approve", assessment_id, {"case": _digest(view.case)}, by)
        await looks.ask(pilot.technology)


async def _keep(pilot_id: int, about: Mapping[str, Any], case: Case, by: Person) -> int:
    row = Assessment(
        **about,
        pilot=pilot_id,
        case=tomli_w.dumps(to_mapping(case)),
        ruleset=case.ruleset or load_ruleset().version,
        assessed_by=by.id,
        assessed_at=now(),
    )
    await row.save()
    assessment_id: int = row.id
    job = await jobs.enqueue(JOB, subject=SUBJECT.format(assessment_id), payload={"assessment": assessment_id})
    await Assessment.update({Assessment.job: job}).where(Assessment.id == assessment_id)
    await _record("evidence.assess", assessment_id, {"case": _digest(row.case)}, by)
    return assessment_id


async def _record(action: str, assessment_id: int, content: Mapping[str, str], by: Person | None) -> None:
    who = None if by is None else by.id
    await record(action=action, object_kind="assessment", object_id=assessment_id, content=content, by=who)


def _read(text: str) -> Case:
    try:
        return case_from_mapping(tomllib.loads(text))
    except CaseError as error:
        raise Invalid([replace(finding, where="case", column=finding.where) for finding in error.findings]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        finding = Finding("case", "not_toml", "The case is not TOML: {reason}.", params={"reason": str(error)[:200]})
        raise Invalid([finding]) from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
