"""How many people stand behind each product of two columns that leaves, and behind their differences.

A product is a sum over the people in whom both columns are something else than a value most have: few may be left where
each column alone has many. Columns that leave less their mean within a unit are taken so; of others, less values that
are common, since sums of those leave too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from effects.rows.columns import Codes, Numbers

_NOTHING: Final = 1e-9
_COMMON: Final = 0.1
"""The share of rows from which a value counts as one that a column can be taken less of."""
_MOST_COMMON: Final = 3
_DOMINANT: Final = 0.8
"""The share of a column's squares around its mean from which one person is what they tell of."""

Pair: TypeAlias = tuple[str, str]
"""Two columns by name; the same twice where one person dominates it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The complete rows of an outcome, those of a person together: cluster (n,), person (n,), people (n,), columns.

    `others` are columns beside which a covariate stands, treatment or dummies, 0 or 1; `outcome` is (n,) too. All are
    as they are, not centred.
    """

    cluster: Codes
    person: Codes
    people: Numbers
    covariates: Mapping[str, Numbers]
    others: Mapping[str, Numbers]
    outcome: tuple[str, Numbers]


@dataclass(frozen=True, slots=True)
class Shared:
    """The people (k,) behind what two columns have together, for each pair of them and way of looking at it."""

    pairs: tuple[Pair, ...] = ()
    people: tuple[float, ...] = ()

    def __add__(self, other: "Shared") -> "Shared":
        """Two clusters as one: nobody is in both."""
        if not self.pairs or not other.pairs:
            return self if self.pairs else other
        return Shared(self.pairs, tuple(one + another for one, another in zip(self.people, other.people, strict=True)))

    def least(self) -> tuple[float, Pair] | None:
        """The fewest people behind anything at all, and of which columns; None where there is nothing."""
        return min(
            ((people, pair) for people, pair in zip(self.people, self.pairs, strict=True) if people), default=None
        )


def shared(rows: Rows, *, demeaned: bool) -> list[Shared]:
    """For each cluster, by its number, the people behind products and differences of which one is a covariate."""
    looked_at = list(_demeaned(rows) if demeaned else _apart(rows))
    names, wide = [name for name, _ in looked_at], np.column_stack([values for _, values in looked_at])
    differing = [(pair, less) for pair, values in _pairs(rows) for less in _differing(values, rows, demeaned=demeaned)]
    found = []
    for own in _by_cluster(rows):
        starts = np.flatnonzero(np.diff(rows.person[own], prepend=-1))
        people = np.minimum.reduceat(rows.people[own], starts)
        pairs, counts = list[Pair](), list[float]()
        for place, name in enumerate(names):
            if name not in rows.covariates:
                continue
            products = np.add.reduceat(wide[own] * wide[own, place, None], starts)
            behind = people @ (np.abs(products) > _NOTHING)
            others = [one for one in range(len(names)) if names[one] != name and not _earlier(names, one, place, rows)]
            pairs += [(name, names[one]) for one in others]
            counts += [float(behind[one]) for one in others]
        for pair, values in differing:
            pairs.append(pair)
            counts.append(float(people @ np.logical_or.reduceat(np.abs(values[own]) > _NOTHING, starts)))
        for name, values in rows.covariates.items():
            pairs.append((name, name))
            counts.append(_dominating(values[own], starts, people, demeaned=demeaned))
        found.append(Shared(tuple(pairs), tuple(counts)))
    return found


def squares(rows: Rows, *, demeaned: bool) -> list[Shared]:
    """For each cluster, by its number, the people who alone make up the outcome's square, and the one who nearly does.

    Of two whole numbers next to each other, such as 0 and 1, squares tell no more than sums do.
    """
    name, values = rows.outcome
    off = _less_mean(_sized(values), rows) if demeaned else _less_majority(values, rows)
    found = []
    for own in _by_cluster(rows):
        starts = np.flatnonzero(np.diff(rows.person[own], prepend=-1))
        people = np.minimum.reduceat(rows.people[own], starts)
        few = (
            float(people @ np.logical_or.reduceat(np.abs(off[own]) > _NOTHING, starts)),
            _dominating(values[own], starts, people, demeaned=demeaned),
        )
        found.append(Shared(((name, name), (name, name)), (0.0, 0.0) if _is_case(values[own]) else few))
    return found


