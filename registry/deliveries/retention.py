"""Moments go on the day that was promised; what is known about a delivery stays."""

from pathlib import Path
from typing import Any

from registry.audit.actions import record
from registry.deliveries import queries, waiting
from registry.deliveries.tables import Delivery
from registry.kit.clock import now, today
from registry.kit.database import transaction


async def sweep(state: Path) -> None:
    """Delete all moments whose day has come, and every file that a crash left behind; two workers do it once."""
    due = (Delivery.sending._.retain_until <= today()) & Delivery.deleted_at.is_null()
    for row in await Delivery.select(Delivery.id, Delivery.sha256).where(due):
        async with transaction():
            still = (Delivery.id == row["id"]) & Delivery.deleted_at.is_null()
            gone: dict[Any, Any] = {Delivery.content: None, Delivery.deleted_at: now()}
            if await Delivery.update(gone).where(still).returning(Delivery.id):
                await record(
                    action="deliveries.expire",
                    object_kind="moments_delivery",
                    object_id=row["id"],
                    content={"sha256": row["sha256"]},
                    by=None,
                )
    waiting.sweep(state, await queries.being_checked())
