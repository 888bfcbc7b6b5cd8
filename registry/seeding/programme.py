"""The demo programme: its pilots and how far each is carried, in the background, a job at a time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from registry.kit import jobs
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.seeding import advising, agreeing, files, measuring, promising
from registry.seeding.carriage import Carriage, Rows, Step
from registry.seeding.cast import Cast
from registry.seeding.catalogue import pilot_id

CARRY: Final = "seeding.carry"
SUBJECT: Final = "programme:demo"

STAGES: Final[Mapping[str, tuple[Step, ...]]] = {
    "registered": (),
    "rating": (agreeing.propose, promising.promise, agreeing.rate),
    "drafted": (agreeing.close, measuring.draft),
    "plan_locked": (measuring.simulate, measuring.lock),
    "decided": (
        measuring.upload,
        measuring.approve,
        measuring.analyse,
        promising.follow,
        advising.assess,
        advising.advise,
        advising.conclude,
    ),
}
"""What is done to come to each stage, in the order of the chain."""


async def begin() -> None:
    """Ask the worker to carry the programme on, unless it was carried to its end or the worker is at it."""
    async with transaction():
        last = await jobs.latest(SUBJECT, CARRY)
        if last is None or last.state in {JobState.FAILED, JobState.CANCELLED}:
            await jobs.enqueue(CARRY, subject=SUBJECT)


async def register(cast: Cast) -> None:
    """Enter the demo pilots that are missing."""
    for seed in files.programme().pilot:
        if await pilot_id(seed.title) is None:
            await agreeing.register(seed, cast)


async def carry(cast: Cast, state: Path, rows: Rows) -> bool:
    """Carry every pilot and the published trial as far as the jobs have come; True when all are where they should be.

    Each step looks at what is there already, so that an interrupted carriage goes on where it stopped. Raises
    StuckError when a job ended without what a step waits for.
    """
    programme = files.programme()
    arrived = []
    for case in programme.business_case:
        await promising.state(case, cast)
    for seed in programme.pilot:
        found = await pilot_id(seed.title)
        assert found is not None, "the pilots are registered first"
        arrived.append(await _carry(Carriage(seed, cast, found, state, rows)))
    for published in programme.published:
        entry = await pilot_id(published.entry)
        if entry is not None:
            arrived.append(await advising.carry_published(published, cast, entry))
    return all(arrived)


async def _carry(carriage: Carriage) -> bool:
    for stage, steps in STAGES.items():
        for step in steps:
            if not await step(carriage):
                return False
        if stage == carriage.seed.until:
            break
    return True
