"""What can be decided and by whom, and what follows the advice."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from effects.codes import Kind
from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

DECIDE: Final = Permission("decisions.decide", frozenset({Role.DECISION_MAKER}))
DRAW: Final = Permission("decisions.draw", frozenset({Role.DECISION_MAKER}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

DECIDED_ALREADY: Final = Message("A decision is recorded on this recommendation already. It is never overwritten.")
NOT_IN_STAGES: Final = Message("This decision is not to roll out in stages. There is no order to draw.")
NOT_DRAWN: Final = Message("The order of this roll-out is not drawn yet. The plan that measures it follows from it.")
DRAWN_ALREADY: Final = Message("The order is drawn already. It is never drawn again.")
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
