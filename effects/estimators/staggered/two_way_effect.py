"""Two-way fixed effects: one coefficient for all treated rows, right where every effect is the same."""

from typing import Final

import numpy as np

from effects.codes import Reason, StandardError, WorkingVariance
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.precision import few_clusters
from effects.inference.covariance import precision
from effects.inference.least_squares import fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.samples import dummies

MOST_WORK: Final = 400_000_000
_WITHIN: Final = 1e-9


def two_way_effect(panel: Panel, kind: StandardError, working: WorkingVariance, place: Place) -> Effect | NoEffect:
    """Coefficient of treatment beside unit effects, period effects and covariates that change within units.

    Units are swept out of all columns, periods have dummies; cr1s counts the swept intercept and no further unit
    effect. A mean of comparisons with weights that may be negative (de Chaisemartin and D'Haultfoeuille 2020).
    """
    treated = len(np.unique(panel.cluster[panel.first <= panel.times[-1]]))
    if treated < 2:
        return NoEffect(place=place, obstacle=few_clusters(treated))
    model = linear_model(panel)
    if isinstance(model, Obstacle):
        return NoEffect(place=place, obstacle=model)
    fitted = fit(model)
    if isinstance(fitted, Obstacle):
        return NoEffect(place=place, obstacle=fitted)
    found = precision(fitted, kind, working)
    if isinstance(found, Obstacle):
        return NoEffect(place=place, obstacle=found)
    people = [float(np.sum(panel.people[group])) for group in _arms(panel)]
    return Effect(
        place=place,
        estimate=fitted.estimate,
        standard_error=found.standard_error,
        kind=kind,
        df=found.df,
        estimator=model.estimator,
        rows=len(model.outcome),
        units=panel.units,
        clusters=len(np.unique(panel.cluster)),
        people=(people[0], people[1]),
    )


def linear_model(panel: Panel) -> LinearModel | Obstacle:
    """The regression with units swept out of its columns, rows ordered by cluster."""
    unit, period = _rows(panel)
    columns = len(np.unique(period)) + len(panel.covariate_names)
    if len(unit) * columns**2 > MOST_WORK:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{columns} columns for {rows} rows are too many", {"columns": columns, "rows": len(unit)}),
            Message("longer periods"),
        )
    levels = np.unique(period, return_inverse=True)[1].astype(np.int64)
    covariates = panel.covariates[unit, period]
    inner = _within(covariates, unit)
    size = np.maximum(np.linalg.norm(covariates, axis=0), 1.0)
    changing = np.linalg.norm(inner, axis=0) > _WITHIN * size
    treated = panel.treated[unit, period].astype(np.float64)
    design = np.column_stack(
        [_within(treated[:, None], unit), inner[:, changing], _within(dummies(levels)[:, 1:], unit)]
    )
    named = [name for name, changes in zip(panel.covariate_names, changing.tolist(), strict=True) if changes]
    periods = [f"period[{panel.labels[place]}]" for place in np.unique(period)[1:].tolist()]
    return LinearModel(
        outcome=_within(panel.outcome[unit, period][:, None], unit)[:, 0],
        design=design,
        names=("treated", *named, *periods),
        effect=0,
        weights=panel.weights[unit],
        clusters=panel.cluster[unit],
        absorbed=-1,
        estimator="twfe",
    )


def treated_weights(panel: Panel) -> Numbers | Obstacle:
    """Weight (k,) with which each treated row's effect enters the coefficient; their sum is 1."""
    model = linear_model(panel)
    if isinstance(model, Obstacle):
        return model
    others = model.design[:, 1:] * np.sqrt(model.weights)[:, None]
    asked = model.design[:, 0]
    slopes, *_ = np.linalg.lstsq(others, asked * np.sqrt(model.weights), rcond=None)
    left = model.weights * (asked - model.design[:, 1:] @ slopes)
    unit, period = _rows(panel)
    own = left[panel.treated[unit, period]]
    total = float(np.sum(own))
    if total <= _WITHIN * float(np.sum(np.abs(own))):
        return Obstacle(
            Reason.COLLINEAR,
            Message("units and periods determine who is treated"),
            Message("units that are never, or later, treated"),
        )
    weights: Numbers = own / total
    return weights


def _rows(panel: Panel) -> tuple[Codes, Codes]:
    """Units and periods of the observed rows in the order of their clusters."""
    unit, period = np.nonzero(panel.observed)
    order = np.lexsort((period, unit, panel.cluster[unit]))
    return unit[order].astype(np.int64), period[order].astype(np.int64)


def _within(columns: Numbers, unit: Codes) -> Numbers:
    rows = np.bincount(unit).astype(np.float64)
    centred = np.empty(columns.shape)
    for place, column in enumerate(columns.T):
        centred[:, place] = column - (np.bincount(unit, weights=column) / rows)[unit]
    return centred


def _arms(panel: Panel) -> tuple[Flags, Flags]:
    treated = panel.first <= panel.times[-1]
    return (~treated if np.any(~treated) else treated), treated
