"""Before and after without a comparison: the mean change of those observed at both times."""

from dataclasses import replace
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.design_answers import Asked, DesignAnswer, Effect, Place
from effects.estimators.linear_effect import linear_effect
from effects.estimators.lost_between_waves import lost_between_waves
from effects.estimators.waves import mean_changes, seen_twice
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count

NOT_CAUSAL: Final = Message("A change over time, not an effect: nothing shows what would have happened without it.")


def before_after(asked: Asked) -> DesignAnswer:
    """The mean paired change, labelled as what it is, and who was seen at one time only."""
    sample = asked.sample
    effect = linear_effect(paired_change(sample), asked.settings, Place())
    if isinstance(effect, Effect):
        effect = replace(effect, rows=None, units=effect.rows)
    return DesignAnswer((effect,), lost_between_waves(asked).diagnostics)


def paired_change(sample: Sample) -> LinearModel | Obstacle:
    """Per unit (u,) its weighted mean after less that before; covariates enter by their own changes.

    A unit weighs what its rows weigh together. Units seen only once are left out. Needs two clusters.
    """
    owner = sample.cluster if sample.unit is None else sample.unit
    if owner is None or sample.cluster is None:
        return Obstacle(Reason.NO_ROWS, Message("no units are stated"), Message("data.unit"))
    paired = seen_twice(owner, sample.treated == 1.0)
    clusters = _clusters(owner, sample.cluster)[paired]
    if len(np.unique(clusters)) < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{clusters} clusters seen before and after", {"clusters": len(np.unique(clusters))}),
            Message("at least 2 clusters observed before and after"),
        )
    order = np.argsort(clusters, kind="stable")
    after = sample.treated == 1.0
    columns = [mean_changes(values, sample.weights, owner, after, paired) for values in _columns(sample)]
    changes = np.column_stack(columns)[order]
    weights = np.bincount(owner, weights=sample.weights).astype(np.float64)[paired][order]
    return LinearModel(
        outcome=changes[:, 0],
        design=np.column_stack([np.ones(len(changes)), changes[:, 1:]]),
        names=("change", *sample.covariate_names),
        effect=0,
        weights=weights,
        clusters=np.unique(clusters[order], return_inverse=True)[1].astype(np.int64),
        absorbed=0,
        estimator="paired_change",
        notes=(NOT_CAUSAL,),
    )


def _columns(sample: Sample) -> list[Numbers]:
    return [sample.outcome, *sample.covariates.T]


def _clusters(owner: Codes, cluster: Codes) -> Codes:
    """The cluster of each unit (U,): that of its first row where it moved."""
    found = np.zeros(count(owner), dtype=np.int64)
    found[owner[::-1]] = cluster[::-1]
    return found
