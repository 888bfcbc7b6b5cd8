"""Which rows belong to the treated group of a difference in differences, and how many of them there are."""

from dataclasses import replace

import numpy as np

from effects.compression.relation import Relation, label_of
from effects.compression.sampling import Column, Sample
from effects.planning.sections import PlanSections
from effects.wave_counts import WaveCounts

GROUP = Column("group", "k", 1.0, "group", 0.0)
"""The group as a column of cross-products."""


def grouped(sample: Sample, plan: PlanSections) -> Sample:
    """The sample with k, 1 in the treated group: as stated, else that of units (or clusters) that are ever treated."""
    if plan.data.group is not None:
        return sample
    owner = "g" if plan.data.unit is None else "u"
    return replace(sample, rows=f"(SELECT *, max(t) OVER (PARTITION BY {owner}) AS k FROM {sample.rows})")


def count_waves(relation: Relation, sample: Sample) -> WaveCounts:
    """The counts of a grouped sample, by one GROUP BY of cluster and period."""
    found = relation.ask(
        "SELECT g, p, count(*) - CAST(sum(k) AS BIGINT), CAST(sum(k) AS BIGINT), CAST(sum(t) AS BIGINT) "
        f"FROM {sample.rows} GROUP BY g, p"
    )
    clusters = sorted({label_of(row[0]) for row in found})
    periods = sorted({label_of(row[1]) for row in found})
    by_period, by_cluster = np.zeros((len(periods), 3), np.int64), np.zeros((len(clusters), 2), np.int64)
    for cluster, period, *counts in found:
        by_period[periods.index(label_of(period))] += counts
        by_cluster[clusters.index(label_of(cluster))] += counts[:2]
    return WaveCounts(tuple(periods), tuple(clusters), by_period, by_cluster)
