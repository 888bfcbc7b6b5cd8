"""Who may issue advice, and what keeps it from being issued."""

from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

ISSUE: Final = Permission("recommendations.issue", frozenset({Role.EVALUATOR}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

NOT_APPROVED: Final = Message("The assessment is not approved yet. A second evaluator approves it first.")
ISSUED_ALREADY: Final = Message("The recommendation of this assessment is issued already.")
OVERTAKEN: Final = Message("This assessment does not count any more: look at the pilot's evidence for the newer one.")
