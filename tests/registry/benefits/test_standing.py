"""Where a promise stands: the newest that is true counts, against the first promise, which never moves."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.message import Message
from registry.benefits.rules import Light
from registry.benefits.schemas import BenefitView, Standing
from tests.registry.benefits.story import DUE, TODAY, a_view, measured, realised, revised


def said(one: BenefitView) -> str:
    return " ".join(str(reason) for reason in one.standing.reasons)


def test_a_promise_alone_is_not_known_and_waits_to_be_measured() -> None:
    stands = a_view()
    assert (stands.standing.light, stands.standing.share, stands.standing.basis) == (Light.UNKNOWN, None, "expected")
    assert (stands.expected, stands.expected_due, stands.standing.duty_on) == (400.0, DUE, DUE)
    assert said(stands) == "Nothing is measured yet."
    assert str(stands.standing.duty).startswith("Measure it")
    assert not stands.standing.overdue


@pytest.mark.parametrize(
    ("figure", "light", "percent"),
    [(440, Light.ON_TRACK, 110), (400, Light.ON_TRACK, 100), (360, Light.WATCH, 90), (359, Light.OFF_TRACK, 90)],
)
def test_what_was_realised_is_judged_against_the_first_promise(figure: float, light: Light, percent: int) -> None:
    stands = a_view(realised(figure), revised(200), measured(100))
    assert stands.standing.light is light
    assert said(stands) == f"{percent} % of the first promise is realised."
    assert (stands.standing.basis, stands.standing.duty) == ("realised", None)


def test_a_promised_decrease_counts_as_much_as_an_increase() -> None:
    fall = a_view(realised(-11), promised=-10.0)
    assert (fall.standing.light, fall.standing.share) == (Light.ON_TRACK, 1.1)
    rise = a_view(realised(2), promised=-10.0)
    assert (rise.standing.light, rise.standing.share) == (Light.OFF_TRACK, -0.2)


@pytest.mark.parametrize(
    ("low", "high", "light", "words"),
    [
        (200, 350, Light.OFF_TRACK, "the whole interval lies below it"),
        (200, 380, Light.WATCH, "the interval does not rule the promise out"),
        (None, None, Light.OFF_TRACK, "without interval"),
    ],
)
def test_an_interval_says_how_sure_a_measurement_is(
    low: float | None, high: float | None, light: Light, words: str
) -> None:
    stands = a_view(measured(300, low, high))
    assert stands.standing.light is light
    assert "75 % of the first promise is measured" in said(stands)
    assert words in said(stands)
    assert str(stands.standing.duty).startswith("Enter what is realised")


def test_the_interval_of_a_decrease_is_turned_the_right_way() -> None:
    assert a_view(measured(-8, -9.5, -6.5), promised=-10.0).standing.light is Light.WATCH
    assert a_view(measured(-8, -8.5, -7.5), promised=-10.0).standing.light is Light.OFF_TRACK
    assert a_view(measured(-12, -15, -9), promised=-10.0).standing.light is Light.ON_TRACK


def test_the_newest_measurement_that_is_not_outdated_counts() -> None:
    gone = Message("The result was withdrawn.")
    stands = a_view(measured(500, outdated=gone), measured(300), measured(400))
    assert stands.measured is not None
    assert stands.measured.measured == 300
    only = a_view(measured(500, outdated=gone))
    assert (only.measured, only.standing.share, only.standing.light) == (None, None, Light.WATCH)
    assert said(only) == "Nothing is measured yet. It was measured by an analysis that is outdated."
    assert str(only.standing.duty).startswith("Measure it anew")


def test_a_revision_moves_what_is_expected_and_not_the_promise() -> None:
    lower = a_view(revised(300), revised(350))
    assert (lower.expected, lower.promise.promised, lower.standing.light) == (300, 400, Light.OFF_TRACK)
    assert said(lower) == "75 % of the first promise is expected now."
    assert lower.standing.share == 0.75
    higher = a_view(revised(500))
    assert (higher.standing.light, higher.standing.share) == (Light.UNKNOWN, 1.25)


@pytest.mark.parametrize(
    ("days", "light"), [(31, Light.UNKNOWN), (32, Light.WATCH), (92, Light.WATCH), (93, Light.OFF_TRACK)]
)
def test_a_later_day_is_judged_against_the_first_one(days: int, light: Light) -> None:
    stands = a_view(revised(400, DUE + timedelta(days=days)))
    assert stands.standing.light is light
    assert stands.standing.duty_on == DUE + timedelta(days=days)
    assert (f"expected {days} days later" in said(stands)) is (light is not Light.UNKNOWN)


@pytest.mark.parametrize(("days", "light"), [(0, Light.WATCH), (1, Light.WATCH), (93, Light.OFF_TRACK)])
def test_a_day_that_has_passed_with_nothing_realised_is_overdue(days: int, light: Light) -> None:
    stands = a_view(today=DUE + timedelta(days=days))
    assert stands.standing.light is light
    assert stands.standing.overdue is (days > 0)
    assert ("It is overdue" in said(stands)) is (days > 0)


def test_what_was_realised_late_is_late_for_good() -> None:
    late = a_view(realised(400, DUE + timedelta(days=100)), today=DUE + timedelta(days=500))
    assert late.standing.light is Light.OFF_TRACK
    assert "It came 100 days later than first promised." in said(late)
    first_part = realised(300, DUE)
    grown = a_view(realised(400, DUE + timedelta(days=100)), first_part, today=DUE + timedelta(days=500))
    assert grown.standing.light is Light.ON_TRACK


def test_a_promise_that_falls_due_soon_asks_to_be_measured() -> None:
    soon = TODAY + timedelta(days=90)
    assert a_view(due=soon).standing.light is Light.WATCH
    assert a_view(due=soon + timedelta(days=1)).standing.light is Light.UNKNOWN
    assert a_view(measured(420, 400, 440), due=soon).standing.light is Light.ON_TRACK
    assert a_view(today=date(2027, 6, 29)).standing.light is Light.WATCH


FIGURES = st.floats(-2_000, 2_000, allow_nan=False)
PROMISED = FIGURES.filter(lambda figure: abs(figure) >= 1)
LIGHTS = list(Light)


@given(PROMISED, FIGURES, FIGURES)
def test_realising_more_of_what_was_promised_never_dims_the_light(promised: float, one: float, other: float) -> None:
    less, more = sorted((one, other), key=lambda figure: figure / promised)
    lights = [a_view(realised(figure), promised=promised).standing.light for figure in (less, more)]
    assert LIGHTS.index(lights[1]) <= LIGHTS.index(lights[0])


@given(PROMISED, FIGURES, st.floats(0, 500), st.floats(0, 500))
def test_measuring_more_with_the_same_reach_never_dims_the_light(
    promised: float, figure: float, reach: float, step: float
) -> None:
    further = figure + step * (1 if promised > 0 else -1)
    entries = [measured(at, at - reach, at + reach) for at in (figure, further)]
    lights = [a_view(entry, promised=promised).standing.light for entry in entries]
    assert LIGHTS.index(lights[1]) <= LIGHTS.index(lights[0])


@given(PROMISED, FIGURES, st.floats(0, 500), st.booleans(), st.integers(-400, 400))
def test_a_decrease_is_judged_as_the_increase_of_the_same_size(
    promised: float, figure: float, reach: float, taken_home: bool, days: int
) -> None:
    def standing(sign: int) -> Standing:
        ends = sorted((sign * (figure - reach), sign * (figure + reach)))
        entry = realised(sign * figure) if taken_home else measured(sign * figure, *ends)
        return a_view(entry, promised=sign * promised, today=DUE + timedelta(days=days)).standing

    assert standing(1) == standing(-1)


@given(PROMISED, st.lists(FIGURES, max_size=4), st.integers(-400, 400))
def test_the_first_promise_stands_whatever_was_revised(promised: float, figures: list[float], days: int) -> None:
    newest_first = [revised(figure, DUE + timedelta(days=place)) for place, figure in enumerate(figures)]
    stands = a_view(*newest_first, promised=promised, today=DUE + timedelta(days=days))
    assert (stands.promise.promised, stands.promise.due) == (promised, DUE)
    assert stands.expected == (figures[0] if figures else promised)
    assert stands.expected_due == DUE
    assert stands.standing.share == (figures[0] / promised if figures else None)
    assert stands.standing.overdue is (days > 0)


@given(PROMISED, FIGURES, st.integers(-400, 400))
def test_what_is_realised_is_never_overdue_and_leaves_nothing_to_do(promised: float, figure: float, days: int) -> None:
    standing = a_view(realised(figure), promised=promised, today=DUE + timedelta(days=days)).standing
    assert (standing.duty, standing.duty_on, standing.overdue) == (None, None, False)
    assert standing.basis == "realised"
    assert standing.light is not Light.UNKNOWN