def _by_cluster(rows: Rows) -> list[Codes]:
    """The places of each cluster's rows."""
    return np.split(np.arange(len(rows.cluster)), np.flatnonzero(np.diff(rows.cluster)) + 1)


def _is_case(values: Numbers) -> bool:
    return bool(np.ptp(values) <= 1.0 and np.all(values == np.rint(values)))


def _earlier(names: Sequence[str], one: int, place: int, rows: Rows) -> bool:
    """Whether a pair of covariates was met before, from its other side."""
    return names[one] in rows.covariates and one < place


def _demeaned(rows: Rows) -> Iterator[tuple[str, Numbers]]:
    columns = {**rows.covariates, **rows.others, rows.outcome[0]: rows.outcome[1]}
    for name, values in columns.items():
        yield name, _less_mean(_sized(values), rows)


def _apart(rows: Rows) -> Iterator[tuple[str, Numbers]]:
    """Where each column is something else than nothing, or than a common value."""
    for name, values in {**rows.covariates, rows.outcome[0]: rows.outcome[1]}.items():
        for value in _common(values):
            yield name, (values != value).astype(np.float64)
        yield name, (_less_majority(values, rows) != 0.0).astype(np.float64)
    for name, values in rows.others.items():
        yield name, values
        yield name, 1.0 - values


def _common(values: Numbers) -> list[float]:
    levels, rows = np.unique(values, return_counts=True)
    order = np.argsort(-rows, kind="stable")[:_MOST_COMMON]
    common = [float(levels[one]) for one in order if len(levels) == 2 or rows[one] >= _COMMON * len(values)]
    return list(dict.fromkeys([0.0, *common]))


def _pairs(rows: Rows) -> Iterator[tuple[Pair, Numbers]]:
    """What is left of columns less each other, and of two that mirror each other."""
    columns = [*rows.covariates.items(), rows.outcome]
    for place, (name, values) in enumerate(columns):
        for other, others in columns[place + 1 :]:
            size = max(np.abs(values).max(initial=0.0), np.abs(others).max(initial=0.0)) or 1.0
            yield (name, other), (values - others) / size
            yield (name, other), (values + others) / size


def _differing(values: Numbers, rows: Rows, *, demeaned: bool) -> tuple[Numbers, ...]:
    return (_less_mean(values, rows),) if demeaned else (_less_mode(values), _less_majority(values, rows))


def _less_majority(values: Numbers, rows: Rows) -> Numbers:
    """Less the value that most rows of the cluster have; 1 in a cluster where no value is that of most."""
    less = np.ones(len(values))
    for own in _by_cluster(rows):
        levels, number = np.unique(values[own].round(12), return_counts=True)
        if 2 * number.max() > len(own):
            less[own] = values[own].round(12) - levels[np.argmax(number)]
    return less


def _less_mode(values: Numbers) -> Numbers:
    levels, rows = np.unique(values.round(12), return_counts=True)
    less: Numbers = values - levels[np.argmax(rows)]
    return less


def _less_mean(values: Numbers, rows: Rows) -> Numbers:
    """Less the mean of each person's rows."""
    starts = np.flatnonzero(np.diff(rows.person, prepend=-1))
    lengths = np.diff(np.append(starts, len(values)))
    return values - np.repeat(np.add.reduceat(values, starts) / lengths, lengths)


def _sized(values: Numbers) -> Numbers:
    middle = values - values.mean()
    sized: Numbers = middle / (np.abs(middle).max(initial=0.0) or 1.0)
    return sized


def _dominating(values: Numbers, starts: Codes, people: Numbers, *, demeaned: bool) -> float:
    """The people of the one who makes up nearly all of a column's squares, 0 where nobody does."""
    lengths = np.diff(np.append(starts, len(values)))
    middle = np.repeat(np.add.reduceat(values, starts) / lengths, lengths) if demeaned else values.mean()
    squares = np.add.reduceat((values - middle) ** 2, starts)
    first = int(np.argmax(squares))
    far = squares[first] > _DOMINANT * squares.sum() and squares[first] > (_NOTHING * np.abs(values).max()) ** 2
    return float(people[first]) if far else 0.0
