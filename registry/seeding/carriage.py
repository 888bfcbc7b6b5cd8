"""What a step needs to carry a pilot on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from registry.kit import jobs
from registry.kit.jobs import JobState
from registry.seeding.cast import Cast
from registry.seeding.files import DemoPilotSeed

Rows = Callable[[], Awaitable[bytes]]
"""Gives the simulated file; it is computed elsewhere and only when a step asks."""


class StuckError(Exception):
    """A job that a step waits for ended without its result; its own note says why."""


@dataclass(frozen=True, slots=True)
class Carriage:
    """A demo pilot on its way. A step answers True when its work is done, False while it waits for a job."""

    seed: DemoPilotSeed
    cast: Cast
    pilot: int
    state: Path
    rows: Rows


Step = Callable[[Carriage], Awaitable[bool]]


async def waiting_for(subject: str) -> bool:
    """Always False, the answer of a step that waits. Raises StuckError when no job about the subject is under way."""
    job = await jobs.latest(subject)
    if job is None or job.state in {JobState.FAILED, JobState.CANCELLED}:
        raise StuckError(subject)
    return False
