"""Surveys before and after: the change of a mean between two waves."""

import numpy as np

from effects.codes import Calibration, StandardError
from effects.design_answers import Asked, DesignAnswer, Effect, refused
from effects.estimators.before_after import NOT_CAUSAL
from effects.estimators.survey.diagnostics import survey_diagnostics
from effects.estimators.survey.means import contrast
from effects.estimators.survey.waves import Frame, Waves, frame_of, waves_of
from effects.linear_model import Obstacle
from effects.message import Message


def survey_before_after(asked: Asked) -> DesignAnswer:
    """Mean after less mean before, each wave tied to the margins, with a linearised error.

    The waves may be independent samples or hold the same clusters or persons, whose covariance then enters. Weights,
    clusters, strata and finite population are those of the plan; without weights but with a finite population the
    weights are its clusters per cluster drawn. A subgroup is a domain: calibration and clusters are those of the whole
    sample. t with clusters less strata degrees of freedom.
    """
    frame = frame_of(asked)
    waves = waves_of(asked, frame)
    if isinstance(waves, Obstacle):
        return refused(waves)
    found = contrast(waves.values, ((-1.0, waves.before), (1.0, waves.after)), waves.sampling)
    if isinstance(found, Obstacle):
        return refused(found)
    method = asked.plan.survey.calibration or Calibration.NONE
    effect = Effect(
        estimate=found.estimate,
        standard_error=found.standard_error,
        kind=StandardError.LINEARISED,
        df=found.df,
        estimator="weighted_means" if method is Calibration.NONE else method.value,
        notes=_notes(asked, frame, waves),
    )
    return DesignAnswer((effect,), survey_diagnostics(asked, frame, waves, found))


def _notes(asked: Asked, frame: Frame, waves: Waves) -> tuple[Message, ...]:
    silent = int(np.sum(~frame.answered))
    negative = any(bool(np.any(part.calibrated.weights < 0.0)) for part in (waves.before, waves.after))
    notes = (
        (True, NOT_CAUSAL),
        (
            bool(asked.outcome.stated.covariates),
            Message("Covariates do not adjust a survey: tie it to margins instead."),
        ),
        (
            silent > 0 and frame.population is not None,
            Message(
                "{silent} of {drawn} rows did not answer: no correction for a finite population is made for them.",
                {"silent": silent, "drawn": len(frame.rows)},
            ),
        ),
        (negative, Message("Some calibrated weights are negative.")),
    )
    return tuple(note for due, note in notes if due)
