"""The chain as the administrator sees it."""

import msgspec

from registry.audit.rules import Entry


class Chain(msgspec.Struct, frozen=True):
    """A page of entries and, where it was `verified` just now, whether the whole chain stands as written.

    `total` counts the entries that fit the filter and `entries` all of them; `broken_at` is the first that does not
    verify; `seal` is the hash of the newest.
    """

    page: list[Entry]
    total: int
    entries: int
    verified: bool
    broken_at: int | None
    seal: str
