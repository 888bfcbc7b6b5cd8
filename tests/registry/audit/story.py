"""Entries in the chain for tests."""

from registry.audit.actions import record
from registry.audit.rules import Entry
from registry.kit.database import transaction


async def an_entry(
    action: str = "pilots.register", *, kind: str = "pilot", object_id: int = 1, by: int | None = None
) -> Entry:
    """An entry in a transaction of its own."""
    async with transaction():
        return await record(action=action, object_kind=kind, object_id=object_id, content={"n": object_id}, by=by)
