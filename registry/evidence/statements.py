"""What is said of each indicator of a look, in words that need no statistics. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from effects.message import Message
from registry.evidence.wording import Said, between, said

SUMMARY: Final = Message(
    "{pilots} pilots looked at together. Of {indicators} indicators {better} are better and {worse} are worse, "
    "distinguishable from no effect; {open} are not distinguishable or cannot be pooled."
)

SINGLE: Final = Message(
    "One pilot so far. Of {indicators} indicators {better} are better and {worse} are worse, "
    "distinguishable from no effect; {open} are not distinguishable or not known."
)


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator in words: the effect with its interval, and what a new place may expect; None is not known."""

    effect: Said | None
    place: Message | None
    probability: float | None
    """That a new place is better off."""


def statements(result: Mapping[str, Any]) -> dict[str, Statement]:
    """What is said of every indicator of a look, by name, as measured."""
    return {item["name"]: _statement(item) for item in result["indicators"]}


def graded(advice: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Said | None]:
    """The effects of a grade in words, by name; they are turned back to how they were measured."""
    found = {}
    for item in advice["indicators"]:
        low, at, high = measured(item["effect"], item["better"])
        found[item["name"]] = said(at, low, high, units.get(item["name"], ""))
    return found


def measured(effect: Mapping[str, Any], better: str) -> tuple[float | None, float | None, float | None]:
    """Low, estimate and high as measured, of an effect that is turned so that + is better."""
    low, at, high = (effect[name] for name in ("low", "estimate", "high"))
    if better == "lower":
        low, at, high = (None if value is None else -value for value in (high, at, low))
    return low, at, high


def summary(result: Mapping[str, Any]) -> Message:
    """The figure of a look in one sentence."""
    effects = [item["effect"] for item in result["grade"]["indicators"]]
    better = sum(1 for effect in effects if effect["low"] is not None and effect["low"] > 0)
    worse = sum(1 for effect in effects if effect["high"] is not None and effect["high"] < 0)
    counted = {
        "pilots": result["heard"],
        "indicators": len(effects),
        "better": better,
        "worse": worse,
        "open": len(effects) - better - worse,
    }
    return Message((SUMMARY if counted["pilots"] > 1 else SINGLE).template, counted)


def _statement(item: Mapping[str, Any]) -> Statement:
    pooled = item["pooled"]
    if pooled is None:
        return Statement(effect=None, place=None, probability=None)
    return Statement(
        effect=said(pooled["mean"], pooled["low"], pooled["high"], item["unit"]),
        place=between(pooled["predictive_low"], pooled["predictive_high"], item["unit"]),
        probability=pooled["next_better"],
    )
