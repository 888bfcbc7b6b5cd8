"""Reading assessments; a person sees those of the pilots they see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from effects.message import Message
from effects.plan import AnalysisPlan
from registry.analyses import queries as analyses
from registry.analyses.reading import under_agreed_names
from registry.datasets import queries as datasets
from registry.datasets.rules import VersionState
from registry.evidence.cases import Circumstances
from registry.evidence.rules import NO_RESULT, REPLACED, SUBJECT
from registry.evidence.schemas import AssessmentList, AssessmentSummary, AssessmentView
from registry.evidence.tables import Assessment
from registry.evidence.words import missing, raising
from registry.indicators import queries as indicators
from registry.kit import jobs
from registry.kit.errors import Conflict, NotFound
from registry.kit.jobs import JobState
from registry.people.rules import OrganisationKind, Person
from registry.people.tables import Organisation
from registry.pilots.queries import sites_of, visible_pilot, visible_to
from registry.pilots.rules import Part
from registry.pilots.tables import Pilot
from registry.plans import queries as plans

_SUMMARY: Final = (
    Assessment.id,
    Assessment.pilot.as_alias("pilot_id"),
    Assessment.analysis.as_alias("analysis_id"),
    Assessment.analysis.requested_by.as_alias("analysed_by"),
    Assessment.source,
    Assessment.ruleset,
    Assessment.assessed_by,
    Assessment.assessed_by.name.as_alias("assessor"),
    Assessment.assessed_at,
    Assessment.approved_by.name.as_alias("approver"),
    Assessment.approved_at,
    Assessment.grade,
    Assessment.job,
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an assessment of a finished run rests on."""

    plan: AnalysisPlan
    result: Mapping[str, Any]
    about: Circumstances


async def assessments_of(person: Person, pilot_id: int) -> AssessmentList:
    """The assessments of a pilot, newest first. Raises NotFound when the person may not see the pilot."""
    await visible_pilot(person, pilot_id)
    query = Assessment.select(*_SUMMARY).where(Assessment.pilot == pilot_id)
    rows = await query.order_by(Assessment.id, ascending=False)
    assessed = {row["analysis_id"] for row in rows}
    results = [run.id for run in await analyses.finished(pilot_id) if run.id not in assessed]
    return AssessmentList(pilot_id, await _summaries(rows), results)


