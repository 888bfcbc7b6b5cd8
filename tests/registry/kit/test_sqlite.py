"""SQLite: writers wait in line, connections are reused, nothing is left open."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from registry.kit import migrating
from registry.kit.clock import now
from registry.kit.database import connected, engine, transaction
from registry.kit.errors import Conflict, Unavailable
from registry.kit.sqlite import CONNECTIONS, SqliteEngine, rewritten
from registry.kit.tables import Worker

COUNT_UP = """
import asyncio, sys
from registry.kit.database import connected, transaction
from registry.kit.tables import Worker

async def up():
    async with transaction():
        row = await Worker.objects().get(Worker.name == "counter")
        await Worker.update({Worker.pid: row.pid + 1}).where(Worker.name == "counter")

async def main(url, times):
    async with connected(url):
        await asyncio.gather(*(up() for _ in range(times)))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""

HOLD = """
import asyncio
from registry.kit.database import connected, transaction
from registry.kit.tables import Worker

async def main():
    async with connected(URL), transaction():
        await Worker.update({Worker.pid: 99}).where(Worker.name == "counter")
        print("written", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    async with connected(url):
        await migrating.forwards()
        await Worker(name="counter", pid=0, seen_at=now()).save()
    return url


async def up() -> None:
    async with transaction():
        row = await Worker.objects().get(Worker.name == "counter")
        assert row is not None
        await Worker.update({Worker.pid: row.pid + 1}).where(Worker.name == "counter")


async def counted() -> int:
    row = await Worker.objects().get(Worker.name == "counter")
    assert row is not None
    return row.pid


async def test_two_hundred_transactions_that_read_and_then_write_lose_nothing(url: str) -> None:
    async with connected(url):
        await asyncio.gather(*(up() for _ in range(200)))
        assert await counted() == 200


async def test_nor_do_they_from_two_processes_at_once(url: str) -> None:
    call = [sys.executable, "-W", "error", "-c", COUNT_UP, url, "100"]
    children = [subprocess.Popen(call, stderr=subprocess.PIPE) for _ in range(2)]
    complaints = [child.communicate(timeout=180)[1] for child in children]
    assert [child.returncode for child in children] == [0, 0], complaints
    async with connected(url):
        assert await counted() == 200


async def test_connections_are_reused_and_bounded(url: str) -> None:
    before = threading.active_count()
    async with connected(url):
        await asyncio.gather(*(counted() for _ in range(100)))
        assert threading.active_count() - before <= CONNECTIONS
    for _ in range(6_000):  # a thread answers just before it ends
        if threading.active_count() <= before:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("threads are left")


async def test_the_file_is_in_wal_mode_and_keys_are_enforced(url: str) -> None:
    async with connected(url):
        assert (await engine().run_ddl("PRAGMA journal_mode"))[0] == {"journal_mode": "wal"}
        assert (await engine().run_ddl("PRAGMA foreign_keys"))[0] == {"foreign_keys": 1}


async def test_a_cancelled_transaction_leaves_nothing_behind(url: str) -> None:
    async with connected(url):
        begun = asyncio.Event()

        async def stuck() -> None:
            async with transaction():
                await Worker.update({Worker.pid: 99}).where(Worker.name == "counter")
                begun.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(stuck())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await up()
        assert await counted() == 1


async def test_a_failed_transaction_is_rolled_back_and_the_next_one_works(url: str) -> None:
    async with connected(url):
        with pytest.raises(Conflict):
            async with transaction():
                await up()
                await Worker(name="counter", pid=5, seen_at=now()).save()
        assert await counted() == 0
        await up()
        assert await counted() == 1


async def test_a_file_that_another_process_keeps_locked_is_unavailable(url: str) -> None:
    async with connected(url):
        impatient = SqliteEngine(Path(url.removeprefix("sqlite:///")))
        impatient.connection_kwargs["timeout"] = 0.05
        async with transaction():
            with pytest.raises(Unavailable):
                async with impatient.transaction():
                    pass
        async with impatient.transaction():
            pass
        await impatient.close_connection_pool()


async def test_an_engine_moves_to_another_event_loop(url: str) -> None:
    moved = SqliteEngine(Path(url.removeprefix("sqlite:///")))

    async def use() -> list[dict[str, object]]:
        rows = await moved.run_ddl("SELECT 1 AS one")
        await moved.close_connection_pool()
        return rows

    assert await use() == await asyncio.to_thread(lambda: asyncio.run(use()))


def test_schema_words_that_sqlite_lacks_are_rewritten() -> None:
    later = 'ALTER TABLE "pilot" ADD CONSTRAINT one UNIQUE ("a", "b")'
    assert rewritten(later) == 'CREATE UNIQUE INDEX "one" ON "pilot" ("a", "b")'
    key = 'CREATE TABLE t ("id" INTEGER PRIMARY KEY NOT NULL)'
    assert rewritten(key) == 'CREATE TABLE t ("id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL)'
    assert rewritten("DROP TABLE t") == "DROP TABLE t"


async def test_kill_9_in_the_middle_of_a_transaction_leaves_the_state_before_it(url: str) -> None:
    program = HOLD.replace("URL", repr(url))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "written\n"
        writer.kill()
    async with connected(url):
        assert await counted() == 0
        await up()
        assert await counted() == 1
        assert await engine().run_ddl("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


async def test_readers_do_not_wait_for_a_writer(url: str) -> None:
    async with connected(url):
        reader = SqliteEngine(Path(url.removeprefix("sqlite:///")))
        async with transaction():
            await Worker.update({Worker.pid: 5}).where(Worker.name == "counter")
            seen = await asyncio.wait_for(reader.run_ddl("SELECT pid FROM worker"), 60)
            assert seen == [{"pid": 0}]
        assert await reader.run_ddl("SELECT pid FROM worker") == [{"pid": 5}]
        await reader.close_connection_pool()
