"""What a decision asks for next: a review that is due, a condition or a review to come, or nothing more. Pure."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec


class DutyKind(StrEnum):
    """What has to be done."""

    REVIEW = "review"
    CONDITION = "condition"


class Duty(msgspec.Struct, frozen=True):
    """Something to do on a day; `due` once the day has come."""

    kind: DutyKind
    day: date
    due: bool = False


FAR: Final = date.max


def next_duty(review_on: date | None, conditions: Iterable[date], today: date, *, replaced: bool) -> Duty | None:
    """The review once its day has come, else the nearest day ahead.

    A decision that a later one replaced asks for nothing. That a condition was met is not recorded here, so one whose
    day has passed is no duty of the list; its page shows the day.
    """
    if replaced:
        return None
    if review_on is not None and review_on <= today:
        return Duty(DutyKind.REVIEW, review_on, due=True)
    ahead = [Duty(DutyKind.CONDITION, day) for day in conditions if day >= today]
    if review_on is not None:
        ahead.append(Duty(DutyKind.REVIEW, review_on))
    return min(ahead, key=lambda duty: duty.day, default=None)


def urgency(duty: Duty | None, number: int) -> tuple[bool, date, int]:
    """The place of a decision in a list: what is due first, then by day, what asks for nothing last, newest first."""
    return duty is None or not duty.due, FAR if duty is None else duty.day, -number
