"""Asking for a run and storing what came of it."""

import hashlib
from collections.abc import Mapping

from effects.message import Message
from effects.plan import AnalysisPlan
from effects.version import EFFECTS_VERSION
from registry.analyses.rules import DEFAULT_SEED, RUN, obstacles
from registry.analyses.tables import Analysis, Chart
from registry.audit.actions import record
from registry.datasets import queries as datasets
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, NotFound
from registry.kit.language import Language
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.plans import queries as plans

KIND = "analysis.run"


class Irreproducible(Exception):
    """A rerun gave other bytes than the first run of the same identity: a defect, and never stored over the first."""


async def request(pilot_id: int, *, by: Person) -> int:
    """Run the current plan on the newest approved version; returns the analysis.

    The same plan, version, effects version and seed are one analysis: asking again reruns it and compares the bytes.
    Raises NotFound, Forbidden, and Conflict naming everything that is still missing.
    """
    pilot = await visible_pilot(by, pilot_id)
    require(by, RUN, organisation=pilot.organisation, pilot=pilot.id)
    async with transaction():
        plan = await plans.current_plan(pilot_id)
        version = await datasets.approved_version(pilot_id)
        if plan is None or version is None:
            missing = obstacles(plan_locked=plan is not None, version_approved=version is not None)
            raise Conflict(missing[0])
        seed = AnalysisPlan.from_text(plan.toml).inference.seed
        identity = {
            Analysis.plan: plan.id,
            Analysis.dataset_version: version.id,
            Analysis.effects_version: EFFECTS_VERSION,
            Analysis.seed: DEFAULT_SEED if seed is None else seed,
        }
        return await _enqueue(await _same(identity) or await _new(identity, by), by)


async def rerun(analysis_id: int, *, by: Person) -> None:
    """Run a finished analysis again and compare the bytes. Raises NotFound, Forbidden, Conflict while it is running."""
    row = await Analysis.select(Analysis.id, Analysis.plan.pilot.as_alias("pilot_id")).where(
        Analysis.id == analysis_id
    ).first()
    if row is None:
        raise NotFound
    pilot = await visible_pilot(by, row["pilot_id"])
    require(by, RUN, organisation=pilot.organisation, pilot=pilot.id)
    async with transaction():
        await _enqueue(analysis_id, by)


async def store(analysis_id: int, result: bytes, charts: Mapping[Language, str]) -> None:
    """Keep the first result of an analysis, or count a rerun that gave the same bytes; inside the job's transaction.

    Raises Irreproducible when a rerun gave other bytes.
    """
    digest = hashlib.sha256(result).hexdigest()
    row = await Analysis.objects().get(Analysis.id == analysis_id)
    assert row is not None
    if row.result is not None:
        if row.result_sha256 != digest:
            raise Irreproducible(f"analysis {analysis_id}")
        await Analysis.update({Analysis.reruns: Analysis.reruns + 1}).where(Analysis.id == analysis_id)
    else:
        row.result, row.result_sha256, row.finished_at = result.decode(), digest, now()
        await row.save()
        await Chart.insert(*(Chart(analysis=analysis_id, language=code, svg=svg) for code, svg in charts.items()))
    await record(
        action="analyses.store",
        object_kind="analysis",
        object_id=analysis_id,
        content={"result": digest, "version": row.effects_version},
        by=None,
    )


async def _same(identity: Mapping[object, object]) -> int | None:
    found = Analysis.select(Analysis.id)
    for column, value in identity.items():
        found = found.where(column == value)  # type: ignore[arg-type]
    row = await found.first()
    return None if row is None else int(row["id"])


async def _new(identity: Mapping[object, object], by: Person) -> int:
    row = Analysis({**identity, Analysis.requested_by: by.id, Analysis.requested_at: now()})  # type: ignore[dict-item]
    await row.save()
    return row.id


async def _enqueue(analysis_id: int, by: Person) -> int:
    running = await jobs.latest(f"analysis:{analysis_id}", KIND)
    if running is not None and not running.over:
        raise Conflict(Message("This analysis is running already. Its result appears on its page."))
    job = await jobs.enqueue(KIND, subject=f"analysis:{analysis_id}", payload={"analysis": analysis_id})
    await Analysis.update({Analysis.job: job}).where(Analysis.id == analysis_id)
    content = {"analysis": analysis_id, "job": job}
    await record(action="analyses.request", object_kind="analysis", object_id=analysis_id, content=content, by=by.id)
    return analysis_id
