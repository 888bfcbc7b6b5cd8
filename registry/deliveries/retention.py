"""Moments go on the day that was promised; what is known about a delivery stays."""

from pathlib import Path

from registry.deliveries import queries, removing, waiting
from registry.deliveries.tables import Delivery
from registry.kit.clock import today
from registry.kit.database import take_turn, transaction
from registry.pilots.tables import Pilot


async def sweep(state: Path) -> None:
    """Delete moments whose day has come, that newer ones replaced or whose versions people deleted, and stray files.

    Two workers that sweep at once do it once.
    """
    due = (Delivery.sending._.retain_until <= today()) & Delivery.deleted_at.is_null()
    for row in await Delivery.select(Delivery.id, Delivery.sending.pilot.as_alias("pilot")).where(due):
        async with transaction():
            await take_turn(Pilot, row["pilot"])
            await removing.remove(row["id"], "deliveries.expire", {}, None)
    here = Delivery.select(Delivery.sending.pilot.as_alias("pilot")).where(Delivery.deleted_at.is_null())
    for pilot in sorted({row["pilot"] for row in await here}):
        async with transaction():
            await take_turn(Pilot, pilot)
            await removing.clear(pilot)
    waiting.sweep(state, await queries.being_checked())
