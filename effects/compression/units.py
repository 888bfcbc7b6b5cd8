"""One look at each unit: its cluster, the periods in which it was observed and treated, and the sums of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from effects.compression.parts import Question, Row
from effects.compression.relation import Relation, exact_sum, label_of, literal
from effects.compression.sampling import Column, Sample

MOST_PERIODS: Final = 62
"""A unit's periods are the bits of a 64-bit number."""

STEPS: Final = Question("SELECT observed, treated, count(*) FROM unit_paths GROUP BY ALL", 2)
"""How many units were observed and treated in which periods, for `cells_and_reversals`."""

_ASTRAY: Final = Question("SELECT u FROM unit_paths WHERE g <> other OR n <> bit_count(observed)", 1, most=0)


@dataclass(frozen=True, slots=True)
class Units:
    """A relation whose parts share no unit, the periods in their order, and what makes two tables in each part.

    `period_places` has value and place; `unit_paths` has u, g, n (rows), observed and treated (bits by place of the
    period) and the sums s0, s1 … of the columns.
    """

    relation: Relation
    periods: tuple[str, ...]
    tables: tuple[str, ...]

    def ask(self, *questions: Question) -> list[list[Row]] | None:
        """The answers; None where a unit stands in two clusters or twice in a period, or an answer is too long."""
        found = self.relation.gather(_ASTRAY, *questions, tables=self.tables)
        return found[1:] if len(found) > len(questions) else None


def look_at_units(relation: Relation, sample: Sample, columns: Sequence[Column]) -> Units | None:
    """How to look at each unit of the sample; None where there are too many periods."""
    found = relation.gather(Question(f"SELECT DISTINCT p FROM {sample.rows}", 1, MOST_PERIODS))
    if not found:
        return None
    periods = [value for (value,) in found[0]]
    places = ", ".join(f"({literal(value, sample.period)}, {place}::BIGINT)" for place, value in enumerate(periods))
    sums = ", ".join(f"{exact_sum(column.value, column.reach)} AS s{place}" for place, column in enumerate(columns))
    tables = (
        f"CREATE OR REPLACE TEMP TABLE period_places AS SELECT * FROM (VALUES {places}) AS t(value, place)",
        "CREATE OR REPLACE TEMP TABLE unit_paths AS SELECT u, min(g) AS g, max(g) AS other, count(*) AS n, "
        f"bit_or(1::BIGINT << place) AS observed, bit_or(CAST(t AS BIGINT) << place) AS treated, {sums} "
        f"FROM {sample.rows} LEFT JOIN period_places ON p = value GROUP BY u",
    )
    return Units(relation.whole, tuple(label_of(value) for value in periods), tables)


def with_units(sample: Sample, columns: Sequence[Column]) -> str:
    """SQL: the rows beside their unit: g, place, observed, treated, the columns c0 … and the unit's means m0 …"""
    values = ", ".join(f"{column.value} AS c{place}, s{place} / n AS m{place}" for place, column in enumerate(columns))
    return (
        f"(SELECT unit_paths.g AS g, place, observed, unit_paths.treated AS treated, {values} FROM {sample.rows} AS r "
        "JOIN period_places ON r.p = value JOIN unit_paths ON r.u = unit_paths.u)"
    )


def cells_and_reversals(steps: Sequence[Row]) -> tuple[int, int]:
    """Pairs of unit and period that hold rows, and steps from treated back to untreated, from the answer to `STEPS`."""
    cells, reversals = 0, 0
    for observed, treated, units in steps:
        path = [treated >> place & 1 for place in range(MOST_PERIODS) if observed >> place & 1]
        cells += units * len(path)
        reversals += units * sum(before > after for before, after in pairwise(path))
    return cells, reversals


def counted_cells(relation: Relation, sample: Sample) -> tuple[int, int]:
    """The same for units that may have several rows in a period, by one GROUP BY of unit and period."""
    cells = f"SELECT u, p, min(t) AS low, max(t) AS high FROM {sample.rows} GROUP BY ALL"
    steps = f"SELECT low, lag(high) OVER (PARTITION BY u ORDER BY p) AS before FROM ({cells})"
    question = f"SELECT count(*), count(*) FILTER (before = 1 AND low = 0) FROM ({steps})"
    (((number, reversals),),) = relation.whole.gather(Question(question, 0))
    return int(number), int(reversals)
