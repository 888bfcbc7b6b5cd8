"""The demo in tests."""

import asyncio
from pathlib import Path

from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.settings import Settings
from registry.worker import HANDLERS, WorkerProcess

SECRET = "a secret of at least thirty-two characters"


def demo_settings(state: Path) -> Settings:
    """Demo mode with all state in a folder."""
    return Settings(state=state, demo=True, seed="demo", secret=SECRET)


async def worked(state: Path, *, seconds: float = 120) -> None:
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
