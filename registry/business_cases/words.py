"""What a valuation says, in sentences. Pure; reads the JSON that the worker kept."""

from collections.abc import Mapping
from typing import Any, Final

from effects.message import Message

NEARLY_SURE: Final = 0.95
LIKELY: Final = 0.8
EVEN: Final = 0.5
UNLIKELY: Final = 0.2
REACH: Final = 1.96


def headline(valuation: Mapping[str, Any]) -> Message:
    """Whether it pays, and how sure that is."""
    probability = valuation["probability_positive"]
    if probability is None:
        return Message("What it is worth is not known yet: an input is missing, named below.")
    percent = {"percent": 100 * probability}
    if probability >= NEARLY_SURE:
        return Message("It almost surely pays for itself: the probability is {percent:.0f} %.", percent)
    if probability >= LIKELY:
        return Message("It probably pays for itself: the probability is {percent:.0f} %.", percent)
    if probability > EVEN:
        return Message("It may pay for itself, and it may not: the probability is {percent:.0f} %.", percent)
    if probability > UNLIKELY:
        return Message("It may well not pay for itself: the probability that it does is {percent:.0f} %.", percent)
    return Message("It probably does not pay for itself: the probability that it does is {percent:.0f} %.", percent)


def reach(mean: float | None, sd: float | None) -> tuple[float, float] | None:
    """The ends between which the net value lies with a probability of 95 %, taken as normal."""
    return None if mean is None or sd is None else (mean - REACH * sd, mean + REACH * sd)


def rounded(amount: float) -> float:
    """To three significant figures, for an amount whose uncertainty is far larger than what is left out."""
    return float(f"{amount:.3g}")


def guesses(valuation: Mapping[str, Any]) -> Message:
    """How much of the value rests on guesses."""
    share = valuation["guessed_share"]
    if share is None:
        return Message("No line is valued yet.")
    if share == 0:
        return Message("No figure that counts is a guess.")
    return Message(
        "{percent:.0f} % of what the lines are worth rests on guesses. Measuring those first is worth most.",
        {"percent": 100 * share},
    )


def knowing(valuation: Mapping[str, Any]) -> Message | None:
    """What further knowledge can be worth at most, None where that is not known."""
    if valuation["evpi"] is None:
        return None
    return Message(
        "Knowing everything before deciding would be worth {worth:,.0f} {currency} at most: no further study of the "
        "whole roll-out should cost more.",
        {"worth": float(valuation["evpi"]), "currency": valuation["currency"]},
    )
