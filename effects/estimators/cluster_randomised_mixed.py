"""Cluster-randomised trials by a random intercept, and what stands beside least squares."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from effects.codes import StandardError
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place
from effects.estimators.cluster_diagnostics import (
    cluster_size,
    design_effect,
    informative_size,
    intracluster,
    recruitment,
)
from effects.estimators.cluster_randomised import cluster_randomised
from effects.estimators.mixed_designs import MixedDesign, cluster_design
from effects.estimators.mixed_effects import (
    BESIDE,
    least_squares_effect,
    mixed_effect,
    model_based,
    with_resampling,
)
from effects.inference.least_squares import fit
from effects.inference.mixed_model import MixedFit
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings
from effects.results import Diagnostic
from effects.rows.columns import Flags, Numbers

ESTIMATOR: Final = "reml_random_intercept"


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """What a random intercept and what stands beside it need to know of a trial, from rows or from sums of them.

    Shapes: rows (G,) and treated (G,) of each cluster. `by_cluster` answers for the mean of a cluster.
    """

    column: str
    settings: Settings
    design: MixedDesign | Obstacle
    rows: Numbers
    treated: Flags
    least_squares: Callable[[Settings], Effect | NoEffect]
    by_cluster: Callable[[Settings], tuple[Effect | NoEffect, tuple[Diagnostic, ...]]]

    def fitted(self) -> MixedFit | Obstacle:
        """The model with a random intercept."""
        return self.design if isinstance(self.design, Obstacle) else self.design.fitted(nested=False)


def cluster_randomised_mixed(asked: Asked) -> DesignAnswer:
    """The effect with a random intercept for clusters (Donner and Klar 2000), least squares with cr2 beside it."""
    return intercept_answer(_of_rows(asked))


def beside_least_squares(asked: Asked) -> DesignAnswer:
    """Beside least squares: the random intercept with Kenward and Roger, the effect on clusters, and how these vary."""
    return beside_clusters(_of_rows(asked))


def intercept_answer(trial: ClusterTrial) -> DesignAnswer:
    """The answer of a plan with model-based errors."""
    fitted = trial.fitted()
    robust = replace(trial.settings, standard_error=StandardError.CR2, df_method=None)
    linear = trial.least_squares(robust)
    primary = with_resampling(_random_intercept(trial, fitted, trial.settings, Place()), linear)
    if isinstance(primary, NoEffect):
        return DesignAnswer((primary,))
    weighted, checks = trial.by_cluster(robust)
    return DesignAnswer((primary, linear, weighted), (*_variation(trial, fitted), *checks))


def beside_clusters(trial: ClusterTrial) -> DesignAnswer:
    """What stands beside least squares."""
    fitted = trial.fitted()
    mixed = _random_intercept(trial, fitted, model_based(trial.settings), BESIDE)
    weighted, checks = trial.by_cluster(replace(trial.settings, standard_error=StandardError.CR2))
    return DesignAnswer((mixed, weighted), (*_variation(trial, fitted), *checks))


def _of_rows(asked: Asked) -> ClusterTrial:
    sample = asked.sample
    codes = np.zeros(0, dtype=np.int64) if sample.cluster is None else sample.cluster
    treated = np.zeros(0) if sample.cluster is None else sample.treated
    return ClusterTrial(
        column=asked.outcome.stated.column,
        settings=asked.settings,
        design=cluster_design(asked),
        rows=np.bincount(codes).astype(np.float64),
        treated=np.bincount(codes, weights=treated) > 0.0,
        least_squares=lambda settings: _least_squares(asked, settings),
        by_cluster=lambda settings: _by_cluster(asked, settings),
    )


def clusters_alike(model: LinearModel) -> LinearModel:
    """The model with every cluster of equal weight: what treatment does to the mean of a cluster, whatever its size."""
    assert model.clusters is not None
    totals = np.bincount(model.clusters, weights=model.weights)
    return replace(model, weights=model.weights / totals[model.clusters], estimator="cluster_weighted")


def _random_intercept(
    trial: ClusterTrial, fitted: MixedFit | Obstacle, settings: Settings, place: Place
) -> Effect | NoEffect:
    if isinstance(trial.design, Obstacle):
        return NoEffect(place=place, obstacle=trial.design)
    return mixed_effect(trial.design, fitted, settings, ESTIMATOR, place)


def _least_squares(asked: Asked, settings: Settings) -> Effect | NoEffect:
    return least_squares_effect(cluster_randomised(asked.sample, settings), asked, settings, "ols", BESIDE)


def _by_cluster(asked: Asked, settings: Settings) -> tuple[Effect | NoEffect, tuple[Diagnostic, ...]]:
    """The cluster-weighted effect, and whether it differs from that on individuals."""
    model = cluster_randomised(asked.sample, settings)
    if isinstance(model, Obstacle):
        return NoEffect(place=BESIDE, obstacle=model), ()
    alike = clusters_alike(model)
    plain = replace(settings, bootstrap=None, permutation_draws=None)
    effect = least_squares_effect(alike, asked, plain, "cluster_weighted", BESIDE)
    one, other = fit(model), fit(alike)
    if isinstance(one, Obstacle) or isinstance(other, Obstacle):
        return effect, ()
    return effect, (informative_size(asked.outcome.stated.column, one, other),)


def _variation(trial: ClusterTrial, fitted: MixedFit | Obstacle) -> tuple[Diagnostic, ...]:
    if not len(trial.rows):
        return ()
    return (
        intracluster(trial.column, fitted),
        design_effect(trial.column, fitted, trial.rows),
        cluster_size(trial.column, trial.rows),
        recruitment(trial.column, trial.rows, trial.treated),
    )
