"""The demo in tests."""

import asyncio
from pathlib import Path

from registry.kit.clock import now
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.tables import Account
from registry.seeding import accounts, files, reference
from registry.seeding.agreeing import register
from registry.seeding.carriage import Carriage
from registry.seeding.cast import Cast, assemble
from registry.seeding.catalogue import pilot_id
from registry.seeding.rows import simulated_csv
from registry.settings import Settings
from registry.worker import HANDLERS, WorkerProcess
from tests.registry.people.story import CHEAP_HASH

SECRET = "a secret of at least thirty-two characters"


def demo_settings(state: Path) -> Settings:
    """Demo mode with all state in a folder."""
    return Settings(state=state, demo=True, seed="demo", secret=SECRET)


async def a_cast(state: Path) -> Cast:
    """Reference data and the people of the demo, their passwords hashed cheaply."""
    await reference.load()
    homes = await reference.organisation_ids()
    for seed in files.programme().account:
        home = homes[seed.organisation]
        await Account(
            email=seed.email, name=seed.name, password_hash=CHEAP_HASH, organisation=home, created_at=now()
        ).save()
    await accounts.load(demo_settings(state))
    cast = await assemble()
    assert cast is not None
    return cast


async def a_carriage(key: str, state: Path) -> Carriage:
    """A demo pilot, registered and nothing more."""
    cast = await a_cast(state)
    seed = next(pilot for pilot in files.programme().pilot if pilot.key == key)
    await register(seed, cast)
    found = await pilot_id(seed.title)
    assert found is not None
    return Carriage(seed, cast, found, state, a_small_file)


async def a_small_file() -> bytes:
    """The simulated file, cut down to eight municipalities."""
    seed = files.programme().pilot[0].simulation
    assert seed is not None
    return simulated_csv(seed, [f"010{number}" for number in range(1, 9)])


async def worked(state: Path, *, seconds: float = 240) -> None:
    """Run a worker until nothing is left to do. Raises TimeoutError, and AssertionError when a job failed."""
    stop = asyncio.Event()
    async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
        tasks.create_task(WorkerProcess(stop, HANDLERS, state).run())
        under_way = Job.state.is_in([JobState.QUEUED, JobState.RUNNING])
        while await Job.exists().where(under_way):
            await asyncio.sleep(0.1)
        stop.set()
    failed = await Job.select(Job.kind, Job.note).where(Job.state == JobState.FAILED)
    assert failed == []
