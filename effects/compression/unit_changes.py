"""Sums of units' changes between all pairs of periods, by cluster and cohort: no unit's own figure is kept."""

from typing import Any, Final

import numpy as np

from effects.compression.relation import Relation, exact_sum, label_of
from effects.compression.sampling import MOST_PEOPLE, Sample
from effects.message import Message
from effects.moments import OUTCOME, Grams
from effects.planning.sections import PlanSections
from effects.rows.columns import parse_number
from effects.rows.parquet import quoted
from effects.treatment_starts import ordered
from effects.unit_changes import UnitChanges, group_order

_UNITS: Final = """CREATE OR REPLACE TEMP TABLE change_units AS SELECT u, min(g) AS g, max(g) AS other, count(*) AS n,
count(DISTINCT p) AS different, min({start}) AS start, min({start}) IS DISTINCT FROM max({start})
OR count({start}) NOT IN (0, count(*)) AS moving, {people} AS people, sum(t) AS doses FROM {rows} GROUP BY u"""
_ASTRAY: Final = "SELECT count(*) FROM change_units WHERE g <> other OR n <> different OR moving"
_GROUPS: Final = """SELECT g, start, count(*), sum(n), {people}, count(*) FILTER (n = {observed}), sum(doses)
FROM change_units GROUP BY g, start"""
_CHANGES: Final = """WITH seen AS (SELECT r.u AS u, c.g AS g, start, people, r.p AS p, y FROM {rows} AS r
JOIN change_units AS c ON r.u = c.u)
SELECT a.g, a.start, a.p, b.p, count(*), {people}, {gain} FROM seen AS a JOIN seen AS b ON a.u = b.u AND a.p >= b.p
GROUP BY a.g, a.start, a.p, b.p"""


def sum_changes(relation: Relation, sample: Sample, plan: PlanSections) -> tuple[UnitChanges, Grams] | Message:
    """The sums and, in place of cross-products, the counts of each cluster; or why units must be looked at as rows."""
    assert plan.data.period is not None
    numeric = relation.is_number(plan.data.period)
    people = "1.0" if plan.data.persons is None else "sum(CAST(h AS DOUBLE)) / count(*)"
    relation.connection.execute(_UNITS.format(start=start_of(relation, plan), people=people, rows=sample.rows))
    ((astray,),) = relation.ask(_ASTRAY)
    if astray:
        return Message("a unit stands in several clusters, twice in a period, or starts in several")
    period = quoted(plan.data.period)
    every = relation.ask(f"SELECT DISTINCT {period} FROM {relation.table} WHERE {relation.known(plan.data.period)}")
    periods = ordered({label_of(value) for (value,) in every}, numeric=numeric)
    if not numeric and any(parse_number(label) is not None for label in periods):
        return Message("periods are numbers that are written as texts")
    ((observed,),) = relation.ask(f"SELECT count(DISTINCT p) FROM {sample.rows}")
    groups = relation.ask(_GROUPS.format(people=exact_sum("people", MOST_PEOPLE), observed=observed))
    reach = 2.0 * sample.grids[-1].reach
    query = _CHANGES.format(
        rows=sample.rows, people=exact_sum("a.people", MOST_PEOPLE), gain=exact_sum("a.y - b.y", reach)
    )
    groups.sort(key=lambda row: group_order((label_of(row[0]), _label(row[1]))))
    return _placed(groups, relation.ask(query), periods, numeric=numeric), _counts(groups)


def start_of(relation: Relation, plan: PlanSections) -> str:
    """SQL: the first treated period of a row of a sample, NULL for one that is never treated."""
    first = plan.data.first_treated or ""
    known = "f NOT IN ('', '0')"
    if relation.is_number(first):
        known = "f IS NOT NULL AND NOT isnan(CAST(f AS DOUBLE)) AND f <> 0"
    elif relation.kinds[first] == "DATE":
        known = "f IS NOT NULL"
    return f"CASE WHEN {known} THEN f END"


def _label(start: object) -> str | None:
    return None if start is None else label_of(start)


def _placed(
    groups: list[tuple[Any, ...]], changes: list[tuple[Any, ...]], periods: tuple[str, ...], *, numeric: bool
) -> UnitChanges:
    place = {(row[0], row[1]): number for number, row in enumerate(groups)}
    at = {period: number for number, period in enumerate(periods)}
    seen = np.zeros((len(groups), len(periods), len(periods)), dtype=np.int64)
    present, gains = np.zeros(seen.shape), np.zeros(seen.shape)
    for cluster, start, later, earlier, number, people, gain in changes:
        group, row, column = place[(cluster, start)], at[label_of(later)], at[label_of(earlier)]
        seen[group, row, column] = seen[group, column, row] = number
        present[group, row, column] = present[group, column, row] = people
        if row != column:
            gains[group, row, column], gains[group, column, row] = gain, -gain
    return UnitChanges(
        periods,
        numeric,
        tuple(label_of(row[0]) for row in groups),
        tuple(_label(row[1]) for row in groups),
        np.array([row[2] for row in groups], dtype=np.int64),
        np.array([row[3] for row in groups], dtype=np.int64),
        np.array([row[4] for row in groups], dtype=np.float64),
        np.array([row[5] for row in groups], dtype=np.int64),
        seen,
        present,
        gains,
    )


def _counts(groups: list[tuple[Any, ...]]) -> Grams:
    """Rows, treated rows and units of each cluster, and products of nothing."""
    names = sorted({label_of(row[0]) for row in groups})
    counts = np.zeros((3, len(names)), dtype=np.int64)
    for row in groups:
        counts[:, names.index(label_of(row[0]))] += [int(row[3]), int(row[6]), int(row[2])]
    products = np.zeros((len(names), 1, 1))
    return Grams(
        tuple(names), (OUTCOME,), products, counts[0], counts[1], counts[2], False, False, (OUTCOME,), np.zeros(1)
    )
