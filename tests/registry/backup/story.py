"""A registry worth keeping, and another place to put it, for the tests of this slice."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from pathlib import Path
from typing import Any

from registry.audit.actions import record
from registry.backup import schema
from registry.datasets import queries, retention
from registry.datasets.schemas import Deleting
from registry.kit import jobs, leasing, sessions
from registry.kit.database import Engine, bind, connected, engine, tables, transaction
from registry.kit.tables import Job
from registry.settings import Settings
from tests.registry.datasets.story import a_csv, a_version, an_upload
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

SECRET = "the secret of the place that was backed up"


async def a_registry(state: Path, versions: int = 2) -> Cast:
    """A pilot with a locked plan, versions (the last without rows), a job in work, an upload that waits, a session."""
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    stored = [await a_version(cast, state, a_csv(n=str(number))) for number in range(versions)]
    await retention.delete_rows(stored[-1], Deleting("Withdrawn, æøå \u2603."), state=state, by=cast.lead)
    async with transaction():
        await jobs.enqueue("example", subject="example:1", payload={"share": 0.1})
    await leasing.claim("a worker of the old place")
    await an_upload(cast, state, a_csv(n="77"))
    await sessions.start(cast.lead.id, Settings(state=state, secret=SECRET))
    await entries(3)
    (state / "secret").write_text(SECRET, "ascii")
    return cast


@asynccontextmanager
async def busy(cast: Cast, state: Path, versions: int) -> AsyncIterator[list[int]]:
    """While the block runs, two write to the chain, one deletes rows and one sends files; holds what was written."""
    over, written = asyncio.Event(), [0]

    async def write() -> None:
        while not over.is_set():
            await entries(1)
            written[0] += 1

    async def delete() -> None:
        for version in range(1, versions):
            await retention.delete_rows(version, Deleting("Withdrawn."), state=state, by=cast.lead)

    async def send() -> None:
        for number in range(3):
            await an_upload(cast, state, a_csv(n=str(80 + number)))

    loop = asyncio.get_running_loop()
    at_work = [loop.create_task(work(), context=Context()) for work in (write, write, delete, send)]
    try:
        yield written
    finally:
        over.set()
        await asyncio.gather(*at_work)


async def entries(number: int) -> None:
    """So many more in the chain."""
    for one in range(number):
        async with transaction():
            await record(action="example.do", object_kind="example", object_id=one, content={}, by=None)


async def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is kept, as the drivers give it."""
    kept = [table for table in tables() if table._meta.tablename not in schema.UNKEPT]
    return {table._meta.tablename: await table.select().order_by(table._meta.primary_key) for table in kept}


def files(state: Path) -> dict[str, bytes]:
    """What lies below a state folder, without databases."""
    found = (path for path in sorted(state.rglob("*")) if path.is_file() and "sqlite" not in path.name)
    return {str(path.relative_to(state)): path.read_bytes() for path in found}


@contextmanager
def away() -> Iterator[None]:
    """Whatever is bound within, the database of before is bound again afterwards."""
    here = engine()
    try:
        yield
    finally:
        bind(here)


@asynccontextmanager
async def elsewhere(url: str) -> AsyncIterator[Engine]:
    """Another database for the length of the block."""
    with away():
        async with connected(url) as there:
            yield there


async def the_only_job() -> dict[str, Any]:
    """The job of the story that was running."""
    row = await Job.select().where(Job.kind == "example").first()
    assert row is not None
    return row


def rewritten(path: Path, at: int, content: bytes) -> None:
    """Change bytes of a file where they stand."""
    with path.open("r+b") as stream:
        stream.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        stream.write(content)


async def stored_file(cast: Cast, state: Path, version: int = 1) -> Path:
    """The rows of a version."""
    return queries.path_of(await queries.version(cast.lead, version), state)
