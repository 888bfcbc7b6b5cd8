"""Processes that compute: they give way, come back, and never outlive their maker."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from effects.errors import DataError, Finding
from registry.kit.errors import Conflict
from registry.kit.pool import LimitExceeded, Pool, PoolBroken, limited
from tests.processes import alive
from tests.registry.clusters import until

MAKER = """
import asyncio, os, sys, time
from registry.kit.pool import Pool

async def main():
    pool = Pool(2)
    for pid in await asyncio.gather(pool.run(os.getpid), pool.run(os.getpid)):
        print(pid, flush=True)
    await asyncio.gather(pool.run(time.sleep, 60), pool.run(time.sleep, 60))

if __name__ == "__main__":
    asyncio.run(main())
"""


def refuse() -> None:
    raise DataError([Finding("data", "empty", "There is nothing in {file}.", params={"file": "a.csv"}, row=3)])


def conflict() -> None:
    raise Conflict("Somebody was faster.")


def kill_once(marker: str) -> str:
    """Die as the out-of-memory killer would have it, the first time."""
    path = Path(marker)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def begin_and_wait(marker: str, times: int) -> str:
    """Notes that it began; waits to be killed so many times, and then ends."""
    with Path(marker).open("a") as file:
        file.write("b")
    if len(Path(marker).read_text()) <= times:
        time.sleep(60)
    return "waited"


def kill_always() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hoard(megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def numeric_threads() -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(2)
    yield pool
    pool.kill()
    pool.close()


async def test_a_function_is_computed_in_another_process_with_one_numeric_thread(pool: Pool) -> None:
    assert await pool.run(os.getpid) != os.getpid()
    assert await pool.run(divmod, 7, 2) == (3, 1)
    assert await pool.run(numeric_threads) == "1"


async def test_errors_arrive_with_everything_they_carry(pool: Pool) -> None:
    with pytest.raises(DataError) as refused:
        await pool.run(refuse)
    assert refused.value.findings[0].row == 3
    assert str(refused.value) == "data: There is nothing in a.csv."
    with pytest.raises(Conflict) as late:
        await pool.run(conflict)
    assert (late.value.status, str(late.value.message)) == (409, "Somebody was faster.")
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)


async def test_a_call_whose_process_was_killed_is_made_again(pool: Pool, tmp_path: Path) -> None:
    beside = asyncio.create_task(pool.run(time.sleep, 0.3))
    assert await pool.run(kill_once, str(tmp_path / "marker")) == "survived"
    await beside


async def test_a_call_that_always_kills_its_process_is_given_up(pool: Pool) -> None:
    with pytest.raises(PoolBroken):
        await pool.run(kill_always)
    assert await pool.run(abs, -1) == 1


async def test_kills_for_the_sake_of_others_do_not_count_against_a_call(pool: Pool, tmp_path: Path) -> None:
    """A worker kills its pool for each job that is cancelled beside this one."""
    marker = tmp_path / "begun"
    call = asyncio.create_task(pool.run(begin_and_wait, str(marker), 4))
    for number in range(1, 5):
        while not (marker.exists() and len(marker.read_text()) >= number):
            await asyncio.sleep(0.02)
        pool.kill()
    assert await call == "waited"


async def test_killing_the_pool_ends_an_abandoned_call_at_once(pool: Pool) -> None:
    task = asyncio.create_task(pool.run(time.sleep, 60))
    pid = await pool.run(os.getpid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pool.kill()
    assert await pool.run(abs, -1) == 1
    assert not alive(pid)


def test_the_processes_die_with_their_maker_even_by_kill_9(tmp_path: Path) -> None:
    script = tmp_path / "maker.py"
    script.write_text(MAKER)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as maker:
        assert maker.stdout is not None
        children = {int(maker.stdout.readline()) for _ in range(2)}
        assert all(alive(child) for child in children)
        maker.kill()
        until(lambda: not any(alive(child) for child in children))


async def test_a_limited_call_returns_what_it_found() -> None:
    assert await limited(divmod, 7, 2, seconds=120, megabytes=512) == (3, 1)
    with pytest.raises(DataError):
        await limited(refuse, seconds=120, megabytes=512)


async def test_a_limited_call_may_not_take_longer() -> None:
    started = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        await limited(time.sleep, 60, seconds=0.2, megabytes=512)
    assert caught.value.limit == "time"
    assert time.monotonic() - started < 30


async def test_nor_use_more_memory() -> None:
    assert await limited(hoard, 50, seconds=120, megabytes=512) == 50 * 1024 * 1024
    with pytest.raises(LimitExceeded) as caught:
        await limited(hoard, 2_000, seconds=120, megabytes=512)
    assert (caught.value.limit, caught.value.status) == ("memory", 422)


async def test_a_limited_call_that_brings_its_process_down_is_an_answer_too() -> None:
    with pytest.raises(LimitExceeded) as caught:
        await limited(kill_always, seconds=120, megabytes=512)
    assert caught.value.limit == "crash"


async def test_limited_calls_do_not_wait_for_each_other() -> None:
    started = time.monotonic()
    answers = await asyncio.gather(
        limited(divmod, 7, 2, seconds=120, megabytes=512),
        limited(time.sleep, 60, seconds=1, megabytes=512),
        limited(divmod, 9, 4, seconds=120, megabytes=512),
        return_exceptions=True,
    )
    assert answers[0] == (3, 1) and answers[2] == (2, 1)
    assert isinstance(answers[1], LimitExceeded)
    assert time.monotonic() - started < 60


async def test_what_cannot_be_sent_to_a_process_is_an_error_and_the_pool_goes_on(pool: Pool) -> None:
    with pytest.raises(Exception, match=r"(?i)pickle"):
        await pool.run(lambda: 1)
    assert await pool.run(abs, -1) == 1


async def test_a_closed_pool_opens_again_when_it_is_needed() -> None:
    pool = Pool(1)
    first = await pool.run(os.getpid)
    pool.close()
    assert not alive(first)
    assert await pool.run(os.getpid) != first
    pool.close()
