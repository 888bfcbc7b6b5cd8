"""One look at each unit: its cluster, the periods in which it was observed and treated, and the sums of its columns."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from effects.compression.relation import Relation, exact_sum, label_of
from effects.compression.sampling import Column, Sample

MOST_PERIODS: Final = 62
"""A unit's periods are the bits of a 64-bit number."""


def look_at_units(relation: Relation, sample: Sample, columns: Sequence[Column]) -> tuple[str, ...] | None:
    """The periods in their order, after making two tables; None where a unit has no one path.

    `period_places` has value and place; `unit_paths` has u, g, n (rows), observed and treated (bits by place of the
    period) and the sums s0, s1 … of the columns. A unit that stands in two clusters or twice in a period has no path.
    """
    relation.connection.execute(
        "CREATE OR REPLACE TEMP TABLE period_places AS SELECT p AS value, CAST(row_number() OVER (ORDER BY p) - 1 AS "
        f"BIGINT) AS place FROM (SELECT DISTINCT p FROM {sample.rows})"
    )
    periods = relation.ask("SELECT value FROM period_places ORDER BY place")
    if len(periods) > MOST_PERIODS:
        return None
    sums = ", ".join(f"{exact_sum(column.value, column.reach)} AS s{place}" for place, column in enumerate(columns))
    relation.connection.execute(
        "CREATE OR REPLACE TEMP TABLE unit_paths AS SELECT u, min(g) AS g, max(g) AS other, count(*) AS n, "
        f"bit_or(1::BIGINT << place) AS observed, bit_or(CAST(t AS BIGINT) << place) AS treated, {sums} "
        f"FROM {sample.rows} JOIN period_places ON p = value GROUP BY u"
    )
    ((astray,),) = relation.ask("SELECT count(*) FROM unit_paths WHERE g <> other OR n <> bit_count(observed)")
    return None if astray else tuple(label_of(value) for (value,) in periods)


def with_units(sample: Sample, columns: Sequence[Column]) -> str:
    """SQL: the rows beside their unit: g, place, observed, treated, the columns c0 … and the unit's means m0 …"""
    values = ", ".join(f"{column.value} AS c{place}, s{place} / n AS m{place}" for place, column in enumerate(columns))
    return (
        f"(SELECT unit_paths.g AS g, place, observed, unit_paths.treated AS treated, {values} FROM {sample.rows} AS r "
        "JOIN period_places ON r.p = value JOIN unit_paths ON r.u = unit_paths.u)"
    )


def cells_and_reversals(relation: Relation) -> tuple[int, int]:
    """Pairs of unit and period that hold rows, and steps from treated back to untreated, after `look_at_units`."""
    cells, reversals = 0, 0
    for observed, treated, units in relation.ask("SELECT observed, treated, count(*) FROM unit_paths GROUP BY ALL"):
        path = [treated >> place & 1 for place in range(MOST_PERIODS) if observed >> place & 1]
        cells += units * len(path)
        reversals += units * sum(before > after for before, after in pairwise(path))
    return cells, reversals


def counted_cells(relation: Relation, sample: Sample) -> tuple[int, int]:
    """The same for units that may have several rows in a period, by one GROUP BY of unit and period."""
    cells = f"SELECT u, p, min(t) AS low, max(t) AS high FROM {sample.rows} GROUP BY ALL"
    steps = f"SELECT low, lag(high) OVER (PARTITION BY u ORDER BY p) AS before FROM ({cells})"
    ((number, reversals),) = relation.ask(f"SELECT count(*), count(*) FILTER (before = 1 AND low = 0) FROM ({steps})")
    return int(number), int(reversals)
