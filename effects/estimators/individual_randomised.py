"""Individually randomised trials: difference in means, or Lin's fully interacted adjustment."""

import numpy as np

from effects.codes import Reason
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.samples import Sample


def individual_randomised(sample: Sample, _settings: Settings) -> LinearModel | Obstacle:
    """Outcome on treatment; covariates enter centred at their weighted means and interacted with treatment (Lin 2013).

    Without covariates the coefficient is the difference of the (weighted) means. Every row needs a known arm.
    """
    treated = int(np.sum(sample.treated))
    untreated = sample.size - treated
    if min(treated, untreated) < 2:
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{treated} treated and {untreated} untreated rows", {"treated": treated, "untreated": untreated}),
            Message("at least 2 complete rows in each arm"),
        )
    centred = sample.covariates - np.average(sample.covariates, axis=0, weights=sample.weights)
    names = sample.covariate_names
    return LinearModel(
        outcome=sample.outcome,
        design=np.column_stack([np.ones(sample.size), sample.treated, centred, centred * sample.treated[:, None]]),
        names=("intercept", "treated", *names, *(f"treated x {name}" for name in names)),
        effect=1,
        weights=sample.weights,
        clusters=sample.cluster,
        absorbed=0,
        estimator="lin" if names else "difference_in_means",
    )
