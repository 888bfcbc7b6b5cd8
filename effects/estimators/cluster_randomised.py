"""Cluster-randomised trials analysed on individuals."""

import numpy as np

from effects.codes import FixedEffect, Reason
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.rows.samples import Sample, count, dummies, names_of


def cluster_randomised(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    """Outcome on treatment and covariates, individuals weighted alike or by the plan's weights.

    Strata or pairs enter as dummies only where the plan states them as fixed effects; otherwise they serve
    permutation alone. Needs two clusters in each arm.
    """
    if sample.cluster is None:
        return Obstacle(Reason.TOO_FEW_CLUSTERS, Message("no clusters are stated"), Message("a column in data.cluster"))
    treated = len(np.unique(sample.cluster[sample.treated == 1.0]))
    untreated = count(sample.cluster) - treated
    if min(treated, untreated) < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message(
                "{treated} treated and {untreated} untreated clusters", {"treated": treated, "untreated": untreated}
            ),
            Message("at least 2 clusters in each arm"),
        )
    columns = [np.ones((sample.size, 1)), sample.treated[:, None], sample.covariates]
    names = ["intercept", "treated", *sample.covariate_names]
    if FixedEffect.STRATA in settings.fixed_effects and sample.strata is not None:
        columns.append(dummies(sample.strata)[:, 1:])
        names.extend(names_of("strata", sample.strata)[1:])
    return LinearModel(
        outcome=sample.outcome,
        design=np.column_stack(columns),
        names=tuple(names),
        effect=1,
        weights=sample.weights,
        clusters=sample.cluster,
        absorbed=0,
        estimator="ols",
    )
