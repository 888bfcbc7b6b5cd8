"""The only clock."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from registry.kit.clock import day_of, frozen, now, today


def test_now_is_aware_and_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),  # winter: an hour ahead
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),  # summer: two
    ],
)
def test_today_is_the_day_in_copenhagen(instant: datetime, day: date) -> None:
    with frozen(instant):
        assert today() == day
    assert day_of(instant) == day


def test_a_frozen_clock_stands_still_and_starts_again() -> None:
    instant = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with frozen(instant) as shown:
        assert now() == now() == instant == shown
        assert now().utcoffset() == timedelta(0)
    assert now() != instant


def test_a_frozen_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"), frozen(datetime(2026, 5, 1)):
        pass


async def test_one_task_can_stop_its_clock_without_stopping_the_others() -> None:
    instant = datetime(2020, 1, 1, tzinfo=UTC)

    async def stopped() -> datetime:
        with frozen(instant):
            await asyncio.sleep(0.01)
            return now()

    async def running() -> datetime:
        await asyncio.sleep(0.005)
        return now()

    assert [moment.year == 2020 for moment in await asyncio.gather(stopped(), running())] == [True, False]
