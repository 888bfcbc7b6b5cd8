"""Difference in differences with one date of treatment: the change where it came less the change elsewhere."""

from collections.abc import Sequence

import numpy as np

from effects.codes import FixedEffect, Reason
from effects.estimators.fixed_effects import fixed_effects_model
from effects.estimators.waves import after_start
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.columns import Codes
from effects.rows.samples import Sample


def two_period_did(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Weighted outcome on treatment (group x later period), covariates and dummies of the stated fixed effects.

    Without a stated group, units that are ever treated form it. Needs rows of both groups before and after, and two
    clusters in each group where clusters are stated; samples drawn anew each time have none.
    """
    if sample.period is None or (sample.cluster is None and sample.group is None):
        return Obstacle(Reason.NO_ROWS, Message("no periods or units are stated"), Message("data.period and data.unit"))
    group = group_of(sample)
    obstacle = _unsupported(sample, group)
    if obstacle is not None:
        return obstacle
    sets = {
        FixedEffect.GROUP: group,
        FixedEffect.PERIOD: sample.period,
        FixedEffect.CLUSTER: sample.cluster,
        FixedEffect.UNIT: sample.cluster if sample.unit is None else sample.unit,
    }
    stated = {effect: codes for effect, codes in sets.items() if effect in settings.fixed_effects and codes is not None}
    return fixed_effects_model(sample, stated)


def group_of(sample: Sample) -> Codes:
    """For each row (n,) 1 in the group that is treated, 0 in the one that is not."""
    if sample.group is not None:
        return sample.group
    owner = sample.cluster if sample.unit is None else sample.unit
    if owner is None:
        return np.zeros(sample.size, dtype=np.int64)
    ever = np.zeros(int(owner.max()) + 1, dtype=np.int64)
    np.maximum.at(ever, owner, sample.treated.astype(np.int64))
    return ever[owner]


def _unsupported(sample: Sample, group: Codes) -> Obstacle | None:
    after = after_start(sample)
    cells = [int(np.sum((group == arm) & (after == late))) for arm in (0, 1) for late in (False, True)]
    if sample.cluster is None:
        return unsupported(cells, None)
    treated, untreated = (len(np.unique(sample.cluster[group == arm])) for arm in (1, 0))
    return unsupported(cells, (treated, untreated))


def unsupported(cells: Sequence[int], arms: tuple[int, int] | None) -> Obstacle | None:
    """Why four counts of rows, and clusters with treated and with untreated ones, are too few to compare.

    `cells` are the rows of the untreated group before and after, then those of the treated one.
    """
    if min(cells) == 0:
        counted = Message(
            "{u0} untreated rows before and {u1} after, {t0} treated rows before and {t1} after",
            dict(zip(("u0", "u1", "t0", "t1"), cells, strict=True)),
        )
        return Obstacle(Reason.EMPTY_ARM, counted, Message("rows of both groups before and after"))
    if arms is not None and min(arms) < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{treated} treated and {untreated} untreated clusters", {"treated": arms[0], "untreated": arms[1]}),
            Message("at least 2 clusters in each arm, or the placebo test beside it"),
        )
    return None
