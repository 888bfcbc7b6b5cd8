"""What drivers raise becomes what a person can act on, the same on both databases."""

import sqlite3

import asyncpg
import pytest

from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import BadRequest, Conflict, Unavailable
from registry.kit.faults import translated, translation
from registry.kit.tables import Job, Worker
from registry.people.tables import Organisation


def worker(name: str, pid: int = 1) -> Worker:
    return Worker(name=name, pid=pid, seen_at=now())


@pytest.mark.usefixtures("database")
async def test_a_second_row_of_the_same_name_is_a_conflict() -> None:
    await worker("a").save()
    with pytest.raises(Conflict):
        await worker("a").save()
    with pytest.raises(Conflict):
        async with transaction():
            await worker("b").save()
            await worker("a").save()
    assert [row["name"] for row in await Worker.select(Worker.name)] == ["a"]


@pytest.mark.usefixtures("database")
async def test_a_reference_to_nothing_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        await Organisation(kind="municipality", code="0101", name="Nowhere", region=999).save()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("value", [10**30, 2**63])
async def test_a_number_too_large_to_look_for_is_a_bad_request(value: int) -> None:
    with pytest.raises(BadRequest):
        await Job.select(Job.id).where(Job.id == value)


@pytest.mark.usefixtures("database")
async def test_half_a_character_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        await worker("\ud800").save()


@pytest.mark.usefixtures("database")
async def test_a_statement_that_is_wrong_stays_a_bug() -> None:
    with pytest.raises((sqlite3.OperationalError, asyncpg.PostgresError)):
        await Job.raw("SELECT nothing FROM nowhere")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.DiskFullError("full"),
        asyncpg.TooManyConnectionsError("many"),
        asyncpg.InterfaceError("the connection is closed"),
        asyncpg.InternalClientError("got result for unknown protocol state"),
        asyncpg.AdminShutdownError("restart"),
        asyncpg.CrashShutdownError("another process died"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.QueryCanceledError("by the operator"),
        asyncpg.IdleInTransactionSessionTimeoutError("idle"),
        asyncpg.InvalidCachedStatementError("the schema changed"),
    ],
)
def test_a_database_that_is_away_is_unavailable(error: Exception) -> None:
    assert isinstance(translation(error), Unavailable)


def test_a_full_or_missing_sqlite_file_is_unavailable() -> None:
    with pytest.raises(Unavailable), translated():
        sqlite3.connect("/nowhere/at/all.sqlite")
    with sqlite3.connect(":memory:") as connection:
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(Unavailable), translated():
            connection.execute("CREATE TABLE t AS SELECT randomblob(100000) AS x")
    connection.close()


def test_other_errors_pass_untouched() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="mine"), translated():
        raise ValueError("mine")
