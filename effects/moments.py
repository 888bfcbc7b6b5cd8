"""Sufficient statistics that add: what the linear designs need to know of the rows, cluster by cluster.

`Grams` are the cross-products of one outcome's columns, `Moments` those of every outcome of a plan with the counts that
account for each row. Parts that share no unit add with `+` to the moments of the whole, whoever computed them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Final

import numpy as np

from effects.codes import DropReason
from effects.errors import DataError, Finding
from effects.results import Dropped
from effects.rows.columns import Codes, Numbers
from effects.treatment_starts import TreatmentStarts
from effects.unit_changes import UnitChanges
from effects.wave_counts import WaveCounts

TREATED: Final = "treated"
CONSTANT: Final = "constant"
OUTCOME: Final = "outcome"
_DUMMIES: Final = ("period:", "strata:")


@dataclass(frozen=True, slots=True)
class Grams:
    """Cross-products (G, c, c) of the columns of one outcome's model in each of G clusters; the outcome stands last.

    `demeaned`: every column is less its mean within the unit, so that unit effects are gone and no constant is left.
    Otherwise column j holds its values less `origin[j]` times column `base[j]` (its own number where nothing is
    subtracted), which keeps digits. `rows`, `treated` rows and `units` (G,) count; `squared` says whether the outcome's
    own square is known, which only iid errors need.
    """

    clusters: tuple[str, ...]
    names: tuple[str, ...]
    products: Numbers
    rows: Codes
    treated: Codes
    units: Codes
    demeaned: bool
    squared: bool
    base: tuple[str, ...]
    origin: Numbers

    def __add__(self, other: "Grams") -> "Grams":
        """The cross-products of both parts' rows; columns that one part lacks are zero there."""
        if not self.clusters or not other.clusters:
            return self if self.clusters else other
        names = _united(self.names, other.names)
        bases = dict(zip(other.names, other.base, strict=True)) | dict(zip(self.names, self.base, strict=True))
        origins = dict(zip(other.names, other.origin, strict=True)) | dict(zip(self.names, self.origin, strict=True))
        clusters = tuple(sorted({*self.clusters, *other.clusters}))
        shape = (len(clusters), len(names), len(names))
        products = np.zeros(shape)
        rows, treated, units = (np.zeros(len(clusters), dtype=np.int64) for _ in range(3))
        for part in (self, other):
            moved = part.moved_to(origins)
            place = np.array([clusters.index(cluster) for cluster in part.clusters], dtype=np.int64)
            columns = np.array([names.index(name) for name in part.names], dtype=np.int64)
            products[np.ix_(place, columns, columns)] += moved.products
            rows[place] += part.rows
            treated[place] += part.treated
            units[place] += part.units
        squared = self.squared and other.squared
        if not squared:
            products[:, -1, -1] = 0.0
        return Grams(
            clusters,
            names,
            products,
            rows,
            treated,
            units,
            self.demeaned,
            squared,
            tuple(bases[name] for name in names),
            np.array([origins[name] for name in names]),
        )

    def moved_to(self, origins: Mapping[str, float]) -> "Grams":
        """The same rows with other values subtracted from the columns."""
        target = np.array([origins.get(name, own) for name, own in zip(self.names, self.origin, strict=True)])
        change = np.eye(len(self.names))
        for place, base in enumerate(self.base):
            if base != self.names[place]:
                change[self.names.index(base), place] = self.origin[place] - target[place]
        products = change.T @ self.products @ change
        if not self.squared:
            products[:, -1, -1] = 0.0
        return replace(self, products=products, origin=target)

    def column(self, name: str) -> int:
        """Where a column stands; raises ValueError for one that is not there."""
        return self.names.index(name)

    def levels(self, effect: str) -> tuple[str, ...]:
        """The dummies of a set of effects, in the order of its levels."""
        return tuple(name for name in self.names if name.startswith(f"{effect}:"))


