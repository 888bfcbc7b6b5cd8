"""Asking for a run and storing what came of it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from effects.planning.settings import DEFAULT_SEED
from effects.version import EFFECTS_VERSION
from registry.analyses.rules import CANNOT_RUN, JOB, OTHER_BYTES, RUN, RUNNING, SUBJECT, obstacles, other_version
from registry.analyses.tables import Analysis, Chart
from registry.audit.actions import record
from registry.datasets import queries as datasets
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, NotFound, RegistryError
from registry.kit.language import Language
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.pilots.tables import Pilot
from registry.plans import queries as plans


class Irreproducible(RegistryError):
    """A rerun gave other bytes than the first run of the same identity; it is never stored over the first."""

    def __init__(self) -> None:
        super().__init__(409, "irreproducible", OTHER_BYTES)


async def request(pilot_id: int, *, by: Person) -> int:
    """Run the current plan on the newest approved version; returns the analysis.

    The same plan, version, effects version and seed are one analysis: asking again reruns it and compares the bytes.
    Raises NotFound, Forbidden, and Conflict with everything that is still missing.
    """
    pilot = await visible_pilot(by, pilot_id)
    require(by, RUN, organisation=pilot.organisation, pilot=pilot.id)
    async with transaction():
        await take_turn(Pilot, pilot_id)
        plan = await plans.current_plan(pilot_id)
        version = await datasets.approved_version(pilot_id)
        if plan is None or version is None:
            raise Conflict(CANNOT_RUN, obstacles(plan_locked=plan is not None, version_approved=version is not None))
        seed = plans.parsed(plan).inference.seed
        analysis_id = await _identified(plan.id, version.id, DEFAULT_SEED if seed is None else seed, by)
        await _enqueue(analysis_id, by)
    return analysis_id


async def rerun(analysis_id: int, *, by: Person) -> None:
    """Run an analysis again and compare the bytes.

    Raises NotFound, Forbidden, Conflict while it is running or when another version of the method made it.
    Raises Gone when its rows are deleted.
    """
    version = Analysis.dataset_version.as_alias("version_id")
    about = (Analysis.plan.pilot.as_alias("pilot_id"), Analysis.effects_version, version)
    row = await Analysis.select(*about).where(Analysis.id == analysis_id).first()
    if row is None:
        raise NotFound
    pilot = await visible_pilot(by, row["pilot_id"])
    require(by, RUN, organisation=pilot.organisation, pilot=pilot.id)
    if refusal := other_version(row["effects_version"]):
        raise Conflict(refusal)
    datasets.require_rows(await datasets.version(by, row["version_id"]))
    async with transaction():
        await _enqueue(analysis_id, by)


async def store(analysis_id: int, result: bytes, charts: Mapping[Language, str]) -> None:
    """Keep the first result of an analysis, or count a rerun that gave the same bytes; inside the job's transaction.

    Raises Irreproducible when a rerun gave other bytes.
    """
    await take_turn(Analysis, analysis_id)
    digest = hashlib.sha256(result).hexdigest()
    row = await Analysis.select(Analysis.result_sha256).where(Analysis.id == analysis_id).first()
    assert row is not None, "an analysis is never deleted"
    if row["result_sha256"] is None:
        kept: dict[Any, Any] = {
            Analysis.result: result.decode(),
            Analysis.result_sha256: digest,
            Analysis.finished_at: now(),
        }
        await Chart.insert(*(Chart(analysis=analysis_id, language=code, svg=svg) for code, svg in charts.items()))
    elif row["result_sha256"] == digest:
        kept = {Analysis.reruns: Analysis.reruns + 1}
    else:
        raise Irreproducible
    await Analysis.update(kept).where(Analysis.id == analysis_id)
    content = {"result": digest, "version": EFFECTS_VERSION}
    await record(action="analyses.store", object_kind="analysis", object_id=analysis_id, content=content, by=None)


async def _identified(plan: int, version: int, seed: int, by: Person) -> int:
    """The analysis of this identity, made now where there is none."""
    same = (Analysis.plan == plan) & (Analysis.dataset_version == version) & (Analysis.seed == seed)
    found = await Analysis.select(Analysis.id).where(same, Analysis.effects_version == EFFECTS_VERSION).first()
    if found is not None:
        return int(found["id"])
    row = Analysis(
        plan=plan,
        dataset_version=version,
        effects_version=EFFECTS_VERSION,
        seed=seed,
        requested_by=by.id,
        requested_at=now(),
    )
    return int((await Analysis.insert(row))[0]["id"])


async def _enqueue(analysis_id: int, by: Person) -> None:
    await take_turn(Analysis, analysis_id)
    subject = SUBJECT.format(analysis_id)
    latest = await jobs.latest(subject)
    if latest is not None and not latest.over:
        raise Conflict(RUNNING)
    job = await jobs.enqueue(JOB, subject=subject, payload={"analysis": analysis_id})
    await Analysis.update({Analysis.job: job}).where(Analysis.id == analysis_id)
    content = {"analysis": analysis_id, "job": job}
    await record(action="analyses.request", object_kind="analysis", object_id=analysis_id, content=content, by=by.id)
