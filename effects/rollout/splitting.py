"""Divides items into equal parts so that every set of two nested families is divided equally as well.

Two parts: pair up the items of every set, the innermost first, so that each set leaves at most one item unpaired. The
pairs of two families form paths and even cycles; whoever is paired goes to different parts, and every set is halved to
within one item. More parts: any two of them are divided anew in this way until no two differ by more than one item on
any set; each division lowers the sum of squared counts, so that this ends (de Werra 1971, equitable colourings).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np

from effects.rows.columns import Codes, Flags

Family: TypeAlias = Sequence[Codes]
"""Nested sets from the finest to the coarsest: which set of each level an item is in (n,)."""


def equal_parts(families: tuple[Family, Family], size: int, parts: int, random: np.random.Generator) -> Codes:
    """A part (0 to parts - 1) for each of so many items (size,); any two parts differ by at most one on every set."""
    found: Codes = random.permutation(np.arange(size, dtype=np.int64) % parts)
    unequal = True
    while unequal:
        unequal = False
        for pair in combinations(range(parts), 2):
            if _differ(families, found, pair):
                members = np.flatnonzero(np.isin(found, pair))
                found[members] = np.where(_halves(members, families, random), *pair)
                unequal = True
    labels: Codes = random.permutation(parts)
    return labels[found]


def _differ(families: tuple[Family, Family], part: Codes, pair: tuple[int, int]) -> bool:
    """Whether some set has two items more in one part than in the other."""
    weight = (part == pair[0]).astype(np.int64) - (part == pair[1])
    for codes in (codes for family in families for codes in family):
        if np.abs(np.bincount(codes, weights=weight)).max() > 1:
            return True
    return False


def _halves(members: Codes, families: tuple[Family, Family], random: np.random.Generator) -> Flags:
    """Whether each member goes to the first of two parts."""
    partners = [_partners(members, family, random) for family in families]
    side: dict[int, bool] = {}
    for first in members.tolist():
        if first not in side:
            side[first] = bool(random.integers(2))
            reached = [first]
            while reached:
                item = reached.pop()
                others = [partner[item] for partner in partners if item in partner and partner[item] not in side]
                for other in others:
                    side[other] = not side[item]
                reached += others
    return np.array([side[item] for item in members.tolist()])


def _partners(members: Codes, family: Family, random: np.random.Generator) -> dict[int, int]:
    """Items paired within the finest set that has another one left, at random."""
    found: dict[int, int] = {}
    left: list[int] = random.permutation(members).tolist()
    for codes in family:
        waiting: dict[int, int] = {}
        for item in left:
            own = int(codes[item])
            if own in waiting:
                other = waiting.pop(own)
                found[item], found[other] = other, item
            else:
                waiting[own] = item
        left = list(waiting.values())
    return found
