"""Stepped-wedge trials: two-way fixed effects with explicit dummies."""

import numpy as np

from effects.codes import FixedEffect, Reason
from effects.estimators.fixed_effects import fixed_effects_model
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.samples import Sample


def stepped_wedge(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Weighted outcome on treatment, covariates and dummies of the stated fixed effects (unit and period by default).

    Needs two clusters that are ever treated.
    """
    obstacle = wedge_obstacle(sample)
    if obstacle is not None:
        return obstacle
    assert sample.unit is not None
    assert sample.period is not None
    assert sample.cluster is not None
    sets = {FixedEffect.UNIT: sample.unit, FixedEffect.PERIOD: sample.period, FixedEffect.CLUSTER: sample.cluster}
    stated = {effect: codes for effect, codes in sets.items() if effect in settings.fixed_effects}
    return fixed_effects_model(sample, stated)


def wedge_obstacle(sample: Sample) -> Obstacle | None:
    """Why rows are no stepped wedge: no clusters or periods, or one cluster that is ever treated."""
    if sample.unit is None or sample.period is None or sample.cluster is None:
        return Obstacle(
            Reason.NO_ROWS, Message("units or periods are not stated"), Message("data.unit and data.period")
        )
    treated = len(np.unique(sample.cluster[sample.treated == 1.0]))
    if treated < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{treated} treated cluster", {"treated": treated}),
            Message("at least 2 treated clusters or a permutation test"),
        )
    return None
