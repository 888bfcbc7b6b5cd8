"""The demo programme is carried through the chain in the background, a job at a time."""

from typing import Final

from registry.kit import jobs
from registry.kit.database import transaction
from registry.kit.jobs import JobState

CARRY: Final = "seeding.carry"
SUBJECT: Final = "programme:demo"


async def begin() -> None:
    """Ask the worker to carry the programme on, unless it was carried to its end or the worker is at it."""
    async with transaction():
        last = await jobs.latest(SUBJECT, CARRY)
        if last is None or last.state in {JobState.FAILED, JobState.CANCELLED}:
            await jobs.enqueue(CARRY, subject=SUBJECT)
