"""Reading analyses; a person sees those of the pilots they see."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from effects.message import Message
from effects.plan import AnalysisPlan
from registry.analyses.reading import checks, effects, under_agreed_names
from registry.analyses.rules import SUBJECT, obstacles
from registry.analyses.schemas import AnalysisList, AnalysisSummary, AnalysisView
from registry.analyses.tables import Analysis, Chart, Retraction
from registry.datasets import queries as datasets
from registry.datasets.files import MOMENTS
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.kit.jobs import JobState
from registry.kit.language import Language
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot
from registry.plans import queries as plans
from registry.plans.tables import Plan

_SUMMARY: Final = (
    Analysis.id,
    Analysis.plan.pilot.as_alias("pilot_id"),
    Analysis.plan.as_alias("plan_id"),
    Analysis.plan.number.as_alias("plan_number"),
    Analysis.plan.title.as_alias("plan_title"),
    Analysis.dataset_version.as_alias("dataset_version_id"),
    Analysis.dataset_version.number.as_alias("dataset_version_number"),
    Analysis.dataset_version.stored.as_alias("stored"),
    Analysis.effects_version,
    Analysis.seed,
    Analysis.result_sha256,
    Analysis.reruns,
    Analysis.requested_by,
    Analysis.requested_by.name.as_alias("requester"),
    Analysis.requested_at,
    Analysis.finished_at,
    Analysis.job,
)


async def analyses_of(person: Person, pilot_id: int) -> AnalysisList:
    """The runs of a pilot, newest first. Raises NotFound when the person may not see the pilot."""
    await visible_pilot(person, pilot_id)
    rows = (
        await Analysis.select(*_SUMMARY).where(Analysis.plan.pilot == pilot_id).order_by(Analysis.id, ascending=False)
    )
    plan = await plans.current_plan(pilot_id)
    version = await datasets.approved_version(pilot_id)
    missing = obstacles(plan_locked=plan is not None, version_approved=version is not None)
    return AnalysisList(pilot_id, await _summaries(rows), missing)


async def analysis(person: Person, analysis_id: int) -> AnalysisView:
    """A run with its result. Raises NotFound when there is none that the person may see."""
    job = await jobs.latest(SUBJECT.format(analysis_id))  # read first: a job that is over has stored its result
    row = await _visible_row(person, analysis_id)
    result = msgspec.json.decode(row["result"]) if row["result"] else None
    outcomes = under_agreed_names(AnalysisPlan.from_text(row["toml"]).analysed, msgspec.json.decode(row["agreement"]))
    return AnalysisView(
        analysis=(await _summaries([row]))[0],
        job=job,
        result=result,
        checks=checks(result, outcomes) if result else [],
        effects=effects(result, outcomes) if result else [],
    )


async def result_file(person: Person, analysis_id: int) -> bytes:
    """The result file to the byte. Raises NotFound also while there is none yet."""
    row = await _visible_row(person, analysis_id)
    if row["result"] is None:
        raise NotFound
    return str(row["result"]).encode()


async def chart(analysis_id: int, language: Language) -> str | None:
    """The forest plot as SVG, once the run is finished; for an analysis the reader may see."""
    row = await Chart.select(Chart.svg).where((Chart.analysis == analysis_id) & (Chart.language == language)).first()
    return None if row is None else str(row["svg"])


async def finished(pilot_id: int) -> list[AnalysisSummary]:
    """The runs of a pilot whose result counts, newest first; for a pilot the reader may see."""
    done = (Analysis.plan.pilot == pilot_id) & Analysis.finished_at.is_not_null()
    rows = await Analysis.select(*_SUMMARY).where(done).order_by(Analysis.id, ascending=False)
    return [run for run in await _summaries(rows) if run.outdated is None]


async def outdated(analyses: Collection[int]) -> dict[int, Message]:
    """Why a result no longer counts: it was retracted, or its rows or its plan no longer count; others are left out."""
    if not analyses:
        return {}
    rows = await Analysis.select(Analysis.id, Analysis.plan, Analysis.dataset_version).where(
        Analysis.id.is_in(list(analyses))
    )
    retracted = {
        row["analysis"]: Message("The result was retracted: {reason}", {"reason": row["reason"]})
        for row in await Retraction.select().where(Retraction.analysis.is_in(list(analyses)))
    }
    plan = await _superseded({row["plan"] for row in rows})
    version = await datasets.outdated({row["dataset_version"] for row in rows})
    reasons = {
        row["id"]: retracted.get(row["id"]) or version.get(row["dataset_version"]) or plan.get(row["plan"])
        for row in rows
    }
    return {analysis: reason for analysis, reason in reasons.items() if reason is not None}


async def _superseded(stated: Collection[int]) -> dict[int, Message]:
    """Plans that a later locked one took the place of."""
    later = Plan.supersedes.is_in(list(stated)) & Plan.locked_at.is_not_null()
    rows = await Plan.select(Plan.number, Plan.supersedes).where(later)
    return {
        row["supersedes"]: Message("Its plan was superseded by plan {number}.", {"number": row["number"]})
        for row in rows
    }


async def _summaries(rows: Sequence[Mapping[str, Any]]) -> list[AnalysisSummary]:
    old = await outdated([row["id"] for row in rows])
    return [
        msgspec.convert(
            {
                **row,
                "on_moments": row["stored"].endswith(MOMENTS),
                "state": await _state(row),
                "outdated": old.get(row["id"]),
            },
            AnalysisSummary,
        )
        for row in rows
    ]


async def _state(row: Mapping[str, Any]) -> JobState:
    first = None if row["finished_at"] else await jobs.find(row["job"])
    return JobState.DONE if first is None else first.state


async def _visible_row(person: Person, analysis_id: int) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = (
        await Analysis.select(
            *_SUMMARY,
            Analysis.result,
            Analysis.plan.toml.as_alias("toml"),
            Analysis.plan.agreement.as_alias("agreement"),
        )
        .where(Analysis.id == analysis_id)
        .first()
    )
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    return row
