"""Units of one cluster that were observed and treated in the same periods: they share everything but the outcome.

With unit and period effects and no covariates these groups are exact: each unit of a group has the same demeaned
treatment and period columns, so that sums of the outcome by group and period are all that is needed of the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.compression.parts import Question, Row
from effects.compression.relation import Relation, label_of, literal, real, whole_sum
from effects.compression.sampling import Sample, columns_of
from effects.compression.units import MOST_PERIODS, look_at_units, with_units
from effects.moments import OUTCOME, TREATED, Grams
from effects.rows.columns import Codes, Flags, Numbers

MOST_GROUPS: Final = 20_000
"""More groups than this are hardly smaller than the rows."""


@dataclass(frozen=True, slots=True)
class UnitPaths:
    """m groups of units over T periods: cluster (m,), observed and treated (m, T), units (m,), outcome sums (m, T).

    `squares` (m,) sums the squares of the outcome less its unit's mean; None where units were not looked at one by one.
    """

    clusters: tuple[str, ...]
    periods: tuple[str, ...]
    cluster: Codes
    observed: Flags
    treated: Flags
    units: Codes
    sums: Numbers
    squares: Numbers | None

    @property
    def reversals(self) -> int:
        """Steps from treated back to untreated between neighbouring observed periods of a unit."""
        steps = 0
        last = np.zeros(len(self.units), dtype=np.bool_)
        for place in range(len(self.periods)):
            here = self.observed[:, place]
            steps += int(np.sum(self.units[here & last & ~self.treated[:, place]]))
            last = np.where(here, self.treated[:, place], last)
        return steps

    @property
    def cells(self) -> int:
        """Pairs of unit and period that hold a row."""
        return int(np.sum(self.units[:, None] * self.observed))


def sum_cells(relation: Relation, sample: Sample) -> list[Row]:
    """By cluster and period: both, rows, treated rows, the sum of the units' hashes, the whole sum of the outcome."""
    outcome = whole_sum("y", sample.grids[-1].reach)
    cells = f"SELECT g, p, count(*), sum(t), sum(hash(u)), {outcome} FROM {sample.rows} GROUP BY g, p"
    return relation.gather(Question(cells, 2))[0]


def balanced_paths(relation: Relation, sample: Sample) -> UnitPaths | None:
    """The groups where each cluster is one, by one GROUP BY of cluster and period; None where that is not so.

    The units of a cluster are the same in all its periods where the sums of their hashes are (64 bits: another set
    passes with probability 2^-64), once each where their number agrees with the number of different units.
    """
    found = sum_cells(relation, sample)
    periods = sorted({row[1] for row in found})
    clusters = sorted({row[0] for row in found})
    if len(periods) > MOST_PERIODS:
        return None
    shape = (len(clusters), len(periods))
    rows, treated, sums = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape)
    cluster_at = {value: place for place, value in enumerate(clusters)}
    period_at = {value: place for place, value in enumerate(periods)}
    marks: dict[object, set[tuple[int, int]]] = {}
    for cluster, period, count, dose, mark, total in found:
        place = (cluster_at[cluster], period_at[period])
        rows[place], treated[place], sums[place] = count, dose, real(total, sample.grids[-1].reach)
        marks.setdefault(cluster, set()).add((count, mark))
    constant = np.all((treated == 0.0) | (treated == rows))
    if not constant or any(len(mark) > 1 for mark in marks.values()):
        return None
    units = rows.max(axis=1)
    first = periods[0] if np.all(rows[:, 0] > 0) else None
    if _different_units(relation, sample, first) != int(units.sum()):
        return None
    order = np.argsort([label_of(value) for value in clusters], kind="stable")
    return UnitPaths(
        tuple(label_of(clusters[place]) for place in order),
        tuple(label_of(value) for value in periods),
        np.arange(len(clusters), dtype=np.int64),
        (rows > 0)[order],
        (treated > 0.0)[order],
        units[order],
        sums[order],
        None,
    )


