"""How treatment was assigned, and every other way in which it could have been."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from effects.inference.draw_blocks import Block
from effects.inference.resampling import pieces
from effects.rows.columns import Codes, Numbers

_SHUFFLED: Final = 12
"""Nanoseconds to shuffle a unit."""
_ARRANGED: Final = 25
"""Nanoseconds to find the path of a unit in an arrangement of a rank, for each path that there is."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """U units of assignment (people, clusters) on S paths; a path says in which of P periods its units are treated.

    observed (U,) is the path of each unit, paths (S, P) holds 0 and 1, strata (U,) says among whom paths were drawn.
    A trial without periods has the paths [[0], [1]]. Codes count from 0 without gaps.
    """

    observed: Codes
    paths: Numbers
    strata: Codes


def two_arms(treated: Codes, strata: Codes | None = None) -> Assignment:
    """Units (U,) that are treated (1) or not (0) throughout."""
    everybody = np.zeros(len(treated), dtype=np.int64) if strata is None else strata
    return Assignment(treated, np.array([[0.0], [1.0]]), everybody)


@dataclass(frozen=True, slots=True)
class Redraws:
    """The `draws` assignments that an observed one is held against: all that are possible (`enumerated`), or some."""

    assignment: Assignment
    draws: int
    seed: int
    enumerated: bool

    @classmethod
    def of(cls, assignment: Assignment, draws: int, seed: int) -> "Redraws":
        """All of them where they are no more than `draws`, else so many at random."""
        number = possible(assignment, draws)
        return cls(assignment, min(number, draws), seed, enumerated=number <= draws)

    @property
    def cost(self) -> int:
        """Nanoseconds of a draw."""
        units, paths = len(self.assignment.observed), len(self.assignment.paths)
        return _ARRANGED * units * paths if self.enumerated else _SHUFFLED * units

    def within(self, block: Block) -> Iterator[Codes]:
        """Those of a block, as paths of the units, in pieces (d, U)."""
        if self.enumerated:
            return all_assignments(self.assignment, block.start, block.stop)
        return random_assignments(self.assignment, block.draws, block.seed(self.seed))


def possible(assignment: Assignment, most: float = inf) -> int:
    """Number of different assignments with the observed number of units on each path in each stratum.

    Counting stops at the first number above `most`, which is then returned: the whole may have millions of digits.
    """
    number = 1
    for members in _strata(assignment):
        left = len(members)
        for of_path in _counts(assignment, members).tolist():
            number *= _choices(left, of_path, most)
            left -= of_path
            if number > most:
                return number
    return number


def all_assignments(assignment: Assignment, first: int = 0, last: int | None = None) -> Iterator[Codes]:
    """Every possible assignment once, or only `first` to `last` - 1, as paths of the units, in pieces (d, U)."""
    for start, stop in pieces((possible(assignment) if last is None else last) - first, _width(assignment)):
        ranks = np.arange(first + start, first + stop)
        found = np.empty((len(ranks), len(assignment.observed)), dtype=np.int64)
        for members in _strata(assignment):
            counts = _counts(assignment, members)
            number = possible(Assignment(assignment.observed[members], assignment.paths, np.zeros_like(members)))
            found[:, members] = _arranged(ranks % number, counts, number)
            ranks = ranks // number
        yield found


def random_assignments(assignment: Assignment, draws: int, seed: int | np.random.SeedSequence) -> Iterator[Codes]:
    """Paths of the units, shuffled within strata, in pieces (d, U); the same for the same seed."""
    random = np.random.Generator(np.random.PCG64(seed))
    strata = _strata_by_size(assignment)
    for start, stop in pieces(draws, _width(assignment)):
        found = np.tile(assignment.observed, (stop - start, 1))
        for members in strata:
            found[:, members] = random.permuted(found[:, members], axis=2)
        yield found


def _arranged(ranks: Codes, counts: Codes, number: int) -> Codes:
    """The arrangements (d, u) of `counts` (S,) units on the paths that stand at these ranks (d,) of all `number`.

    Unit by unit: a share counts / units left of the arrangements that remain begins with each path.
    """
    size = int(counts.sum())
    left, remaining = np.tile(counts, (len(ranks), 1)), np.full(len(ranks), number)
    found = np.empty((len(ranks), size), dtype=np.int64)
    each = np.arange(len(ranks))
    for place in range(size):
        begin = remaining[:, None] * left // (size - place)
        ends = np.cumsum(begin, axis=1)
        path = np.argmax(ranks[:, None] < ends, axis=1)
        ranks = ranks - (ends[each, path] - begin[each, path])
        remaining = begin[each, path]
        left[each, path] -= 1
        found[:, place] = path
    return found


def _choices(units: int, chosen: int, most: float) -> int:
    number = 1
    for place in range(min(chosen, units - chosen)):
        number = number * (units - place) // (place + 1)
        if number > most:
            return number
    return number


def _width(assignment: Assignment) -> int:
    return len(assignment.observed) * len(assignment.paths)


def _strata(assignment: Assignment) -> Iterator[Codes]:
    """Places of the units of each stratum, in one sort."""
    order = np.argsort(assignment.strata, kind="stable")
    return iter(np.split(order, np.flatnonzero(np.diff(assignment.strata[order])) + 1))


def _strata_by_size(assignment: Assignment) -> list[Codes]:
    """Places of the units, one array (number of strata, size) for all strata of a size, to shuffle along its rows."""
    order = np.argsort(assignment.strata, kind="stable")
    sizes = np.bincount(assignment.strata)
    own = sizes[assignment.strata[order]]
    return [order[own == size].reshape(-1, size) for size in np.unique(own).tolist() if size > 1]


def _counts(assignment: Assignment, members: Codes) -> Codes:
    return np.bincount(assignment.observed[members], minlength=len(assignment.paths))
