"""Before and after: which rows are which, who has both, and by how much their means changed."""

import numpy as np

from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.samples import Sample, count


def after_start(sample: Sample) -> Flags:
    """Which rows (n,) are of the periods in which somebody is treated; without periods, those that are treated."""
    treated: Flags = sample.treated == 1.0
    if sample.period is None:
        return treated
    later: Flags = np.isin(sample.period, np.unique(sample.period[treated]))
    return later


def seen_twice(owner: Codes, after: Flags) -> Flags:
    """Which units (U,) have rows both before and after."""
    late = np.bincount(owner[after], minlength=count(owner)) > 0
    early = np.bincount(owner[~after], minlength=count(owner)) > 0
    both: Flags = late & early
    return both


def mean_changes(values: Numbers, weights: Numbers, owner: Codes, after: Flags, paired: Flags) -> Numbers:
    """The weighted mean after less that before of each unit that is `paired` (U,)."""
    means = []
    for rows in (after, ~after):
        weight = np.bincount(owner[rows], weights=weights[rows], minlength=count(owner))
        total = np.bincount(owner[rows], weights=(weights * values)[rows], minlength=count(owner))
        means.append(total[paired] / weight[paired])
    change: Numbers = means[0] - means[1]
    return change
