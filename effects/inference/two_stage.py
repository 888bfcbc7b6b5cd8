"""The effect of treatment received, with the assignment as its instrument."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

RECEIVED: Final = "received"
_NO_FIRST_STAGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class TwoStages:
    """Both stages of a just-identified instrumental-variable fit.

    `first` explains what was received by assignment and the rest of the model. `second` has the fitted values of what
    was received in the place of assignment, and the residuals of the outcome on what was received itself, so that every
    robust variance of least squares becomes that of two-stage least squares.
    """

    first: Fit
    second: Fit


def two_stages(model: LinearModel, received: Numbers) -> TwoStages | Obstacle:
    """Weighted two-stage least squares of the outcome on `received` (n,), instrumented by the column of interest.

    With assignment as the instrument and monotone compliance the coefficient is the complier average causal effect
    (Imbens and Angrist 1994).
    """
    if np.ptp(received) == 0.0:
        return _without_first_stage(Message("everybody received the same"))
    first = fit(replace(model, outcome=received))
    if isinstance(first, Obstacle):
        if first.reason is not Reason.NO_RESIDUAL_VARIATION:
            return first
        return _as_assigned(model, received)
    fitted = received - first.residuals
    if abs(first.estimate) * float(np.ptp(model.design[:, model.effect])) <= _NO_FIRST_STAGE * float(np.ptp(received)):
        return _without_first_stage(Message("assignment does not change what is received"))
    second = fit(_with_received(model, fitted))
    if isinstance(second, Obstacle):
        return second
    actual = _with_received(model, received).design
    return TwoStages(first, replace(second, residuals=model.outcome - actual @ second.coefficients))


def _as_assigned(model: LinearModel, received: Numbers) -> TwoStages | Obstacle:
    """Everybody received what the assignment says: both stages are the model itself, on the scale received."""
    second = fit(_with_received(model, received))
    return second if isinstance(second, Obstacle) else TwoStages(second, second)


def _with_received(model: LinearModel, received: Numbers) -> LinearModel:
    design = model.design.copy()
    design[:, model.effect] = received
    names = tuple(RECEIVED if place == model.effect else name for place, name in enumerate(model.names))
    return replace(model, design=design, names=names, estimator=f"{model.estimator}_two_stage")


def _without_first_stage(detail: Message) -> Obstacle:
    return Obstacle(Reason.NO_FIRST_STAGE, detail, Message("an assignment that changes what is received"))
