"""Whether what would leave the house, or has arrived, rests on enough people everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import Finding, Parameter
from effects.federation.people import Members
from effects.federation.products import Pair
from effects.federation.spanning import least_people, rank_of, tightest
from effects.moments import Moments, OutcomeMoments
from effects.rows.columns import Numbers

_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Standing:
    """One cluster: its people, the independent sums that leave of it, and the fewest people behind any of them.

    `pair` names the columns whose product or difference has those fewest; empty where it is a sum of the outcome.
    `lost` names two outcomes that so few people tell apart.
    `tight` are people and as many or more sums that nobody else brings, (0, 0) where there are none such.
    """

    people: float
    rank: int
    least: float
    pair: Pair | None = None
    tight: tuple[float, int] = (0.0, 0)
    lost: Pair | None = None

    def holds(self, minimum: int) -> bool:
        """Whether enough people stand behind the cluster, more than it has sums, and enough behind every sum."""
        enough = self.people >= minimum and self.least >= minimum
        return enough and self.people > self.rank and not self.tight[1]

    def finding(self, where: str, named: Mapping[str, str], remedy: str, minimum: int) -> Finding:
        """What is wrong, where it does not hold; the first reason that applies."""
        params: dict[str, Parameter] = {**named, "people": self.people, "minimum": minimum}
        if self.people < minimum:
            message = "People behind cluster {cluster}: {people:.0f}, fewer than {minimum}."
        elif self.least < minimum and self.lost is not None:
            message = (
                "People of cluster {cluster} who count for only one of {one} and {other}: {least:.0f}; what they have "
                "in covariates of both could be worked out."
            )
            params |= {"least": self.least, "one": self.lost[0], "other": self.lost[1]}
        elif self.least < minimum and self.pair is not None:
            return self._finding_of_pair(where, params, remedy, self.pair)
        elif self.least < minimum:
            message = (
                "People of cluster {cluster} over whom a sum could be worked out: {least:.0f}, fewer than {minimum}."
            )
            params["least"] = self.least
        elif self.people > self.rank:
            message = (
                "People of cluster {cluster} who bring sums that nobody else does: {people:.0f}, no more than those "
                "sums: {rank}."
            )
            params["people"], params["rank"] = self.tight
        else:
            message = "People behind cluster {cluster}: {people:.0f}, no more than the sums that would leave: {rank}."
            params["rank"] = self.rank
        return Finding(where, "small_group", message, remedy, params)

    def _finding_of_pair(self, where: str, params: dict[str, Parameter], remedy: str, pair: Pair) -> Finding:
        named = {**params, "least": self.least, "one": pair[0], "other": pair[1]}
        if pair[0] == pair[1]:
            message = "People of cluster {cluster} who make up nearly all that {one} tells: {least:.0f}."
            remedy = "Leave {one} out of the plan, take its logarithm, or cut it off at a largest value."
        else:
            message = (
                "People of cluster {cluster} whose {one} and {other} together could be worked out: {least:.0f}, fewer "
                "than {minimum}."
            )
        return Finding(where, "small_group", message, remedy, named)


def standing(members: Members, minimum: int) -> Standing:
    """How a cluster of these people stands."""
    rank = rank_of(members.groups) + members.squared
    least, tight = least_people(members.groups, minimum), tightest(members.groups) or (0.0, 0)
    lost = members.lost.least()
    together = min((one for one in (members.shared.least(), members.square.least()) if one), default=None)
    if lost is not None and lost[0] < min(least, together[0] if together else least):
        return Standing(members.people, rank, lost[0], None, tight, lost[1])
    if together is not None and together[0] < least:
        return Standing(members.people, rank, *together, tight)
    return Standing(members.people, rank, least, None, tight)


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
