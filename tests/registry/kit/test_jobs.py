"""Jobs as the rest of the registry sees them."""

from datetime import timedelta

import pytest

from effects.message import Message
from registry.kit import leasing
from registry.kit.clock import frozen, now
from registry.kit.database import transaction
from registry.kit.jobs import (
    REMEMBERED,
    JobState,
    beat,
    cancel,
    enqueue,
    find,
    forget_dead_workers,
    latest,
    waiting,
    worker_alive,
)
from registry.kit.tables import Worker

pytestmark = pytest.mark.usefixtures("database")


async def test_a_job_exists_exactly_if_the_callers_transaction_holds() -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await enqueue("analyse", subject="analysis:1")
            raise ZeroDivisionError
    assert await waiting() == 0
    async with transaction():
        job = await enqueue("analyse", subject="analysis:1", payload={"seed": 7})
    assert await waiting() == 1
    found = await find(job)
    assert found is not None
    assert (found.state, found.kind, found.progress, found.note, found.over) == ("queued", "analyse", 0.0, None, False)
    assert found.created_at.utcoffset() == timedelta(0)


async def test_the_newest_job_about_a_subject_is_found_also_by_kind() -> None:
    first = await enqueue("analyse", subject="analysis:1")
    second = await enqueue("draw", subject="analysis:1")
    await enqueue("analyse", subject="analysis:2")
    newest, newest_analysis = await latest("analysis:1"), await latest("analysis:1", "analyse")
    assert newest is not None and newest.id == second
    assert newest_analysis is not None and newest_analysis.id == first
    assert await latest("analysis:3") is None
    assert await find(10_000) is None


async def test_a_waiting_job_is_cancelled_at_once_and_never_leased() -> None:
    job = await enqueue("analyse", subject="analysis:1")
    assert await cancel(job)
    assert not await cancel(job)
    found = await find(job)
    assert found is not None and found.state is JobState.CANCELLED and found.over and found.broke_off
    assert await leasing.claim("worker") is None


async def test_a_running_job_is_asked_to_stop() -> None:
    job = await enqueue("analyse", subject="analysis:1")
    lease = await leasing.claim("worker")
    assert lease is not None
    assert await cancel(job)
    with pytest.raises(leasing.LeaseLost):
        await leasing.extend(lease)
    await leasing.acknowledge_cancel(lease)
    found = await find(job)
    assert found is not None and found.state is JobState.CANCELLED


async def test_progress_and_its_message_can_be_read() -> None:
    job = await enqueue("analyse", subject="analysis:1")
    lease = await leasing.claim("worker")
    assert lease is not None
    await leasing.report(lease, 0.25, Message("Estimating {done} of {all}", {"done": 1, "all": 4}))
    found = await find(job)
    assert found is not None and found.progress == 0.25
    assert str(found.note) == "Estimating 1 of 4"
    await leasing.report(lease, 7.0, None)
    found = await find(job)
    assert found is not None and found.progress == 1.0 and str(found.note) == "Estimating 1 of 4"


async def test_a_worker_that_is_silent_for_an_hour_is_forgotten_until_it_wakes_up() -> None:
    start = now()
    with frozen(start):
        await beat("here:1", 1)
    for after, known in ((REMEMBERED - timedelta(seconds=1), 1), (REMEMBERED, 0)):
        with frozen(start + after):
            await forget_dead_workers()
            assert await Worker.count() == known
    await beat("here:1", 1)
    assert (await Worker.count(), await worker_alive()) == (1, True)


async def test_a_worker_is_alive_for_fifteen_seconds_after_its_last_sign() -> None:
    assert not await worker_alive()
    moment = now()
    with frozen(moment):
        await beat("here:1", 1)
        await beat("here:1", 2)
    assert await Worker.count() == 1
    with frozen(moment + timedelta(seconds=14)):
        assert await worker_alive()
    with frozen(moment + timedelta(seconds=16)):
        assert not await worker_alive()
