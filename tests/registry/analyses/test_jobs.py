"""The worker's part of an analysis: progress, one result whatever happens, readable failures."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from registry.analyses.actions import Irreproducible, request, rerun
from registry.analyses.jobs import DRAWING, ESTIMATING, run
from registry.analyses.queries import analysis, result_file
from registry.analyses.rules import JOB, OTHER_BYTES, SUBJECT, Meaning
from registry.analyses.tables import Analysis, Chart
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import retention
from registry.datasets.files import versions
from registry.datasets.schemas import Deleting
from registry.kit import leasing
from registry.kit.clock import now
from registry.kit.errors import Conflict, Gone
from registry.kit.jobs import JobState, JobView, latest
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.tables import Job
from registry.worker import WorkerProcess
from tests.registry.analyses.story import (
    Here,
    a_finished_analysis,
    a_ready_cast,
    a_real_analysis,
    the_trial,
    work_off,
)

pytestmark = pytest.mark.usefixtures("database")

IN_ONE_DATABASE = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For real processes: jobs that are killed or fail are tested in both databases beside the worker itself."""

WORKER = """
import asyncio, sys
from pathlib import Path
from registry import worker
from registry.settings import Settings

if __name__ == "__main__":
    asyncio.run(worker.serve(Settings(database_url=sys.argv[1], state=Path(sys.argv[2]))))
"""


async def job_of(analysis_id: int) -> JobView:
    found = await latest(SUBJECT.format(analysis_id))
    assert found is not None
    return found


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def a_worker(program: Path, url: str, state: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen([sys.executable, program, url, state], env=environment, stdout=subprocess.DEVNULL)


async def test_people_are_told_what_is_going_on(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    told: list[str] = []

    class Listening(Here):
        async def compute(self, function: Callable[..., object], /, *arguments: object) -> object:
            told.append(str((await job_of(analysis_id)).note))
            return await super().compute(function, *arguments)

    lease = await claim("worker of a test")
    assert lease is not None
    await run(Listening(lease, Pool(1), tmp_path))
    assert told == [str(ESTIMATING), str(DRAWING)]
    assert (await job_of(analysis_id)).state is JobState.DONE


@IN_ONE_DATABASE
async def test_after_kill_9_mid_analysis_the_next_worker_finishes_it_once(database_url: str, tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    program = tmp_path / "program.py"
    program.write_text(WORKER)

    async def estimating() -> bool:
        return (await job_of(analysis_id)).progress > 0

    with a_worker(program, database_url, tmp_path) as first:
        await until(estimating)
        first.send_signal(signal.SIGKILL)
    left = await job_of(analysis_id)
    assert (left.state, left.attempts) == (JobState.RUNNING, 1)
    assert (await analysis(cast.evaluator, analysis_id)).result is None
    await Job.update({Job.leased_until: now() - timedelta(seconds=1)}).where(Job.id == left.id)  # 30 seconds later
    done = await ended(analysis_id, tmp_path)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    found = (await analysis(cast.evaluator, analysis_id)).analysis
    assert (found.finished_at is not None, found.reruns) == (True, 0)
    assert await Chart.count() == 2
    assert await AuditEntry.count().where(AuditEntry.action == "analyses.store") == 1
    assert await verify_chain() is None


async def test_a_worker_that_lost_its_lease_stores_nothing(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    stale = await claim("first")
    assert stale is not None
    await Job.update({Job.leased_until: now() - timedelta(seconds=1)}).where(Job.id == stale.job_id)
    fresh = await claim("second")
    assert fresh is not None
    await run(Here(fresh, Pool(1), tmp_path))
    first = await result_file(cast.evaluator, analysis_id)
    with pytest.raises(leasing.LeaseLost):
        await run(Here(stale, Pool(1), tmp_path))
    found = (await analysis(cast.evaluator, analysis_id)).analysis
    assert (found.reruns, await result_file(cast.evaluator, analysis_id)) == (0, first)


async def ended(analysis_id: int, state: Path) -> JobView:
    """The job after a worker with real processes has tried it."""
    stop = asyncio.Event()
    task = asyncio.create_task(WorkerProcess(stop, state=state).run())

    async def over() -> bool:
        return (await job_of(analysis_id)).over

    try:
        await until(over)
    finally:
        stop.set()
        await task
    return await job_of(analysis_id)


@IN_ONE_DATABASE
async def test_rows_that_are_gone_fail_the_job_with_a_message_not_a_bug(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    for path in versions(tmp_path).iterdir():
        path.unlink()
    failed = await ended(analysis_id, tmp_path)
    assert (failed.state, failed.error_code) == (JobState.FAILED, "unreadable_file")
    assert "cannot be opened" in str(failed.note)
    assert (await analysis(cast.evaluator, analysis_id)).analysis.state is JobState.FAILED


async def test_rows_that_were_deleted_meanwhile_fail_the_job_with_who_and_why(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    version_id = (await analysis(cast.evaluator, analysis_id)).analysis.dataset_version_id
    await retention.delete_rows(version_id, Deleting("The consent was withdrawn."), state=tmp_path, by=cast.lead)
    with pytest.raises(Gone, match="gone"):
        await work_off(tmp_path)
    assert (await analysis(cast.evaluator, analysis_id)).result is None


async def test_a_method_updated_after_the_request_does_not_answer_for_the_old_one(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    await Analysis.update({Analysis.effects_version: "0.0.9"}).where(Analysis.id == analysis_id)
    with pytest.raises(Conflict):
        await work_off(tmp_path)
    assert (await analysis(cast.evaluator, analysis_id)).result is None


async def test_a_rerun_with_other_bytes_fails_and_the_first_result_stands(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    first = await result_file(cast.evaluator, analysis_id)
    await Analysis.update({Analysis.result_sha256: "0" * 64}).where(Analysis.id == analysis_id)
    await rerun(analysis_id, by=cast.evaluator)
    with pytest.raises(Irreproducible) as refused:
        await work_off(tmp_path)
    assert refused.value.message == OTHER_BYTES
    assert (await job_of(analysis_id)).state is JobState.RUNNING, "nothing of the rerun is kept, its end neither"
    assert await result_file(cast.evaluator, analysis_id) == first


async def test_a_failed_run_is_tried_again_on_the_same_analysis(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    await Job.update({Job.state: JobState.FAILED}).where(Job.kind == JOB)
    await rerun(analysis_id, by=cast.evaluator)
    await work_off(tmp_path)
    assert (await analysis(cast.evaluator, analysis_id)).analysis.reruns == 0


async def test_the_real_trial_gives_the_eleven_effects_of_independent_software(tmp_path: Path) -> None:
    cast, analysis_id = await a_real_analysis(tmp_path)
    effects = (await analysis(cast.evaluator, analysis_id)).effects
    found = {effect.outcome: effect for effect in effects if effect.analysis == "primary"}
    expected = the_trial()["expect"]
    assert len(expected) == len(found) == 11
    for told in expected:
        effect = found[told["outcome"]]
        assert effect.estimate == pytest.approx(told["estimate"], rel=1e-8)
        assert effect.standard_error == pytest.approx(told["standard_error"], rel=1e-8)
        assert effect.df == pytest.approx(told["df"], rel=1e-5)
        assert effect.p_adjusted == pytest.approx(told["p_adjusted"], rel=1e-6)
    worse = {name for name, effect in found.items() if effect.meaning is Meaning.DETERIORATION}
    assert worse == {"language", "employer", "congregate_setting"}
    unclear = [effect for effect in found.values() if effect.meaning is Meaning.NOT_DISTINGUISHABLE]
    assert len(unclear) == 8
