"""What there is to say about stored rows without showing them."""

import msgspec

from registry.datasets.schema import ColumnType, Part


class ColumnFacts(msgspec.Struct, frozen=True):
    """A stored column and how many rows have a value in it."""

    name: str
    type: ColumnType
    part: Part
    filled: int


class Completeness(msgspec.Struct, frozen=True):
    """By level of assignment and period: the share of outcome cells that hold a value, None where there is no row."""

    level: str
    period: str
    periods: tuple[str, ...]
    groups: tuple[str, ...]
    shares: tuple[tuple[float | None, ...], ...]


class Stored(msgspec.Struct, frozen=True):
    """What was stored; `content` is the hash of the file, which an analysis of it states in `data.sha256`."""

    rows: int
    columns: tuple[ColumnFacts, ...]
    completeness: Completeness | None
    content: str
