"""What an evaluator states about a result, and who may state and approve it."""

from enum import StrEnum
from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

ASSESS: Final = Permission("evidence.assess", frozenset({Role.EVALUATOR}))
APPROVE: Final = Permission("evidence.approve", frozenset({Role.EVALUATOR}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

JOB: Final = "evidence.grade"
SUBJECT: Final = "assessment:{}"
LOOK: Final = "evidence.synthesise"
LOOKS: Final = "technology:{}:evidence"
ENOUGH_TOGETHER: Final = 2
"""With so many pilots of a technology its evidence is looked at together; a single pilot is its own evidence."""

OWN_WORK: Final = Message("You made this assessment or the analysis it rests on. A second evaluator approves it.")
NOT_GRADED: Final = Message("The assessment is not graded yet. Wait until its grade is shown, then approve it.")
APPROVED_ALREADY: Final = Message("This assessment is approved already.")
REPLACED: Final = Message("A newer assessment of the same pilot is approved and takes the place of this one.")
OVERTAKEN: Final = Message("Look {number} is newer and takes the place of this one.")
NO_RESULT: Final = Message("This analysis has no result yet. Wait until it is finished.")


class Known(StrEnum):
    """An answer to a question of fact; `unknown` is an answer too and is never taken for no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def flag(self) -> bool | None:
        """True, False or None for not known."""
        return {Known.YES: True, Known.NO: False}.get(self)


class GateId(StrEnum):
    """The gates whose facts the registry itself knows."""

    PLAN_BEFORE_ROWS = "G1"
    APPROVED_ROWS = "G3"
    ERRORS_BY_ASSIGNMENT = "G4"
    ALL_GROUPS_VOTED = "G5"
    LEGAL_STATE_RECORDED = "G6"


def is_own_work(person: int, assessed_by: int, analysed_by: int | None) -> bool:
    """Whether the person made the assessment, or asked for the analysis it rests on: nobody approves their own."""
    return person in (assessed_by, analysed_by)