@dataclass(frozen=True, slots=True)
class OutcomeMoments:
    """One outcome: its cross-products and how they were found, and the counts that checks and disclosure read.

    `people`, `rows_in_arm` and `missing_in_arm` are (untreated, treated); the last two and `missing` count rows before
    any is dropped. `cells` counts the different pairs of unit and period, `reversals` the steps from treated back to
    untreated within a unit, `waves` the rows of both groups, `starts` when clusters were first treated, `changes` how
    units changed; None where the design does not ask. By cluster of the cross-products, where rows were looked at for
    disclosure: the people behind it, and the `least` people behind any sum that can be worked out of it.
    """

    outcome: str
    statistic: str
    grams: Grams
    dropped: tuple[Dropped, ...]
    people: tuple[float, float]
    rows_in_arm: tuple[int, int]
    missing_in_arm: tuple[int, int]
    missing: int
    cells: int | None = None
    reversals: int | None = None
    waves: WaveCounts | None = None
    starts: TreatmentStarts | None = None
    changes: UnitChanges | None = None
    people_by_cluster: tuple[float, ...] | None = None
    least: tuple[float, ...] | None = None

    def __add__(self, other: "OutcomeMoments") -> "OutcomeMoments":
        """Both parts; the name of the statistic is the larger one's."""
        return OutcomeMoments(
            self.outcome,
            max(self.statistic, other.statistic, key=STATISTICS.index),
            self.grams + other.grams,
            _dropped(self.dropped, other.dropped),
            (self.people[0] + other.people[0], self.people[1] + other.people[1]),
            (self.rows_in_arm[0] + other.rows_in_arm[0], self.rows_in_arm[1] + other.rows_in_arm[1]),
            (self.missing_in_arm[0] + other.missing_in_arm[0], self.missing_in_arm[1] + other.missing_in_arm[1]),
            self.missing + other.missing,
            None if self.cells is None or other.cells is None else self.cells + other.cells,
            None if self.reversals is None or other.reversals is None else self.reversals + other.reversals,
            None if self.waves is None or other.waves is None else self.waves + other.waves,
            None if self.starts is None or other.starts is None else self.starts.joined(other.starts),
            None if self.changes is None or other.changes is None else self.changes + other.changes,
            self._by_cluster(other, self.people_by_cluster, other.people_by_cluster, add),
            self._by_cluster(other, self.least, other.least, min),
        )

    def _by_cluster(
        self,
        other: "OutcomeMoments",
        mine: tuple[float, ...] | None,
        theirs: tuple[float, ...] | None,
        joined: Callable[[float, float], float],
    ) -> tuple[float, ...] | None:
        """A figure of each cluster in the order of the sum's clusters, unknown where one part does not know it."""
        if mine is None or theirs is None:
            return None
        found = dict(zip(self.grams.clusters, mine, strict=True))
        for cluster, figure in zip(other.grams.clusters, theirs, strict=True):
            found[cluster] = joined(found[cluster], figure) if cluster in found else figure
        return tuple(found[cluster] for cluster in sorted(found))


STATISTICS: Final = ("cells", "masked_cells", "grams", "changes")
"""From the smallest to the largest: cells of cluster and period, the same by which periods a unit was observed in,
cross-products of every column; and changes of units between periods."""


