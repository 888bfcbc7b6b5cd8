"""Whether what would leave the house, or has arrived, rests on enough people everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import Finding, Parameter
from effects.federation.people import Members
from effects.federation.spanning import least_people, rank_of
from effects.moments import Moments, OutcomeMoments
from effects.rows.columns import Numbers

_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Standing:
    """One cluster: its people, the independent sums that leave of it, and the fewest people behind any of them."""

    people: float
    rank: int
    least: float

    def holds(self, minimum: int) -> bool:
        """Whether enough people stand behind the cluster, more than it has sums, and enough behind every sum."""
        return self.people >= minimum and self.people > self.rank and self.least >= minimum

    def finding(self, where: str, named: Mapping[str, str], remedy: str, minimum: int) -> Finding:
        """What is wrong, where it does not hold; the first reason that applies."""
        params: dict[str, Parameter] = {**named, "people": self.people, "minimum": minimum}
        if self.people < minimum:
            message = "{people:.0f} people stand behind cluster {cluster}, fewer than {minimum}."
        elif self.least < minimum:
            message = "A sum over {least:.0f} people of cluster {cluster} could be worked out, fewer than {minimum}."
            params["least"] = self.least
        else:
            message = (
                "{people:.0f} people stand behind cluster {cluster}, no more than the {rank} sums that would leave."
            )
            params["rank"] = self.rank
        return Finding(where, "small_group", message, remedy, params)


def standing(members: Members, minimum: int) -> Standing:
    """How a cluster of these people stands."""
    rank = rank_of(members.groups) + members.squared
    return Standing(members.people, rank, least_people(members.groups, minimum))


def holds(behind: Mapping[str, Members], minimum: int) -> bool:
    """Whether a cluster stands well in every outcome."""
    return all(standing(members, minimum).holds(minimum) for members in behind.values())


def exposed(moments: Moments, minimum: int = MINIMUM_PEOPLE) -> list[Finding]:
    """Every cluster of a file that rests on too few people, by the file alone.

    The people behind a cluster and its least sum are as the file states them; how many sums there are is counted again.
    """
    found = [finding for outcome in moments.outcomes for finding in _exposed(outcome, minimum)]
    return list({finding.params.get("cluster", ""): finding for finding in reversed(found)}.values())[::-1]


def _exposed(outcome: OutcomeMoments, minimum: int) -> Iterator[Finding]:
    grams = outcome.grams
    if outcome.people_by_cluster is None or outcome.least is None:
        message = "Nobody counted the people behind the clusters."
        yield Finding(outcome.outcome, "small_group", message, "Make the file with `virkning moments`.")
        return
    for cluster, products, people, least in zip(
        grams.clusters, grams.products, outcome.people_by_cluster, outcome.least, strict=True
    ):
        found = Standing(people, product_rank(products), least)
        remedy = "Ask for a file in which that cluster is merged with another, or is one with another authority's."
        if not found.holds(minimum):
            yield found.finding(outcome.outcome, {"cluster": cluster}, remedy, minimum)


def product_rank(products: Numbers) -> int:
    """The rank of one cluster's cross-products, each column brought to length one."""
    size = np.sqrt(np.maximum(np.diag(products), 0.0))
    kept = size > 0.0
    scaled = products[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
    return int(np.linalg.matrix_rank(scaled, tol=_NOTHING, hermitian=True)) if kept.any() else 0
