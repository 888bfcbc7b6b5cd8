import pytest

from registry.kit import jobs
from registry.kit.database import transaction
from registry.seeding.carriage import StuckError, waiting_for

pytestmark = pytest.mark.usefixtures("database")


async def test_a_step_waits_while_a_job_is_under_way() -> None:
    async with transaction():
        await jobs.enqueue("anything", subject="upload:1")
    assert not await waiting_for("upload:1")


async def test_a_step_is_stuck_where_no_job_was_asked_for() -> None:
    with pytest.raises(StuckError, match="upload:2"):
        await waiting_for("upload:2")


async def test_a_step_is_stuck_when_its_job_was_cancelled() -> None:
    async with transaction():
        job = await jobs.enqueue("anything", subject="upload:3")
    await jobs.cancel(job)
    with pytest.raises(StuckError):
        await waiting_for("upload:3")
