"""An empty database to measure in: nothing is written into one that is in use."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from registry.kit.database import connected, engine


@contextmanager
def empty_database(url: str, folder: Path) -> Iterator[str]:
    """The URL of a database that exists for the block: on the PostgreSQL of `url`, else an SQLite file in `folder`.

    Raises Unavailable when the server cannot be reached or the user may not create databases.
    """
    if not is_postgresql(url):
        yield f"sqlite:///{folder / 'benchmark.sqlite'}"
        return
    name = f"benchmark_{secrets.token_hex(6)}"
    asyncio.run(_execute(url, f"CREATE DATABASE {name}"))
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        asyncio.run(_execute(url, f"DROP DATABASE {name} WITH (FORCE)"))


def is_postgresql(url: str) -> bool:
    """Whether the URL names a PostgreSQL server."""
    return url.startswith(("postgresql://", "postgres://"))


async def _execute(url: str, statement: str) -> None:
    async with connected(url):
        await engine().run_ddl(statement)
