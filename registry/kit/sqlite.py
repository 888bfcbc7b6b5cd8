"""SQLite under Piccolo: WAL, immediate transactions that queue instead of failing, and connections that are reused."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType
from piccolo.querystring import QueryString
from typing_extensions import override

from registry.kit.faults import translated

BUSY_SECONDS = 30
CONNECTIONS = 8

_UNIQUE = re.compile(r'ALTER TABLE (?P<table>\S+) ADD CONSTRAINT "?(?P<name>\w+)"? UNIQUE (?P<columns>\(.*\))')
_KEY = "INTEGER PRIMARY KEY"


@dataclass
class _Pool:
    """Connections of one event loop; a writer at a time, so that writers wait in line and not in SQLite's busy loop."""

    loop: asyncio.AbstractEventLoop
    idle: list[aiosqlite.Connection] = field(default_factory=list)
    closing: list[asyncio.Future[Any]] = field(default_factory=list)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    writer: asyncio.Lock = field(default_factory=asyncio.Lock)

    def discard(self, connection: aiosqlite.Connection) -> None:
        """Close behind whatever the connection is still doing; an open transaction is rolled back by that."""
        stopped = connection.stop()
        if stopped is not None:
            self.closing.append(stopped)

    async def close(self) -> None:
        """Close every idle connection and wait until all threads are gone."""
        while self.idle:
            self.discard(self.idle.pop())
        await asyncio.gather(*self.closing)
        self.closing.clear()


class SqliteTransaction(SQLiteTransaction):
    """An immediate transaction; inside another one it joins the outer."""

    engine: "SqliteEngine"

    async def __aenter__(self) -> SQLiteTransaction:
        """Wait for the write lock. Raises Unavailable when another process holds it for too long."""
        if self._parent is not None:
            return self._parent
        async with AsyncExitStack() as stack:
            self.connection = await stack.enter_async_context(self.engine.writing())
            self._open = stack.pop_all()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Commit, or roll back when the block raised; the connection is given back in any case."""
        if self._parent is None:
            self.engine.current_transaction.reset(self.context)
            await self._open.__aexit__(kind, error, trace)
        return False


class SqliteEngine(SQLiteEngine):
    """One database file. Usable without `start_connection_pool`, but always end with `close_connection_pool`."""

    def __init__(self, path: Path) -> None:
        self._pool: _Pool | None = None
        super().__init__(path=str(path), timeout=BUSY_SECONDS)

    @override
    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = True
    ) -> SqliteTransaction:
        """Always immediate: a deferred one that reads first fails at its first write under load."""
        return SqliteTransaction(self, TransactionType.immediate, allow_nested)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[aiosqlite.Connection]:
        """A connection inside BEGIN IMMEDIATE … COMMIT."""
        async with self._current_pool().writer, self.lent() as connection:
            with translated():
                await connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                await connection.rollback()
                raise
            with translated():
                await connection.commit()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Whatever is read inside is as it was when the block began; writers go on, and nothing is written inside."""
        reading = SqliteTransaction(self, TransactionType.deferred, allow_nested=False)
        async with self.lent() as connection:
            with translated():
                await connection.execute("BEGIN")
                await connection.execute_fetchall("SELECT 1 FROM sqlite_master")  # the first read is what fixes it
            reading.connection = connection
            before = self.current_transaction.set(reading)
            try:
                yield
            finally:
                self.current_transaction.reset(before)
                await connection.rollback()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[aiosqlite.Connection]:
        """An idle connection, or a new one while there are fewer than the limit."""
        pool = self._current_pool()
        async with pool.slots:
            connection = pool.idle.pop() if pool.idle else await self.get_connection()
            usable = True
            try:
                yield connection
            except (asyncio.CancelledError, GeneratorExit):
                usable = False  # its thread may still be at work on the abandoned statement
                raise
            finally:
                if usable and not connection.in_transaction:
                    pool.idle.append(connection)
                else:
                    pool.discard(connection)

    async def get_connection(self) -> aiosqlite.Connection:
        """Open the file in WAL mode with foreign keys enforced."""
        with translated():
            connection = await aiosqlite.connect(**self.connection_kwargs)
            connection.row_factory = sqlite3.Row
            await connection.execute("PRAGMA foreign_keys = 1")
            await connection.execute("PRAGMA journal_mode = WAL")
        return connection

    @override
    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> list[dict[str, Any]]:
        """Run in the current transaction, else on its own. Raises Conflict, Unavailable or BadRequest."""
        text, values = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(text, values)

    @override
    async def run_ddl(self, ddl: str, in_pool: bool = False) -> list[dict[str, Any]]:
        """Run a schema statement, rewritten where SQLite lacks the words."""
        return await self._run(rewritten(ddl), [])

    async def start_connection_pool(self) -> None:
        """Begin with a fresh pool on the running loop."""
        await self.close_connection_pool()
        self._current_pool()

    async def close_connection_pool(self) -> None:
        """Close all connections; further use opens new ones."""
        pool, self._pool = self._pool, None
        if pool is not None and pool.loop is asyncio.get_running_loop():
            await pool.close()

    def _current_pool(self) -> _Pool:
        loop = asyncio.get_running_loop()
        if self._pool is None or self._pool.loop is not loop:
            self._pool = _Pool(loop)
        return self._pool

    async def _run(self, text: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        current = self.current_transaction.get()
        if current is not None:
            return await _fetch(current.connection, text, values)
        async with self.lent() as connection:
            return await _fetch(connection, text, values)


async def _fetch(connection: aiosqlite.Connection, text: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    with translated():
        return [dict(row) for row in await connection.execute_fetchall(text, values)]


def rewritten(ddl: str) -> str:
    """A unique constraint added later becomes a unique index, and keys are never reused (the audit names them)."""
    if match := _UNIQUE.fullmatch(ddl):
        return f'CREATE UNIQUE INDEX "{match["name"]}" ON {match["table"]} {match["columns"]}'
    return ddl.replace(_KEY, f"{_KEY} AUTOINCREMENT")
