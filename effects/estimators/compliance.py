"""Whether the assignment moved what was received, for effects of treatment received."""

from typing import Final

import numpy as np

from effects.codes import Estimand, Verdict
from effects.design_answers import Asked, DesignAnswer
from effects.inference.covariance import precision
from effects.inference.two_stage import TwoStages, two_stages
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.results import Diagnostic

STRONG: Final = 10.0


def first_stage(asked: Asked, model: LinearModel | Obstacle) -> DesignAnswer:
    """A check of the strength of the instrument where cace is asked for: F of the first stage with the plan's errors.

    Below 10 the t interval of the second stage misleads (Staiger and Stock 1997); the test of the assignment itself
    stays valid (Anderson and Rubin 1949).
    """
    if asked.plan.estimand is not Estimand.CACE or isinstance(model, Obstacle) or asked.sample.received is None:
        return DesignAnswer(())
    statistic = _strength(asked, two_stages(model, asked.sample.received))
    verdict = Verdict.INAPPLICABLE if statistic is None else Verdict.PASS if statistic >= STRONG else Verdict.WARN
    check = Diagnostic(
        name="first_stage",
        question=Message("Did the assignment move what was received?"),
        null=Message("The F statistic of the first stage is at least {least:g}.", {"least": STRONG}),
        statistic=statistic,
        p_value=None,
        verdict=verdict,
        detail=Message("no first stage, or one without error")
        if statistic is None
        else Message("F = {statistic:.1f}; the test of the assignment itself holds anyway", {"statistic": statistic}),
        outcome=asked.outcome.stated.column,
    )
    return DesignAnswer((), (check,))


def _strength(asked: Asked, stages: TwoStages | Obstacle) -> float | None:
    if isinstance(stages, Obstacle) or stages.first is stages.second:
        return None
    found = precision(stages.first, asked.settings.standard_error, asked.settings.working_variance)
    if isinstance(found, Obstacle):
        return None
    statistic = (stages.first.estimate / found.standard_error) ** 2
    return statistic if np.isfinite(statistic) else None
