"""How many people stand behind the least sum that can be worked out of linear statistics.

What leaves of a person's rows are the sums of their outcome over the person's vectors, one for each column. A sum that
rests on few people is one that most people's vectors do not reach. Where k disjoint groups of people each reach all
that anybody reaches, every sum rests on somebody in each of them: on k people or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Numbers

_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Alike:
    """So many people who share the vectors (r, c) of one person's rows over the columns that leave."""

    vectors: Numbers
    people: float


def rank_of(groups: Sequence[Alike]) -> int:
    """The dimension of all that these people reach."""
    return len(_span(groups, np.zeros((0, _width(groups))))[0])


def least_people(groups: Sequence[Alike], wanted: int) -> int:
    """A number of people, up to `wanted`, behind every sum: as many disjoint groups as are found that reach everything.

    People are taken in the order of how much they reach by themselves, so that the number may be too low, never too
    high. Where nobody reaches anything no sum leaves, and the number is `wanted`.
    """
    scaled = _scaled(groups)
    ordered = sorted(scaled, key=lambda group: -np.linalg.matrix_rank(group.vectors, tol=_NOTHING))
    full = rank_of(ordered)
    if full == 0:
        return wanted
    left = [int(group.people) for group in ordered]
    for found in range(wanted):
        basis, taken = _span(
            [group for group, people in zip(ordered, left, strict=True) if people > 0],
            np.zeros((0, _width(ordered))),
            full,
        )
        if len(basis) < full:
            return found
        places = [place for place, people in enumerate(left) if people > 0]
        for one in taken:
            left[places[one]] -= 1
    return wanted


def _span(groups: Sequence[Alike], basis: Numbers, enough: int | None = None) -> tuple[Numbers, list[int]]:
    """An orthonormal basis of what the groups reach together, and the places of those that added to it."""
    taken: list[int] = []
    for place, group in enumerate(groups):
        if enough is not None and len(basis) >= enough:
            break
        rest = group.vectors - group.vectors @ basis.T @ basis
        _, sizes, directions = np.linalg.svd(rest, full_matrices=False)
        new = directions[sizes > _NOTHING]
        if len(new):
            basis = np.concatenate([basis, new])
            taken.append(place)
    return basis, taken


def _scaled(groups: Sequence[Alike]) -> list[Alike]:
    """Columns brought to a size of at most one, so that a small covariate is told from nothing."""
    size = np.max([np.abs(group.vectors).max(axis=0, initial=0.0) for group in groups], axis=0)
    size[size == 0.0] = 1.0
    return [Alike(group.vectors / size, group.people) for group in groups]


def _width(groups: Sequence[Alike]) -> int:
    return groups[0].vectors.shape[1] if groups else 0
