"""Whether what would leave the house, or has arrived, rests on enough people everywhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import Finding
from effects.federation.people import Members
from effects.federation.spanning import least_people, rank_of
from effects.moments import Moments, OutcomeMoments
from effects.rows.columns import Numbers

_NOTHING: Final = 1e-9


def exposed(moments: Moments, minimum: int = MINIMUM_PEOPLE) -> list[Finding]:
    """Every cluster of a file that rests on too few people, by what the file says of itself."""
    return [finding for outcome in moments.outcomes for finding in _exposed(outcome, minimum)]


def _exposed(outcome: OutcomeMoments, minimum: int) -> Iterator[Finding]:
    grams = outcome.grams
    if outcome.people_by_cluster is None or outcome.least is None:
        yield Finding(
            outcome.outcome,
            "small_group",
            "Nobody counted the people behind {outcome}.",
            "Make the file with `virkning moments`, which counts them.",
            {"outcome": outcome.outcome},
        )
        return
    for place, cluster in enumerate(grams.clusters):
        people, least = outcome.people_by_cluster[place], outcome.least[place]
        if people < minimum or people <= product_rank(grams.products[place]) or least < minimum:
            yield Finding(
                outcome.outcome,
                "small_group",
                "Too few people stand behind {outcome} in {cluster}: {people:.0f}.",
                "Ask for a file in which that cluster is merged with another.",
                {"outcome": outcome.outcome, "cluster": cluster, "people": people},
            )


def product_rank(products: Numbers) -> int:
    """The rank of one cluster's cross-products, each column brought to length one."""
    size = np.sqrt(np.maximum(np.diag(products), 0.0))
    kept = size > 0.0
    scaled = products[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
    return int(np.linalg.matrix_rank(scaled, tol=_NOTHING, hermitian=True)) if kept.any() else 0


def too_few(members: Members, squared: bool, minimum: int) -> bool:
    """Whether a cluster of these people must not leave."""
    rank = rank_of(members.groups) + squared
    return members.people < minimum or members.people <= rank or least_people(members.groups, minimum) < minimum


def together(parts: Sequence[Members]) -> Members:
    """Several clusters as one."""
    path: dict[str, frozenset[float]] = {}
    for part in parts:
        for level, treatments in part.path.items():
            path[level] = path.get(level, frozenset()) | treatments
    return Members(sum(part.people for part in parts), tuple(group for part in parts for group in part.groups), path)


def same_path(one: Mapping[str, frozenset[float]], other: Mapping[str, frozenset[float]]) -> bool:
    """Whether two clusters are treated alike wherever both were observed."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[level] == other[level] for level in shared)
