"""Least squares with the dummies of stated sets of effects."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from effects.codes import FixedEffect, Reason
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count, dummies, names_of

MOST_CELLS: Final = 200_000_000


def fixed_effects_model(sample: Sample, sets: Mapping[FixedEffect, Codes]) -> LinearModel | Obstacle:
    """Weighted outcome on treatment, covariates and a dummy for each code (n,) of each set but its first.

    The dummies are explicit, not absorbed: cr2 with weights depends on that.
    """
    width = sum(count(codes) for codes in sets.values()) + len(sample.covariate_names) + 2
    if sample.size * width > MOST_CELLS:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{columns} columns for {rows} rows are too many", {"columns": width, "rows": sample.size}),
            Message("cells instead of persons"),
        )
    columns: list[Numbers] = [sample.treated[:, None], np.ones((sample.size, 1)), sample.covariates]
    names = ["treated", "intercept", *sample.covariate_names]
    absorbed = 0
    for effect, codes in sets.items():
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
