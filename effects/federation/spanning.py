"""How many people stand behind the least sum that can be worked out of linear statistics.

What leaves of one person are the sums of their outcome over the person's vectors, one vector for each of their rows. A
combination c of what leaves is a sum over the people whose vectors c does not make nothing of. It rests on fewer than k
people exactly where so few can go that those who stay no longer reach all that everybody reaches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Codes, Flags, Numbers

_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Alike:
    """So many people who share the vectors (r, c) of one person's rows over the columns that leave."""

    vectors: Numbers
    people: float


@dataclass(frozen=True, slots=True)
class _Pool:
    """All vectors (R, c), each column at most one in size, whose they are (R,), and the people of each owner (m,)."""

    vectors: Numbers
    owner: Codes
    people: Numbers


def rank_of(groups: Sequence[Alike]) -> int:
    """The dimension of all that these people reach."""
    pool = _pool(groups)
    everyone = np.ones(len(pool.people), dtype=np.bool_)
    return _reach(pool, everyone, everyone)[0]


def tightest(groups: Sequence[Alike]) -> tuple[float, int] | None:
    """People who bring as many sums as they are, or more, that nobody else does, with those sums; None without such.

    Looked at are all but those who reach nothing, or little, and for each column those who have something in it: people
    who were seen once, or in a few periods only, hide nobody in the others.
    """
    pool = _pool(groups)
    owned = [pool.vectors[pool.owner == place] for place in range(len(pool.people))]
    products = np.array([own.T @ own for own in owned])
    dimensions = np.array([_rank(own) for own in products])
    full = _rank(products.sum(axis=0))
    diagonals = np.einsum("gcc->gc", products) > _NOTHING**2
    outside = [dimensions > size for size in np.unique(dimensions)[:-1]] + list(diagonals.T) + [dimensions > 0]
    found = []
    for those in outside:
        brought, people = full - _rank(products[~those].sum(axis=0)), float(pool.people[those].sum())
        if brought and people <= brought:
            found.append((people, brought))
    return min(found, key=lambda one: one[0] - one[1], default=None)


def _rank(products: Numbers) -> int:
    size = np.sqrt(np.diag(products))
    kept = size > _NOTHING
    scaled = products[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
    return int(np.linalg.matrix_rank(scaled, tol=_NOTHING, hermitian=True)) if kept.any() else 0


def least_people(groups: Sequence[Alike], wanted: int) -> float:
    """The fewest people behind any sum that is not nothing, or `wanted` where there are as many or more.

    `wanted` rounds of people who together reach all that those left reach are enough to look at: any few that matter
    among everybody matter among them. Where nobody reaches anything no sum leaves, and the answer is `wanted`.
    """
    pool = _pool(groups)
    left = np.ones(len(pool.people), dtype=np.bool_)
    nobody = np.zeros_like(left)
    full, first = _reach(pool, left, nobody)
    seen = nobody.copy()
    for _ in range(wanted):
        seen[first] = True
        left[first] = False
        first = _reach(pool, left, nobody)[1]
    return _fewest(pool, seen, nobody, full, float(wanted))


def _fewest(pool: _Pool, left: Flags, staying: Flags, full: int, bound: float) -> float:
    """The fewest people whose going costs some reach, at most `bound`; those `staying` do not go.

    Somebody of every set that reaches all must go: each is tried in turn, and stays where the next is tried.
    """
    fixed = left & (staying | (pool.people >= bound))
    reached, taken = _reach(pool, left, fixed)
    if reached < full:
        return 0.0
    fixed = fixed.copy()
    for place in taken:
        if fixed[place] or pool.people[place] >= bound:
            continue
        rest = left.copy()
        rest[place] = False
        own = float(pool.people[place])
        bound = min(bound, own + _fewest(pool, rest, fixed, full, bound - own))
        fixed[place] = True
    return bound


def _reach(pool: _Pool, among: Flags, first: Flags) -> tuple[int, list[int]]:
    """The dimension that some people reach, and who of them is enough for it; those `first` are asked first."""
    rest = pool.vectors * among[pool.owner][:, None]
    reached, taken = 0, list[int]()
    for asked in (first, ~first):
        while len(rest):
            size = np.einsum("rc,rc->r", rest, rest) * asked[pool.owner]
            row = int(np.argmax(size))
            if size[row] <= _NOTHING**2:
                break
            place = int(pool.owner[row])
            _, lengths, directions = np.linalg.svd(rest[pool.owner == place], full_matrices=False)
            new = directions[lengths > _NOTHING]
            rest = rest - rest @ new.T @ new
            rest[pool.owner == place] = 0.0
            reached += len(new)
            taken.append(place)
    return reached, taken


def _pool(groups: Sequence[Alike]) -> _Pool:
    vectors = np.concatenate([group.vectors for group in groups])
    size = np.abs(vectors).max(axis=0, initial=0.0)
    owner = np.repeat(np.arange(len(groups)), [len(group.vectors) for group in groups]).astype(np.int64)
    people = np.array([group.people for group in groups], dtype=np.float64)
    return _Pool(vectors / np.where(size > 0.0, size, 1.0), owner, people)
