"""Among whom the order is drawn: region by size class, with what is too small for a draw of its own merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from effects.rollout.places import Place

Key: TypeAlias = tuple[str, str]
"""Region and size class."""

LEAST: Final = 2
"""So many places make a stratum: one alone could not be drawn otherwise, so that it would tell a test nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """So many places of one size class in one region."""

    region: str
    size_class: str
    places: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """Places whose order is drawn among themselves; several cells where small ones were merged."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def places(self) -> int:
        """How many there are."""
        return sum(cell.places for cell in self.cells)

    @property
    def region(self) -> str:
        """The region of most of its places."""
        return _most([(cell.region, cell.places) for cell in self.cells])

    @property
    def size_class(self) -> str:
        """The size class of most of its places."""
        return _most([(cell.size_class, cell.places) for cell in self.cells])


def strata_of(places: Sequence[Place], least: int = LEAST) -> tuple[Stratum, ...]:
    """Strata of at least so many places, as far as there are enough.

    Cells that are too small are merged with the next larger size class of their region until they suffice, a rest with
    the one before it. A region that does not suffice as a whole is merged with the next such region, by code; what is
    then still too small joins the smallest stratum.
    """
    ranks = _ranks(places)
    cells: dict[Key, int] = {}
    for place in sorted(places, key=lambda place: (place.region, ranks[place.size_class])):
        cell = (place.region, place.size_class)
        cells[cell] = cells.get(cell, 0) + 1
    regions = {region: [cell for cell in cells if cell[0] == region] for region, _ in cells}
    large = [own for own in regions.values() if _count(own, cells) >= least]
    small = [own for own in regions.values() if _count(own, cells) < least]
    found = [group for own in large for group in _joined([[cell] for cell in own], cells, least)]
    rest = _joined(small, cells, least)
    if len(rest) == 1 and found and _count(rest[0], cells) < least:
        smallest = min(range(len(found)), key=lambda place: (_count(found[place], cells), found[place]))
        found[smallest] = [*found[smallest], *rest.pop()]
    return tuple(Stratum(_name(own), tuple(Cell(*key, cells[key]) for key in own)) for own in sorted([*found, *rest]))


def _most(counted: Sequence[tuple[str, int]]) -> str:
    counts: dict[str, int] = {}
    for name, count in counted:
        counts[name] = counts.get(name, 0) + count
    return max(sorted(counts), key=lambda name: counts[name])


def _ranks(places: Sequence[Place]) -> Mapping[str, int]:
    """Size classes from the smallest, by mean population."""
    own: dict[str, list[int]] = {}
    for place in places:
        own.setdefault(place.size_class, []).append(place.population)
    ordered = sorted(own, key=lambda name: (sum(own[name]) / len(own[name]), name))
    return {name: rank for rank, name in enumerate(ordered)}


def _joined(groups: Sequence[list[Key]], cells: Mapping[Key, int], least: int) -> list[list[Key]]:
    """Neighbours joined until each is large enough; what is left at the end joins the one before it."""
    found: list[list[Key]] = []
    growing: list[Key] = []
    for group in groups:
        growing = [*growing, *group]
        if _count(growing, cells) >= least:
            found.append(growing)
            growing = []
    if growing and found:
        found[-1] = [*found[-1], *growing]
    elif growing:
        found.append(growing)
    return found


def _count(own: Sequence[Key], cells: Mapping[Key, int]) -> int:
    return sum(cells[cell] for cell in own)


def _name(own: Sequence[Key]) -> str:
    """Such as `1084 large`, `1081 medium + large` or `1081 small + 1082 small`."""
    by_region: dict[str, list[str]] = {}
    for region, size_class in own:
        by_region.setdefault(region, []).append(size_class)
    return " + ".join(f"{region} {' + '.join(classes)}" for region, classes in by_region.items())
