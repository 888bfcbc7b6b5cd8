from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from effects.errors import Finding
from registry.benefits.checks import of_measurement, of_promise, of_realisation, of_revision
from registry.benefits.schemas import MeasuredEffect, Measuring, Realising, Revising
from tests.registry.benefits.story import DUE, TODAY, a_view, measuring, promising, realising, revised

EFFECT = MeasuredEffect(
    key="7:overall:language",
    analysis_id=7,
    outcome="language",
    name="Language known",
    estimate=0.2,
    low=0.1,
    high=0.3,
    finished_on=TODAY,
)
TOMORROW = TODAY + timedelta(days=1)


def places(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.where, one.code) for one in found]


def test_a_promise_that_can_be_kept_has_nothing_to_mend() -> None:
    whole = promising(organisation=3, indicator="falls", due=TOMORROW)
    assert places(of_promise(whole, TODAY, {3}, {"falls"})) == []


def test_everything_wrong_with_a_promise_is_said_at_once() -> None:
    wrong = promising(promised=0.0, due=TODAY, organisation=9, indicator="sleep")
    assert places(of_promise(wrong, TODAY, {3}, {"falls"})) == [
        ("promised", "nothing"),
        ("due", "in_the_past"),
        ("organisation", "no_place"),
        ("indicator", "no_indicator"),
    ]


@pytest.mark.parametrize("same", [{}, {"expected": 300.0}, {"expected": 300.0, "due": DUE}, {"due": DUE}])
def test_a_revision_changes_something(same: dict[str, Any]) -> None:
    stands = a_view(revised(300))
    assert places(of_revision(Revising(reason="Because", **same), stands, TODAY)) == [("expected", "no_change")]


def test_a_revision_moves_to_a_day_to_come_and_may_expect_nothing() -> None:
    stands = a_view()
    assert places(of_revision(Revising(expected=0.0, reason="It is given up."), stands, TODAY)) == []
    assert places(of_revision(Revising(due=TODAY, reason="Sooner"), stands, TODAY)) == [("due", "in_the_past")]
    assert places(of_revision(Revising(due=TOMORROW, reason="Sooner"), stands, TODAY)) == []


def test_the_figure_of_an_overdue_promise_can_be_revised_alone() -> None:
    late = a_view(today=DUE + timedelta(days=9))
    assert places(of_revision(Revising(expected=1.0, reason="Less"), late, DUE + timedelta(days=9))) == []


@pytest.mark.parametrize("times", [1.0, -250.0])
def test_an_effect_of_an_analysis_is_taken_over_as_it_is(times: float) -> None:
    assert places(of_measurement(Measuring(effect=EFFECT.key, times=times), [EFFECT], TODAY)) == []


def test_an_effect_is_on_the_list_and_nothing_is_typed_beside_it() -> None:
    both = measuring(effect="8:overall:sleep", times=0.0)
    assert places(of_measurement(both, [EFFECT], TODAY)) == [
        ("effect", "no_effect"),
        ("times", "nothing"),
        ("measured", "twice"),
        ("low", "twice"),
        ("high", "twice"),
        ("measured_on", "twice"),
    ]


def test_a_figure_by_hand_is_whole() -> None:
    assert places(of_measurement(measuring(measured_on=TODAY), [], TODAY)) == []
    assert places(of_measurement(measuring(measured_on=TODAY, low=None, high=None), [], TODAY)) == []
    assert places(of_measurement(Measuring(times=2.0), [EFFECT], TODAY)) == [
        ("measured", "missing"),
        ("measured_on", "missing"),
        ("source", "missing"),
        ("times", "out_of_place"),
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"low": None}, ("low", "missing")),
        ({"high": None}, ("high", "missing")),
        ({"low": 310.0}, ("low", "not_around")),
        ({"high": 290.0}, ("low", "not_around")),
        ({"measured_on": TOMORROW}, ("measured_on", "in_the_future")),
    ],
)
def test_an_interval_has_both_ends_around_the_figure_and_a_day_that_has_been(
    changes: dict[str, Any], found: tuple[str, str]
) -> None:
    assert places(of_measurement(measuring(**{"measured_on": TODAY, **changes}), [], TODAY)) == [found]


@pytest.mark.parametrize(("on", "found"), [(TODAY, []), (TOMORROW, [("realised_on", "in_the_future")])])
def test_only_what_has_happened_is_realised(on: date, found: list[tuple[str, str]]) -> None:
    whole: Realising = realising(realised_on=on)
    assert places(of_realisation(whole, TODAY)) == found
