"""Sessions on the server: found, idle, ended, never readable from the table."""

from datetime import timedelta

import pytest

from registry.kit import sessions
from registry.kit.clock import frozen, now
from registry.kit.database import Engine
from registry.kit.tables import Session
from registry.settings import Settings

pytestmark = pytest.mark.usefixtures("database")


async def test_a_session_is_found_by_its_id_alone(settings: Settings) -> None:
    token = await sessions.start(7, settings)
    assert await sessions.find(token, settings) == 7
    assert await sessions.find(token + "x", settings) is None
    assert await sessions.find("\udcff", settings) is None


async def test_the_table_opens_no_session(settings: Settings) -> None:
    token = await sessions.start(7, settings)
    [row] = await Session.select()
    assert token not in str(row)
    assert await sessions.find(row["id_digest"], settings) is None


async def test_a_session_idles_out(settings: Settings) -> None:
    start = now()
    token = await sessions.start(7, settings)
    with frozen(start + timedelta(minutes=settings.session_idle_minutes + 1)):
        assert await sessions.find(token, settings) is None
    assert await Session.count() == 0


async def test_use_keeps_a_session_alive_up_to_its_absolute_limit(settings: Settings) -> None:
    start = now()
    with frozen(start):
        token = await sessions.start(7, settings)
    step = timedelta(minutes=settings.session_idle_minutes - 1)
    moment = start
    while (moment := moment + step) < start + timedelta(minutes=settings.session_absolute_minutes):
        with frozen(moment):
            assert await sessions.find(token, settings) == 7
    with frozen(start + timedelta(minutes=settings.session_absolute_minutes)):
        assert await sessions.find(token, settings) is None


async def test_a_new_id_leaves_the_old_one_dead(settings: Settings) -> None:
    old = await sessions.start(7, settings)
    new = await sessions.rotate(old, settings)
    assert new is not None
    assert new != old
    assert await sessions.find(old, settings) is None
    assert await sessions.find(new, settings) == 7
    assert await sessions.rotate("unknown", settings) is None


async def test_signing_out_ends_one_and_a_new_password_all_others(settings: Settings) -> None:
    first, second, third = [await sessions.start(7, settings) for _ in range(3)]
    other = await sessions.start(8, settings)
    await sessions.end(first)
    await sessions.end_all(7, keep=second)
    found = [await sessions.find(token, settings) for token in (first, second, third, other)]
    assert found == [None, 7, None, 8]
    await sessions.end_all(7)
    assert await sessions.find(second, settings) is None


async def test_old_rows_are_swept(database: Engine, settings: Settings) -> None:
    assert database
    await sessions.start(7, settings)
    with frozen(now() + timedelta(minutes=settings.session_absolute_minutes + 1)):
        await sessions.sweep()
    assert await Session.count() == 0


async def test_the_cookie_is_out_of_reach_of_scripts_and_neighbours() -> None:
    behind_tls = Settings(secure_cookies=True)
    header = sessions.carry("token", behind_tls).to_header(header="")
    assert header.strip().startswith("__Host-session=token;")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert part in header
    assert "Domain" not in header
    assert "Max-Age=0" in sessions.drop(behind_tls).to_header(header="")
