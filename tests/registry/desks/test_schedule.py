from datetime import date, timedelta
from typing import Any

import pytest

from registry.desks.schedule import Promise, light, promises
from registry.desks.schemas import Lit
from registry.pilots.schemas import MilestoneView

TODAY = date(2026, 11, 22)


def in_days(number: int) -> date:
    return TODAY + timedelta(days=number)


def a_milestone(due: int, done: int | None = None, title: str = "Halfway") -> MilestoneView:
    return MilestoneView(1, title, in_days(due), None if done is None else in_days(done))


@pytest.mark.parametrize(
    ("late", "lit"),
    [
        (-40, Lit.GREEN),
        (0, Lit.GREEN),
        (30, Lit.GREEN),
        (31, Lit.YELLOW),
        (91, Lit.YELLOW),
        (92, Lit.RED),
        (900, Lit.RED),
    ],
)
def test_from_one_month_late_it_is_yellow_and_beyond_three_red(late: int, lit: Lit) -> None:
    found = light([Promise("Halfway", TODAY, in_days(late))])
    assert found is not None
    assert found.lit is lit
    assert ("Halfway" in str(found.why)) is (lit is not Lit.GREEN)


def test_the_promise_that_is_furthest_behind_decides_and_is_named() -> None:
    found = light([Promise("Halfway", TODAY, in_days(40)), Promise(None, TODAY, in_days(120))])
    assert found is not None
    assert (found.lit, str(found.why)) == (Lit.RED, "The end comes 3.9 months later than promised at the start")


def test_without_any_day_there_is_no_light() -> None:
    assert light([]) is None
    assert promises(None, [], [], TODAY) == []


@pytest.mark.parametrize(
    ("milestone", "kept"),
    [
        (a_milestone(30), 30),
        (a_milestone(-30), 0),
        (a_milestone(-30, done=-20), -20),
        (a_milestone(-30, done=-60), -60),
    ],
)
def test_a_milestone_is_kept_on_its_day_or_the_day_it_was_or_not_before_today(
    milestone: MilestoneView, kept: int
) -> None:
    assert promises(None, [milestone], [], TODAY) == [Promise("Halfway", milestone.due, in_days(kept))]


def test_the_baseline_is_what_was_promised_before_the_first_amendment() -> None:
    def moved(before: int, after: int) -> dict[str, tuple[Any, Any]]:
        days = [[[in_days(day).isoformat(), "Halfway"]] for day in (before, after)]
        return {
            "ends": (in_days(before + 100).isoformat(), in_days(after + 100).isoformat()),
            "milestones": (days[0], days[1]),
        }

    found = promises(in_days(190), [a_milestone(90)], [moved(10, 50), moved(50, 90)], TODAY)
    assert found == [Promise("Halfway", in_days(10), in_days(90)), Promise(None, in_days(110), in_days(190))]


def test_an_end_that_was_first_stated_later_and_a_milestone_added_later_are_their_own_baseline() -> None:
    stated_late: dict[str, tuple[Any, Any]] = {"ends": (None, in_days(50).isoformat())}
    another: dict[str, tuple[Any, Any]] = {"milestones": ([], [[in_days(70).isoformat(), "New"]])}
    found = promises(in_days(50), [a_milestone(70, title="New")], [stated_late, another], TODAY)
    assert {one.kept - one.first for one in found} == {timedelta(0)}
