"""Outcomes that are each other but for few people, or tell who few are: what those have is left by a subtraction.

Sums of both outcomes leave. Where they are alike in nearly everybody, plus a constant or mirrored, their difference is
about the others; where one says in how few the other is something else than usual, the other's sum is about those.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np

from effects.codes import Design
from effects.compression.relation import Relation, label_of
from effects.compression.sampling import placed, treatment
from effects.compression.unit_changes import start_of
from effects.federation.losing import columns_of, complete, placing
from effects.federation.products import Pair, Shared
from effects.moments import Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.parquet import quoted

_NOTHING: Final = 1e-12
"""Of the largest value: what differs by less is alike."""

_ROWS: Final = """WITH rows AS (SELECT {cluster} AS cluster, {unit} AS unit, {people} AS people, {level} AS level,
{arm} AS arm, {cohort} AS cohort, {columns} FROM {table} WHERE {placed} AND ({any}))"""
_LABELS: Final = "SELECT DISTINCT cluster FROM rows ORDER BY 1"
_NUMBERED: Final = """SELECT dense_rank() OVER (ORDER BY cluster) - 1 AS home,
dense_rank() OVER (ORDER BY cluster, unit) - 1 AS person, dense_rank() OVER (ORDER BY level) - 1 AS level,
dense_rank() OVER (ORDER BY cohort) - 1 AS cohort, arm, CAST(people AS DOUBLE) AS people,
* EXCLUDE (cluster, unit, level, cohort, arm, people) FROM rows ORDER BY home, person, level"""

_Column: TypeAlias = tuple[Numbers, Flags]
"""The values (n,) of a column, and the rows in which it counts."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows (n,) that count for any outcome, those of a person together, and persons (m,) in the clusters' order.

    `counts` says of each outcome which rows count for it, `values` are its columns and covariates, NaN where missing.
    `starts`, `people` and `home` (m,) are a person's first row, people and cluster. `within`: columns leave less their
    mean over a person's rows; `changes`: their changes between each two periods do, by cohort.
    """

    labels: tuple[str, ...]
    person: Codes
    level: Codes
    cohort: Codes
    treated: Flags
    counts: tuple[Flags, ...]
    values: Mapping[str, Numbers]
    starts: Codes
    people: Numbers
    home: Codes
    within: bool
    changes: bool

    def behind(self, persons: Flags) -> Numbers:
        """The people (g,) of some persons in each cluster."""
        people: Numbers = np.bincount(self.home, weights=self.people * persons, minlength=len(self.labels)).astype(
            np.float64
        )
        return people

    def having(self, flags: Flags) -> Flags:
        """The persons (m,) with any of some rows."""
        return np.logical_or.reduceat(flags, self.starts)

    def cells(self) -> Iterator[Flags]:
        """All rows, those of either arm, and those of each level, by cohort where sums leave by cohort."""
        yield np.ones(len(self.person), dtype=np.bool_)
        yield self.treated
        yield ~self.treated
        cell = self.level * (self.cohort.max() + 1) + self.cohort
        numbers = np.unique(cell)
        if len(numbers) > 1:
            yield from (cell == number for number in numbers)


def twins(relation: Relation, plan: AnalysisPlan, moments: Moments) -> dict[str, dict[str, Shared]]:
    """For each cluster and outcome, the people whose value a later outcome's sums tell apart from the others'.

    Met are the columns of both, covariates too, that are not of one outcome anyway. They are counted in all, in each
    arm and at each level; without end where so many differ that a difference is nobody's in particular.
    """
    if all(not _met(one, other) for one, other in combinations(plan.outcomes, 2)):
        return {}
    rows = _rows(relation, plan, moments)
    found: dict[str, dict[str, Shared]] = {}
    for place, (one, own) in enumerate(zip(plan.outcomes, moments.outcomes, strict=True)):
        pairs, people = list[Pair](), list[Numbers]()
        for later, other in enumerate(plan.outcomes[place + 1 :], start=place + 1):
            for pair in _met(one, other):
                few = [counts for counts in _counted(rows, pair, (place, later)) if _says(counts)]
                pairs += [pair] * len(few)
                people += few
        for cluster in own.grams.clusters if pairs else ():
            at = rows.labels.index(cluster)
            shared = Shared(tuple(pairs), tuple(float(counts[at]) for counts in people))
            found.setdefault(cluster, {})[one.column] = shared
    return found


def _met(one: Outcome, other: Outcome) -> list[Pair]:
    mine, theirs = columns_of(one), columns_of(other)
    met = [(column, another) for column in mine for another in theirs if column != another]
    return [pair for pair in met if not (set(pair) <= set(mine) or set(pair) <= set(theirs))]


def _says(counts: Numbers) -> bool:
    return bool(np.any((counts > 0.0) & np.isfinite(counts)))


def _rows(relation: Relation, plan: AnalysisPlan, moments: Moments) -> _Rows:
    names = sorted({name for outcome in plan.outcomes for name in columns_of(outcome)})
    own = next(one for one in moments.outcomes if one.grams.clusters)
    flags = [complete(relation, outcome) for outcome in plan.outcomes]
    values = [f"CASE WHEN {relation.known(name)} THEN CAST({quoted(name)} AS DOUBLE) ELSE 'nan' END" for name in names]
    columns = [f"{flag} AS c{place}" for place, flag in enumerate(flags)]
    columns += [f"{value} AS v{place}" for place, value in enumerate(values)]
    query = _ROWS.format(
        **placing(relation, plan, own) | _cohorts(relation, plan, own),
        table=relation.table,
        placed=placed(relation, plan),
        columns=", ".join(columns),
        any=" OR ".join(f"({flag})" for flag in flags),
    )
    labels = tuple(label_of(name) for (name,) in relation.ask(f"{query} {_LABELS}"))
    found = relation.connection.execute(f"{query} {_NUMBERED}").fetchnumpy()
    number = {name: np.asarray(column) for name, column in found.items()}
    starts = np.flatnonzero(np.diff(number["person"], prepend=-1))
    return _Rows(
        labels=labels,
        person=number["person"],
        level=number["level"],
        cohort=number["cohort"],
        treated=number["arm"] == 1,
        counts=tuple(number[f"c{place}"].astype(np.bool_) for place in range(len(flags))),
        values={name: number[f"v{place}"] for place, name in enumerate(names)},
        starts=starts,
        people=np.minimum.reduceat(number["people"], starts),
        home=number["home"][starts],
        within=own.grams.demeaned,
        changes=own.changes is not None,
    )


def _cohorts(relation: Relation, plan: AnalysisPlan, own: OutcomeMoments) -> dict[str, str]:
    """SQL: who sums are apart for beside clusters and levels: those who begin together, or the treated group."""
    roles = plan.data
    if own.changes is not None:
        cohort = f"(SELECT {start_of(relation, plan)} FROM (SELECT {quoted(roles.first_treated or '')} AS f))"
        return {"cohort": cohort, "level": quoted(roles.period or "")}
    if plan.design is not Design.TWO_PERIOD_DID:
        return {"cohort": "0"}
    owner = quoted(roles.unit or roles.assignment or "")
    ever = f"max({treatment(relation, plan)}) OVER (PARTITION BY {owner})"
    return {"cohort": ever if roles.group is None else quoted(roles.group)}


def _counted(rows: _Rows, pair: Pair, at: tuple[int, int]) -> Iterator[Numbers]:
    """The people (g,) of each cluster whom two columns of two outcomes tell apart, for each way of looking at it."""
    one, other = (
        (np.where(rows.counts[place], rows.values[name], np.nan), rows.counts[place])
        for name, place in zip(pair, at, strict=True)
    )
    if not (one[1].any() and other[1].any()):
        return
    if not (_is_case(one) and _is_case(other)):
        size = max(np.abs(values[counts]).max() for values, counts in (one, other)) or 1.0
        for sign in (-1.0, 1.0):
            yield from _differing(rows, (one[0] / size, one[1]), (sign * other[0] / size, other[1]))
    yield from _telling(rows, one, other)
    yield from _telling(rows, other, one)


def _differing(rows: _Rows, one: _Column, other: _Column) -> Iterator[Numbers]:
    """People in whom the sum of two columns is something else than in most rows of their cluster.

    Rows in which both are what they usually are do not make them alike: rare things are seldom seen together.
    """
    home = rows.home[rows.person]
    if rows.within or rows.changes:
        mine, theirs = _less_mean(rows, one), _less_mean(rows, other)
        left = mine + theirs
        off, stirring = np.abs(left) > _NOTHING, np.maximum(np.abs(mine), np.abs(theirs)) > _NOTHING
    else:
        left = np.zeros(len(home))
        off = _unusual(one, other, home, len(rows.labels))
        stirring = (one[1] | other[1]) & ~(_is_usual(one) & _is_usual(other))
    alike = np.bincount(home[stirring & ~off], minlength=len(rows.labels))
    near = 2 * alike > np.bincount(home[stirring], minlength=len(rows.labels))
    if not near.any() or not off.any():
        return
    persons = _changing(rows, one, other) if rows.changes else _within(rows, left) if rows.within else _plain(rows, off)
    for those in persons:
        yield np.where(near, rows.behind(those), np.inf)


def _plain(rows: _Rows, off: Flags) -> Iterator[Flags]:
    return (rows.having(off & cell) for cell in rows.cells())


def _within(rows: _Rows, left: Numbers) -> Iterator[Flags]:
    """Persons with something left at all, and in each sum: what is left of one person adds to nothing over all rows."""
    yield rows.having(np.abs(left) > _NOTHING)
    for cell in rows.cells():
        yield np.abs(np.add.reduceat(left * cell, rows.starts)) > _NOTHING


def _changing(rows: _Rows, one: _Column, other: _Column) -> Iterator[Flags]:
    """Persons of each cohort whose changes between two periods differ."""
    wide = np.full((2, len(rows.starts), rows.level.max() + 1), np.nan)
    for place, (values, _) in enumerate((one, other)):
        wide[place, rows.person, rows.level] = values
    cohort = rows.cohort[rows.starts]
    for own in np.unique(cohort):
        for earlier, later in combinations(range(wide.shape[-1]), 2):
            left = np.nan_to_num(wide[:, :, later] - wide[:, :, earlier]).sum(axis=0)
            yield (np.abs(left) > _NOTHING) & (cohort == own)


def _telling(rows: _Rows, one: _Column, other: _Column) -> Iterator[Numbers]:
    """People in whom the other column has the rarer of its two values, where the first is unusual in nobody else.

    A person with one row has no part in sums of columns less their mean, nor of changes.
    """
    off = one[1] & ~_is_usual(one)
    rare = other[1] & ~_is_usual(other)
    told = _has_two(other) and not _is_case(one) and not np.any(off & other[1] & ~rare)
    if not told or 2 * np.count_nonzero(off) >= np.count_nonzero(one[1]):
        return
    if rows.within or rows.changes:
        seen = (np.add.reduceat(one[1].astype(np.int64), rows.starts) > 1)[rows.person]
        off, rare = off & seen, rare & one[1] & seen
    for cell in rows.cells():
        few = rows.having(rare & cell)
        yield np.where(rows.behind(rows.having(off & cell) & ~few) > 0.0, np.inf, rows.behind(few))


def _is_usual(column: _Column) -> Flags:
    """The rows that have the value of more than half of all, or of half where there are two; none without such."""
    values = column[0][column[1]]
    levels, number = np.unique(values, return_counts=True)
    most = 2 * number.max() > len(values) or len(levels) == 2
    usual: Flags = column[1] & (column[0] == levels[np.argmax(number)]) & most
    return usual


def _unusual(one: _Column, other: _Column, home: Codes, clusters: int) -> Flags:
    """Rows of either column that lack the other, or whose sum is not the middle one of the cluster, so not most's."""
    both, sums = one[1] & other[1], one[0] + other[0]
    order = np.lexsort((sums[both], home[both]))
    number = np.bincount(home[both], minlength=clusters)
    middle, some = np.full(clusters, np.nan), number > 0
    middle[some] = sums[both][order][(np.cumsum(number) - number + number // 2)[some]]
    usual = np.abs(sums - middle[home]) <= _NOTHING
    unusual: Flags = (one[1] | other[1]) & ~usual
    return unusual


def _less_mean(rows: _Rows, column: _Column) -> Numbers:
    """Less the mean of each person's rows; nothing in rows that do not count."""
    values, counts = np.where(column[1], column[0], 0.0), column[1].astype(np.float64)
    mean = np.add.reduceat(values, rows.starts) / np.maximum(np.add.reduceat(counts, rows.starts), 1.0)
    less: Numbers = values - counts * mean[rows.person]
    return less


def _bounds(column: _Column) -> tuple[float, float]:
    values = column[0][column[1]]
    return float(values.min()), float(values.max())


def _has_two(column: _Column) -> bool:
    low, high = _bounds(column)
    values = column[0][column[1]]
    return bool(np.all((values == low) | (values == high)))


def _is_case(column: _Column) -> bool:
    """Whether it is two whole numbers next to each other, such as 0 and 1: sums are counts then."""
    low, high = _bounds(column)
    return _has_two(column) and low == round(low) and high - low <= 1.0
