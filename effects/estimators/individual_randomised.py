"""Individually randomised trials: difference in means, or Lin's fully interacted adjustment."""

import numpy as np

from effects.codes import Estimand, Reason
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.samples import Sample


def individual_randomised(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Outcome on treatment; covariates enter centred at their weighted means and interacted with treatment (Lin 2013).

    For cace they enter without interactions.
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
    columns = [np.ones((sample.size, 1)), sample.treated[:, None], centred]
    interacted = names if settings.estimand is not Estimand.CACE else ()
    if interacted:
        columns.append(centred * sample.treated[:, None])
    return LinearModel(
        outcome=sample.outcome,
        design=np.column_stack(columns),
        names=("intercept", "treated", *names, *(f"treated x {name}" for name in interacted)),
        effect=1,
        weights=sample.weights,
        clusters=sample.cluster,
        absorbed=0,
        estimator="lin" if interacted else "ols" if names else "difference_in_means",
    )
