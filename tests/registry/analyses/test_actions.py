"""Asking for runs, keeping their results and comparing the bytes of reruns."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest

from registry.analyses.actions import Irreproducible, request, rerun, store
from registry.analyses.queries import analysis, chart, result_file
from registry.analyses.rules import JOB, RUNNING
from registry.analyses.tables import Analysis, Chart
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import retention
from registry.datasets.schemas import Deleting
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Gone, NotFound, RegistryError
from registry.kit.jobs import JobState, latest
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from registry.plans.actions import supersede
from registry.plans.schemas import Superseding
from tests.registry.analyses.story import a_finished_analysis, a_ready_cast, work_off
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast, a_locked_plan, agree, locked

pytestmark = pytest.mark.usefixtures("database")


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_a_run_is_asked_for_with_its_identity_its_job_and_an_audit_entry(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    found = (await analysis(cast.evaluator, analysis_id)).analysis
    assert (found.plan_number, found.dataset_version_number, found.seed) == (1, 1, 20211215)
    assert (found.requester, found.state, found.result_sha256) == (cast.evaluator.name, JobState.QUEUED, None)
    assert not found.on_moments
    job = await latest(f"analysis:{analysis_id}")
    assert job is not None and job.kind == JOB
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["object_id"], entry["actor"]) == ("analyses.request", analysis_id, cast.evaluator.id)


async def test_everything_that_is_missing_is_said_at_once_and_nothing_is_kept() -> None:
    cast = await a_cast()
    error = await refused(Conflict, request(cast.pilot, by=cast.evaluator))
    assert [found.code for found in error.findings] == ["no_plan", "no_rows"]
    await agree(cast.pilot)
    await a_locked_plan(cast)
    error = await refused(Conflict, request(cast.pilot, by=cast.evaluator))
    assert [found.code for found in error.findings] == ["no_rows"]
    assert (await Analysis.count(), await Job.count()) == (0, 0)


async def test_only_an_evaluator_of_the_pilot_runs_it_and_strangers_do_not_learn_of_it(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    stranger = await an_account(Role.EVALUATOR)
    for call in (request(cast.pilot, by=cast.lead), rerun(analysis_id, by=cast.lead)):
        await refused(Forbidden, call)
    for call in (request(cast.pilot, by=stranger), rerun(analysis_id, by=stranger)):
        await refused(NotFound, call)
    await refused(NotFound, rerun(999, by=cast.evaluator))


async def test_an_evaluator_elsewhere_sees_an_open_pilot_and_may_not_run_it(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(
        tmp_path, await a_ready_cast(tmp_path, visibility=Visibility.PROGRAMME)
    )
    elsewhere = await an_account(Role.EVALUATOR)
    assert (await analysis(elsewhere, analysis_id)).result is not None
    await refused(Forbidden, request(cast.pilot, by=elsewhere))


async def test_the_worker_stores_result_and_plots_once_and_counts_a_rerun_with_the_same_bytes(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    first = await result_file(cast.evaluator, analysis_id)
    finished = (await analysis(cast.evaluator, analysis_id)).analysis
    assert finished.finished_at is not None
    assert {row["language"] for row in await Chart.select(Chart.language)} == {"da", "en"}
    await rerun(analysis_id, by=cast.evaluator)
    await work_off(tmp_path)
    again = (await analysis(cast.evaluator, analysis_id)).analysis
    assert (again.reruns, again.finished_at, again.result_sha256) == (1, finished.finished_at, finished.result_sha256)
    assert await result_file(cast.evaluator, analysis_id) == first
    assert await Chart.count() == 2
    assert await verify_chain() is None


async def test_asking_again_for_the_same_plan_and_rows_is_the_same_analysis(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    assert await request(cast.pilot, by=cast.evaluator) == analysis_id
    await work_off(tmp_path)
    assert (await analysis(cast.evaluator, analysis_id)).analysis.reruns == 1
    assert await Analysis.count() == 1


async def test_a_superseding_plan_makes_another_analysis_of_the_same_rows(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    plan = (await analysis(cast.evaluator, analysis_id)).analysis.plan_id
    later = await supersede(plan, Superseding(reason="The first plan forgot a guardrail."), by=cast.evaluator)
    await locked(later, cast.evaluator)
    assert await request(cast.pilot, by=cast.evaluator) != analysis_id


async def test_a_run_that_is_under_way_is_not_started_twice(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    await refused(Conflict, request(cast.pilot, by=cast.evaluator))
    await refused(Conflict, rerun(analysis_id, by=cast.evaluator))
    assert await Job.count().where(Job.kind == JOB) == 1


async def test_two_people_who_ask_at_once_share_one_analysis(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    second = await an_account(Role.EVALUATOR, organisation=cast.lead.organisation)
    asked = (request(cast.pilot, by=person) for person in (cast.evaluator, second))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
    assert {str(answer) for answer in answers if isinstance(answer, Conflict)} == {str(Conflict(RUNNING))}
    assert await Analysis.count() == 1
    assert await Job.count().where(Job.kind == JOB) == 1


async def test_of_two_reruns_asked_for_at_once_one_is_run(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    before = await Job.count().where(Job.kind == JOB)
    answers = await asyncio.gather(*(rerun(analysis_id, by=cast.evaluator) for _ in range(4)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 3 + ["NoneType"]
    assert await Job.count().where(Job.kind == JOB) == before + 1


async def test_of_two_results_stored_at_once_the_second_is_a_rerun(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)

    async def keep() -> None:
        async with transaction():
            await store(analysis_id, b"{}", {"da": "<svg/>", "en": "<svg/>"})

    await asyncio.gather(keep(), keep())
    row = await Analysis.select(Analysis.reruns).where(Analysis.id == analysis_id).first()
    assert row is not None and row["reruns"] == 1
    assert await Chart.count() == 2


async def test_other_bytes_are_never_stored_over_the_first(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    first = await result_file(cast.evaluator, analysis_id)
    with pytest.raises(Irreproducible):
        async with transaction():
            await store(analysis_id, first + b"\n", {})
    assert await result_file(cast.evaluator, analysis_id) == first
    assert (await analysis(cast.evaluator, analysis_id)).analysis.reruns == 0


async def test_a_result_of_another_version_of_the_method_is_not_rerun(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    await Analysis.update({Analysis.effects_version: "0.0.9"}).where(Analysis.id == analysis_id)
    error = await refused(Conflict, rerun(analysis_id, by=cast.evaluator))
    assert "0.0.9" in str(error.message)
    assert await request(cast.pilot, by=cast.evaluator) != analysis_id


async def test_an_analysis_of_deleted_rows_stays_readable_and_is_never_run_again(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    version_id = (await analysis(cast.evaluator, analysis_id)).analysis.dataset_version_id
    before = await result_file(cast.evaluator, analysis_id)
    await retention.delete_rows(version_id, Deleting("The consent was withdrawn."), state=tmp_path, by=cast.lead)
    gone = await refused(Gone, rerun(analysis_id, by=cast.evaluator))
    assert str(gone.message).endswith("The consent was withdrawn.")
    await refused(Conflict, request(cast.pilot, by=cast.evaluator))
    assert await result_file(cast.evaluator, analysis_id) == before


async def test_plots_differ_by_language_alone(tmp_path: Path) -> None:
    _, analysis_id = await a_finished_analysis(tmp_path)
    danish, english = await chart(analysis_id, "da"), await chart(analysis_id, "en")
    assert danish and english and danish != english
    assert await chart(999, "da") is None
