"""What leaves of one person where sums of changes between periods do: which of the sums their outcomes are in."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from effects.compression.relation import Relation, label_of
from effects.compression.sampling import Sample
from effects.compression.unit_changes import start_of
from effects.federation.spanning import Alike
from effects.plan import AnalysisPlan
from effects.rows.columns import Numbers
from effects.unit_changes import UnitChanges

_PEOPLE: Final = """SELECT g, start, path, sum(people) FROM (SELECT g, u, {start} AS start, list(p ORDER BY p) AS path,
{people} AS people FROM {rows} GROUP BY ALL) GROUP BY ALL ORDER BY ALL"""


def changing(relation: Relation, sample: Sample, plan: AnalysisPlan, changes: UnitChanges) -> dict[str, list[Alike]]:
    """The people of each cluster who begin treatment together and were seen in the same periods."""
    people = "1" if plan.data.persons is None else "min(CAST(h AS DOUBLE))"
    query = _PEOPLE.format(start=start_of(relation, plan), people=people, rows=sample.rows)
    cohorts = sorted({start or "" for start in changes.first})
    found: dict[str, list[Alike]] = {}
    for cluster, start, path, number in relation.ask(query):
        cohort = cohorts.index("" if start is None else label_of(start))
        vectors = change_vectors([changes.periods.index(label_of(period)) for period in path], len(changes.periods))
        placed = np.zeros((len(path), len(cohorts), vectors.shape[1]))
        placed[:, cohort] = vectors
        found.setdefault(label_of(cluster), []).append(Alike(placed.reshape(len(path), -1), float(number)))
    return found


def change_vectors(path: Sequence[int], periods: int) -> Numbers:
    """For each period (r,) of one person the changes between all pairs of periods that hold their outcome then, and
    its sign."""
    pairs = {pair: place for place, pair in enumerate(combinations(range(periods), 2))}
    vectors = np.zeros((len(path), len(pairs)))
    for (row, earlier), (column, later) in combinations(enumerate(path), 2):
        vectors[row, pairs[(earlier, later)]] = -1.0
        vectors[column, pairs[(earlier, later)]] = 1.0
    return vectors
