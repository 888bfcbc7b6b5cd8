"""Stepped-wedge trials: two-way fixed effects with explicit dummies."""

import numpy as np

from effects.codes import FixedEffect, Reason, WorkingModel
from effects.estimators.fixed_effects import fixed_effects_model
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.samples import Sample


def stepped_wedge(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Weighted outcome on treatment, covariates and dummies of the stated fixed effects (unit and period by default).

    Needs two clusters that are ever treated.
    """
    if settings.working_model is not WorkingModel.FIXED_EFFECTS:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("the working model {model} is not available yet", {"model": str(settings.working_model)}),
            Message('working_model = "fixed_effects"'),
        )
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
    sets = {FixedEffect.UNIT: sample.unit, FixedEffect.PERIOD: sample.period, FixedEffect.CLUSTER: sample.cluster}
    stated = {effect: codes for effect, codes in sets.items() if effect in settings.fixed_effects}
    return fixed_effects_model(sample, stated)