@dataclass(frozen=True, slots=True)
class Moments:
    """All that a plan needs to know of some rows; `plan` is the fingerprint of the plan they were made for.

    `rows` = `rows_used` + the rows of `dropped`, as in a result. `authority` says who made them (empty: nobody in
    particular, or several), `merged` which clusters were made part of another before, and `shared` of which clusters
    several parts hold rows.
    """

    plan: str
    outcomes: tuple[OutcomeMoments, ...]
    sha256: tuple[str, ...]
    rows: int
    rows_used: int
    dropped: tuple[Dropped, ...]
    authority: str = ""
    merged: tuple[tuple[str, str], ...] = ()
    shared: tuple[str, ...] = ()

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of both parts' rows, which must share no unit.

        Raises DataError where the parts belong to different plans, are the same file, or were split by period.
        """
        findings = _differences(self, other)
        if findings:
            raise DataError(findings)
        return Moments(
            self.plan,
            tuple(one + another for one, another in zip(self.outcomes, other.outcomes, strict=True)),
            tuple(sorted((*self.sha256, *other.sha256))),
            self.rows + other.rows,
            self.rows_used + other.rows_used,
            _dropped(self.dropped, other.dropped),
            self.authority if self.authority == other.authority else "",
            tuple(sorted({*self.merged, *other.merged})),
            tuple(sorted({*self.shared, *other.shared, *(self.clusters & other.clusters)})),
        )

    @property
    def clusters(self) -> set[str]:
        """The clusters of any outcome, or the arms where sums are by arm."""
        return {cluster for outcome in self.outcomes for cluster in outcome.grams.clusters}


def total(parts: Sequence[Moments]) -> Moments:
    """The moments of all parts together, the same bytes in whatever order they are given; raises what `+` raises."""
    return reduce(add, sorted(parts, key=lambda part: part.sha256))


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """All column names: numeric columns as they stand, dummies in the order of their levels, the outcome last."""
    names = dict.fromkeys((*one[:-1], *other[:-1]))
    plain = [name for name in names if not name.startswith(_DUMMIES)]
    return (*plain, *sorted((name for name in names if name.startswith(_DUMMIES)), key=_level_order), OUTCOME)


def _level_order(name: str) -> tuple[str, int, float, str]:
    effect, _, level = name.partition(":")
    numeric = level.removeprefix("-").replace(".", "", 1).isdecimal()
    return effect, 0 if numeric else 1, float(level) if numeric else 0.0, level


def _dropped(one: Sequence[Dropped], other: Sequence[Dropped]) -> tuple[Dropped, ...]:
    counts = {reason: sum(found.rows for found in (*one, *other) if found.reason is reason) for reason in DropReason}
    return tuple(Dropped(reason, rows) for reason, rows in counts.items() if rows)


def _differences(one: Moments, other: Moments) -> list[Finding]:
    if one.plan != other.plan:
        return [
            Finding(
                "moments",
                "other_plan",
                "The moments were made for different plans.",
                "Make all of them with the plan that is to be carried out.",
            )
        ]
    if set(one.sha256) & set(other.sha256):
        return [Finding("moments", "repeated_part", "The same rows are in two parts.", "Give every part once.")]
    split = [
        outcome.outcome
        for outcome, another in zip(one.outcomes, other.outcomes, strict=True)
        if _split_by_period(outcome, another)
    ]
    return [
        Finding(
            "moments",
            "split_by_period",
            "The parts hold the same cluster in different periods, so that units stand in both.",
            "Split the rows by unit, so that each unit is whole in one part.",
            {"outcome": outcome},
        )
        for outcome in split
    ]


def _split_by_period(one: OutcomeMoments, other: OutcomeMoments) -> bool:
    """Whether several clusters of unit-demeaned parts have no period in common, and none has one: few units may."""
    if not one.grams.demeaned:
        return False
    shared = {*one.grams.clusters} & {*other.grams.clusters}
    seen = [(mine, theirs) for name in shared if (mine := _observed(one, name)) and (theirs := _observed(other, name))]
    return len(seen) > 1 and not any(mine & theirs for mine, theirs in seen)


def apart_in_time(one: OutcomeMoments, other: OutcomeMoments) -> bool:
    """Whether any cluster of parts that look within units has no period in common: then many units straddle them."""
    if not one.grams.demeaned and one.changes is None:
        return False
    shared = sorted({*one.grams.clusters} & {*other.grams.clusters})
    return any(not _observed(one, cluster) & _observed(other, cluster) for cluster in shared)


def _observed(moments: OutcomeMoments, cluster: str) -> set[str]:
    """Periods in which units of a cluster are seen that are also seen in others."""
    changes, grams = moments.changes, moments.grams
    if changes is not None:
        own = np.einsum("upp->up", changes.seen)[[name == cluster for name in changes.clusters]].sum(axis=0)
        return {period for period, units in zip(changes.periods, own, strict=True) if units}
    products = grams.products[grams.clusters.index(cluster)]
    return {name for name in grams.levels("period") if products[grams.column(name), grams.column(name)] > 0.0}
