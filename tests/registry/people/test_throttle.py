import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from registry.kit.clock import frozen
from registry.kit.errors import TooMany
from registry.people.tables import LoginAttempt
from registry.people.throttle import PER_ADDRESS, PER_CLIENT, WINDOW, attempt, forget, keys
from registry.settings import Settings

pytestmark = pytest.mark.usefixtures("database")

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def attempts(number: int, address: str = "anna", client: str = "somewhere") -> None:
    for _ in range(number):
        await attempt(address, client)


async def test_neither_address_nor_client_can_be_read_from_the_keys() -> None:
    settings, other = Settings(secret="s" * 40), Settings(secret="t" * 40)
    address, client = keys("anna@example.dk", "192.0.2.7", settings)
    assert (len(address), len(client)) == (64, 64)
    assert keys("192.0.2.7", "anna@example.dk", settings) != (client, address)
    assert keys("anna@example.dk", "192.0.2.7", other) != (address, client)
    assert keys("\ud800", "", settings)


async def test_attempts_for_one_address_come_to_a_pause() -> None:
    with frozen(NOON):
        await attempts(PER_ADDRESS)
    with frozen(NOON + timedelta(minutes=5)):
        with pytest.raises(TooMany) as refusal:
            await attempt("anna", "elsewhere")
        assert refusal.value.retry_after == 10 * 60
        await attempt("bo", "elsewhere")


async def test_attempts_from_one_client_come_to_a_pause_whatever_the_address() -> None:
    with frozen(NOON):
        for number in range(PER_CLIENT):
            await attempt(f"person {number}", "somewhere")
        with pytest.raises(TooMany):
            await attempt("somebody else", "somewhere")
        await attempt("somebody else", "elsewhere")


async def test_the_pause_ends_by_itself_and_knocking_meanwhile_does_not_lengthen_it() -> None:
    with frozen(NOON):
        await attempts(PER_ADDRESS)
    with frozen(NOON + WINDOW - timedelta(seconds=1)):
        for _ in range(3):
            with pytest.raises(TooMany):
                await attempt("anna", "somewhere")
    with frozen(NOON + WINDOW):
        await attempt("anna", "somewhere")


async def test_attempts_that_no_longer_count_are_deleted() -> None:
    with frozen(NOON):
        await attempts(3)
    with frozen(NOON + WINDOW):
        await attempt("bo", "elsewhere")
    assert await LoginAttempt.count() == 2


async def test_the_right_password_wipes_the_slate_of_the_address_and_is_not_held_against_the_client() -> None:
    await attempts(PER_ADDRESS - 1)
    await forget("anna", await attempt("anna", "somewhere"))
    left = await LoginAttempt.select(LoginAttempt.key)
    assert [row["key"] for row in left] == ["somewhere"] * (PER_ADDRESS - 1)


async def test_attempts_side_by_side_get_no_further_than_one_after_another() -> None:
    answers = await asyncio.gather(*(attempt("anna", "somewhere") for _ in range(30)), return_exceptions=True)
    assert sum(not isinstance(answer, TooMany) for answer in answers) <= PER_ADDRESS
    assert all(isinstance(answer, list | TooMany) for answer in answers)
