"""How an entry is sealed: canonical JSON, sha256, and the hash of the entry before it."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from effects.serialize import canonical_json
from registry.kit.access import Permission

GENESIS: Final = "0" * 64
"""What the first entry has as `previous`."""

READ: Final = Permission("audit.read", frozenset({"administrator"}))
"""Named by hand: roles belong to people, and people come after the audit."""

FILTER: Final = re.compile(r"[a-z_.]{0,80}")
"""What the kind of an object and the name of an action look like."""


class Entry(msgspec.Struct, frozen=True):
    """One link of the chain. `hash` covers every other field."""

    id: int
    at: datetime
    actor: int | None
    action: str
    object_kind: str
    object_id: int
    digest: str
    previous: str
    hash: str = ""


def digest(content: object) -> str:
    """sha256 of canonical JSON. Raises TypeError or ValueError for what JSON cannot hold."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def seal(entry: Entry) -> str:
    """The hash that the entry must carry, from all its other fields."""
    fields = msgspec.structs.asdict(entry)
    del fields["hash"]
    fields["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest(fields)


def follows(entry: Entry, previous: Entry | None) -> bool:
    """Whether the entry is sealed and stands right after `previous` (None: it is the first)."""
    number, link = (previous.id, previous.hash) if previous else (0, GENESIS)
    return entry.id == number + 1 and entry.previous == link and entry.hash == seal(entry)
