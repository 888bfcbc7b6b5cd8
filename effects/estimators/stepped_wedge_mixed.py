"""Stepped-wedge trials by mixed models: the primary effect, what stands beside it, and how it depends on exposure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from effects.codes import WorkingModel
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place
from effects.estimators.mixed_designs import MixedDesign, exposure_design, wedge_design
from effects.estimators.mixed_effects import (
    BESIDE,
    effects_by_exposure,
    least_squares_effect,
    mixed_effect,
    model_based,
    with_fixed_effects,
    with_resampling,
)
from effects.estimators.stepped_wedge import stepped_wedge
from effects.estimators.wedge_diagnostics import VARIES, correlation_decay, effect_by_exposure, significant
from effects.inference.kenward_roger import FTest, kenward_roger_test
from effects.inference.mixed_model import MixedFit
from effects.linear_model import Obstacle
from effects.planning.settings import Settings
from effects.results import Diagnostic

_ORDER: Final = (WorkingModel.NESTED_EXCHANGEABLE, WorkingModel.HUSSEY_HUGHES, WorkingModel.EXPOSURE_TIME)


@dataclass(frozen=True, slots=True)
class WedgeTrial:
    """What its mixed models need to know of a stepped wedge, from rows or from sums of them.

    `exposure` has an effect for every exposure time; `least_squares` answers with dummies of clusters and periods.
    """

    column: str
    settings: Settings
    plain: MixedDesign | Obstacle
    exposure: MixedDesign | Obstacle
    least_squares: Callable[[Settings], Effect | NoEffect]


@dataclass(frozen=True, slots=True)
class _Fits:
    """The mixed models of one outcome, or why one of them has no fit; `alike` where cells cannot be told from rows."""

    designs: dict[WorkingModel, MixedDesign]
    fits: dict[WorkingModel, MixedFit | Obstacle]
    varies: FTest | None

    @property
    def alike(self) -> bool:
        nested = self.fits[WorkingModel.NESTED_EXCHANGEABLE]
        return isinstance(nested, MixedFit) and nested.merged

    def effect(self, working: WorkingModel, settings: Settings, place: Place) -> Effect | NoEffect:
        fitted = self.fits[working]
        if isinstance(fitted, Obstacle):
            return NoEffect(place=place, obstacle=fitted)
        found = mixed_effect(self.designs[working], fitted, settings, f"reml_{working.value}", place)
        leads = isinstance(found, Effect) and significant(self.varies)
        return replace(found, notes=(*found.notes, VARIES)) if isinstance(found, Effect) and leads else found


def stepped_wedge_mixed(asked: Asked) -> DesignAnswer:
    """The effect under the plan's mixed working model, those of the other models beside it, and by exposure time."""
    return wedge_answer(_of_rows(asked))


def beside_fixed_effects(asked: Asked) -> DesignAnswer:
    """The mixed models beside a primary effect with fixed effects."""
    return beside_wedge(_of_rows(asked))


def wedge_answer(trial: WedgeTrial) -> DesignAnswer:
    """The answer of a plan whose working model is mixed.

    nested_exchangeable: clusters and cluster-periods vary (Hooper et al. 2016); hussey_hughes: clusters vary;
    exposure_time: the plain average of the effects at every exposure time, which follow as entries of their own, on
    nested exchangeable variances. Resampled p-values are those of the model with fixed effects.
    """
    working = trial.settings.working_model
    assert working is not None
    fits = _fits(trial)
    primary = fits.effect(working, trial.settings, Place())
    if isinstance(primary, NoEffect):
        return DesignAnswer((primary,))
    linear = trial.least_squares(with_fixed_effects(trial.settings))
    effects = [with_resampling(primary, linear)]
    fitted = fits.fits[working]
    if working is WorkingModel.EXPOSURE_TIME and isinstance(fitted, MixedFit):
        effects.extend(effects_by_exposure(fits.designs[working], fitted, trial.settings, "reml_exposure_time"))
    effects.extend(_beside(trial, fits, working))
    return DesignAnswer((*effects, linear), tuple(_diagnostics(trial, fits)))


def beside_wedge(trial: WedgeTrial) -> DesignAnswer:
    """What mixed models say beside another primary effect."""
    fits = _fits(trial)
    return DesignAnswer(tuple(_beside(trial, fits, None)), tuple(_diagnostics(trial, fits)))


def _of_rows(asked: Asked) -> WedgeTrial:
    plain = wedge_design(asked.sample)

    def least_squares(settings: Settings) -> Effect | NoEffect:
        model = stepped_wedge(asked.sample, settings)
        name = model.estimator if not isinstance(model, Obstacle) else "ols_fixed_effects"
        return least_squares_effect(model, asked, settings, name, BESIDE)

    exposure = plain if isinstance(plain, Obstacle) else exposure_design(asked)
    return WedgeTrial(asked.outcome.stated.column, asked.settings, plain, exposure, least_squares)


def _beside(trial: WedgeTrial, fits: _Fits, primary: WorkingModel | None) -> Iterator[Effect | NoEffect]:
    settings = model_based(trial.settings)
    shown = {primary}
    if fits.alike:
        nested = primary is WorkingModel.NESTED_EXCHANGEABLE
        shown.add(WorkingModel.HUSSEY_HUGHES if nested else WorkingModel.NESTED_EXCHANGEABLE)
    for working in _ORDER:
        if working not in shown and working in fits.fits:
            yield fits.effect(working, settings, BESIDE)


def _fits(trial: WedgeTrial) -> _Fits:
    """All fits; the exposure-time model only where there are several exposure times."""
    designs: dict[WorkingModel, MixedDesign] = {}
    fits: dict[WorkingModel, MixedFit | Obstacle] = {}
    plain, exposure = trial.plain, trial.exposure
    if isinstance(plain, Obstacle):
        return _Fits(designs, dict.fromkeys(_ORDER, plain), None)
    designs[WorkingModel.NESTED_EXCHANGEABLE] = designs[WorkingModel.HUSSEY_HUGHES] = plain
    nested = plain.fitted(nested=True)
    fits[WorkingModel.NESTED_EXCHANGEABLE] = nested
    merged = isinstance(nested, MixedFit) and nested.merged
    simple = replace(nested, merged=False) if isinstance(nested, MixedFit) and merged else plain.fitted(nested=False)
    fits[WorkingModel.HUSSEY_HUGHES] = simple
    varies = None
    if isinstance(exposure, Obstacle):
        fits[WorkingModel.EXPOSURE_TIME] = exposure
    elif len(exposure.exposures) > 1 or trial.settings.working_model is WorkingModel.EXPOSURE_TIME:
        found = exposure.fitted(nested=True)
        designs[WorkingModel.EXPOSURE_TIME], fits[WorkingModel.EXPOSURE_TIME] = exposure, found
        if isinstance(found, MixedFit) and len(exposure.exposures) > 1:
            varies = kenward_roger_test(found, exposure.each[1:] - exposure.each[:1])
    return _Fits(designs, fits, varies)


def _diagnostics(trial: WedgeTrial, fits: _Fits) -> Iterator[Diagnostic]:
    nested, simple = (fits.fits[working] for working in _ORDER[:2])
    if isinstance(nested, MixedFit) and isinstance(simple, MixedFit):
        yield correlation_decay(trial.column, nested, simple)
    found = fits.fits.get(WorkingModel.EXPOSURE_TIME)
    if isinstance(found, MixedFit):
        design = fits.designs[WorkingModel.EXPOSURE_TIME]
        yield effect_by_exposure(trial.column, found.estimates(design.each), design.exposures, fits.varies)
