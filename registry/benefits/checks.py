"""What is wrong with a promise or with what is entered about it. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from effects.errors import Finding
from registry.benefits.schemas import BenefitView, MeasuredEffect, Measuring, Promising, Realising, Revising


def of_promise(
    promising: Promising, today: date, places: Collection[int], indicators: Collection[str]
) -> Iterator[Finding]:
    """A promise of nothing, a day that has passed, and a place or indicator that there is not."""
    if promising.promised == 0:
        yield Finding("promised", "nothing", "A promise of nothing is no promise.", "State the change in the unit.")
    if promising.due <= today:
        yield Finding("due", "in_the_past", "The day has passed.", "Choose a day to come.")
    if promising.organisation is not None and promising.organisation not in places:
        yield Finding("organisation", "no_place", "There is no such municipality or region.", "Choose from the list.")
    if promising.indicator and promising.indicator not in indicators:
        yield Finding("indicator", "no_indicator", "The pilot has no such indicator.", "Choose from the list.")


def of_revision(revising: Revising, stands: BenefitView, today: date) -> Iterator[Finding]:
    """A revision that changes nothing, or that moves the promise to a day that has passed."""
    same_figure = revising.expected in (None, stands.expected)
    if same_figure and revising.due in (None, stands.expected_due):
        yield Finding(
            "expected", "no_change", "Neither the figure nor the day is another one.", "Change at least one of them."
        )
    if revising.due is not None and revising.due != stands.expected_due and revising.due <= today:
        yield Finding("due", "in_the_past", "The day has passed.", "Choose a day to come.")


def of_measurement(measuring: Measuring, effects: Sequence[MeasuredEffect], today: date) -> Iterator[Finding]:
    """A measurement that is neither from an analysis nor complete by hand, or both; an interval that is none."""
    if measuring.effect:
        yield from _taken_over(measuring, effects)
    else:
        yield from _by_hand(measuring, today)


def of_realisation(realising: Realising, today: date) -> Iterator[Finding]:
    """A day to come: only what has been taken home is realised."""
    if realising.realised_on > today:
        yield Finding("realised_on", "in_the_future", "The day is still to come.", "Enter it when it has happened.")


def _taken_over(measuring: Measuring, effects: Sequence[MeasuredEffect]) -> Iterator[Finding]:
    if measuring.effect not in {one.key for one in effects}:
        yield Finding("effect", "no_effect", "The pilot has no such effect.", "Choose from the list.")
    if measuring.times == 0:
        yield Finding("times", "nothing", "Nothing is left of an effect times 0.", "State a number other than 0.")
    for where in ("measured", "low", "high", "measured_on"):
        if getattr(measuring, where) is not None:
            yield Finding(
                where,
                "twice",
                "This is taken from the analysis.",
                "Leave it empty, or choose no analysis.",
            )


def _by_hand(measuring: Measuring, today: date) -> Iterator[Finding]:
    if measuring.measured is None:
        yield Finding("measured", "missing", "There is no figure.", "Choose an effect, or enter the figure yourself.")
    if measuring.measured_on is None:
        yield Finding("measured_on", "missing", "This is missing.", "Fill it in.")
    elif measuring.measured_on > today:
        yield Finding("measured_on", "in_the_future", "The day is still to come.", "Enter it when it has happened.")
    if len(measuring.source) < 3:
        yield Finding("source", "missing", "A figure by hand needs its source.", "Say where it comes from.")
    if measuring.times != 1:
        yield Finding("times", "out_of_place", "Only an effect of an analysis is multiplied.", "Leave it at 1.")
    yield from _interval(measuring.measured, measuring.low, measuring.high)


def _interval(figure: float | None, low: float | None, high: float | None) -> Iterator[Finding]:
    if low is None and high is None:
        return
    if low is None or high is None:
        where = "low" if low is None else "high"
        yield Finding(where, "missing", "The interval has only one end.", "State both ends or none.")
    elif figure is not None and not low <= figure <= high:
        yield Finding("low", "not_around", "The interval does not contain the figure.", "Check the three numbers.")
