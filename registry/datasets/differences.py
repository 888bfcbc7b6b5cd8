"""How many rows of a version came, went or changed against an earlier one, by site and period. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from effects.disclosure import MINIMUM_PEOPLE, is_small

MOST_PLACES: Final = 500
"""Places listed; the others are counted."""


class Obstacle(StrEnum):
    """Why two versions cannot be compared."""

    OTHER_KEY = "other_key"
    TOO_COSTLY = "too_costly"
    UNREADABLE = "unreadable"
    MOMENTS = "moments"


class Counts(msgspec.Struct, frozen=True):
    """Rows only the later version has, rows only the earlier one has, and rows of one key with other values.

    None stands where a count is withheld because few people are behind it, or because it would give such a one away.
    """

    added: int | None
    removed: int | None
    changed: int | None


class Place(msgspec.Struct, frozen=True):
    """What differs at one site in one period; None where the rows have no such column."""

    site: str | None
    period: str | None
    counts: Counts


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """A version against the earlier one with number `earlier`.

    Columns of the same name and type are compared; the others are named: only in the later version, only in the
    earlier one, of another type. `people` says that rows are people, so that small counts are withheld. `places` are
    those where anything differs, and a few where nothing does; `unlisted` is how many more there are.
    """

    earlier: int
    obstacle: Obstacle | None = None
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    by_key: bool = True
    people: bool = True
    site: str | None = None
    period: str | None = None
    total: Counts = Counts(0, 0, 0)
    places: tuple[Place, ...] = ()
    unlisted: int = 0

    @property
    def none(self) -> bool:
        """Whether the rows of both versions are the same in every column that is compared."""
        return self.obstacle is None and self.total == Counts(0, 0, 0)

    def told(self, minimum: int = MINIMUM_PEOPLE) -> "Differences":
        """As people may see it: small counts withheld where rows are people, and places without a difference left out.

        Only totals stand beside the places, and they follow from the sizes of the versions. So a withheld count of a
        kind has at least one other beside it, and together they are no small group.
        """
        if not self.people:
            return _without_blanks(self)
        kinds = [
            withheld([getattr(place.counts, kind) or 0 for place in self.places], minimum)
            for kind in Counts.__struct_fields__
        ]
        places = (
            msgspec.structs.replace(place, counts=Counts(*counts))
            for place, counts in zip(self.places, zip(*kinds, strict=True), strict=True)
        )
        total = Counts(
            *(None if is_small(rows or 0, minimum) else rows for rows in msgspec.structs.astuple(self.total))
        )
        return _without_blanks(msgspec.structs.replace(self, total=total, places=tuple(places)))


def withheld(counts: Sequence[int], minimum: int) -> list[int | None]:
    """The counts without the small ones, and without as many others as keep these from following from the sum.

    Others are withheld from the smallest up, those of nobody last.
    """
    hidden = {place for place, rows in enumerate(counts) if is_small(rows, minimum)}
    others = sorted(set(range(len(counts))) - hidden, key=lambda place: (counts[place] == 0, counts[place]))
    while others and hidden:
        told_apart = len(hidden) > 1 and not is_small(sum(counts[place] for place in hidden), minimum)
        if told_apart or (len(hidden) > 1 and counts[others[0]] == 0):
            break
        hidden.add(others.pop(0))
    return [None if place in hidden else rows for place, rows in enumerate(counts)]


def _without_blanks(found: Differences) -> Differences:
    places = tuple(place for place in found.places if place.counts != Counts(0, 0, 0))
    return msgspec.structs.replace(found, places=places)
