"""Rows of two groups before and after, as counts that add: what a difference in differences needs beside its sums."""

from dataclasses import dataclass

import numpy as np

from effects.rows.columns import Codes


@dataclass(frozen=True, slots=True)
class WaveCounts:
    """Rows of P periods and G clusters, names ascending: `by_period` (P, 3) of the untreated group, of the treated
    group, and under treatment; `by_cluster` (G, 2) of the untreated and of the treated group."""

    periods: tuple[str, ...]
    clusters: tuple[str, ...]
    by_period: Codes
    by_cluster: Codes

    def __add__(self, other: "WaveCounts") -> "WaveCounts":
        """The counts of both parts' rows."""
        periods = tuple(sorted({*self.periods, *other.periods}))
        clusters = tuple(sorted({*self.clusters, *other.clusters}))
        by_period, by_cluster = np.zeros((len(periods), 3), np.int64), np.zeros((len(clusters), 2), np.int64)
        for part in (self, other):
            by_period[[periods.index(name) for name in part.periods]] += part.by_period
            by_cluster[[clusters.index(name) for name in part.clusters]] += part.by_cluster
        return WaveCounts(periods, clusters, by_period, by_cluster)

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """Rows of the untreated group before and after, then of the treated group; after is when anybody is treated."""
        after = self.by_period[:, 2] > 0
        found = [int(self.by_period[after == late, group].sum()) for group in (0, 1) for late in (False, True)]
        return found[0], found[1], found[2], found[3]

    @property
    def arms(self) -> tuple[int, int]:
        """Clusters with rows of the treated group, and with rows of the untreated one."""
        return int(np.sum(self.by_cluster[:, 1] > 0)), int(np.sum(self.by_cluster[:, 0] > 0))
