"""PostgreSQL under Piccolo: a pool, errors of the driver translated, and no connection lost when a commit fails."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from registry.kit.errors import Unavailable, Unsure
from registry.kit.faults import translated

CONNECTIONS = 10
LOCK_WAIT = "30s"


class PostgresqlTransaction(PostgresTransaction):
    """A read-committed transaction; inside another one it joins the outer."""

    engine: "PostgresqlEngine"

    async def __aenter__(self) -> PostgresTransaction:
        """Begin. Raises Unavailable when the server cannot be reached."""
        if self._parent is not None:
            return self._parent
        async with AsyncExitStack() as stack:
            with translated():
                self.connection = await self.engine.lend()
                stack.push_async_callback(self.engine.take_back, self.connection)
                await stack.enter_async_context(self.connection.transaction())
            self._open = stack.pop_all()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Commit, or roll back when the block raised; the connection is given back in any case.

        Raises Unsure when the connection broke before the server's word on the commit came.
        """
        if self._parent is None:
            self.engine.current_transaction.reset(self.context)
            try:
                with translated():
                    await self._open.__aexit__(kind, error, trace)
            except Unavailable as lost:
                if kind is not None:
                    raise
                raise Unsure from lost
        return False


class PostgresqlEngine(PostgresEngine):
    """A server named by its URL."""

    def __init__(self, url: str) -> None:
        settings = {"timezone": "UTC", "application_name": "virkning", "lock_timeout": LOCK_WAIT}
        super().__init__(config={"dsn": url, "server_settings": settings})

    async def check_version(self) -> None:
        """Left to `virkning doctor`: making an engine must not open a connection."""

    def transaction(self, allow_nested: bool = True) -> PostgresqlTransaction:
        """A transaction on a connection of the pool."""
        return PostgresqlTransaction(self, allow_nested)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Whatever is read inside is as it was at the first read; writers go on, and nothing can be written inside."""
        reading = PostgresqlTransaction(self, allow_nested=False)
        async with AsyncExitStack() as stack:
            with translated():
                reading.connection = await self.lend()
                stack.push_async_callback(self.take_back, reading.connection)
                begun = reading.connection.transaction(isolation="repeatable_read", readonly=True)
                await stack.enter_async_context(begun)
            stack.callback(self.current_transaction.reset, self.current_transaction.set(reading))
            yield

    async def lend(self) -> Any:
        """A connection of the pool, or a new one while no pool is open."""
        return await (self.pool.acquire() if self.pool else self.get_new_connection())

    async def take_back(self, connection: Any) -> None:
        """Return what `lend` gave."""
        await (self.pool.release(connection) if self.pool else connection.close())

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Run in the current transaction, else on its own. Raises Conflict, Unavailable or BadRequest."""
        with translated():
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        """Run a schema statement."""
        with translated():
            return await super().run_ddl(ddl, in_pool)

    async def start_connection_pool(self, **options: Any) -> None:
        """Open the pool; the first connection now, so that a wrong address is noticed at start."""
        with translated():
            self.pool = self.pool or await asyncpg.create_pool(
                min_size=1, max_size=CONNECTIONS, reset=_as_it_is, **self.config, **options
            )

    async def close_connection_pool(self) -> None:
        """Wait for lent connections and close all."""
        pool, self.pool = self.pool, None
        if pool is not None:
            await pool.close()


async def _as_it_is(_: Any) -> None:
    """Give a connection back without asking the server to forget its state: no statement of ours leaves any.

    The driver still rolls back what was left open. Locks and settings of ours end with their transaction.
    """
