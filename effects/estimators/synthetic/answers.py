"""The design synthetic_control: asked about one outcome, answered with all three estimators."""

from dataclasses import replace
from typing import Final

from effects.codes import AnalysisRole, Estimator, Reason, StandardError
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place, refused
from effects.estimators.synthetic.checks import synthetic_checks
from effects.estimators.synthetic.panel import Panel, read_panel
from effects.estimators.synthetic.placebos import Answered, Placebos, answer, choose
from effects.linear_model import Obstacle
from effects.message import Message

ESTIMATORS: Final = (Estimator.SYNTHETIC_DID, Estimator.SYNTHETIC_CONTROL, Estimator.DID)
_LEAST_ERROR: Final = 1e-12


def synthetic_control(asked: Asked) -> DesignAnswer:
    """Average effect on the treated units after their common start, by the estimator of the plan; the others beside it.

    One row for each unit and period. Standard errors are those of placebos: every donor in turn in the place of the
    treated unit. Abadie, Diamond and Hainmueller (2010); Arkhangelsky et al. (2021).
    """
    panel = read_panel(asked)
    if isinstance(panel, Obstacle):
        return refused(panel)
    seed = asked.settings.seed or 0
    placebos = choose(panel.donors, panel.treated, panel.before, seed)
    primary = asked.settings.estimator or Estimator.SYNTHETIC_DID
    found = answer(panel, placebos, primary)
    headline = _effect(found, primary, panel, placebos, seed)
    if isinstance(headline, NoEffect):
        return DesignAnswer((headline,))
    beside = [
        _effect(answer(panel, placebos, other), other, panel, placebos, seed)
        for other in ESTIMATORS
        if other is not primary
    ]
    second = Place(analysis=AnalysisRole.SENSITIVITY)
    return DesignAnswer(
        (headline, *(replace(effect, place=second) for effect in beside)),
        synthetic_checks(panel, placebos, found, primary, asked.outcome.stated.column),
    )


def _effect(found: Answered, estimator: Estimator, panel: Panel, placebos: Placebos, seed: int) -> Effect | NoEffect:
    if not found.standard_error > _LEAST_ERROR:
        obstacle = Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("all placebos have the same effect"),
            Message("donors that differ from each other over time"),
        )
        return NoEffect(obstacle=obstacle)
    count = len(placebos.members)
    return Effect(
        estimate=found.estimate * panel.scale,
        standard_error=found.standard_error * panel.scale,
        kind=StandardError.PLACEBO,
        df=None,
        estimator=estimator.value,
        p_value=found.p_value,
        p_permutation=found.p_value,
        notes=(*_told(count, placebos, seed), *panel.notes),
    )


def _told(count: int, placebos: Placebos, seed: int) -> tuple[Message, ...]:
    counted = {"placebos": count, "least": 1.0 / (count + 1.0)}
    error = Message("The interval is normal, with the standard deviation of the placebo effects as standard error.")
    if placebos.everything:
        through = Message(
            "The rank p-value goes through all {placebos} placebos; it cannot be below {least:.3g}.", counted
        )
        return (through, error)
    drawn = Message(
        "The rank p-value rests on {placebos} placebos drawn with seed {seed}; it cannot be below {least:.3g}.",
        {**counted, "seed": seed},
    )
    return (drawn, error)
