"""When clusters were first treated, read from all rows: what exposure times count from; it adds."""

from collections.abc import Sequence
from dataclasses import dataclass

from effects.rows.columns import parse_number


@dataclass(frozen=True, slots=True)
class TreatmentStarts:
    """All periods of the rows, and of each cluster whose start it shares (its sequence, or itself) and that period.

    Clusters ascend by name; `first` is None for one that is never treated. `numeric` periods are ordered by size,
    others by their code points.
    """

    periods: tuple[str, ...]
    numeric: bool
    clusters: tuple[str, ...]
    owners: tuple[str, ...]
    first: tuple[str | None, ...]

    def joined(self, other: "TreatmentStarts") -> "TreatmentStarts | None":
        """The starts of both parts' rows; None where a cluster has another sequence in each."""
        numeric = self.numeric and other.numeric
        periods = ordered({*self.periods, *other.periods}, numeric=numeric)
        owners = dict(zip(self.clusters, self.owners, strict=True))
        first = dict(zip(self.clusters, self.first, strict=True))
        for cluster, owner, start in zip(other.clusters, other.owners, other.first, strict=True):
            if owners.setdefault(cluster, owner) != owner:
                return None
            first[cluster] = _earlier(first.get(cluster), start, periods)
        clusters = tuple(sorted(owners))
        return TreatmentStarts(
            periods,
            numeric,
            clusters,
            tuple(owners[cluster] for cluster in clusters),
            tuple(first[cluster] for cluster in clusters),
        )

    def exposure(self, cluster: str, period: str) -> int | None:
        """Periods since the first treated one, 0 in that period; None for a cluster that is never treated."""
        owner = self.owners[self.clusters.index(cluster)]
        starts = [start for own, start in zip(self.owners, self.first, strict=True) if own == owner]
        places = [self.periods.index(start) for start in starts if start is not None]
        return self.periods.index(period) - min(places) if places else None


def ordered(periods: Sequence[str] | set[str], *, numeric: bool) -> tuple[str, ...]:
    """Periods in the order of time."""
    if numeric:
        return tuple(sorted(periods, key=lambda period: (parse_number(period) or 0.0, period)))
    return tuple(sorted(periods))


def _earlier(one: str | None, other: str | None, periods: Sequence[str]) -> str | None:
    return min((start for start in (one, other) if start is not None), key=periods.index, default=None)
