"""Appending to the chain. There is no way to change or remove an entry, on purpose."""

from typing import Final

import msgspec

from registry.audit.queries import last
from registry.audit.rules import GENESIS, Entry, digest, seal
from registry.audit.tables import AuditEntry
from registry.kit.clock import now

LOCK: Final = 0x61756469  # "audi"; the key of PostgreSQL's advisory lock


async def record(*, action: str, object_kind: str, object_id: int, content: object, by: int | None) -> Entry:
    """Append what was done, inside the transaction that does it; `by` is an account id, None the programme itself.

    Only the digest of `content` is stored; give it ids, codes and digests all the same. Call it last in the
    transaction: from here to the commit nobody else can append. Raises RuntimeError outside a transaction.
    """
    await _take_turn()
    before = await last()
    entry = Entry(
        id=before.id + 1 if before else 1,
        at=now(),
        actor=by,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        digest=digest(content),
        previous=before.hash if before else GENESIS,
    )
    sealed = msgspec.structs.replace(entry, hash=seal(entry))
    await AuditEntry.insert(AuditEntry(**msgspec.structs.asdict(sealed)))
    return sealed


async def _take_turn() -> None:
    """Wait for the lock that lasts until commit; on SQLite an immediate transaction is that lock."""
    engine = AuditEntry._meta.db
    if not engine.transaction_exists():
        raise RuntimeError("an audit entry is written inside the transaction that it describes")
    if engine.engine_type == "postgres":
        await AuditEntry.raw("SELECT pg_advisory_xact_lock({})", LOCK)
