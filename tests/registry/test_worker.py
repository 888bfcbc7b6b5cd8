"""The worker: killed at any moment, cancelled, refused or with a bug in a handler."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from effects.errors import DataError, Finding
from registry import worker
from registry.datasets import retention
from registry.deliveries import retention as deliveries_retention
from registry.kit import sessions
from registry.kit.clock import frozen, now
from registry.kit.cluster_state import ClusterAway
from registry.kit.errors import Conflict, Unavailable
from registry.kit.jobs import REMEMBERED, JobState, JobView, beat, cancel, enqueue, find, worker_alive
from registry.kit.tables import Job, Session, Worker
from registry.kit.work import Handler, Work
from registry.people.tables import LoginAttempt
from registry.settings import Settings
from registry.worker import HANDLERS, HEARTBEAT_SECONDS, WorkerProcess
from tests.processes import alive
from tests.registry import clusters
from tests.registry.clusters import Running

PROGRAM = """
import asyncio, os, sys, time
from pathlib import Path
from registry import worker
from registry.kit.clock import now
from registry.people.tables import LoginAttempt
from registry.settings import Settings

async def slow(work):
    pool = await work.compute(os.getpid)
    Path(sys.argv[2]).write_text(str(pool))
    if work.attempt == 1:
        await work.compute(time.sleep, 60)
    async with work.finishing():
        await LoginAttempt(key="result", at=now()).save()

if __name__ == "__main__":
    asyncio.run(worker.serve(Settings(database_url=sys.argv[1]), {"slow": slow}))
"""

MANY = """
import asyncio, sys, time
from registry import worker
from registry.kit.clock import now
from registry.people.tables import LoginAttempt
from registry.settings import Settings

async def quick(work):
    await asyncio.sleep(0.1)
    async with work.finishing():
        await LoginAttempt(key=work.subject, at=now()).save()

if __name__ == "__main__":
    asyncio.run(worker.serve(Settings(database_url=sys.argv[1]), {"quick": quick}))
