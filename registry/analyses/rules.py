"""Who may run a plan, what keeps a run from starting, and what an effect means in words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

RUN: Final = Permission("analyses.run", frozenset({Role.EVALUATOR}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

DEFAULT_SEED: Final = 0
"""A plan without a seed draws nothing at random; the identity of its runs still names one."""


class Meaning(StrEnum):
    """What an effect says after adjustment for the number of indicators."""

    IMPROVEMENT = "improvement"
    DETERIORATION = "deterioration"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    NOT_ESTIMABLE = "not_estimable"


WORDS: Final[Mapping[Meaning, Message]] = {
    Meaning.IMPROVEMENT: Message("Better, and distinguishable from no effect"),
    Meaning.DETERIORATION: Message("Worse, and distinguishable from no effect"),
    Meaning.NOT_DISTINGUISHABLE: Message("Not distinguishable from no effect"),
    Meaning.NOT_ESTIMABLE: Message("Cannot be estimated"),
}

NO_PLAN: Final = Message("No analysis plan is locked yet. The evaluator locks one on the plan page.")
NO_ROWS: Final = Message("No dataset version is approved yet. A second person approves one on the data page.")


def obstacles(plan_locked: bool, version_approved: bool) -> list[Message]:
    """Everything that keeps a run from starting; empty when it may."""
    return [message for holds, message in ((plan_locked, NO_PLAN), (version_approved, NO_ROWS)) if not holds]
