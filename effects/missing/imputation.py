"""Draws of lost outcomes from a linear model with a random effect of the cluster."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from effects.inference.least_squares import fit
from effects.inference.mixed_model import fit_mixed
from effects.linear_model import LinearModel, Obstacle
from effects.rows.columns import Codes, Flags, Numbers

_JITTER: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Imputer:
    """What the observed rows say about the lost ones, on coefficients (k,) and clusters (G,).

    `spread` (k, k) is a square root of the coefficients' covariance over the residual variance of a row of weight 1,
    `between` the variance of clusters (0 where the model has none), `freedom` that of the residual variance.
    """

    model: LinearModel
    known: Flags
    coefficients: Numbers
    spread: Numbers
    residual: float
    freedom: int
    between: float


def imputer(model: LinearModel, known: Flags) -> Imputer | Obstacle:
    """Fit the analysis model to the known rows (n,), with a random effect of clusters that it does not hold fixed."""
    observed = replace(
        model,
        outcome=model.outcome[known],
        design=model.design[known],
        weights=model.weights[known],
        clusters=_renumbered(model.clusters, known),
    )
    fitted = fit(observed)
    if isinstance(fitted, Obstacle):
        return fitted
    freedom = len(observed.outcome) - observed.design.shape[1]
    residual = float(np.sum(observed.weights * fitted.residuals**2)) / freedom
    plain = Imputer(model, known, fitted.coefficients, _root(fitted.bread), residual, freedom, 0.0)
    if model.clusters is None or model.absorbed:
        return plain
    mixed = fit_mixed(observed)
    if isinstance(mixed, Obstacle) or mixed.variances[0] == 0.0:
        return plain
    between, within = float(mixed.variances[0]), float(mixed.variances[-1])
    return _generalised(plain, observed, between, within)


def draws(source: Imputer, number: int, seed: int) -> Iterator[Numbers]:
    """The outcome (n,) completed `number` times: coefficients, variance, clusters and rows drawn anew each time.

    The residual variance and the coefficients are drawn from their posterior under a flat prior, cluster effects given
    these; the variance between clusters is held at its estimate (Rubin 1987; van Buuren 2018, chapter 7).
    """
    random = np.random.Generator(np.random.PCG64(seed))
    model, lost = source.model, ~source.known
    for _ in range(number):
        scale = source.residual * source.freedom / random.chisquare(source.freedom)
        wobble = source.spread @ random.standard_normal(len(source.coefficients))
        mean = model.design @ (source.coefficients + np.sqrt(scale) * wobble)
        if source.between > 0.0 and model.clusters is not None:
            mean = mean + _cluster_effects(source, mean, scale, random)[model.clusters]
        noise = random.standard_normal(int(lost.sum())) * np.sqrt(scale / model.weights[lost])
        completed = model.outcome.copy()
        completed[lost] = mean[lost] + noise
        yield completed


def _cluster_effects(source: Imputer, mean: Numbers, scale: float, random: np.random.Generator) -> Numbers:
    """Effects of the clusters (G,) given the coefficients: shrunken means of their residuals, with their spread."""
    model, known = source.model, source.known
    assert model.clusters is not None
    groups = int(model.clusters.max()) + 1
    weight = np.bincount(model.clusters[known], weights=model.weights[known], minlength=groups)
    apart = (model.outcome - mean)[known] * model.weights[known]
    pull = np.bincount(model.clusters[known], weights=apart, minlength=groups)
    precision = weight / scale + 1.0 / source.between
    effects: Numbers = pull / scale / precision + random.standard_normal(groups) / np.sqrt(precision)
    return effects


def _generalised(plain: Imputer, observed: LinearModel, between: float, within: float) -> Imputer:
    """Coefficients by generalised least squares at the variances (Woodbury by cluster)."""
    assert observed.clusters is not None
    groups = int(observed.clusters.max()) + 1
    weighted = observed.design * observed.weights[:, None]
    sums = np.zeros((groups, observed.design.shape[1]))
    np.add.at(sums, observed.clusters, weighted)
    pulls = np.bincount(observed.clusters, weights=observed.weights * observed.outcome, minlength=groups)
    sizes = np.bincount(observed.clusters, weights=observed.weights, minlength=groups)
    shrink = 1.0 / (sizes + within / between)
    information = observed.design.T @ weighted - (sums * shrink[:, None]).T @ sums
    score = weighted.T @ observed.outcome - sums.T @ (shrink * pulls)
    covariance = np.linalg.pinv(information, hermitian=True).astype(np.float64)
    found: Numbers = covariance @ score
    return replace(plain, coefficients=found, spread=_root(covariance), residual=within, between=between)


def _root(covariance: Numbers) -> Numbers:
    """A square root (k, k) of a covariance that may be singular to rounding."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    root: Numbers = vectors * np.sqrt(np.maximum(values, _JITTER * max(float(values[-1]), 0.0)))
    return root


def _renumbered(clusters: Codes | None, known: Flags) -> Codes | None:
    return None if clusters is None else np.unique(clusters[known], return_inverse=True)[1].astype(np.int64)
