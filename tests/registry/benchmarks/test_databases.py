"""An empty database for the length of a measurement."""

import asyncio
from pathlib import Path

import pytest

from registry.benchmarks.databases import empty_database, is_postgresql
from registry.kit import migrating
from registry.kit.database import connected, engine
from registry.kit.errors import Unavailable


async def migrate(url: str) -> list[str]:
    async with connected(url):
        return await migrating.forwards()


async def names(url: str) -> set[str]:
    async with connected(url):
        return {row["datname"] for row in await engine().run_ddl("SELECT datname FROM pg_database")}


def test_on_sqlite_it_is_a_file_in_the_folder(tmp_path: Path) -> None:
    with empty_database("sqlite:///elsewhere/registry.sqlite", tmp_path) as url:
        assert asyncio.run(migrate(url))
    assert (tmp_path / "benchmark.sqlite").exists()
    assert not is_postgresql(url)


def test_on_postgresql_it_is_a_database_of_its_own_that_is_dropped(postgres_url: str, tmp_path: Path) -> None:
    before = asyncio.run(names(postgres_url))
    with empty_database(postgres_url, tmp_path) as url:
        assert is_postgresql(url)
        assert asyncio.run(migrate(url))
        assert len(asyncio.run(names(postgres_url)) - before) == 1
    assert asyncio.run(names(postgres_url)) == before


def test_it_is_dropped_also_after_a_failure(postgres_url: str, tmp_path: Path) -> None:
    before = asyncio.run(names(postgres_url))
    with pytest.raises(KeyboardInterrupt), empty_database(postgres_url, tmp_path):
        raise KeyboardInterrupt
    assert asyncio.run(names(postgres_url)) == before


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable), empty_database("postgresql://postgres@127.0.0.1:1/none", tmp_path):
        pass
