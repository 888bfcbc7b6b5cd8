"""An effect in spite of lost outcomes, by the method that the plan states."""

from dataclasses import replace
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.design_answers import Effect, NoEffect
from effects.inference.covariance import precision
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.missing.imputation import draws, imputer
from effects.missing.pooling import pooled
from effects.planning.settings import DEFAULT_IMPUTATIONS, DEFAULT_SEED, Settings
from effects.rows.columns import Flags
from effects.rows.samples import Sample

MOST_CELLS: Final = 5e9


def imputed(model: LinearModel | Obstacle, known: Flags, settings: Settings) -> Effect | NoEffect:
    """The linear model's effect over multiply completed outcomes; `known` (n,) says which rows have one.

    Missing at random given the model and the cluster is assumed. Lost outcomes add no information of their own: what
    they restore is the balance of the design, and of covariates that explain the loss.
    """
    if isinstance(model, Obstacle):
        return NoEffect(obstacle=model)
    number = settings.imputations or DEFAULT_IMPUTATIONS
    if float(model.design.size) * model.design.shape[1] * number > MOST_CELLS:
        size = Message("{rows} rows are too many for {draws} imputations", {"rows": len(known), "draws": number})
        return NoEffect(obstacle=Obstacle(Reason.NOT_IMPLEMENTED, size, Message("fewer imputations")))
    source = imputer(model, known)
    if isinstance(source, Obstacle):
        return NoEffect(obstacle=source)
    found = []
    for outcome in draws(source, number, DEFAULT_SEED if settings.seed is None else settings.seed):
        fitted = fit(replace(model, outcome=outcome))
        each = (
            fitted
            if isinstance(fitted, Obstacle)
            else precision(fitted, settings.standard_error, settings.working_variance)
        )
        if isinstance(fitted, Obstacle) or isinstance(each, Obstacle):
            return NoEffect(obstacle=_obstacle(fitted, each))
        found.append((fitted.estimate, each.standard_error**2, each.df))
    table = np.array(found)
    answer = pooled(table[:, 0], table[:, 1], float(np.mean(table[:, 2])))
    note = Message(
        "{draws} imputations of {lost} lost outcomes; {share:.0%} of the information is missing.",
        {"draws": number, "lost": int(np.sum(~known)), "share": answer.missing},
    )
    return Effect(
        estimate=answer.estimate,
        standard_error=answer.standard_error,
        kind=settings.standard_error,
        df=answer.df,
        estimator=f"{model.estimator}_imputed",
        notes=(*model.notes, note),
    )


def _obstacle(*found: Fit | object) -> Obstacle:
    return next(one for one in found if isinstance(one, Obstacle))


def with_lost(sample: Sample, known: Flags) -> Sample:
    """The sample with zeros in the place of lost outcomes, so that a model's design can be built."""
    return replace(sample, outcome=np.where(known, sample.outcome, 0.0))
