"""The PostgreSQL of an endurance run: its own, which it may restart, or one it was given."""

import asyncio
import sys
from pathlib import Path

import asyncpg
import pytest

from registry.benchmarks import endurance_postgres
from registry.benchmarks.endurance_postgres import NoServer, Server, server
from registry.kit.database import connected, engine
from registry.kit.errors import Unavailable

NAMES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"


async def run(url: str, statement: str) -> list[dict[str, object]]:
    async with connected(url):
        return list(await engine().run_ddl(statement))


def test_what_was_committed_is_there_after_a_restart_without_warning(tmp_path: Path) -> None:
    with server("sqlite:///registry.sqlite", tmp_path) as own:
        assert asyncio.run(run(own.url, NAMES)) == []
        asyncio.run(run(own.url, "CREATE TABLE kept AS SELECT 1 AS one"))

        async def through() -> list[dict[str, object]]:
            async with connected(own.url):
                for _ in range(1000):
                    if own.cpu() > 0.0:  # the clock ticks every 10 ms: a quick machine starts within the first
                        break
                    await engine().run_ddl("SELECT count(*) FROM generate_series(1, 100000)")
                before = own.cpu()
                await asyncio.to_thread(own.restart)
                assert own.cpu() >= before > 0
                for _ in range(100):
                    try:
                        return list(await engine().run_ddl("SELECT one FROM kept"))
                    except Unavailable:
                        await asyncio.sleep(0.05)
            raise AssertionError("it did not come back")

        assert [dict(row) for row in asyncio.run(through())] == [{"one": 1}]
        folder = own.own.pgdata
    assert not folder.exists()


def test_a_server_that_was_given_has_a_database_of_its_own_for_us_and_is_not_measured(
    postgres_url: str, tmp_path: Path
) -> None:
    with server(postgres_url, tmp_path) as given:
        assert given.url != postgres_url
        assert (given.own, given.cpu()) == (None, 0.0)
        assert asyncio.run(run(given.url, NAMES)) == []
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        asyncio.run(run(given.url, NAMES))


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), server("postgresql://postgres@127.0.0.1:1/none", tmp_path):
        pass


def test_without_a_server_it_is_said_how_to_come_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endurance_postgres, "MODULE", "a_package_that_is_not_installed")
    with pytest.raises(NoServer) as caught, server("", tmp_path):
        pass
    assert "DATABASE_URL" in str(caught.value.message)
    assert "a_package_that_is_not_installed" not in sys.modules


def test_a_server_of_somebody_elses_costs_nothing_that_we_can_tell() -> None:
    assert Server("postgresql://host/name").cpu() == 0.0
