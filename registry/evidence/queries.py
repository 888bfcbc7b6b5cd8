"""Reading assessments; a person sees those of the pilots they see."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from registry.analyses import queries as analyses
from registry.analyses.tables import Analysis
from registry.datasets.tables import Upload
from registry.evidence.cases import Circumstances
from registry.evidence.schemas import AssessmentList, AssessmentSummary, AssessmentView
from registry.evidence.tables import Assessment
from registry.indicators import queries as indicators
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.people.rules import Person, StakeholderGroup
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView

_SUMMARY: Final = (
    Assessment.id,
    Assessment.pilot.as_alias("pilot_id"),
    Assessment.analysis.as_alias("analysis_id"),
    Assessment.source,
    Assessment.ruleset,
    Assessment.assessed_by,
    Assessment.assessed_at,
    Assessment.approved_at,
    Assessment.grade,
)


async def assessments_of(person: Person, pilot_id: int) -> AssessmentList:
    """The assessments of a pilot, newest first. Raises NotFound when the person may not see the pilot."""
    await visible_pilot(person, pilot_id)
    rows = (
        await Assessment.select(*_SUMMARY).where(Assessment.pilot == pilot_id).order_by(Assessment.id, ascending=False)
    )
    assessed = {row["analysis_id"] for row in rows}
    results = [run.id for run in await analyses.finished(pilot_id) if run.id not in assessed]
    return AssessmentList(pilot_id, [_summary(row) for row in rows], results)


async def assessment(person: Person, assessment_id: int) -> AssessmentView:
    """An assessment with its grade. Raises NotFound when there is none that the person may see."""
    columns = (*_SUMMARY, Assessment.facts, Assessment.case, Assessment.remark)
    row = await Assessment.select(*columns).where(Assessment.id == assessment_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    return AssessmentView(
        assessment=_summary(row),
        facts=msgspec.json.decode(row["facts"]),
        case=row["case"],
        remark=row["remark"],
        job=await jobs.latest(f"assessment:{assessment_id}", "evidence.grade"),
        grade=msgspec.json.decode(row["grade"]) if row["grade"] else None,
    )


async def result_to_assess(person: Person, analysis_id: int) -> Mapping[str, Any]:
    """The run's result, plan file and dates, or None in `result` while it is running. Raises NotFound."""
    row: Mapping[str, Any] | None = (
        await Analysis.select(
            Analysis.id,
            Analysis.result,
            Analysis.plan.pilot.as_alias("pilot_id"),
            Analysis.plan.toml.as_alias("toml"),
            Analysis.plan.locked_at.as_alias("locked_at"),
            Analysis.dataset_version.approved_at.as_alias("approved_at"),
        )
        .where(Analysis.id == analysis_id)
        .first()
    )
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    return row


async def circumstances(pilot: PilotView, run: Mapping[str, Any]) -> Circumstances:
    """What the registry knows about a run, from the records of the pilot."""
    first = await Upload.select(Upload.uploaded_at).where(Upload.pilot == pilot.id).order_by(Upload.id).first()
    assert first is not None, "a run rests on an uploaded version"
    voted = await indicators.groups_voted(pilot.id)
    return Circumstances(
        pilot=pilot,
        locked_at=run["locked_at"],
        first_upload_at=first["uploaded_at"],
        approved_at=run["approved_at"],
        groups_voted=frozenset(StakeholderGroup(group) for group, votes in voted.items() if votes),
    )


def _summary(row: Mapping[str, Any]) -> AssessmentSummary:
    shown = {name: row[name] for name in AssessmentSummary.__struct_fields__ if name != "graded"}
    return AssessmentSummary(graded=row["grade"] is not None, **shown)
