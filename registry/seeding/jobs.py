"""What the worker does for the demo: it carries the programme on, waiting its turn behind the work it caused."""

import asyncio
from typing import Final

from effects.message import Message
from registry.kit import jobs
from registry.kit.work import Work
from registry.seeding import files, programme
from registry.seeding.cast import assemble
from registry.seeding.files import MunicipalitySeed
from registry.seeding.rows import simulated_csv

PAUSE_SECONDS: Final = 1.0
MOST_ROUNDS: Final = 600
CARRYING: Final = Message("The demo programme is being prepared.")


async def carry(work: Work) -> None:
    """Carry the demo programme as far as it comes, and ask again for the rest; nothing without the demo accounts."""
    cast = await assemble()
    if cast is None:
        return
    turn = int(work.payload.get("turn", 0))
    await work.progress(min(turn / 20, 0.9), CARRYING)

    async def rows() -> bytes:
        seed = next(pilot.simulation for pilot in files.programme().pilot if pilot.simulation)
        codes = [one.code for one in files.rows("municipalities.csv", MunicipalitySeed)]
        return await work.compute(simulated_csv, seed, codes)

    if not await programme.carry(cast, work.state, rows) and turn < MOST_ROUNDS:
        await asyncio.sleep(PAUSE_SECONDS)
        async with work.finishing():
            await jobs.enqueue(programme.CARRY, subject=programme.SUBJECT, payload={"turn": turn + 1})
