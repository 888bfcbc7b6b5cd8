"""The mean effect across studies: the plural average, REML with z and with Hartung-Knapp, prediction intervals."""

from dataclasses import dataclass
from typing import Literal

from effects.message import Message
from effects.synthesis.answers import ONE_STUDY, TWO_STUDIES, Answered, Interval, Unanswered, answer, interval
from effects.synthesis.heterogeneity import reml
from effects.synthesis.marginal import Marginal


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Limits of the effect in a new place by one convention; `spread` is the square root of its variance."""

    kind: Literal["prediction"] = "prediction"
    convention: str
    meaning: Message
    spread: float
    df: float | None
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """REML beside Hartung and Knapp, and the effect in a new place by each convention."""

    reml_z: Answered
    reml_hartung_knapp: Answered
    predictions: tuple[Prediction | Unanswered, ...]


def fixed_effects(model: Marginal, level: float) -> Answered:
    """The average of these studies' own effects, each weighted by its precision (Rice, Higgins and Lumley 2018).

    The plural model: true effects may differ, and nothing is said about other places. Any k >= 1.
    """
    fit = model.at(0.0)
    note = Message("The average of the effects in these studies; it does not speak of other places.")
    error = float(fit.covariance[0, 0]) ** 0.5
    return answer("fixed_effects_plural", float(fit.coefficients[0]), error, level, note=note)


def random_effects(model: Marginal, level: float) -> RandomEffects:
    """All random-effects figures of a model without moderators; each with its reason where it cannot be given."""
    if model.df < 1:
        none = Unanswered(detail=ONE_STUDY, needs=TWO_STUDIES)
        return RandomEffects(reml_z=none, reml_hartung_knapp=none, predictions=(none,))
    tau2 = reml(model)
    fit = model.at(tau2)
    mean, error = float(fit.coefficients[0]), float(fit.covariance[0, 0]) ** 0.5
    factor = max(1.0, fit.q / model.df)
    wider = error * factor**0.5
    return RandomEffects(
        reml_z=answer("reml_z", mean, error, level, tau2=tau2),
        reml_hartung_knapp=answer(
            "reml_hartung_knapp", mean, wider, level, df=float(model.df), tau2=tau2, note=capped(fit.q, model.df)
        ),
        predictions=(
            predicted("z", mean, tau2 + error**2, level, None),
            predicted("t_k_minus_1", mean, tau2 + wider**2, level, float(model.df)),
            predicted("t_k_minus_2", mean, tau2 + error**2, level, float(model.df - 1))
            if model.df > 1
            else Unanswered(
                detail=Message("The interval by t with k - 2 degrees of freedom has none for two studies."),
                needs=Message("at least three studies"),
            ),
        ),
    )


def capped(q: float, df: int) -> Message | None:
    """What is said where Hartung and Knapp's factor would have narrowed the interval."""
    if q >= df:
        return None
    return Message(
        "Hartung and Knapp's factor {factor} is below 1 and was set to 1: the error is never smaller than by z.",
        {"factor": float(f"{q / df:.4g}")},
    )


_MEANINGS = {
    "z": Message("z: normal quantile, variance tau2 plus the squared standard error by z."),
    "t_k_minus_1": Message("t_k_minus_1: t with k - 1, variance tau2 plus the squared Hartung-Knapp error."),
    "t_k_minus_2": Message("t_k_minus_2: t with k - 2, variance tau2 plus the squared standard error by z (Higgins)."),
    "z_three_level": Message("z_three_level: normal quantile, both variances plus the squared standard error by z."),
}


def predicted(convention: str, mean: float, variance: float, level: float, df: float | None) -> Prediction:
    """Limits of the effect in a new place by a named convention, with the variance that it prescribes."""
    return Prediction(
        convention=convention,
        meaning=_MEANINGS[convention],
        spread=variance**0.5,
        df=df,
        interval=interval(mean, variance**0.5, level, df),
    )
