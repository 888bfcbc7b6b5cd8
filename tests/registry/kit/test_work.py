"""What a handler is given."""

import os
from collections.abc import AsyncIterator

import pytest

from effects.message import Message
from registry.kit.clock import now
from registry.kit.jobs import JobState, enqueue, find
from registry.kit.leasing import LeaseLost, claim, release
from registry.kit.pool import Pool
from registry.kit.tables import Worker
from registry.kit.work import Work

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    await enqueue("analyse", subject="analysis:1", payload={"seed": 7})
    lease = await claim("one")
    assert lease is not None
    pool = Pool(1)
    yield Work(lease, pool)
    pool.kill()
    pool.close()


async def state_of(work: Work) -> JobState:
    found = await find(work.job_id)
    assert found is not None
    return found.state


async def test_it_says_what_to_do(work: Work) -> None:
    assert (work.subject, work.payload, work.attempt) == ("analysis:1", {"seed": 7}, 1)


async def test_it_computes_elsewhere_and_shows_how_far_it_is(work: Work) -> None:
    assert await work.compute(os.getpid) != os.getpid()
    assert await work.limited(divmod, 7, 2, seconds=20, megabytes=512) == (3, 1)
    await work.progress(0.5, Message("Half done."))
    found = await find(work.job_id)
    assert found is not None and (found.progress, str(found.note)) == (0.5, "Half done.")


async def test_the_result_and_the_end_of_the_job_are_one(work: Work) -> None:
    with pytest.raises(ZeroDivisionError):
        async with work.finishing():
            await Worker(name="result", pid=1, seen_at=now()).save()
            raise ZeroDivisionError
    assert (await Worker.count(), await state_of(work)) == (0, JobState.RUNNING)
    async with work.finishing():
        await Worker(name="result", pid=1, seen_at=now()).save()
    await work.end()
    assert (await Worker.count(), await state_of(work)) == (1, JobState.DONE)


async def test_a_handler_with_nothing_to_store_is_done_when_it_returns(work: Work) -> None:
    await work.end()
    assert await state_of(work) is JobState.DONE


async def test_nothing_is_stored_for_a_job_that_somebody_else_has(work: Work) -> None:
    lease = work._lease
    await release(lease)
    assert await claim("two") is not None
    with pytest.raises(LeaseLost):
        async with work.finishing():
            await Worker(name="result", pid=1, seen_at=now()).save()
    assert await Worker.count() == 0