def masked_paths(relation: Relation, sample: Sample) -> UnitPaths | None:
    """The groups of an unbalanced panel, by one look at each unit; None where units have no paths, or too many."""
    outcome = columns_of(sample, interacted=False)[-1:]
    units = look_at_units(relation, sample, outcome)
    if units is None:
        return None
    reach = outcome[0].reach
    reaches = reach, reach * reach, reach * reach * len(units.periods)
    groups = (
        f"SELECT g, observed, treated, count(*), {whole_sum('s0 * s0 / n', reaches[2])} FROM unit_paths GROUP BY ALL"
    )
    cells = (
        f"SELECT g, observed, treated, place, {whole_sum('c0', reaches[0])}, {whole_sum('c0 * c0', reaches[1])} "
        f"FROM {with_units(sample, outcome)} GROUP BY ALL"
    )
    found = units.ask(Question(groups, 3, MOST_GROUPS), Question(cells, 4))
    return None if found is None else _paths(units.periods, found[0], found[1], reaches)


def _different_units(relation: Relation, sample: Sample, first: object | None) -> int:
    """Number of different units: in the first period, where all clusters are there, else in all."""
    if first is None:
        units, parts = sample.rows, relation.whole
    else:
        units = f"(SELECT u FROM {sample.rows} WHERE p = {literal(first, sample.period)})"
        parts = relation if relation.apart(units) else relation.together
    (((number,),),) = parts.gather(Question(f"SELECT count(DISTINCT u) FROM {units}", 0))
    return int(number)


def _paths(
    periods: Sequence[str], groups: Sequence[Row], cells: Sequence[Row], reaches: tuple[float, float, float]
) -> UnitPaths:
    clusters = tuple(sorted({label_of(row[0]) for row in groups}))
    cluster_at = {name: place for place, name in enumerate(clusters)}
    group_at = {row[:3]: place for place, row in enumerate(groups)}
    sums, squares = np.zeros((len(groups), len(periods))), np.zeros(len(groups))
    for cluster, observed, treated, place, total, square in cells:
        group = group_at[(cluster, observed, treated)]
        sums[group, place] = real(total, reaches[0])
        squares[group] += real(square, reaches[1])
    return UnitPaths(
        clusters,
        tuple(periods),
        np.array([cluster_at[label_of(row[0])] for row in groups], dtype=np.int64),
        _bits([row[1] for row in groups], len(periods)),
        _bits([row[2] for row in groups], len(periods)),
        np.array([row[3] for row in groups], dtype=np.int64),
        sums,
        squares - np.array([real(row[4], reaches[2]) for row in groups], dtype=np.float64),
    )


def _bits(numbers: Sequence[int], width: int) -> Flags:
    codes = np.array(numbers, dtype=np.int64)
    flags: Flags = (codes[:, None] >> np.arange(width)) & 1 == 1
    return flags


def grams_of_paths(paths: UnitPaths) -> Grams:
    """Cross-products by cluster of unit-demeaned treatment and period dummies with the outcome.

    With X (T, c) the columns of one group in its observed periods and N its units, X'X adds N times and X'y is X' times
    the sums: the demeaned columns sum to zero, so that the outcome need not be demeaned.
    """
    width = len(paths.periods)
    names = (TREATED, *(f"period:{period}" for period in paths.periods), OUTCOME)
    periods = np.broadcast_to(np.eye(width), (len(paths.units), width, width))
    columns = np.concatenate([paths.treated[:, :, None], periods], axis=2)
    seen = paths.observed[:, :, None].astype(np.float64)
    number = paths.observed.sum(axis=1)
    columns = (columns - (columns * seen).sum(axis=1, keepdims=True) / number[:, None, None]) * seen
    squares = np.einsum("m,mti,mtj->mij", paths.units.astype(np.float64), columns, columns)
    squares = (squares + squares.transpose(0, 2, 1)) / 2.0
    outcome = np.einsum("mti,mt->mi", columns, paths.sums)
    own = np.zeros(len(paths.units)) if paths.squares is None else paths.squares
    group = np.zeros((len(paths.units), width + 2, width + 2))
    group[:, :-1, :-1] = squares
    group[:, :-1, -1] = group[:, -1, :-1] = outcome
    group[:, -1, -1] = own
    products = np.zeros((len(paths.clusters), width + 2, width + 2))
    rows, treated, units = (np.zeros(len(paths.clusters), dtype=np.int64) for _ in range(3))
    np.add.at(products, paths.cluster, group)
    np.add.at(rows, paths.cluster, paths.units * number)
    np.add.at(treated, paths.cluster, paths.units * (paths.treated & paths.observed).sum(axis=1))
    np.add.at(units, paths.cluster, paths.units)
    return Grams(
        paths.clusters,
        names,
        products,
        rows,
        treated,
        units,
        demeaned=True,
        squared=paths.squares is not None,
        base=names,
        origin=np.zeros(len(names)),
    )
