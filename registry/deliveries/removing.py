"""Moments that go before their day: replaced ones once nothing that waits rests on them, others for a reason.

When people delete a version, what it holds goes as well, unless another version holds it. Two files of one authority
tell in their difference of the few people by whom they differ. What is known stays.
"""

from collections.abc import Mapping
from typing import Any

from registry.audit.actions import record
from registry.datasets import contributions
from registry.datasets.schemas import Deleting
from registry.deliveries import queries
from registry.deliveries.rules import DELIVER, POOL, SUBJECT
from registry.deliveries.schemas import DeliveryView
from registry.deliveries.tables import Delivery
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Gone
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.pilots.tables import Pilot


async def delete_moments(delivery_id: int, command: Deleting, *, by: Person) -> None:
    """Delete the moments of an authority before the promised day. Raises NotFound, Forbidden and Gone."""
    async with transaction():
        found = await theirs(delivery_id, by)
        await take_turn(Pilot, found.pilot)
        why: dict[Any, Any] = {Delivery.deleted_by: by.id, Delivery.deleted_reason: command.reason}
        if not await remove(delivery_id, "deliveries.delete", {"reason": command.reason}, by.id, why):
            raise Gone


async def theirs(delivery_id: int, by: Person) -> DeliveryView:
    """Moments that are still here and over which the person decides. Raises NotFound, Forbidden and Gone."""
    found = await queries.delivery(by, delivery_id)
    pilot = await visible_pilot(by, found.pilot)
    require(by, DELIVER, organisation=pilot.organisation, pilot=pilot.id)
    if found.deleted_at is not None:
        raise Gone
    return found


async def clear(pilot_id: int) -> None:
    """Delete moments of a pilot that newer ones replaced or whose versions people deleted; not during a gathering.

    Inside the caller's transaction, in whose turn nobody else begins to gather.
    """
    replaced = await queries.replaced(pilot_id)
    await contributions.end(replaced)
    gathering = await jobs.latest(SUBJECT.format(pilot_id), POOL)
    if gathering is not None and not gathering.over:
        return
    for delivery_id in replaced:
        await remove(delivery_id, "deliveries.replace", {}, None)
    for delivery_id, last in (await contributions.forsaken(pilot_id)).items():
        why: dict[Any, Any] = {Delivery.deleted_by: last.deleted_by, Delivery.deleted_reason: last.reason}
        said = {"reason": last.reason, "version": last.version}
        await remove(delivery_id, "deliveries.delete", said, last.deleted_by, why)


async def remove(
    delivery_id: int, action: str, said: Mapping[str, Any], by: int | None, why: Mapping[Any, Any] | None = None
) -> bool:
    """Delete the file of a delivery and note it, once: False when that was done already."""
    still = (Delivery.id == delivery_id) & Delivery.deleted_at.is_null()
    gone: dict[Any, Any] = {Delivery.content: None, Delivery.deleted_at: now(), **(why or {})}
    rows = await Delivery.update(gone).where(still).returning(Delivery.sha256)
    if not rows:
        return False
    await contributions.end([delivery_id])
    content = {"sha256": rows[0]["sha256"], **said}
    await record(action=action, object_kind="moments_delivery", object_id=delivery_id, content=content, by=by)
    return True