"""


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def job(job_id: int) -> JobView:
    found = await find(job_id)
    assert found is not None
    return found


async def over(job_id: int, seconds: float = 90) -> JobView:
    async def is_over() -> bool:
        return (await job(job_id)).over

    await until(is_over, seconds)
    return await job(job_id)


@asynccontextmanager
async def working(scheduler: str = "", **handlers: Handler) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(WorkerProcess(stop, handlers, scheduler=scheduler).run())
    try:
        yield
    finally:
        stop.set()
        await task


def started(program: Path, url: str, marker: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen([sys.executable, program, url, marker], env=environment, stdout=subprocess.DEVNULL)


@pytest.mark.usefixtures("database")
async def test_after_kill_9_the_job_is_done_once_by_the_next_worker(database_url: str, tmp_path: Path) -> None:
    program, marker = tmp_path / "program.py", tmp_path / "marker"
    program.write_text(PROGRAM)
    job_id = await enqueue("slow", subject="x:1")

    async def computing() -> bool:
        return marker.exists() and marker.read_text() != ""

    with started(program, database_url, marker) as first:
        await until(computing)
        first.send_signal(signal.SIGKILL)
    pool_process = int(marker.read_text())
    assert (await job(job_id)).state is JobState.RUNNING

    async def pool_gone() -> bool:
        return not alive(pool_process)

    await until(pool_gone)
    await Job.update({Job.leased_until: now() - timedelta(seconds=1)}).where(Job.id == job_id)  # 30 seconds later
    with started(program, database_url, marker) as second:
        done = await over(job_id)
        second.terminate()
        assert second.wait(60) == 0
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert await LoginAttempt.count() == 1


@pytest.mark.usefixtures("database")
async def test_a_worker_told_to_stop_gives_its_job_back(database_url: str, tmp_path: Path) -> None:
    program, marker = tmp_path / "program.py", tmp_path / "marker"
    program.write_text(PROGRAM)
    job_id = await enqueue("slow", subject="x:1")

    async def computing() -> bool:
        return marker.exists() and await worker_alive()

    with started(program, database_url, marker) as first:
        await until(computing)
        first.terminate()
        assert first.wait(60) == 0
    left = await job(job_id)
    assert (left.state, left.attempts) == (JobState.QUEUED, 0)


@pytest.mark.usefixtures("database")
async def test_jobs_are_worked_on_and_a_sign_of_life_is_given() -> None:
    async def store(work: Work) -> None:
        async with work.finishing():
            await LoginAttempt(key=work.subject, at=now()).save()

    jobs = [await enqueue("store", subject=f"x:{number}") for number in range(5)]
    async with working(store=store):
        for job_id in jobs:
            assert (await over(job_id)).state is JobState.DONE
        async with asyncio.timeout(60):
            while not await worker_alive():
                await asyncio.sleep(0.05)
    assert await LoginAttempt.count() == 5


@pytest.mark.usefixtures("database")
async def test_the_house_is_kept_in_order_at_the_start_and_a_folder_that_resists_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[Path] = []

    async def chore(state: Path) -> None:
        kept.append(state)
        raise PermissionError(state)

    async def another(state: Path) -> None:
        kept.append(state)

    assert (retention.sweep, deliveries_retention.sweep, worker.forget) == worker.CHORES
    monkeypatch.setattr(worker, "CHORES", (chore, another))
    async with working():

        async def done() -> bool:
            return len(kept) == 2

        await until(done)
    assert kept == [Path("var"), Path("var")]


@pytest.mark.usefixtures("database")
async def test_sessions_and_workers_that_ended_are_forgotten_and_the_others_are_not(settings: Settings) -> None:
    start = now()
    over = start - timedelta(minutes=settings.session_absolute_minutes)
    with frozen(over):
        await sessions.start(7, settings)
        await beat("dead:1", 1)
    lives = await sessions.start(8, settings)
    with frozen(start - REMEMBERED + timedelta(minutes=10)):
        await beat("silent:2", 2)
    async with working():

        async def swept() -> bool:
            return bool(await Session.count() == 1)

        await until(swept)
    assert await sessions.find(lives, settings) == 8
    named = [row["name"] for row in await Worker.select(Worker.name)]
    assert "dead:1" not in named and "silent:2" in named


@pytest.mark.usefixtures("database")
async def test_a_refusal_is_kept_as_a_message_for_people() -> None:
    async def refuse(_: Work) -> None:
        raise DataError([Finding("data", "empty", "{file} is empty.", "Choose another.", {"file": "a.csv"})])

    async def conflict(_: Work) -> None:
        raise Conflict("Somebody was faster.")

    first, second = await enqueue("refuse", subject="x:1"), await enqueue("conflict", subject="x:2")
    async with working(refuse=refuse, conflict=conflict):
        refused, late = await over(first), await over(second)
    assert (refused.state, refused.error_code, str(refused.note)) == (
        JobState.FAILED,
        "empty",
        "a.csv is empty.\nChoose another.",
    )
    assert (late.state, late.error_code, str(late.note)) == (JobState.FAILED, "conflict", "Somebody was faster.")


@pytest.mark.usefixtures("database")
async def test_a_bug_becomes_a_reference_and_its_values_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    async def broken(_: Work) -> None:
        raise ValueError("010180-1234 is not a number")

    first, second = await enqueue("broken", subject="x:1"), await enqueue("unheard_of", subject="x:2")
    async with working(broken=broken):
        failed, unknown = await over(first), await over(second)
    assert (failed.state, failed.error_code, unknown.error_code) == (JobState.FAILED, "bug", "bug")
    logged = capsys.readouterr().out
    assert failed.note is not None and str(failed.note.params["reference"]) in logged
    assert "ValueError" in logged and "010180" not in logged + str(failed.note)


@pytest.mark.usefixtures("database")
async def test_a_job_without_its_database_is_left_for_later() -> None:
    tried = asyncio.Event()

    async def away(_: Work) -> None:
        tried.set()
        raise Unavailable

    job_id = await enqueue("away", subject="x:1")
    async with working(away=away):
        await tried.wait()
    left = await job(job_id)
    assert (left.state, left.attempts, left.error_code) == (JobState.RUNNING, 1, "")


@pytest.mark.usefixtures("database")
async def test_a_running_job_that_is_cancelled_ends_at_the_next_heartbeat() -> None:
    begun = asyncio.Event()

    async def long(work: Work) -> None:
        begun.set()
        await work.compute(time.sleep, 60)

    job_id = await enqueue("long", subject="x:1")
    async with working(long=long):
        await begun.wait()
        assert await cancel(job_id)
        assert (await over(job_id)).state is JobState.CANCELLED


@pytest.mark.usefixtures("database")
async def test_a_job_that_is_slow_to_let_go_does_not_keep_killing_what_its_neighbour_computes() -> None:
    """`virkning benchmark endurance` found it: each heartbeat killed the pool, until the neighbour was given up."""
    begun = asyncio.Event()

    async def stubborn(_: Work) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(3 * HEARTBEAT_SECONDS)

    async def neighbour(work: Work) -> None:
        await work.compute(time.sleep, HEARTBEAT_SECONDS)

    cancelled, computed = await enqueue("stubborn", subject="x:1"), await enqueue("neighbour", subject="x:2")
    async with working(stubborn=stubborn, neighbour=neighbour):
        await begun.wait()
        assert await cancel(cancelled)
        assert (await over(computed)).state is JobState.DONE
        assert (await over(cancelled)).state is JobState.CANCELLED


def test_every_handler_is_a_coroutine_function() -> None:
    assert all(asyncio.iscoroutinefunction(handler) for handler in HANDLERS.values())


@pytest.mark.usefixtures("database")
async def test_two_workers_of_which_one_is_killed_store_every_result_once(database_url: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(MANY)
    jobs = [await enqueue("quick", subject=f"x:{number}") for number in range(30)]
    first, second = (started(program, database_url, tmp_path) for _ in range(2))
    with first, second:

        async def under_way() -> bool:
            return bool(await LoginAttempt.count() >= 5)

        await until(under_way)
        first.kill()
        first.wait()
        lapsed = (Job.state == JobState.RUNNING) & (Job.worker.like(f"%:{first.pid}"))
        await Job.update({Job.leased_until: now() - timedelta(seconds=1)}).where(lapsed)  # 30 seconds later
        ended = [await over(job_id) for job_id in jobs]
        second.terminate()
        assert second.wait(60) == 0
    assert {job.state for job in ended} == {JobState.DONE}
    stored = [row["key"] for row in await LoginAttempt.select(LoginAttempt.key).order_by(LoginAttempt.key)]
    assert stored == sorted(f"x:{number}" for number in range(30))


@pytest.mark.usefixtures("database")
async def test_work_in_parts_goes_to_the_cluster_through_a_kill_and_is_stored_once(cluster: Running) -> None:
    found: list[list[int]] = []

    async def parted(work: Work) -> None:
        kill = asyncio.get_running_loop().call_later(1.0, cluster.kill, "worker")
        found.append(await work.compute(clusters.in_parts, [0.2] * 12))
        kill.cancel()
        async with work.finishing():
            await LoginAttempt(key="result", at=now()).save()

    job_id = await enqueue("parted", subject="x:1")
    async with working(cluster.address, parted=parted):
        ended = await over(job_id)
    assert (ended.state, ended.attempts, await LoginAttempt.count()) == (JobState.DONE, 1, 1)
    assert len(found[0]) == 12 and os.getpid() not in found[0]


@pytest.mark.usefixtures("database")
async def test_a_job_whose_cluster_is_away_waits_says_so_and_goes_on() -> None:
    notes: list[str] = []

    async def parted(work: Work) -> None:
        seen = await job(work.job_id)
        notes.append(str(seen.note or ""))
        if len(notes) < 5:
            raise ClusterAway

    job_id = await enqueue("parted", subject="x:1", max_attempts=2)
    async with working(parted=parted):
        ended = await over(job_id)
    assert (ended.state, ended.attempts) == (JobState.DONE, 1)
    assert "computing cluster does not answer" in notes[1]
