"""What leaves the house with a moments file, line by line, for the person who must answer for it."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import combinations
from math import ceil
from typing import Final

import numpy as np

from effects.codes import DropReason
from effects.compression.files import to_bytes
from effects.disclosure import MINIMUM_PEOPLE
from effects.federation.answering import squares_leave
from effects.federation.judging import product_rank
from effects.federation.people import sums_by_arm
from effects.federation.remarks import merged_away
from effects.message import Message
from effects.moments import CONSTANT, OUTCOME, Grams, Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.columns import Numbers
from effects.unit_changes import UnitChanges

_NOTHING: Final = 1e-9
_SHOWN: Final = 12
"""Names that one line lists; the file holds them all."""

_NO_PERIODS: Final = Message("The sums are not divided by period.")

_DROPPED: Final = {
    DropReason.MISSING_ROLE: Message("treatment, unit, period or cluster is missing"),
    DropReason.MISSING_OUTCOME: Message("the outcome is missing"),
    DropReason.MISSING_COVARIATE: Message("a covariate is missing"),
}


def cover_sheet(moments: Moments, plan: AnalysisPlan) -> tuple[Message, ...]:
    """The lines of the sheet, to be translated; a line that ends in a colon is the heading of those below it."""
    names = {one.column: f"{one.name} ({one.column})" if one.name else one.column for one in plan.outcomes}
    parts = (
        _who(moments, plan),
        _leaving(moments, plan, names),
        _staying(moments, plan, names),
        _limits(moments, plan, names),
    )
    return tuple(line for part in parts for line in part)


def _who(moments: Moments, plan: AnalysisPlan) -> Iterator[Message]:
    yield Message("Sums in place of rows, for the plan {text}:", {"text": plan.title})
    yield Message("Fingerprint of the plan: {text}", {"text": moments.plan})
    yield Message("From: {text}", {"text": moments.authority}) if moments.authority else Message("From nobody named")
    yield Message("SHA-256 of the file: {text}", {"text": sha256(to_bytes(moments)).hexdigest()})
    yield Message("Compare it with that of the file before you send it and when it has arrived.")
    yield Message(
        "Fingerprint and SHA-256 are check numbers: they change when a single character of the plan or of the file "
        "does, and nothing about people can be read from them."
    )


def _leaving(moments: Moments, plan: AnalysisPlan, names: Mapping[str, str]) -> Iterator[Message]:
    yield Message("What leaves the house:")
    yield Message(
        "The number of rows, {rows}, and of those that count, {used}.",
        {"rows": moments.rows, "used": moments.rows_used},
    )
    periods = _periods(moments)
    yield Message("The periods covered: {names}.", {"names": _listed(periods)}) if periods else _NO_PERIODS
    by_arm = sums_by_arm(plan)
    if not by_arm:
        yield Message("The names of the clusters: {names}.", {"names": _listed(sorted(moments.clusters))})
    for cluster, into in moments.merged:
        yield Message("The cluster {cluster} is counted as part of {into}.", {"cluster": cluster, "into": into})
    if fewer := merged_away(moments):
        yield Message("The pooled analysis then has fewer clusters; the difference is {number}.", {"number": fewer})
    for outcome in (one for one in moments.outcomes if one.grams.clusters):
        yield from _outcome(outcome, names[outcome.outcome], by_arm=by_arm)


def _periods(moments: Moments) -> list[str]:
    """Every period in which an outcome is summed."""
    found: dict[str, None] = {}
    for own in moments.outcomes:
        levels = [name.removeprefix("period:") for name in own.grams.levels("period")]
        found |= dict.fromkeys(levels if own.changes is None else own.changes.periods)
    return list(found)


def _outcome(moments: OutcomeMoments, name: str, *, by_arm: bool) -> Iterator[Message]:
    grams, named = moments.grams, {"outcome": name}
    people = moments.people_by_cluster or (0.0,)
    count = {"number": len(grams.clusters), "people": sum(people), "smallest": min(people)}
    if by_arm:
        yield Message(
            "{outcome}: sums for each arm, with its number of rows and of units (arms: {number}; people: {people:.0f}; "
            "in the smallest: {smallest:.0f}).",
            {**named, **count},
        )
    else:
        yield Message(
            "{outcome}: sums for each cluster, with its number of rows, of treated rows and of units (clusters: "
            "{number}; people: {people:.0f}; in the smallest: {smallest:.0f}).",
            {**named, **count},
        )
    if grams.demeaned:
        yield Message("{outcome} counts as its distance from the mean of each unit.", named)
    levels = [name.partition(":")[2] for name in grams.names if name.startswith(("period:", "strata:"))]
    if levels:
        yield Message("{outcome} is summed by {names}.", {**named, "names": _listed(levels)})
    if terms := [name.removeprefix("term:") for name in grams.names if name.startswith("term:")]:
        yield Message(
            "Sums of products of {outcome} and of {names} with each other.", {**named, "names": _listed(terms)}
        )
    if moments.changes is not None:
        yield Message("The sums of changes in {outcome} between any two periods, by first treated period.", named)
    if grams.squared:
        yield Message("The sum of the squares of {outcome}.", named)
    rank = (
        max(product_rank(products) for products in grams.products)
        if moments.changes is None
        else _pairs(moments.changes)
    )
    least = {"rank": rank, "least": min(moments.least or (0.0,))}
    yield Message(
        "Independent sums of {outcome} for each of them: at most {rank}; whatever is worked out of them rests on "
        "{least:.0f} people or more.",
        {**named, **least},
    )
    if moments.changes is None:
        alike = [cluster for cluster in grams.clusters if _everybody_alike(grams, cluster)]
        yield from (_alike(cluster, grams, named) for cluster in alike)
        yield from () if grams.demeaned else _at_an_end(grams, alike, named)


def _staying(moments: Moments, plan: AnalysisPlan, names: Mapping[str, str]) -> Iterator[Message]:
    yield Message("What does not leave:")
    yield Message("No rows, no names, numbers or hashes of people or units, no columns that the plan does not name.")
    asked = squares_leave(plan, settle(plan)[0])
    for outcome in (one for one in moments.outcomes if asked and one.grams.clusters and not one.grams.squared):
        yield Message(
            "The sum of the squares of {outcome}, which would tell too much about few people. The effect does not "
            "need it; second opinions that do will say so.",
            {"outcome": names[outcome.outcome]},
        )
    for outcome in moments.outcomes:
        for dropped in outcome.dropped:
            reason = _DROPPED.get(dropped.reason)
            yield Message(
                "Rows that do not count for {outcome} ({title}): {rows}.",
                {"rows": dropped.rows, "outcome": names[outcome.outcome], "title": str(reason or dropped.reason.value)},
            )


def _limits(moments: Moments, plan: AnalysisPlan, names: Mapping[str, str]) -> Iterator[Message]:
    yield Message("What to know before it is sent:")
    yield Message(
        "Two files of the same rows with one person more or fewer can be subtracted, and what is left is about that "
        "person: send one file, and where it must be made again ask for the first to be deleted."
    )
    yield Message("Counts of rows, also of those left out, are told as they are, however small.")
    if plan.data.persons is not None:
        yield Message(
            "People are counted as the column {column} states them; nobody has counted them here.",
            {"column": plan.data.persons},
        )
    if any(name.startswith("term:") for outcome in moments.outcomes for name in outcome.grams.names):
        yield Message(
            "Products of two 0/1 covariates tell how many people have both; a file in which they are too few is not "
            "written."
        )
        yield Message(
            "Whoever knows the covariates of each person can work out each one's outcome where it has few values, such "
            "as 0 and 1, above all where a covariate is different for everybody, as a number of a case or a power of "
            "two is. Leave covariates out that others know person by person."
        )
    if any(outcome.grams.squared for outcome in moments.outcomes):
        yield Message(
            "Where an outcome has few values, such as whole numbers from 0 to 10, the sum and the square of a small "
            "cluster can tell how many people have each value, though not who."
        )
    yield from _differing(moments, names)


def _differing(moments: Moments, names: Mapping[str, str]) -> Iterator[Message]:
    """Pairs of outcomes that count as many rows but for those of a few people."""
    for one, other in combinations(moments.outcomes, 2):
        people = {
            cluster: _apart(one, other, cluster) for cluster in one.grams.clusters if cluster in other.grams.clusters
        }
        few = {cluster: number for cluster, number in people.items() if 0 < number < MINIMUM_PEOPLE}
        if few:
            yield Message(
                "In {names}, {one} and {other} differ by the rows of few people (the fewest: {people}): if one can be "
                "computed from the other, what these people answered can be worked out.",
                {
                    "names": _listed(sorted(few)),
                    "one": names[one.outcome],
                    "other": names[other.outcome],
                    "people": min(few.values()),
                },
            )


def _apart(one: OutcomeMoments, other: OutcomeMoments, cluster: str) -> int:
    """The fewest people who can make up the difference in rows: those lost altogether, or with a row in each period."""
    places = [moments.grams.clusters.index(cluster) for moments in (one, other)]
    rows = [moments.grams.rows[place] for moments, place in zip((one, other), places, strict=True)]
    periods = max(1, len(one.grams.levels("period")), len(one.changes.periods) if one.changes is not None else 0)
    return ceil(abs(int(rows[0] - rows[1])) / periods)


def _pairs(changes: UnitChanges) -> int:
    """The most pairs of periods in which anybody of one cluster is seen."""
    by_group = np.sum(np.tril(changes.seen, -1) > 0, axis=(1, 2))
    return max(int(by_group[[name == own for own in changes.clusters]].sum()) for name in set(changes.clusters))


def _everybody_alike(grams: Grams, cluster: str) -> bool:
    """Whether the sums tell everybody's outcome, somewhere, or that nobody's changed."""
    products, outcome = grams.products[grams.clusters.index(cluster)], grams.column(OUTCOME)
    if grams.demeaned:
        return not np.any(np.abs(products[:outcome, outcome]) > _NOTHING)
    constant, rows = grams.column(CONSTANT), grams.rows[grams.clusters.index(cluster)]
    means, total = _means(grams, cluster), products[constant, outcome]
    spread = products[outcome, outcome] - total * total / rows
    one_value = grams.squared and spread <= _NOTHING * max(1.0, products[outcome, outcome])
    return bool(one_value or np.any(np.minimum(np.abs(means), np.abs(means - 1.0)) < _NOTHING))


def _means(grams: Grams, cluster: str) -> Numbers:
    """The mean of the outcome in a cluster, and at each level at which it is summed."""
    products, outcome = grams.products[grams.clusters.index(cluster)], grams.column(OUTCOME)
    levels = [grams.column(name) for effect in ("period", "strata") for name in grams.levels(effect)]
    groups = [grams.column(CONSTANT), *levels]
    rows, sums = products[groups, groups], products[groups, outcome]
    means: Numbers = sums[rows > 0] / rows[rows > 0] + grams.origin[outcome]
    return means


def _at_an_end(grams: Grams, told: Sequence[str], named: dict[str, str]) -> Iterator[Message]:
    """Clusters whose mean is a whole number that no other mean goes beyond: it may be the end of a scale."""
    means = {cluster: _means(grams, cluster) for cluster in grams.clusters}
    every = np.concatenate(list(means.values()))
    for end in (every.min(), every.max()):
        small = _NOTHING * max(1.0, abs(end))
        if abs(end - np.rint(end)) < small:
            found = [name for name, own in means.items() if name not in told and np.any(np.abs(own - end) < small)]
            for cluster in found:
                yield Message(
                    "If nobody can have more, or nobody less, than {value} in {outcome}, everybody in {cluster} has "
                    "it, at least once: that can be read from the sums.",
                    {**named, "cluster": cluster, "value": f"{np.rint(end):.0f}"},
                )


def _alike(cluster: str, grams: Grams, named: dict[str, str]) -> Message:
    params = {**named, "cluster": cluster}
    if grams.demeaned:
        return Message("Nobody in {cluster} changed in {outcome}: that can be read from the sums.", params)
    return Message(
        "Everybody in {cluster} is alike in {outcome}, at least once: each one's value can then be read from the sums.",
        params,
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} … ({len(names)})"
