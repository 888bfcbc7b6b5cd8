"""PostgreSQL that is restarted or away: a plain answer, and recovery without hands."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from registry.kit.clock import now
from registry.kit.database import connected, engine, transaction
from registry.kit.errors import Unavailable, Unsure
from registry.kit.postgres import CONNECTIONS, PostgresqlEngine
from registry.kit.tables import Worker

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'postgres'"


@pytest.fixture
async def bound(migrated_postgres: str) -> AsyncIterator[str]:
    async with connected(migrated_postgres):
        await Worker.delete(force=True)
        yield migrated_postgres
        await Worker.delete(force=True)


async def cut_all_connections(url: str) -> None:
    """What a restart of the server does to those who are connected."""
    other = PostgresqlEngine(url)
    await other.run_ddl(OTHERS)


async def insert(name: str) -> None:
    async with transaction():
        await Worker(name=name, pid=1, seen_at=now()).save()


async def test_a_transaction_that_is_cut_off_is_unavailable_and_the_next_one_works(bound: str) -> None:
    with pytest.raises(Unavailable):
        async with transaction():
            await Worker(name="lost", pid=1, seen_at=now()).save()
            await cut_all_connections(bound)
            await Worker(name="also lost", pid=1, seen_at=now()).save()
    await insert("kept")
    assert [row["name"] for row in await Worker.select(Worker.name)] == ["kept"]


async def test_a_commit_whose_acknowledgement_was_lost_is_unsure_and_not_called_unsaved(bound: str) -> None:
    with pytest.raises(Unsure) as caught:
        async with transaction():
            await Worker(name="perhaps", pid=1, seen_at=now()).save()
            await cut_all_connections(bound)
    assert (caught.value.status, caught.value.code) == (503, "unsure")
    assert "Nothing was saved" not in str(caught.value.message)
    await insert("kept")


async def test_what_failed_before_its_commit_is_surely_not_saved(bound: str) -> None:
    with pytest.raises(Unavailable) as caught:
        async with transaction():
            await cut_all_connections(bound)
            await Worker(name="lost", pid=1, seen_at=now()).save()
    assert not isinstance(caught.value, Unsure)
    assert not await Worker.exists().where(Worker.name == "lost")


async def test_idle_connections_that_were_cut_are_replaced(bound: str) -> None:
    await asyncio.gather(*(Worker.count() for _ in range(CONNECTIONS)))
    await PostgresqlEngine(bound).run_ddl(OTHERS.replace("(pid)", "(pid, 60000)"))  # returns when they have ended
    await asyncio.sleep(0.1)
    assert await asyncio.gather(*(Worker.count() for _ in range(CONNECTIONS))) == [0] * CONNECTIONS


async def test_more_callers_than_connections_wait_their_turn(bound: str) -> None:
    await asyncio.gather(*(insert(f"{bound[:4]} {number}") for number in range(5 * CONNECTIONS)))
    assert await Worker.count() == 5 * CONNECTIONS


@pytest.mark.usefixtures("bound")
async def test_a_cancelled_transaction_gives_its_connection_back() -> None:
    begun = asyncio.Semaphore(0)

    async def stuck() -> None:
        async with transaction():
            begun.release()
            await Worker(name="never", pid=1, seen_at=now()).save()
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(stuck()) for _ in range(CONNECTIONS)]
    for _ in tasks:
        await begun.acquire()
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await asyncio.wait_for(Worker.count(), 60) == 0


async def test_a_connection_given_back_inside_a_transaction_is_rolled_back(bound: str) -> None:
    server = engine()
    assert isinstance(server, PostgresqlEngine) and bound
    connection = await server.lend()
    await connection.execute("BEGIN")
    await connection.execute("INSERT INTO worker (name, pid, seen_at) VALUES ('lost', 1, now())")
    await server.take_back(connection)
    assert not await Worker.exists().where(Worker.name == "lost")


async def test_a_server_that_is_away_is_unavailable() -> None:
    away = PostgresqlEngine("postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        await away.start_connection_pool()
    with pytest.raises(Unavailable):
        await away.run_ddl("SELECT 1")
    with pytest.raises(Unavailable):
        async with away.transaction():
            pass


@pytest.mark.usefixtures("bound")
async def test_the_session_speaks_utc() -> None:
    assert [dict(row) for row in await engine().run_ddl("SHOW timezone")] == [{"TimeZone": "UTC"}]
