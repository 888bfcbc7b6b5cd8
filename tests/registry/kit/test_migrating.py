"""The schema goes forwards, back and forwards again, on both databases, and two that start at once do not disturb."""

import asyncio
import os
import subprocess
import sys

import pytest

from registry.kit import migrating
from registry.kit.database import connected, create_tables, engine, tables, transaction
from registry.kit.tables import Worker

SCHEMA = {
    "sqlite": (
        "SELECT type, name, tbl_name AS of_table, sql AS definition FROM sqlite_master"
        " WHERE tbl_name NOT IN ('migration', 'sqlite_sequence')",
    ),
    "postgres": (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length"
        " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migration'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename <> 'migration'",
        "SELECT conname, conrelid::regclass::text AS of_table, pg_get_constraintdef(oid) AS definition"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'migration'",
    ),
}


async def schema() -> list[str]:
    """Every column, index and constraint, in words that can be compared."""
    described = []
    for question in SCHEMA[engine().engine_type]:
        described += [str(dict(row)) for row in await engine().run_ddl(question)]
    return sorted(described)


async def test_forwards_back_and_forwards_again(fresh_url: str) -> None:
    async with connected(fresh_url):
        every = await migrating.pending()
        assert every[0] == "registry_0001" and every == sorted(every)
        assert await migrating.forwards() == every
        first = await schema()
        assert first
        assert await migrating.forwards() == []
        assert await migrating.pending() == []
        assert await migrating.backwards() == every[::-1]
        assert await schema() == []
        assert await migrating.backwards() == []
        assert await migrating.forwards() == every
        assert await schema() == first


async def test_going_back_stops_where_it_was_told(fresh_url: str) -> None:
    async with connected(fresh_url):
        every = await migrating.forwards()
        assert await migrating.backwards(every[0]) == every[:0:-1]
        assert await migrating.pending() == every[1:]


async def test_going_forwards_stops_where_it_was_told_and_says_what_ran(fresh_url: str) -> None:
    async with connected(fresh_url):
        every = await migrating.pending()
        assert (await migrating.ran(), migrating.known()) == ([], every)
        assert await migrating.forwards(every[1]) == every[:2]
        assert (await migrating.ran(), await migrating.pending()) == (every[:2], every[2:])
        assert await migrating.forwards() == every[2:]
        assert await migrating.ran() == every


async def test_the_migrations_make_what_the_tables_say(fresh_url: str, another_fresh_url: str) -> None:
    async with connected(fresh_url):
        await migrating.forwards()
        migrated = await schema()
    async with connected(another_fresh_url):
        async with transaction():
            await create_tables(tables())
        assert await schema() == migrated


async def test_a_migration_that_fails_leaves_nothing_half_done(fresh_url: str) -> None:
    async with connected(fresh_url):
        await create_tables([Worker])
        before = await schema()
        with pytest.raises(Exception, match="already exists"):
            await migrating.forwards()
        assert await schema() == before
        assert "registry_0001" in await migrating.pending()


async def test_three_processes_that_start_at_once_migrate_once(fresh_url: str, tmp_path: object) -> None:
    environment = {**os.environ, "DATABASE_URL": fresh_url, "DATA": str(tmp_path)}
    call = [sys.executable, "-W", "error", "-m", "registry.cli", "migrate"]
    children = [
        subprocess.Popen(call, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [await asyncio.to_thread(child.communicate, timeout=180) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], said
    assert sum(out.startswith("migrated") for out, _ in said) == 1
    async with connected(fresh_url):
        assert await migrating.pending() == []
