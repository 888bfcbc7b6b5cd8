"""How far a pilot is behind what it promised when it was registered, whatever was amended since. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from effects.message import Message
from registry.desks.schemas import Light, Lit
from registry.pilots.schemas import MilestoneView

YELLOW_FROM: Final = 1.0  # months
RED_ABOVE: Final = 3.0
DAYS_A_MONTH: Final = 365.25 / 12
ON_TIME: Final = Message("On time, measured by what was promised at the start")

Changes = Mapping[str, tuple[Any, Any]]
"""What an amendment changed: field -> (before, after), days as they are stored."""


class Promise(NamedTuple):
    """A milestone, or the end (without a title): the day that was promised first, and the day it is kept or will be."""

    title: str | None
    first: date
    kept: date


def light(promises: Iterable[Promise]) -> Light | None:
    """The traffic light of the promise that is furthest behind; None where no day was ever promised."""
    latest = max(promises, key=lambda one: one.kept - one.first, default=None)
    if latest is None:
        return None
    months = (latest.kept - latest.first).days / DAYS_A_MONTH
    if months < YELLOW_FROM:
        return Light(Lit.GREEN, ON_TIME)
    return Light(Lit.RED if months > RED_ABOVE else Lit.YELLOW, _why(latest.title, months))


def promises(
    ends: date | None, milestones: Sequence[MilestoneView], amendments: Sequence[Changes], today: date
) -> list[Promise]:
    """What a pilot promised first and where it stands; amendments from the first to the last."""
    first = _first_days(amendments)
    found = [Promise(one.title, min(first.get(one.title, one.due), one.due), _kept(one, today)) for one in milestones]
    if ends is not None:
        found.append(Promise(None, _first_end(ends, amendments), ends))
    return found


def _kept(milestone: MilestoneView, today: date) -> date:
    return milestone.done_at or max(milestone.due, today)


def _first_end(ends: date, amendments: Sequence[Changes]) -> date:
    before = (changes["ends"][0] for changes in amendments if "ends" in changes)
    stated = next((day for day in before if day), None)
    return ends if stated is None else date.fromisoformat(stated)


def _first_days(amendments: Sequence[Changes]) -> dict[str, date]:
    """The first day that was ever promised for each title."""
    days: dict[str, date] = {}
    for changes in amendments:
        for listed in changes.get("milestones", ()):
            for day, title in listed:
                days.setdefault(title, date.fromisoformat(day))
    return days


def _why(title: str | None, months: float) -> Message:
    if title is None:
        return Message("The end comes {months:.1f} months later than promised at the start", {"months": months})
    return Message("{milestone}: {months:.1f} months later than promised", {"milestone": title, "months": months})
