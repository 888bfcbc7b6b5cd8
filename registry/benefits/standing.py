"""Where a promise stands: what is expected now, how far off it is, the light, and what comes next. Pure.

The baseline is the first promise, which never moves. The newest entry that is true rather than hoped for counts:
what was realised, else what was measured and is not outdated, else what is expected now.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from effects.message import Message
from registry.benefits.rules import RED_DAYS, RED_SHORTFALL, SOON_DAYS, YELLOW_DAYS, Light
from registry.benefits.schemas import BenefitView, MeasurementView, Promise, RealisationView, Standing

REALISED: Final = "realised"
MEASURED: Final = "measured"
EXPECTED: Final = "expected"

Judged = tuple[Light, Message]
_WORST: Final = list(Light)


def view(promise: Promise, today: date) -> BenefitView:
    """The promise with where it stands on a day."""
    newest = promise.revisions[0] if promise.revisions else None
    measured = next((one for one in promise.measurements if one.outdated is None), None)
    realised = promise.realisations[0] if promise.realisations else None
    expected = promise.promised if newest is None else newest.expected
    due = promise.due if newest is None else newest.due
    judged = [*_figure(promise, expected, measured, realised), *_schedule(promise, due, measured, realised, today)]
    worst = max((light for light, _ in judged), key=_WORST.index)
    basis = REALISED if realised else MEASURED if measured else EXPECTED
    figure = realised.realised if realised else measured.measured if measured else newest.expected if newest else None
    duty, duty_on = _duty(promise, due, measured, realised)
    return BenefitView(
        promise=promise,
        expected=expected,
        expected_due=due,
        measured=measured,
        realised=realised,
        standing=Standing(
            light=worst,
            reasons=tuple(reason for _, reason in judged),
            share=None if figure is None else figure / promise.promised,
            basis=basis,
            duty=duty,
            duty_on=duty_on,
            overdue=duty_on is not None and duty_on < today,
        ),
    )


def _figure(
    promise: Promise, expected: float, measured: MeasurementView | None, realised: RealisationView | None
) -> Iterator[Judged]:
    """The light of the figure, from the best that is known."""
    if realised is not None:
        share = realised.realised / promise.promised
        light = _of_share(share)
        yield light, Message("{percent:.0f} % of the first promise is realised.", {"percent": 100 * share})
    elif measured is not None:
        yield _of_measurement(promise.promised, measured)
    elif promise.revisions and expected != promise.promised:
        share = expected / promise.promised
        reason = Message("{percent:.0f} % of the first promise is expected now.", {"percent": 100 * share})
        yield (Light.UNKNOWN if share >= 1 else _of_share(share)), reason
    else:
        yield Light.UNKNOWN, Message("Nothing is measured yet.")
    if any(one.outdated for one in promise.measurements) and measured is None:
        yield Light.WATCH, Message("It was measured by an analysis that is outdated.")


def _of_share(share: float) -> Light:
    if share >= 1:
        return Light.ON_TRACK
    return Light.WATCH if share >= 1 - RED_SHORTFALL else Light.OFF_TRACK


def _of_measurement(promised: float, measured: MeasurementView) -> Judged:
    """The end of the interval nearest the promise decides what is certain; without an interval the figure does."""
    share = measured.measured / promised
    percent = {"percent": 100 * share}
    if measured.low is None or measured.high is None:
        return _of_share(share), Message("{percent:.0f} % of the first promise is measured, without interval.", percent)
    best = max(measured.low / promised, measured.high / promised)
    if best < 1 - RED_SHORTFALL:
        reason = "{percent:.0f} % of the first promise is measured, and the whole interval lies below it."
        return Light.OFF_TRACK, Message(reason, percent)
    if share >= 1:
        return Light.ON_TRACK, Message("{percent:.0f} % of the first promise is measured.", percent)
    reason = "{percent:.0f} % of the first promise is measured; the interval does not rule the promise out."
    return Light.WATCH, Message(reason, percent)


def _schedule(
    promise: Promise,
    due: date,
    measured: MeasurementView | None,
    realised: RealisationView | None,
    today: date,
) -> Iterator[Judged]:
    """The light of the day: how much later than first promised it came, or is expected now."""
    if realised is not None:
        at = min(one.realised_on for one in promise.realisations)
        reason = Message("It came {days} days later than first promised.", {"days": (at - promise.due).days})
    elif today > due:
        at = today
        reason = Message("It is overdue: the day has passed and nothing is realised.")
        yield Light.WATCH, reason
    else:
        at = due
        reason = Message(
            "It is now expected {days} days later than first promised.", {"days": (due - promise.due).days}
        )
    late = (at - promise.due).days
    if late > RED_DAYS:
        yield Light.OFF_TRACK, reason
    elif late > YELLOW_DAYS:
        yield Light.WATCH, reason
    elif realised is None and measured is None and today <= due <= today + timedelta(days=SOON_DAYS):
        yield Light.WATCH, Message("It falls due within three months and is not measured.")


def _duty(
    promise: Promise, due: date, measured: MeasurementView | None, realised: RealisationView | None
) -> tuple[Message | None, date | None]:
    """What comes next and by when; None when nothing is left."""
    if realised is not None:
        return None, None
    if measured is not None:
        return Message("Enter what is realised, with the budget line or document that shows it."), due
    if promise.measurements:
        return Message("Measure it anew: what it was measured by is outdated."), due
    return Message("Measure it, from an analysis of the pilot or another source."), due
