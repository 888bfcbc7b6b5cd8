"""An empty database for the length of a measurement."""

import asyncio
import re
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
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


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("postgresql://host/name", True),
        ("postgres://host/name", True),
        ("sqlite:///postgresql.sqlite", False),
        ("", False),
        ("mysql://host/name", False),
    ],
)
def test_a_server_is_known_by_the_head_of_its_url(url: str, answer: bool) -> None:
    assert is_postgresql(url) is answer


def test_two_at_once_are_two(postgres_url: str, tmp_path: Path) -> None:
    with empty_database(postgres_url, tmp_path) as one, empty_database(postgres_url, tmp_path) as other:
        asyncio.run(migrate(one))
        assert one != other
        assert asyncio.run(tables(other)) == []
        assert "pilot" in asyncio.run(tables(one))


def test_only_the_name_of_the_database_differs_from_the_url_that_was_given(postgres_url: str, tmp_path: Path) -> None:
    with empty_database(postgres_url, tmp_path) as url:
        given, made = urlsplit(postgres_url), urlsplit(url)
    assert (made.scheme, made.netloc, made.query) == (given.scheme, given.netloc, given.query)
    assert re.fullmatch(r"/benchmark_[0-9a-f]{12}", made.path)


def test_it_is_dropped_although_somebody_is_still_connected(postgres_url: str, tmp_path: Path) -> None:
    """A server that was killed in the middle of a request leaves its connections behind."""
    before = asyncio.run(names(postgres_url))

    async def hold(url: str, block: AbstractContextManager[str]) -> None:
        connection = await asyncpg.connect(url)
        try:
            await asyncio.to_thread(block.__exit__, None, None, None)
        finally:
            connection.terminate()

    block = empty_database(postgres_url, tmp_path)
    asyncio.run(hold(block.__enter__(), block))
    assert asyncio.run(names(postgres_url)) == before


def test_nothing_is_created_on_sqlite_until_somebody_writes(tmp_path: Path) -> None:
    with empty_database("sqlite:///registry.sqlite", tmp_path) as url:
        assert list(tmp_path.iterdir()) == []
    assert url == f"sqlite:///{tmp_path / 'benchmark.sqlite'}"


async def tables(url: str) -> list[str]:
    async with connected(url):
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        return [row["table_name"] for row in await engine().run_ddl(query)]
