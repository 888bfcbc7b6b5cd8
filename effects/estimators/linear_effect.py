"""One coefficient of a linear model as an effect of a design that answers for itself."""

from dataclasses import replace

from effects.codes import StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.inference.covariance import precision
from effects.inference.least_squares import fit
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings


def linear_effect(
    model: LinearModel | Obstacle, settings: Settings, place: Place, kind: StandardError | None = None
) -> Effect | NoEffect:
    """The model's coefficient with the settings' standard error, or that of `kind`; a t interval by its df."""
    if isinstance(model, Obstacle):
        return NoEffect(place=place, obstacle=model)
    fitted = fit(model)
    if isinstance(fitted, Obstacle):
        return NoEffect(place=place, obstacle=fitted)
    asked = replace(settings, standard_error=kind or settings.standard_error)
    found = precision(fitted, asked.standard_error, asked.working_variance)
    if isinstance(found, Obstacle):
        return NoEffect(place=place, obstacle=found)
    return Effect(
        place=place,
        estimate=fitted.estimate,
        standard_error=found.standard_error,
        kind=asked.standard_error,
        df=found.df,
        estimator=model.estimator,
        rows=len(model.outcome),
        notes=model.notes,
    )
