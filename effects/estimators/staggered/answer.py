"""Staggered adoption: the estimator that is asked for, the others beside it, and what they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import (
    Aggregation,
    AnalysisRole,
    BasePeriod,
    Control,
    Estimator,
    Reason,
    StandardError,
)
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place, refused
from effects.estimators.staggered import checking
from effects.estimators.staggered.averages import found_among
from effects.estimators.staggered.cells import CellEffect, Choices, cell_effects, too_many
from effects.estimators.staggered.imputation import Imputed, imputed
from effects.estimators.staggered.imputed_effects import imputed_reported, imputed_simple
from effects.estimators.staggered.members import Members
from effects.estimators.staggered.panel import Compared, Panel, panel_of, with_baseline
from effects.estimators.staggered.panel_sums import PanelSums
from effects.estimators.staggered.precision import errors_of, few_clusters
from effects.estimators.staggered.reported import AVERAGED, reported, simple
from effects.estimators.staggered.sun_abraham import sun_abraham
from effects.estimators.staggered.two_way_effect import two_way_effect
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.settings import DEFAULT_SEED, Settings
from effects.results import Diagnostic

MANY_CLUSTERS: Final = 2_000
ESTIMATORS: Final = (Estimator.CALLAWAY_SANTANNA, Estimator.IMPUTATION, Estimator.SUN_ABRAHAM, Estimator.TWFE)
_LINEAR: Final[Mapping[StandardError, StandardError]] = MappingProxyType(
    {StandardError.INFLUENCE: StandardError.CR0, StandardError.INFLUENCE_SMALL: StandardError.CR2}
)


def staggered_adoption(asked: Asked) -> DesignAnswer:
    """Callaway and Sant'Anna's averages and cells, or those of the estimator that is stated; the others beside it.

    Refuses a panel in which nobody, one cluster or everybody at once is treated, or that nobody saw before treatment.
    """
    panel = panel_of(asked)
    compared = _comparable(panel, asked.settings)
    if isinstance(panel, Obstacle) or isinstance(compared, Obstacle):
        assert isinstance(compared, Obstacle)
        return refused(compared, *_places(asked.settings))
    return _answer(asked, panel, compared)


def answer_of_sums(column: str, settings: Settings, panel: PanelSums | Obstacle) -> DesignAnswer:
    """Callaway and Sant'Anna's answer from sums of changes; the other estimators need rows."""
    compared = _comparable(panel, settings)
    if isinstance(compared, Obstacle):
        return refused(compared, *_places(settings))
    choices = _choices(settings, compared)
    many = too_many(compared, choices)
    if many is not None:
        return refused(many, *_places(settings))
    cells = cell_effects(compared, choices)
    errors = errors_of(compared, settings.standard_error, Estimator.CALLAWAY_SANTANNA)
    effects, _ = reported(cells, errors, settings.level, DEFAULT_SEED if settings.seed is None else settings.seed)
    needed = Obstacle(
        Reason.NEEDS_ROWS,
        Message("other estimators look at every unit in every period"),
        Message("the rows themselves"),
    )
    others = (other for other in ESTIMATORS if other is not Estimator.CALLAWAY_SANTANNA)
    beside = (NoEffect(place=_place_beside(other), obstacle=needed) for other in others)
    return DesignAnswer((*effects, *beside), _compared_checks(column, settings, compared, cells, choices))


def _comparable(panel: Compared | Obstacle, settings: Settings) -> Compared | Obstacle:
    """The panel without those who were never seen untreated, or why nothing can be compared in it."""
    obstacle = panel if isinstance(panel, Obstacle) else _too_little(panel)
    if isinstance(panel, Obstacle) or obstacle is not None:
        assert obstacle is not None
        return obstacle
    compared = with_baseline(panel, settings.anticipation)
    return compared if isinstance(compared, Obstacle) else _too_little(compared) or compared


def _answer(asked: Asked, whole: Panel, panel: Panel) -> DesignAnswer:
    settings, choices = asked.settings, _choices(asked.settings, panel)
    own = Estimator.CALLAWAY_SANTANNA if settings.estimator is None else settings.estimator
    many = too_many(panel, choices)
    if many is not None:
        if own is not Estimator.TWFE:
            return refused(many, *_places(settings))
        return DesignAnswer(_primary(asked, whole, panel, (), own))
    cells = cell_effects(panel, choices)
    primary = _primary(asked, whole, panel, cells, own)
    beside = tuple(_beside(asked, whole, panel, cells, other) for other in ESTIMATORS if other is not own)
    if settings.control is not None and own is not Estimator.CALLAWAY_SANTANNA:
        primary = tuple(_noted(effect, settings.control) for effect in primary)
    return DesignAnswer((*primary, *beside), _checks(asked, whole, panel, cells, choices))


def _primary(
    asked: Asked, whole: Panel, panel: Panel, cells: Sequence[CellEffect], own: Estimator
) -> tuple[Effect | NoEffect, ...]:
    settings = asked.settings
    if own is Estimator.TWFE:
        kind = _LINEAR.get(settings.standard_error, settings.standard_error)
        return (two_way_effect(whole.within, kind, settings.working_variance, Place()),)
    errors = errors_of(panel, settings.standard_error, own)
    if own is Estimator.IMPUTATION:
        found = imputed(panel.within, settings.anticipation)
        if isinstance(found, Obstacle):
            return refused(found, *_places(settings)).effects
        return imputed_reported(found, errors)
    taken = cells if own is Estimator.CALLAWAY_SANTANNA else sun_abraham(panel.within, settings.anticipation)
    if isinstance(taken, Obstacle):
        return refused(taken, *_places(asked.settings)).effects
    seed = DEFAULT_SEED if settings.seed is None else settings.seed
    return reported(taken, errors, settings.level, seed)[0]


def _beside(
    asked: Asked, whole: Panel, panel: Panel, cells: Sequence[CellEffect], other: Estimator
) -> Effect | NoEffect:
    """The same question to another estimator: its average over all treated rows, as a second opinion."""
    settings = asked.settings
    place = _place_beside(other)
    if other is Estimator.TWFE:
        many = len(np.unique(whole.cluster)) > MANY_CLUSTERS
        kind = StandardError.CR1 if many else StandardError.CR2
        return two_way_effect(whole.within, kind, settings.working_variance, place)
    stated = settings.standard_error
    kind = stated if stated is StandardError.INFLUENCE else StandardError.INFLUENCE_SMALL
    errors = errors_of(panel, kind, other)
    if other is Estimator.IMPUTATION:
        found = imputed(panel.within, settings.anticipation)
        return imputed_simple(found, errors, place) if isinstance(found, Imputed) else _none(place, found)
    taken = cells if other is Estimator.CALLAWAY_SANTANNA else sun_abraham(panel.within, settings.anticipation)
    return _none(place, taken) if isinstance(taken, Obstacle) else simple(taken, errors, place)


def _noted(effect: Effect | NoEffect, control: Control) -> Effect | NoEffect:
    note = Message("Only callaway_santanna reads control ({control}).", {"control": control.value})
    return effect if isinstance(effect, NoEffect) else replace(effect, notes=(*effect.notes, note))


def _none(place: Place, obstacle: Obstacle) -> NoEffect:
    return NoEffect(place=place, obstacle=obstacle)


def _checks(
    asked: Asked, whole: Panel, panel: Panel, cells: Sequence[CellEffect], choices: Choices
) -> tuple[Diagnostic, ...]:
    column = asked.outcome.stated.column
    trends, broken, sizes = _compared_checks(column, asked.settings, panel, cells, choices)
    weights = checking.bacon_weights(column, whole.within), checking.negative_weights(column, whole.within)
    return trends, broken, *weights, sizes


def _compared_checks(
    column: str, settings: Settings, panel: Members, cells: Sequence[CellEffect], choices: Choices
) -> tuple[Diagnostic, Diagnostic, Diagnostic]:
    """Checks of what is compared, which contributions alone give."""
    plainly = settings.standard_error is StandardError.INFLUENCE
    kind = StandardError.INFLUENCE if plainly else StandardError.INFLUENCE_SMALL
    errors = errors_of(panel, kind, Estimator.CALLAWAY_SANTANNA)
    universal = found_among(panel, cell_effects(panel, replace(choices, base_period=BasePeriod.UNIVERSAL)))
    return (
        checking.pre_trends(column, found_among(panel, cells), errors, settings.anticipation),
        checking.honest_breakdown(column, universal, errors, settings.level),
        checking.cohort_sizes(column, errors),
    )


def _place_beside(other: Estimator) -> Place:
    if other is Estimator.TWFE:
        return Place(analysis=AnalysisRole.SENSITIVITY)
    return Place(aggregation=Aggregation.SIMPLE, analysis=AnalysisRole.SENSITIVITY)


def _choices(settings: Settings, panel: Members) -> Choices:
    never = bool(np.any(panel.never(settings.anticipation)))
    control = settings.control or (Control.NEVER_TREATED if never else Control.NOT_YET_TREATED)
    return Choices(control, settings.base_period or BasePeriod.VARYING, settings.anticipation)


def _places(settings: Settings) -> tuple[Place, ...]:
    if settings.estimator is Estimator.TWFE:
        return (Place(),)
    return tuple(Place(aggregation=aggregation) for aggregation in AVERAGED)


def _too_little(panel: Members) -> Obstacle | None:
    clusters = len(np.unique(panel.cluster))
    if clusters < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS, Message("fewer than 2 clusters"), Message("at least 2 clusters in each arm")
        )
    periods = int(np.sum(panel.seen))
    if periods < 2:
        return Obstacle(
            Reason.NO_BASELINE,
            Message("{periods} period is observed", {"periods": periods}),
            Message("at least one period before treatment"),
        )
    treated = len(np.unique(panel.cluster[panel.first <= panel.times[-1]]))
    return few_clusters(treated) if treated < 2 else None