async def assessment(person: Person, assessment_id: int) -> AssessmentView:
    """An assessment with its grade. Raises NotFound when there is none that the person may see."""
    job = await jobs.latest(SUBJECT.format(assessment_id))  # read first: a job that is over has stored its grade
    columns = (*_SUMMARY, Assessment.facts, Assessment.case, Assessment.remark)
    row = await Assessment.select(*columns).where(Assessment.id == assessment_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    grade = msgspec.json.decode(row["grade"]) if row["grade"] else None
    return AssessmentView(
        assessment=(await _summaries([row]))[0],
        facts=msgspec.json.decode(row["facts"]),
        case=row["case"],
        remark=row["remark"],
        job=job,
        grade=grade,
        missing=missing(grade) if grade else (),
        raising=raising(grade) if grade else (),
    )


async def outdated(assessment_ids: Collection[int]) -> dict[int, Message]:
    """Why an assessment no longer counts; those that still count are left out.

    It rests on a result that no longer counts, or a newer assessment of the same pilot is approved.
    """
    if not assessment_ids:
        return {}
    about = Assessment.select(Assessment.id, Assessment.pilot, Assessment.analysis)
    rows = await about.where(Assessment.id.is_in(sorted(assessment_ids)))
    old = await analyses.outdated([row["analysis"] for row in rows if row["analysis"]])
    newest = await _newest_approved({row["pilot"] for row in rows})
    replaced = {row["id"]: REPLACED for row in rows if newest.get(row["pilot"], 0) > row["id"]}
    return replaced | {row["id"]: old[row["analysis"]] for row in rows if row["analysis"] in old}


async def replaced_by(assessment_ids: Collection[int]) -> dict[int, int]:
    """The newer approved assessment of the same pilot that took the place of each; those without one are left out."""
    if not assessment_ids:
        return {}
    rows = await Assessment.select(Assessment.id, Assessment.pilot).where(Assessment.id.is_in(sorted(assessment_ids)))
    newest = await _newest_approved({row["pilot"] for row in rows})
    return {row["id"]: newest[row["pilot"]] for row in rows if newest.get(row["pilot"], 0) > row["id"]}


async def approved_of(pilots: Collection[int]) -> list[AssessmentSummary]:
    """The newest approved assessment that counts of each pilot; for pilots the reader may see."""
    newest = sorted((await _newest_approved(pilots)).values())
    rows = await Assessment.select(*_SUMMARY).where(Assessment.id.is_in(newest or [0])).order_by(Assessment.id)
    return await _summaries(rows)


async def all_visible(person: Person, assessment_ids: Collection[int]) -> bool:
    """Whether the person may see the pilots behind all of the assessments."""
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    hidden = Assessment.id.is_in(sorted(assessment_ids) or [0]) & Assessment.pilot.not_in(seen)
    return not await Assessment.exists().where(hidden)


async def any_simulated(assessment_ids: Collection[int]) -> bool:
    """Whether a pilot behind any of the assessments is made up."""
    made_up = Assessment.id.is_in(sorted(assessment_ids) or [0]) & Assessment.pilot._.simulated.eq(True)
    return await Assessment.exists().where(made_up)


async def _newest_approved(pilots: Collection[int]) -> dict[int, int]:
    """The newest approved assessment of each pilot whose result still counts."""
    approved = Assessment.pilot.is_in(sorted(pilots) or [0]) & Assessment.approved_at.is_not_null()
    rows = await Assessment.select(Assessment.id, Assessment.pilot, Assessment.analysis).where(approved).order_by("id")
    old = await analyses.outdated([row["analysis"] for row in rows if row["analysis"]])
    return {row["pilot"]: row["id"] for row in rows if row["analysis"] not in old}


async def grounds(person: Person, analysis_id: int) -> Grounds:
    """What the registry knows about a run. Raises NotFound, and Conflict while the run has no result."""
    run = await analyses.analysis(person, analysis_id)
    if run.result is None:
        raise Conflict(NO_RESULT)
    plan = await plans.plan(person, run.analysis.plan_id)
    version = await datasets.version(person, run.analysis.dataset_version_id)
    voted = await indicators.groups_voted(plan.pilot)
    about = Circumstances(
        pilot=await visible_pilot(person, plan.pilot),
        untested=await _untested(plan.pilot),
        locked_first=await datasets.lock_precedes_data(plan),
        approved_hashes=await datasets.hashes(version.id) if version.state is VersionState.APPROVED else (),
        groups_voted=[group for group, people in voted.items() if people],
    )
    stated = plans.parsed(plan)
    named = replace(stated, outcomes=under_agreed_names(stated.outcomes, plan.agreement))
    return Grounds(named, run.result, about)


async def _untested(pilot_id: int) -> float | None:
    """Share of the country's inhabitants in municipalities of a size class that no municipality of the pilot has."""
    sites = await sites_of(pilot_id)
    tried = {site.size_class for site in sites if site.part is Part.INTERVENTION and site.size_class}
    counted = (Organisation.kind == OrganisationKind.MUNICIPALITY) & Organisation.population.is_not_null()
    rows = await Organisation.select(Organisation.population, Organisation.size_class).where(counted)
    everybody = sum(row["population"] for row in rows)
    elsewhere = sum(row["population"] for row in rows if row["size_class"] not in tried)
    return elsewhere / everybody if tried and everybody else None


async def _summaries(rows: Sequence[Mapping[str, Any]]) -> list[AssessmentSummary]:
    ids = [row["id"] for row in rows]
    old, newer = await outdated(ids), await replaced_by(ids)
    about = [{"outdated": old.get(one), "replaced_by": newer.get(one)} for one in ids]
    return [await _summary({**row, **stands}) for row, stands in zip(rows, about, strict=True)]


async def _summary(row: Mapping[str, Any]) -> AssessmentSummary:
    graded = row["grade"] is not None
    job = None if graded else await jobs.find(row["job"])
    state = JobState.DONE if job is None else job.state
    return msgspec.convert({**row, "graded": graded, "grading": state}, AssessmentSummary)
