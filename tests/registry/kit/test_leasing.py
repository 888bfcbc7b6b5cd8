"""Leases: one worker at a time, and a worker that was thought dead cannot write."""

import asyncio
from datetime import timedelta

import pytest

from effects.message import Message
from registry.kit import leasing
from registry.kit.clock import frozen, now
from registry.kit.database import transaction
from registry.kit.jobs import JobState, JobView, enqueue, find
from registry.kit.leasing import LEASE, Lease, LeaseLost, claim
from registry.kit.tables import Worker

pytestmark = pytest.mark.usefixtures("database")


async def job(job_id: int) -> JobView:
    found = await find(job_id)
    assert found is not None
    return found


async def claimed(worker: str = "one") -> Lease:
    lease = await claim(worker)
    assert lease is not None
    return lease


async def test_the_oldest_job_comes_first_with_its_payload() -> None:
    first = await enqueue("analyse", subject="analysis:1", payload={"seed": 7, "names": ["æ"]})
    await enqueue("analyse", subject="analysis:2")
    lease = await claimed()
    assert (lease.job_id, lease.kind, lease.subject, lease.attempt) == (first, "analyse", "analysis:1", 1)
    assert lease.payload == {"seed": 7, "names": ["æ"]}
    assert (await job(first)).state is JobState.RUNNING


async def test_many_workers_at_once_never_get_the_same_job() -> None:
    for number in range(60):
        await enqueue("analyse", subject=f"analysis:{number}")

    async def take_all(worker: str) -> list[int]:
        taken = []
        while (lease := await claim(worker)) is not None:
            taken.append(lease.job_id)
        return taken

    taken = await asyncio.gather(*(take_all(f"worker {number}") for number in range(8)))
    every = [job_id for jobs in taken for job_id in jobs]
    assert len(every) == len(set(every)) == 60


async def test_a_lapsed_lease_goes_to_another_and_the_first_can_no_longer_write() -> None:
    job_id = await enqueue("analyse", subject="analysis:1")
    old = await claimed("one")
    assert await claim("two") is None
    with frozen(now() + LEASE + timedelta(seconds=1)):
        new = await claimed("two")
        assert (new.job_id, new.fence, new.attempt) == (job_id, old.fence + 1, 2)
        with pytest.raises(LeaseLost):
            await leasing.extend(old)
        with pytest.raises(LeaseLost):
            await leasing.report(old, 0.5, None)
        with pytest.raises(LeaseLost):
            async with transaction():
                await leasing.finish(old)
        await leasing.fail(old, "late", Message("Too late."))
        await leasing.release(old)
        assert (await job(job_id)).state is JobState.RUNNING
        async with transaction():
            await leasing.finish(new)
    done = await job(job_id)
    assert (done.state, done.progress, done.note, done.attempts) == (JobState.DONE, 1.0, None, 2)


async def test_a_lease_that_is_extended_does_not_lapse() -> None:
    await enqueue("analyse", subject="analysis:1")
    moment = now()
    with frozen(moment):
        lease = await claimed()
    with frozen(moment + LEASE - timedelta(seconds=1)):
        await leasing.extend(lease)
    with frozen(moment + LEASE + timedelta(seconds=1)):
        assert await claim("two") is None


async def test_a_lease_whose_job_it_ended_itself_is_not_lost() -> None:
    """Its worker still clears up behind the job; taking that for a loss would kill what its other lane computes."""
    for number in (1, 2):
        await enqueue("analyse", subject=f"analysis:{number}")
    done, failed = await claimed(), await claimed()
    async with transaction():
        await leasing.finish(done)
    await leasing.fail(failed, "no_rows", Message("There are no rows."))
    await leasing.extend(done)
    await leasing.extend(failed)


async def test_a_lease_whose_job_others_gave_up_is_lost() -> None:
    await enqueue("analyse", subject="analysis:1", max_attempts=1)
    moment = now()
    with frozen(moment):
        lease = await claimed()
    with frozen(moment + 2 * LEASE):
        assert await claim("other") is None
        with pytest.raises(LeaseLost):
            await leasing.extend(lease)


async def test_a_lease_is_lost_although_the_next_one_has_ended_the_job() -> None:
    await enqueue("analyse", subject="analysis:1")
    moment = now()
    with frozen(moment):
        old = await claimed()
    with frozen(moment + 2 * LEASE):
        async with transaction():
            await leasing.finish(await claimed("two"))
        with pytest.raises(LeaseLost):
            await leasing.extend(old)


async def test_a_job_that_lapsed_too_often_fails_and_says_what_to_do() -> None:
    job_id = await enqueue("analyse", subject="analysis:1", max_attempts=2)
    moment = now()
    for number in range(2):
        with frozen(moment + number * 2 * LEASE):
            await claimed()
    with frozen(moment + 4 * LEASE):
        assert await claim("one") is None
        failed = await job(job_id)
    assert (failed.state, failed.error_code) == (JobState.FAILED, "interrupted")
    assert str(failed.note).startswith("The work was interrupted several times")


async def test_a_result_and_the_end_of_its_job_are_stored_together_or_not_at_all() -> None:
    job_id = await enqueue("analyse", subject="analysis:1")
    lease = await claimed()
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await leasing.finish(lease)
            await Worker(name="result", pid=1, seen_at=now()).save()
            raise ZeroDivisionError
    assert (await job(job_id)).state is JobState.RUNNING
    assert await Worker.count() == 0


async def test_a_job_that_is_given_back_can_be_taken_at_once_and_cost_no_attempt() -> None:
    await enqueue("analyse", subject="analysis:1", max_attempts=1)
    await leasing.release(await claimed("one"))
    assert (await claimed("two")).attempt == 1


async def test_a_failure_keeps_its_code_and_its_message() -> None:
    job_id = await enqueue("analyse", subject="analysis:1")
    await leasing.fail(await claimed(), "no_rows", Message("{file} is empty.", {"file": "a.csv"}))
    failed = await job(job_id)
    assert (failed.state, failed.error_code, str(failed.note)) == (JobState.FAILED, "no_rows", "a.csv is empty.")
    assert await claim("two") is None
