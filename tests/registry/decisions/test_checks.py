from datetime import date
from typing import Any

import pytest

from effects.codes import Kind
from registry.decisions.checks import problems
from registry.decisions.rules import ADVISED, Choice
from registry.decisions.schemas import Deciding, NewCondition

TODAY = date(2026, 11, 22)
LATER = date(2027, 1, 1)


def codes(kind: Kind = Kind.STOP, **stated: Any) -> list[tuple[str, str]]:
    found = problems(Deciding(**{"choice": Choice.STOP, **stated}), kind, TODAY)
    return [(finding.where, finding.code) for finding in found]


@pytest.mark.parametrize("kind", Kind)
def test_following_the_advice_needs_no_reason(kind: Kind) -> None:
    assert codes(kind, choice=ADVISED[kind], review_on=LATER) == []


@pytest.mark.parametrize("choice", [choice for choice in Choice if choice is not Choice.STOP])
def test_deviating_from_the_advice_needs_a_reason(choice: Choice) -> None:
    assert codes(choice=choice, review_on=LATER) == [("reason", "deviation_without_reason")]
    assert codes(choice=choice, review_on=LATER, reason="The region asked for it.") == []


def test_a_roll_out_in_stages_needs_a_day_of_review() -> None:
    stages = {"choice": Choice.ROLL_OUT_IN_STAGES, "kind": Kind.ROLL_OUT_IN_STAGES}
    assert codes(**stages) == [("review_on", "stages_without_review")]
    assert codes(**stages, review_on=LATER) == []


@pytest.mark.parametrize("day", [TODAY, date(2026, 11, 21), date(1900, 1, 1)])
def test_days_that_have_passed_are_refused(day: date) -> None:
    assert codes(review_on=day) == [("review_on", "review_in_the_past")]
    assert codes(conditions=[NewCondition("It is safe", "The region", LATER), NewCondition("x", "y", day)]) == [
        ("conditions.1.due", "condition_in_the_past")
    ]


def test_everything_wrong_is_said_at_once() -> None:
    found = codes(
        choice=Choice.ROLL_OUT_IN_STAGES,
        conditions=[NewCondition("It is safe", "The region", TODAY)],
    )
    assert [where for where, _ in found] == ["reason", "review_on", "conditions.0.due"]
