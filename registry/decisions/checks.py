"""What is wrong with a decision before it is recorded. Pure."""

from collections.abc import Iterator
from datetime import date

from effects.codes import Kind
from effects.errors import Finding
from registry.decisions.rules import Choice, deviates
from registry.decisions.schemas import Deciding


def problems(deciding: Deciding, kind: Kind, today: date) -> Iterator[Finding]:
    """Everything to mend: a deviation without reason, stages without a review, and dates that have passed."""
    if deviates(kind, deciding.choice) and not deciding.reason:
        yield Finding(
            "reason",
            "deviation_without_reason",
            "The decision deviates from the advice and gives no reason.",
            "Say why you decide otherwise.",
        )
    if deciding.choice is Choice.ROLL_OUT_IN_STAGES and deciding.review_on is None:
        yield Finding(
            "review_on",
            "stages_without_review",
            "A roll-out in stages has no review date.",
            "Choose a day to come.",
        )
    if deciding.review_on is not None and deciding.review_on <= today:
        yield Finding("review_on", "review_in_the_past", "The review date has passed.", "Choose a day to come.")
    for place, condition in enumerate(deciding.conditions):
        if condition.due <= today:
            yield Finding(
                f"conditions.{place}.due",
                "condition_in_the_past",
                "The date of the condition has passed.",
                "Choose a day to come.",
            )
