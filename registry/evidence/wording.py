"""An effect in words that need no statistics: so many more or fewer of every 100, as it was measured. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from effects.message import Message

SHARES: Final = {"share": 100.0, "andel": 100.0, "proportion": 100.0, "%": 1.0, "percent": 1.0, "procent": 1.0}
"""Units that are a share of those measured, and what makes "of every 100" of a value in them."""
COUNTS: Final = {"count": 100.0, "antal": 100.0, "number": 100.0, "per 100": 1.0, "pr. 100": 1.0}
SCALE: Final = re.compile(r"[0-9]+-[0-9]+")


class Way(StrEnum):
    """What kind of unit an effect is said in."""

    SHARE = "share"
    COUNT = "count"
    POINTS = "points"
    UNIT = "unit"
    BARE = "bare"


class Said(msgspec.Struct, frozen=True):
    """An effect and its interval, each a sentence part; `interval` is None where it is not known."""

    effect: Message
    interval: Message | None = None


_NONE: Final = Message("no difference")
_ONE: Final[Mapping[tuple[Way, bool], Message]] = {
    (Way.SHARE, True): Message("{size} more of every 100"),
    (Way.SHARE, False): Message("{size} fewer of every 100"),
    (Way.COUNT, True): Message("{size} more per 100"),
    (Way.COUNT, False): Message("{size} fewer per 100"),
    (Way.POINTS, True): Message("{size} points higher (scale {unit})"),
    (Way.POINTS, False): Message("{size} points lower (scale {unit})"),
    (Way.UNIT, True): Message("{size} {unit} more"),
    (Way.UNIT, False): Message("{size} {unit} less"),
    (Way.BARE, True): Message("{size} higher"),
    (Way.BARE, False): Message("{size} lower"),
}
_BOTH: Final[Mapping[tuple[Way, bool], Message]] = {
    (Way.SHARE, True): Message("between {least} and {most} more of every 100"),
    (Way.SHARE, False): Message("between {least} and {most} fewer of every 100"),
    (Way.COUNT, True): Message("between {least} and {most} more per 100"),
    (Way.COUNT, False): Message("between {least} and {most} fewer per 100"),
    (Way.POINTS, True): Message("between {least} and {most} points higher"),
    (Way.POINTS, False): Message("between {least} and {most} points lower"),
    (Way.UNIT, True): Message("between {least} and {most} {unit} more"),
    (Way.UNIT, False): Message("between {least} and {most} {unit} less"),
    (Way.BARE, True): Message("between {least} and {most} higher"),
    (Way.BARE, False): Message("between {least} and {most} lower"),
}
_ACROSS: Final[Mapping[Way, Message]] = {
    Way.SHARE: Message("between {below} fewer and {above} more of every 100"),
    Way.COUNT: Message("between {below} fewer and {above} more per 100"),
    Way.POINTS: Message("between {below} points lower and {above} points higher"),
    Way.UNIT: Message("between {below} {unit} less and {above} {unit} more"),
    Way.BARE: Message("between {below} lower and {above} higher"),
}


def said(estimate: float | None, low: float | None, high: float | None, unit: str = "") -> Said | None:
    """The effect in words, in the outcome's unit and as it was measured; None without an estimate."""
    if estimate is None:
        return None
    interval = None if low is None or high is None else between(low, high, unit)
    return Said(_size(estimate, unit), interval)


def between(low: float, high: float, unit: str = "") -> Message:
    """An interval in words; one that holds zero names both sides."""
    way, times = _way(unit)
    ends = [_rounded(low * times), _rounded(high * times)]
    if ends[0] < 0 < ends[1]:
        return Message(_ACROSS[way].template, {"below": -ends[0], "above": ends[1], "unit": unit})
    least, most = sorted(abs(end) for end in ends)
    template = _BOTH[way, sum(ends) >= 0].template
    return Message(template, {"least": least, "most": most, "unit": unit})


def _size(value: float, unit: str) -> Message:
    way, times = _way(unit)
    size = _rounded(value * times)
    if size == 0:
        return _NONE
    return Message(_ONE[way, size > 0].template, {"size": abs(size), "unit": unit})


def _way(unit: str) -> tuple[Way, float]:
    known = unit.strip().casefold()
    if known in SHARES:
        return Way.SHARE, SHARES[known]
    if known in COUNTS:
        return Way.COUNT, COUNTS[known]
    if SCALE.fullmatch(known):
        return Way.POINTS, 1.0
    return (Way.UNIT, 1.0) if known else (Way.BARE, 1.0)


def _rounded(value: float) -> float:
    """To three significant figures, which is what a page shows."""
    return float(f"{value:.3g}")
