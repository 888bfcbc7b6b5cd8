"""The only clock: everything that asks what time it is asks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The instant, aware and in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The calendar day in Copenhagen, which is the day a Danish reader means."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The calendar day of an aware instant in Copenhagen."""
    return moment.astimezone(COPENHAGEN).date()


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Stop the clock for this task and the tasks it starts; for tests. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs a time zone")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield now()
    finally:
        _frozen.reset(token)
