from datetime import date, timedelta

import pytest

from registry.decisions.duties import Duty, DutyKind, next_duty, urgency

TODAY = date(2026, 11, 22)


def in_days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_review_is_due_from_its_day_on_whatever_else_lies_ahead(days: int) -> None:
    assert next_duty(in_days(days), [in_days(3)], TODAY, replaced=False) == Duty(
        DutyKind.REVIEW, in_days(days), due=True
    )


def test_before_that_the_nearest_day_counts() -> None:
    assert next_duty(in_days(90), [in_days(30), in_days(10)], TODAY, replaced=False) == Duty(
        DutyKind.CONDITION, in_days(10)
    )
    assert next_duty(in_days(9), [in_days(10)], TODAY, replaced=False) == Duty(DutyKind.REVIEW, in_days(9))


def test_a_condition_whose_day_has_passed_is_no_duty_but_today_is() -> None:
    assert next_duty(None, [in_days(-1)], TODAY, replaced=False) is None
    assert next_duty(None, [in_days(0)], TODAY, replaced=False) == Duty(DutyKind.CONDITION, TODAY)


def test_a_decision_without_days_and_one_that_was_replaced_ask_for_nothing() -> None:
    assert next_duty(None, [], TODAY, replaced=False) is None
    assert next_duty(in_days(-5), [in_days(5)], TODAY, replaced=True) is None


def test_what_is_due_comes_first_then_by_day_and_last_what_asks_for_nothing_newest_first() -> None:
    listed = {
        1: None,
        2: Duty(DutyKind.REVIEW, in_days(20)),
        3: Duty(DutyKind.REVIEW, in_days(-3), due=True),
        4: Duty(DutyKind.CONDITION, in_days(2)),
        5: None,
        6: Duty(DutyKind.REVIEW, in_days(-30), due=True),
    }
    assert sorted(listed, key=lambda number: urgency(listed[number], number)) == [6, 3, 4, 2, 5, 1]
