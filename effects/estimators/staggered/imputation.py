"""Imputation: what the treated would have been, from the effects of units and periods without treatment.

Borusyak, Jaravel and Spiess 2024.
"""

from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.two_groups import Contrast
from effects.estimators.staggered.two_way import TwoWay, two_way
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers


@dataclass(frozen=True, slots=True)
class Imputed:
    """Effects of the treated rows (U, T) where `known`, and what it takes to weigh them.

    residuals (U, T) of the untreated rows; places (m,) of the covariates that count, these after unit and period
    effects (U, T, m), and the inverse of their products (m, m).
    """

    panel: Panel
    untreated: TwoWay
    known: Flags
    effects: Numbers
    residuals: Numbers
    columns: tuple[int, ...]
    partialled: Numbers
    bread: Numbers

    @property
    def lost(self) -> int:
        """Treated rows whose unit, or two clusters in their period, are not observed untreated."""
        return int(np.sum(self.panel.observed & self.panel.treated & ~self.known))


def imputed(panel: Panel, anticipation: float) -> Imputed | Obstacle:
    """Untreated outcomes on unit effects, period effects and covariates, and what treated ones exceed them by.

    Untreated are rows before treatment and anticipation. A treated row has an effect where its unit, and two clusters
    in its period, are observed untreated. Covariates that do not change within units are absorbed. Refuses untreated
    rows that leave effects or covariates undetermined.
    """
    observed = panel.observed
    rows: Flags = observed & (panel.times[None, :] < panel.first[:, None] - anticipation)
    fitted = two_way(rows, panel.weights)
    if isinstance(fitted, Obstacle):
        return fitted
    clusters = np.array([len(np.unique(panel.cluster[rows[:, period]])) for period in range(len(panel.times))])
    known: Flags = observed & panel.treated & np.any(rows, axis=1, keepdims=True) & (clusters > 1)
    if not np.any(known):
        return Obstacle(
            Reason.NO_COMPARISON,
            Message("no treated unit and period is observed untreated"),
            Message("units that are never, or later, treated"),
        )
    columns = _varying(panel, fitted)
    partialled = np.zeros((*rows.shape, len(columns)))
    for place, column in enumerate(columns):
        partialled[:, :, place] = fitted.residual(panel.covariates[:, :, column])
    weighted = panel.weights[:, None, None] * partialled
    product = np.einsum("utk,utl->kl", weighted, partialled)
    if len(product) and np.linalg.cond(product / np.sqrt(np.outer(np.diag(product), np.diag(product)))) > 1e9:
        return Obstacle(
            Reason.COLLINEAR,
            Message("the covariates determine each other among untreated rows"),
            Message("fewer covariates"),
        )
    bread = np.linalg.inv(product) if len(product) else product
    plain = fitted.residual(panel.outcome)
    slopes = bread @ np.einsum("utk,ut->k", weighted, plain)
    adjusted = panel.outcome - panel.covariates[:, :, columns] @ slopes
    unit, period = fitted.fit(adjusted)
    effects = np.where(known, adjusted - unit[:, None] - period, 0.0)
    return Imputed(panel, fitted, known, effects, plain - partialled @ slopes, columns, partialled, bread)


def mean_effect(found: Imputed, weights: Numbers) -> Contrast:
    """The weighted sum of effects of treated rows, weights (U, T) 0 elsewhere, with contributions (U,) to its error.

    It is a weighted sum of all outcomes, weights v; the error of a unit is the sum of v times what is left: of
    untreated rows the residual, of treated ones the effect less the v^2-weighted mean of its cohort and period, or less
    the estimate itself where a cohort has one cluster. Both make the error too large rather than too small (theorem 3).
    """
    panel = found.panel
    estimate = float(np.sum(weights * found.effects))
    untreated = found.untreated.weights_of(weights)
    if found.columns:
        values = np.where(panel.observed[:, :, None], panel.covariates[:, :, found.columns], 0.0)
        gap = np.einsum("ut,utk->k", weights - untreated, values)
        untreated = untreated + panel.weights[:, None] * (found.partialled @ (found.bread @ gap))
    left = -untreated * found.residuals + weights * (found.effects - _usual(found, weights, estimate))
    return Contrast(estimate, left.sum(axis=1))


def _usual(found: Imputed, weights: Numbers, estimate: float) -> Numbers:
    panel = found.panel
    usual = np.full(weights.shape, estimate)
    if panel.has_lone_cohort:
        return usual
    for cohort in panel.cohorts.tolist():
        members = panel.first == cohort
        squares = weights[members] ** 2
        total = squares.sum(axis=0)
        mean = np.sum(squares * found.effects[members], axis=0) / np.where(total > 0.0, total, 1.0)
        usual[members] = np.where(total > 0.0, mean, estimate)
    return usual


def _varying(panel: Panel, fitted: TwoWay) -> tuple[int, ...]:
    """Places of the covariates that are not absorbed by unit and period effects among the fitted rows."""
    places = []
    for place in range(len(panel.covariate_names)):
        values = np.where(fitted.mask, panel.covariates[:, :, place], 0.0)
        left = fitted.residual(values)
        if np.linalg.norm(left) > 1e-9 * np.linalg.norm(values):
            places.append(place)
    return tuple(places)
