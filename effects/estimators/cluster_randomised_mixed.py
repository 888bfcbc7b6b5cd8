"""Cluster-randomised trials by a random intercept, and what stands beside least squares."""

from dataclasses import replace
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
from effects.estimators.mixed_designs import cluster_design
from effects.estimators.mixed_effects import (
    BESIDE,
    least_squares_effect,
    mixed_effect,
    model_based,
    with_resampling,
)
from effects.inference.least_squares import fit
from effects.inference.mixed_model import MixedFit, fit_mixed
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings
from effects.results import Diagnostic

ESTIMATOR: Final = "reml_random_intercept"


def cluster_randomised_mixed(asked: Asked) -> DesignAnswer:
    """The effect with a random intercept for clusters (Donner and Klar 2000), least squares with cr2 beside it."""
    fitted = _fitted(asked)
    robust = replace(asked.settings, standard_error=StandardError.CR2, df_method=None)
    linear = _least_squares(asked, robust)
    primary = with_resampling(_random_intercept(asked, fitted, asked.settings, Place()), linear)
    if isinstance(primary, NoEffect):
        return DesignAnswer((primary,))
    weighted, checks = _by_cluster(asked, robust)
    return DesignAnswer((primary, linear, weighted), (*_variation(asked, fitted), *checks))


def beside_least_squares(asked: Asked) -> DesignAnswer:
    """Beside least squares: the random intercept with Kenward and Roger, the effect on clusters, and how these vary."""
    fitted = _fitted(asked)
    mixed = _random_intercept(asked, fitted, model_based(asked.settings), BESIDE)
    weighted, checks = _by_cluster(asked, replace(asked.settings, standard_error=StandardError.CR2))
    return DesignAnswer((mixed, weighted), (*_variation(asked, fitted), *checks))


def clusters_alike(model: LinearModel) -> LinearModel:
    """The model with every cluster of equal weight: what treatment does to the mean of a cluster, whatever its size."""
    assert model.clusters is not None
    totals = np.bincount(model.clusters, weights=model.weights)
    return replace(model, weights=model.weights / totals[model.clusters], estimator="cluster_weighted")


def _fitted(asked: Asked) -> MixedFit | Obstacle:
    design = cluster_design(asked)
    return design if isinstance(design, Obstacle) else fit_mixed(design.model)


def _random_intercept(asked: Asked, fitted: MixedFit | Obstacle, settings: Settings, place: Place) -> Effect | NoEffect:
    design = cluster_design(asked)
    if isinstance(design, Obstacle):
        return NoEffect(place=place, obstacle=design)
    return mixed_effect(design, fitted, asked, settings, ESTIMATOR, place)


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


def _variation(asked: Asked, fitted: MixedFit | Obstacle) -> tuple[Diagnostic, ...]:
    column, codes = asked.outcome.stated.column, asked.sample.cluster
    if codes is None:
        return ()
    sizes = np.bincount(codes).astype(np.float64)
    return (
        intracluster(column, fitted),
        design_effect(column, fitted, sizes),
        cluster_size(column, sizes),
        recruitment(column, sizes, np.bincount(codes, weights=asked.sample.treated) > 0.0),
    )
