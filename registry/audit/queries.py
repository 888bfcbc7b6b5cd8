"""Reading and verifying the chain. The order is the sequence, never the clock."""

from collections.abc import AsyncIterator
from typing import Final

from registry.audit.rules import Entry, follows
from registry.audit.tables import AuditEntry
from registry.kit.paging import Paging

BATCH: Final = 500  # entries verified before other requests get their turn


async def last() -> Entry | None:
    """The newest entry, or None while nothing has been done."""
    row = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    return Entry(**row) if row else None


async def verify_chain() -> int | None:
    """Number of the first entry that does not stand where and as it was written, or None when all do.

    A chain whose newest entries were cut off is whole in itself: compare `last().hash` with a copy kept elsewhere.
    """
    previous: Entry | None = None
    async for entry in _all():
        if not follows(entry, previous):
            return entry.id
        previous = entry
    return None


async def page(paging: Paging, *, kind: str = "", action: str = "") -> tuple[list[Entry], int]:
    """Entries, the newest first, of one kind of object and with actions that begin so; and how many there are."""
    query, count = AuditEntry.select(), AuditEntry.count()
    if kind:
        query, count = query.where(AuditEntry.object_kind == kind), count.where(AuditEntry.object_kind == kind)
    if action:
        named = AuditEntry.action.like(f"{action}%")
        query, count = query.where(named), count.where(named)
    rows = await query.order_by(AuditEntry.id, ascending=False).limit(paging.size).offset(paging.offset)
    return [Entry(**row) for row in rows], await count


async def count() -> int:
    """How many entries there are."""
    counted: int = await AuditEntry.count()
    return counted


async def kinds() -> list[str]:
    """The kinds of objects that something was done to, in the order of the alphabet."""
    rows = await AuditEntry.select(AuditEntry.object_kind).distinct()
    return sorted(row["object_kind"] for row in rows)


async def _all() -> AsyncIterator[Entry]:
    seen = None
    while True:
        query = AuditEntry.select().order_by(AuditEntry.id).limit(BATCH)
        rows = await (query if seen is None else query.where(AuditEntry.id > seen))
        for row in rows:
            yield Entry(**row)
        if len(rows) < BATCH:
            return
        seen = rows[-1]["id"]
