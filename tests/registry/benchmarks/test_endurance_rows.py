"""What is told of the database when a run is over."""

from pathlib import Path
from typing import Any

import pytest

from registry.audit.actions import record
from registry.benchmarks.endurance_judgement import Found, Work, faults_of_work
from registry.benchmarks.endurance_rows import drained, remains, running_on
from registry.datasets.tables import DatasetVersion
from registry.kit.database import close_pool, open_pool, transaction
from registry.kit.jobs import JobState, enqueue
from registry.kit.leasing import claim
from registry.kit.tables import Job
from registry.settings import Settings
from tests.registry.datasets.story import a_csv, an_upload, work_off
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    await Job.delete(force=True)
    return made


@pytest.fixture
def run_settings(settings: Settings, database_url: str, tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, database_url=database_url, secret=settings.secret)


async def apart(call: Any) -> Any:
    """The call opens the database for itself, as the harness does; the test's own pool is opened again after it."""
    await close_pool()
    found = await call
    await open_pool()
    return found


async def test_everything_that_was_made_is_found_with_its_entry(cast: Cast, run_settings: Settings) -> None:
    upload_id = await an_upload(cast, run_settings.state)
    await work_off(run_settings.state)
    left = await apart(remains(run_settings))
    assert Found("upload", "rows", f"/uploads/{upload_id}", 1) in left.found
    assert [one.place for one in left.found if one.kind == "pilot"] == [f"/pilots/{cast.pilot}/facts"]
    assert {one.entries for one in left.found if one.kind == "pilot"} == {1}
    assert {one.name for one in left.found if one.kind == "indicator"} >= {"language", "strain"}
    assert left.work == (Work(f"upload:{upload_id}", 1),)
    assert (left.jobs, left.retried, left.analyses, left.broken) == (1, 0, 0, None)
    assert list(faults_of_work(left.work)) == []


async def test_a_check_that_left_no_version_is_noticed(cast: Cast, run_settings: Settings) -> None:
    upload_id = await an_upload(cast, run_settings.state, a_csv(n="31"))
    await work_off(run_settings.state)
    await DatasetVersion.delete(force=True)
    left = await apart(remains(run_settings))
    assert list(faults_of_work(left.work)) == [f"lost: 1 jobs of upload:{upload_id} left 0 results"]


async def test_a_second_entry_of_an_end_is_noticed(cast: Cast, run_settings: Settings) -> None:
    upload_id = await an_upload(cast, run_settings.state, a_csv(n="32"))
    await work_off(run_settings.state)
    async with transaction():
        await record(action="datasets.stored", object_kind="upload", object_id=upload_id, content={}, by=None)
    left = await apart(remains(run_settings))
    assert list(faults_of_work(left.work)) == [f"audit: 1 jobs of upload:{upload_id} left 2 entries of their ends"]


async def test_what_the_doctor_minds_is_told(cast: Cast, run_settings: Settings) -> None:
    await an_upload(cast, run_settings.state)
    await work_off(run_settings.state)
    (stored,) = (run_settings.state / "datasets").iterdir()
    stored.unlink()
    left = await apart(remains(run_settings))
    assert any("missing rows" in line for line in left.ill)


async def test_nothing_is_left_to_do_once_every_job_is_over(database_url: str) -> None:
    assert await apart(drained(database_url))
    async with transaction():
        await enqueue("a.kind", subject="thing:1")
    assert not await apart(drained(database_url, seconds=0.2))
    await claim("worker 1")
    assert not await apart(drained(database_url, seconds=0.2))
    over: dict[Any, Any] = {Job.state: JobState.FAILED}
    await Job.update(over).where(Job.id > 0)
    assert await apart(drained(database_url))


async def test_the_worker_that_has_a_job_is_found(database_url: str) -> None:
    assert await apart(running_on(database_url)) is None
    async with transaction():
        await enqueue("a.kind", subject="thing:1")
    assert await apart(running_on(database_url)) is None
    await claim("machine:4711")
    assert await apart(running_on(database_url)) == "machine:4711"


async def test_a_job_that_was_tried_twice_is_counted(run_settings: Settings) -> None:
    async with transaction():
        await enqueue("a.kind", subject="thing:1")
        await enqueue("a.kind", subject="thing:2")
    twice: dict[Any, Any] = {Job.attempts: 2, Job.state: JobState.DONE}
    await Job.update(twice).where(Job.subject == "thing:2")
    left = await apart(remains(run_settings))
    assert (left.jobs, left.retried) == (2, 1)
    assert Work("thing:1", 0, ("queued",), 0, 0) in left.work
