"""What can be decided, and when a decision is sound."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from effects.codes import Kind
from effects.errors import Finding
from effects.message import Message
from registry.decisions.schemas import Deciding
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

DECIDE: Final = Permission("decisions.decide", frozenset({Role.DECISION_MAKER}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

DECIDED_ALREADY: Final = Message("A decision is recorded on this recommendation already. It is never overwritten.")
OWN_ADVICE: Final = Message("You issued this recommendation yourself. Somebody else decides.")


class Choice(StrEnum):
    """What is decided about the technology."""

    ROLL_OUT = "roll_out"
    ROLL_OUT_IN_STAGES = "roll_out_in_stages"
    EXTEND = "extend"
    GATHER_EVIDENCE = "gather_evidence"
    PAUSE = "pause"
    STOP = "stop"


ADVISED: Final[Mapping[Kind, Choice]] = {
    Kind.ROLL_OUT: Choice.ROLL_OUT,
    Kind.ROLL_OUT_IN_STAGES: Choice.ROLL_OUT_IN_STAGES,
    Kind.EXTEND: Choice.EXTEND,
    Kind.NOT_ENOUGH_EVIDENCE: Choice.GATHER_EVIDENCE,
    Kind.PAUSE_AND_REVIEW: Choice.PAUSE,
    Kind.STOP: Choice.STOP,
}
"""The choice that follows each kind of advice; any other deviates from it."""


def deviates(kind: Kind, choice: Choice) -> bool:
    """Whether the choice is another than the advice."""
    return ADVISED[kind] is not choice


def problems(deciding: Deciding, kind: Kind, today: date) -> Iterable[Finding]:
    """Everything that is wrong with a decision before it is recorded."""
    choice = Choice(deciding.choice)
    if deviates(kind, choice) and not deciding.reason.strip():
        yield Finding(
            "reason",
            "deviation_without_reason",
            "The decision deviates from the advice and gives no reason.",
            "Say why you decide otherwise.",
        )
    if deciding.review_on is not None and deciding.review_on <= today:
        yield Finding("review_on", "review_in_the_past", "The review date has passed.", "Choose a day to come.")
    if choice is Choice.ROLL_OUT_IN_STAGES and deciding.review_on is None:
        yield Finding(
            "review_on", "stages_without_review", "A roll-out in stages has no review date.", "Choose a day to come."
        )
    for place, condition in enumerate(deciding.conditions):
        if condition.due <= today:
            yield Finding(
                f"conditions.{place}.due", "condition_in_the_past", "The date has passed.", "Choose a day to come."
            )
