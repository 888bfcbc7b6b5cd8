"""Changes of units between any two periods, summed by cluster and cohort: what staggered adoption needs; they add."""

from dataclasses import dataclass

import numpy as np

from effects.rows.columns import Codes, Numbers
from effects.treatment_starts import ordered


@dataclass(frozen=True, slots=True)
class UnitChanges:
    """U groups of units by cluster and first treated period (None = never), names ascending, over P periods in order.

    Shapes: units, rows (outcomes), people and complete (units seen in all periods in which anybody here is) (U,); of
    the units that are seen in both of two periods: seen (U, P, P) their number, present (U, P, P) their people, and
    gains (U, P, P) the sum of their changes from the column's period to the row's. `numeric` periods are numbers.
    """

    periods: tuple[str, ...]
    numeric: bool
    clusters: tuple[str, ...]
    first: tuple[str | None, ...]
    units: Codes
    rows: Codes
    people: Numbers
    complete: Codes
    seen: Codes
    present: Numbers
    gains: Numbers

    @property
    def observed(self) -> set[str]:
        """Periods in which anybody is seen."""
        anybody = np.einsum("upp->p", self.seen)
        return {period for period, units in zip(self.periods, anybody, strict=True) if units}

    def __add__(self, other: "UnitChanges") -> "UnitChanges":
        """The changes of both parts' units, which must be different ones."""
        numeric = self.numeric and other.numeric
        periods = ordered({*self.periods, *other.periods}, numeric=numeric)
        mine, theirs = (list(zip(part.clusters, part.first, strict=True)) for part in (self, other))
        groups = sorted({*mine, *theirs}, key=group_order)
        number, width = len(groups), len(periods)
        units, rows, complete = (np.zeros(number, dtype=np.int64) for _ in range(3))
        seen = np.zeros((number, width, width), dtype=np.int64)
        people, present, gains = np.zeros(number), np.zeros(seen.shape), np.zeros(seen.shape)
        observed = self.observed | other.observed
        for part, own in ((self, mine), (other, theirs)):
            place = np.array([groups.index(group) for group in own], dtype=np.int64)
            at = np.array([periods.index(period) for period in part.periods], dtype=np.int64)
            units[place] += part.units
            rows[place] += part.rows
            people[place] += part.people
            if part.observed == observed:
                complete[place] += part.complete
            for total, share in ((seen, part.seen), (present, part.present), (gains, part.gains)):
                total[np.ix_(place, at, at)] += share
        return UnitChanges(
            periods,
            numeric,
            tuple(cluster for cluster, _ in groups),
            tuple(first for _, first in groups),
            units,
            rows,
            people,
            complete,
            seen,
            present,
            gains,
        )


def group_order(group: tuple[str, str | None]) -> tuple[str, bool, str]:
    """Where a cluster's cohort stands: by names, the never treated last."""
    cluster, first = group
    return cluster, first is None, first or ""
