"""What there is to say about stored rows without showing them."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from registry.datasets.schema import ColumnType, Part


class Step(StrEnum):
    """What a check is doing, as its child process leaves word of it in the work folder."""

    READING = "reading"
    STORING = "storing"
    SEARCHING = "searching"

    def tell(self, folder: Path) -> None:
        """Leave word, whole at any moment."""
        written = folder / "step.new"
        written.write_text(self)
        written.replace(folder / "step")

    @staticmethod
    def told(folder: Path) -> "Step | None":
        """The last word that was left."""
        try:
            return Step((folder / "step").read_text())
        except FileNotFoundError:
            return None


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


class OutcomeFacts(msgspec.Struct, frozen=True):
    """How many of an authority's rows count for one outcome, and how many have no value in it."""

    outcome: str
    used: int
    missing: int


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind one authority's moments; `dropped` counts rows by the reason why they do not count.

    `people` is None where the plan does not let them be counted.
    """

    rows: int
    used: int
    clusters: int
    people: float | None
    dropped: Mapping[str, int]
    outcomes: tuple[OutcomeFacts, ...]


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """An authority whose moments were gathered: its code and name, the hash of its file and what stands behind it."""

    code: str
    name: str
    sha256: str
    shared: Shared


class Gathered(msgspec.Struct, frozen=True):
    """Whose moments a version holds, and the names of the authorities of the pilot whose moments it lacks.

    `parts` are the hashes that an analysis of them states in `data.sha256`: moments say of what they are the sum.
    """

    authorities: tuple[Authority, ...]
    missing: tuple[str, ...]
    parts: tuple[str, ...]


class Stored(msgspec.Struct, frozen=True):
    """What was stored; `content` is the hash of the file, which an analysis of it states in `data.sha256`."""

    rows: int
    columns: tuple[ColumnFacts, ...]
    completeness: Completeness | None
    content: str
