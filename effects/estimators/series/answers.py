"""The designs interrupted_time_series and controlled_interrupted_time_series, asked about one outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import stdtrit

from effects.codes import (
    Aggregation,
    AnalysisRole,
    Change,
    DfMethod,
    Family,
    StandardError,
    WorkingVariance,
)
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place, refused
from effects.estimators.series.checks import series_checks
from effects.estimators.series.fitting import fitted
from effects.estimators.series.points import Points, differenced, read_points
from effects.estimators.series.segments import Segments, segmented
from effects.inference.autoregressive import fit_autoregressive
from effects.inference.autoregressive_precision import autoregressive_precision
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.least_squares import Fit
from effects.inference.newey_west import newey_west, usual_lag
from effects.linear_model import Obstacle
from effects.message import Message

AGGREGATIONS: Final[Mapping[Change, Aggregation]] = MappingProxyType(
    {Change.LEVEL: Aggregation.LEVEL_CHANGE, Change.SLOPE: Aggregation.SLOPE_CHANGE}
)
ENOUGH_PERIODS: Final = 100
BOTH: Final = (StandardError.NEWEY_WEST, StandardError.MODEL_BASED)


@dataclass(frozen=True, slots=True)
class _Found:
    """An estimate with its precision, how it was come by, and what is to be said of it."""

    estimate: float
    precision: Precision
    estimator: str
    notes: tuple[Message, ...]


def interrupted_time_series(asked: Asked) -> DesignAnswer:
    """Level and slope change of one series at the start of treatment."""
    points = read_points(asked, controlled=False)
    return _answer(asked, points, interacted=False)


def controlled_interrupted_time_series(asked: Asked) -> DesignAnswer:
    """Level and slope change of the intervention's series less those of the control's.

    A gaussian outcome is differenced period by period, so that what both have in common cancels, correlated errors
    included. Counts and shares are fitted together on the scale of their link, everything but covariates by group.
    """
    points = read_points(asked, controlled=True)
    if isinstance(points, Obstacle):
        return _answer(asked, points, interacted=False)
    if points.family is Family.GAUSSIAN:
        return _answer(asked, differenced(points), interacted=False)
    paired = differenced(points)
    return _answer(asked, paired if isinstance(paired, Obstacle) else points, interacted=True)


def _answer(asked: Asked, points: Points | Obstacle, *, interacted: bool) -> DesignAnswer:
    changes = asked.plan.model.change or tuple(Change)
    places = tuple(Place(aggregation=AGGREGATIONS[change]) for change in changes)
    if isinstance(points, Obstacle):
        return refused(points, *places)
    segments = segmented(points, asked.plan.model, interacted=interacted)
    fit = fitted(points, segments)
    if isinstance(fit, Obstacle):
        return refused(fit, *places)
    primary = asked.settings.standard_error
    effects = [*_effects(asked, points, segments, fit, primary, AnalysisRole.PRIMARY)]
    for kind in BOTH:
        if kind is not primary:
            effects += _effects(asked, points, segments, fit, kind, AnalysisRole.SENSITIVITY)
    checks = series_checks(points, segments, fit, asked.plan.model, asked.outcome.stated.column)
    return DesignAnswer(tuple(effects), checks)


def _effects(
    asked: Asked, points: Points, segments: Segments, fit: Fit, kind: StandardError, role: AnalysisRole
) -> Iterator[Effect | NoEffect]:
    for change, column in segments.changes.items():
        place = Place(aggregation=AGGREGATIONS[change], analysis=role)
        one = replace(fit, model=replace(fit.model, effect=column))
        found = _found(asked, points, one, kind)
        if isinstance(found, Obstacle):
            yield NoEffect(place=place, obstacle=found)
            continue
        told = _scale(found, points.family, asked.settings.level)
        yield Effect(
            place=place,
            estimate=found.estimate,
            standard_error=found.precision.standard_error,
            kind=kind,
            df=found.precision.df,
            estimator=found.estimator,
            notes=(_meaning(change, points), *told, *found.notes, *points.notes),
        )


def _found(asked: Asked, points: Points, fit: Fit, kind: StandardError) -> _Found | Obstacle:
    name = _NAMES[points.family]
    if kind is StandardError.MODEL_BASED and points.family is Family.GAUSSIAN:
        return _autoregressive(asked, points, fit)
    if kind is StandardError.NEWEY_WEST:
        lag, note = _lag(asked, points)
        return _Found(fit.estimate, newey_west(fit, points.steps, lag), name, (note, *_brief(points)))
    dispersed = kind is StandardError.MODEL_BASED
    found = precision(fit, StandardError.IID if dispersed else kind, WorkingVariance.IDENTITY)
    if isinstance(found, Obstacle):
        return found
    notes = (Message("The error allows for dispersion, not for autocorrelation."),) if dispersed else ()
    return _Found(fit.estimate, found, name, notes)


def _autoregressive(asked: Asked, points: Points, fit: Fit) -> _Found | Obstacle:
    found = fit_autoregressive(fit, points.steps)
    if isinstance(found, Obstacle):
        return found
    note = Message("AR(1) errors by restricted maximum likelihood, autocorrelation {rho:.3f}.", {"rho": found.rho})
    method = asked.settings.df_method or DfMethod.KENWARD_ROGER
    return _Found(found.estimate, autoregressive_precision(found, method), "segmented_gls_ar1", (note,))


def _lag(asked: Asked, points: Points) -> tuple[int, Message]:
    stated = asked.plan.inference.lag
    if stated is not None:
        return stated, Message("Bartlett weights up to the stated lag {lag}, no further factor.", {"lag": stated})
    lag = usual_lag(int(np.ptp(points.steps)) + 1)
    rule = Message("Bartlett weights up to lag {lag} = floor(4 (T / 100)^(2/9)), no further factor.", {"lag": lag})
    return lag, rule


def _brief(points: Points) -> tuple[Message, ...]:
    """A warning where the simulated size of Newey-West tests exceeds 7 per cent even without autocorrelation."""
    if len(np.unique(points.steps)) >= ENOUGH_PERIODS:
        return ()
    named = {"periods": ENOUGH_PERIODS}
    return (
        Message("Newey-West errors are too small in series of fewer than {periods} periods; see model_based.", named),
    )


def _meaning(change: Change, points: Points) -> Message:
    if change is Change.LEVEL:
        return Message("The jump at {start}, the first period under treatment.", {"start": points.start})
    return Message("The change of the trend from {start} on, per unit of the period.", {"start": points.start})


def _scale(found: _Found, family: Family, level: float) -> tuple[Message, ...]:
    """The effect as a ratio where it is one of logarithms or of log odds."""
    if family is Family.GAUSSIAN:
        return ()
    reach = float(stdtrit(found.precision.df, 0.5 + level / 2.0)) * found.precision.standard_error
    ends = [float(np.exp(found.estimate + turn * reach)) for turn in (0.0, -1.0, 1.0)]
    if not np.isfinite(ends).all():
        return ()
    ratio = dict(zip(("ratio", "low", "high"), ends, strict=True))
    if family is Family.POISSON:
        return (Message("On the log scale: a rate ratio of {ratio:.4g} ({low:.4g} to {high:.4g}).", ratio),)
    return (Message("In log odds: an odds ratio of {ratio:.4g} ({low:.4g} to {high:.4g}).", ratio),)


_NAMES: Final[Mapping[Family, str]] = MappingProxyType(
    {
        Family.GAUSSIAN: "segmented_ols",
        Family.POISSON: "segmented_quasi_poisson",
        Family.BINOMIAL: "segmented_quasi_binomial",
    }
)
