"""What a valuation says, in sentences. Pure; reads the JSON that the worker kept."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from effects.message import Message
from registry.kit.language import Language, day, term_key

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


def beyond(valuation: Mapping[str, Any], payers: Mapping[str, str]) -> Message | None:
    """What the nation's value holds beside the sum over the sizes of municipality, with who pays; None for nothing.

    `payers` are the words for the payers in the reader's language.
    """
    sizes = [one["mean"] for one in valuation["by_size_class"]]
    apart = [one for one in valuation["lines"] if one["counted"] and one["scope"] == "national" and one["mean"]]
    if not sizes or None in sizes or not apart:
        return None
    return Message(
        "The sizes add up to {local:,.0f} {currency}. The nation's value also holds {rest:,.0f} {currency} that falls "
        "on no single municipality: {lines}.",
        {
            "local": rounded(sum(sizes)),
            "rest": rounded(sum(one["mean"] for one in apart)),
            "currency": valuation["currency"],
            "lines": ", ".join(f"{one['title']} ({payers[one['payer']]})" for one in apart),
        },
    )


def plain(said: Mapping[str, Any], names: Mapping[str, str], language: Language) -> dict[str, Any]:
    """A message that was kept, with words for its codes: the name of an indicator, a day, a kind of benefit."""
    params = dict(said["params"])
    if "indicator" in params:
        params["indicator"] = names.get(params["indicator"], params["indicator"])
    if "kind" in params:
        params["kind"] = term_key(params["kind"])
    if "day" in params:
        params["day"] = day(date.fromisoformat(params["day"]), language)
    return {**said, "params": params}


def unmeasured(stated: Mapping[str, Any], measured: Collection[str]) -> list[str]:
    """The indicators that lines rest on and that no pilot of the technology measures, by code or by name."""
    used = dict.fromkeys(line["indicator"] for line in stated.get("line", ()) if "indicator" in line)
    return [indicator for indicator in used if indicator not in measured]


def knowing(valuation: Mapping[str, Any]) -> Message | None:
    """What further knowledge can be worth at most, None where that is not known."""
    if valuation["evpi"] is None:
        return None
    return Message(
        "Knowing everything before deciding would be worth {worth:,.0f} {currency} at most: no further study of the "
        "whole roll-out should cost more.",
        {"worth": float(valuation["evpi"]), "currency": valuation["currency"]},
    )
