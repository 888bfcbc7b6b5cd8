"""The parts of a moments file that only some designs have: counts of waves, starts of treatment, changes of units."""

import numpy as np

from effects.compression.checked import Unsound, Value
from effects.treatment_starts import TreatmentStarts
from effects.unit_changes import UnitChanges
from effects.wave_counts import WaveCounts


def waves_content(waves: WaveCounts) -> dict[str, object]:
    """Counts of waves as plain values."""
    return {
        "periods": list(waves.periods),
        "clusters": list(waves.clusters),
        "by_period": waves.by_period.tolist(),
        "by_cluster": waves.by_cluster.tolist(),
    }


def read_waves(waves: Value) -> WaveCounts | None:
    """The counts, or null; raises Unsound."""
    if waves.content is None:
        return None
    periods, clusters = waves.at("periods").texts(distinct=True), waves.at("clusters").texts(distinct=True)
    by_period, by_cluster = (
        np.array([row.counts(width) for row in waves.at(name).each(length)], dtype=np.int64).reshape(length, width)
        for name, length, width in (("by_period", len(periods), 3), ("by_cluster", len(clusters), 2))
    )
    return WaveCounts(periods, clusters, by_period, by_cluster)


def read_starts(starts: Value) -> TreatmentStarts | None:
    """Starts of treatment, or null; raises Unsound."""
    if starts.content is None:
        return None
    clusters = starts.at("clusters").texts(distinct=True)
    periods = starts.at("periods").texts(distinct=True)
    return TreatmentStarts(
        periods,
        starts.at("numeric").flag(),
        clusters,
        tuple(owner.text() for owner in starts.at("owners").each(len(clusters))),
        tuple(None if one.content is None else one.text(periods) for one in starts.at("first").each(len(clusters))),
    )


def changes_content(changes: UnitChanges) -> dict[str, object]:
    """Changes of units as plain values: of each group the lower triangle over pairs of periods, row by row."""
    lower = np.tril_indices(len(changes.periods))
    return {
        "periods": list(changes.periods),
        "numeric": changes.numeric,
        "groups": [
            {
                "cluster": changes.clusters[place],
                "first": changes.first[place],
                "units": int(changes.units[place]),
                "rows": int(changes.rows[place]),
                "people": float(changes.people[place]),
                "complete": int(changes.complete[place]),
                "seen": changes.seen[place][lower].tolist(),
                "present": changes.present[place][lower].tolist(),
                "gains": changes.gains[place][lower].tolist(),
            }
            for place in range(len(changes.clusters))
        ],
    }


def read_changes(changes: Value) -> UnitChanges | None:
    """The changes, or null; raises Unsound."""
    if changes.content is None:
        return None
    periods, groups = changes.at("periods").texts(distinct=True), changes.at("groups").each()
    lower = np.tril_indices(len(periods))
    shape, pairs = (len(groups), len(periods), len(periods)), len(lower[0])
    seen, present, gains = np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape)
    for place, group in enumerate(groups):
        for whole, name, sign in ((present, "present", 1.0), (gains, "gains", -1.0)):
            whole[place].T[lower] = sign * group.at(name).numbers(pairs, least=0.0 if sign > 0.0 else -np.inf)
            whole[place][lower] = sign * whole[place].T[lower]
        seen[place].T[lower] = seen[place][lower] = group.at("seen").counts(pairs)
    units, rows, complete = (
        np.array([group.at(name).count() for group in groups], dtype=np.int64) for name in ("units", "rows", "complete")
    )
    clusters = tuple(group.at("cluster").text() for group in groups)
    first = tuple(None if group.at("first").content is None else group.at("first").text() for group in groups)
    pointless = np.any(np.diagonal(gains, axis1=1, axis2=2)) or np.any(seen > units[:, None, None])
    if pointless or np.any(complete > units) or len({*zip(clusters, first, strict=True)}) < len(groups):
        raise Unsound(changes.at("groups").where)
    return UnitChanges(
        periods,
        changes.at("numeric").flag(),
        clusters,
        first,
        units,
        rows,
        np.array([group.at("people").number(least=0.0) for group in groups], dtype=np.float64),
        complete,
        seen,
        present,
        gains,
    )
