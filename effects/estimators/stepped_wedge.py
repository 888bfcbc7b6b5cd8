"""Stepped-wedge trials: two-way fixed effects with explicit dummies."""

from typing import Final

import numpy as np

from effects.codes import FixedEffect, Reason, WorkingModel
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count, dummies, names_of

MOST_CELLS: Final = 200_000_000


def stepped_wedge(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Weighted outcome on treatment, covariates and dummies of the stated fixed effects (unit and period by default).

    The dummies are explicit, not absorbed: cr2 with weights depends on that. Needs two clusters that are ever treated.
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
    width = sum(count(codes) for codes in stated.values()) + len(sample.covariate_names) + 2
    if sample.size * width > MOST_CELLS:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{columns} columns for {rows} rows are too many", {"columns": width, "rows": sample.size}),
            Message("cells instead of persons"),
        )
    return _model(sample, stated)


def _model(sample: Sample, stated: dict[FixedEffect, Codes]) -> LinearModel:
    columns: list[Numbers] = [sample.treated[:, None], np.ones((sample.size, 1)), sample.covariates]
    names = ["treated", "intercept", *sample.covariate_names]
    absorbed = 0
    for effect, codes in stated.items():
        columns.append(dummies(codes)[:, 1:])
        names.extend(names_of(effect.value, codes)[1:])
        if effect is not FixedEffect.PERIOD and _nested(codes, sample.cluster):
            absorbed += count(codes) - 1
    return LinearModel(
        outcome=sample.outcome,
        design=np.column_stack(columns),
        names=tuple(names),
        effect=0,
        weights=sample.weights,
        clusters=sample.cluster,
        absorbed=absorbed,
        estimator="wls_fixed_effects" if np.ptp(sample.weights) else "ols_fixed_effects",
    )


def _nested(codes: Codes, cluster: Codes | None) -> bool:
    """Whether each code lies in one cluster."""
    if cluster is None:
        return False
    pairs = np.unique(np.column_stack([codes, cluster]), axis=0)
    return len(pairs) == count(codes)
