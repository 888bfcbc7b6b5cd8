from pathlib import Path

import pytest

from registry.kit import jobs
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.work import Work
from registry.plans import simulations
from registry.seeding import catalogue, programme
from registry.seeding.jobs import carry
from tests.registry.seeding.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def attempt(state: Path) -> None:
    """One attempt at the job that waits."""
    lease = await claim("this test")
    assert lease is not None
    pool = Pool()
    try:
        work = Work(lease, pool, state)
        await carry(work)
        await work.end()
    finally:
        pool.close()


async def test_the_job_asks_for_another_turn_behind_the_work_it_caused(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    await catalogue.load()
    await programme.register(cast)
    await programme.begin()
    first = await jobs.latest(programme.SUBJECT)
    await attempt(tmp_path)
    assert first is not None
    done = await jobs.find(first.id)
    assert done is not None
    assert done.state is JobState.DONE
    again = await jobs.latest(programme.SUBJECT)
    assert again is not None
    caused = await jobs.latest(simulations.SUBJECT.format(1))
    assert caused is not None
    assert first.id < caused.id < again.id


async def test_without_demo_accounts_the_job_ends_at_once(tmp_path: Path) -> None:
    async with transaction():
        await jobs.enqueue(programme.CARRY, subject=programme.SUBJECT)
    await attempt(tmp_path)
    assert await jobs.waiting() == 0
