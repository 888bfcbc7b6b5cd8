"""From a fitted mixed model to an effect of the result."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from effects.codes import (
    Aggregation,
    AnalysisRole,
    DfMethod,
    Estimand,
    FixedEffect,
    StandardError,
    WorkingModel,
)
from effects.design_answers import Asked, Effect, NoEffect, Place
from effects.effect_entries import Question, answered, people_of, small_arms
from effects.estimators.mixed_designs import MixedDesign
from effects.inference.cluster_robust import Precision
from effects.inference.kenward_roger import mixed_precision
from effects.inference.mixed_blocks import CELL, CLUSTER
from effects.inference.mixed_model import MixedFit
from effects.inference.mixed_sandwich import mixed_sandwich
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.results import EffectEstimate, Entry
from effects.rows.columns import Numbers

BESIDE: Final = Place(analysis=AnalysisRole.SENSITIVITY)
NO_CLUSTERS: Final = Message("The variance between clusters is estimated as zero.")
NO_CELLS: Final = Message("The variance between periods of one cluster is estimated as zero.")
MERGED: Final = Message(
    "Each cluster has one row a period: what varies between its periods is part of the residual (Hussey and Hughes)."
)
EQUALISED: Final = Message("Rows of unequal weight are estimated to vary alike: the mixed model counts them alike.")
REPEATED: Final = Message("Units are seen repeatedly; what each of them has in common over time is not modelled.")
RESAMPLED: Final = Message("Resampled p-values are those of the least squares estimate.")


def model_based(settings: Settings) -> Settings:
    """The settings with Kenward and Roger's standard errors, as a second opinion takes them."""
    return replace(settings, standard_error=StandardError.MODEL_BASED, df_method=DfMethod.KENWARD_ROGER)


def with_fixed_effects(settings: Settings) -> Settings:
    """The settings with dummies of clusters and periods and cr2, as a second opinion takes them."""
    return replace(
        settings,
        working_model=WorkingModel.FIXED_EFFECTS,
        fixed_effects=(FixedEffect.CLUSTER, FixedEffect.PERIOD),
        standard_error=StandardError.CR2,
        df_method=None,
    )


def mixed_effect(
    design: MixedDesign, fitted: MixedFit | Obstacle, settings: Settings, name: str, place: Place
) -> Effect | NoEffect:
    """The design's average effect with the standard error that the settings name."""
    return _effect(design, design.average, fitted, settings, name, place)


def effects_by_exposure(
    design: MixedDesign, fitted: MixedFit, settings: Settings, name: str
) -> list[Effect | NoEffect]:
    """The effect at every exposure time, as entries of their own."""
    places = (Place(aggregation=Aggregation.EVENT_TIME, event_time=time) for time in design.exposures.tolist())
    pairs = zip(design.each, places, strict=True)
    return [_effect(design, contrast, fitted, settings, name, place) for contrast, place in pairs]


def _effect(
    design: MixedDesign, contrast: Numbers, fitted: MixedFit | Obstacle, settings: Settings, name: str, place: Place
) -> Effect | NoEffect:
    if isinstance(fitted, Obstacle):
        return NoEffect(place=place, obstacle=fitted)
    found = _precision(contrast, fitted, settings)
    if isinstance(found, Obstacle):
        return NoEffect(place=place, obstacle=found)
    return Effect(
        place=place,
        estimate=float(fitted.estimates(contrast[None, :])[0]),
        standard_error=found.standard_error,
        kind=settings.standard_error,
        df=found.df,
        estimator=name,
        notes=tuple(_notes(fitted, repeated=design.repeated)),
    )


def _precision(contrast: Numbers, fitted: MixedFit, settings: Settings) -> Precision | Obstacle:
    if settings.standard_error is StandardError.MODEL_BASED:
        return mixed_precision(fitted, contrast, settings.df_method or DfMethod.KENWARD_ROGER)
    return mixed_sandwich(fitted, contrast, settings.standard_error)


def _notes(fitted: MixedFit, *, repeated: bool) -> Iterator[Message]:
    if fitted.equalised:
        yield EQUALISED
    elif fitted.merged:
        yield MERGED
    if fitted.ratios[CLUSTER] == 0.0:
        yield NO_CLUSTERS
    if len(fitted.ratios) > CELL and fitted.ratios[CELL] == 0.0:
        yield NO_CELLS
    if repeated:
        yield REPEATED


def least_squares_effect(
    model: LinearModel | Obstacle, asked: Asked, settings: Settings, name: str, place: Place
) -> Effect | NoEffect:
    """The same effect by least squares, with the resampled p-values that the plan asks for."""
    question = Question(asked.outcome.stated.column, Estimand.ITT, place.aggregation)
    entry = answered(question, asked.sample, model, settings)
    return effect_of_entry(entry, people_of(asked.sample), settings, name, place)


def effect_of_entry(
    entry: Entry, people: tuple[float, float], settings: Settings, name: str, place: Place
) -> Effect | NoEffect:
    """An entry of least squares as an effect of the design; `people` are those behind both arms."""
    if not isinstance(entry, EffectEstimate):
        return NoEffect(place=place, obstacle=Obstacle(entry.reason, entry.detail, entry.needs))
    return Effect(
        place=place,
        estimate=entry.estimate,
        standard_error=entry.standard_error,
        kind=settings.standard_error,
        df=entry.df,
        estimator=name,
        p_permutation=entry.p_permutation,
        p_bootstrap=entry.p_bootstrap,
        notes=_without_warnings(entry.note or (), people),
    )


def _without_warnings(notes: tuple[Message, ...], people: tuple[float, float]) -> tuple[Message, ...]:
    """Notes on resampling alone: warnings of small arms are added to every entry of the result anyway."""
    warnings = small_arms(*people) or ()
    return tuple(note for note in notes if note not in warnings)


def with_resampling(effect: Effect | NoEffect, beside: Effect | NoEffect) -> Effect | NoEffect:
    """The effect with the resampled p-values of the one beside it: they test that treatment changes nothing at all."""
    if isinstance(effect, NoEffect) or isinstance(beside, NoEffect):
        return effect
    answered = beside.p_permutation is not None or beside.p_bootstrap is not None
    return replace(
        effect,
        p_permutation=beside.p_permutation,
        p_bootstrap=beside.p_bootstrap,
        notes=(*effect.notes, *beside.notes, *([RESAMPLED] if answered else [])),
    )
