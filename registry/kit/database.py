"""The database: SQLite or PostgreSQL behind the same tables.

For authors of tables (each line is a difference between the two databases):
* Columns: `Serial` keys, `Varchar`, `Text`, `Boolean`, `Integer` (32 bits), `BigInt`, `DoublePrecision`, `Date`,
  `Timestamptz`, `Bytea`, `ForeignKey`. Not `Real` (4 bytes), `Numeric` (a float on SQLite: keep money in whole øre),
  `Array`, `Interval`, `Time`, nor defaults computed by the database.
* JSON is a `Text` column, written by `msgspec.json.encode(x).decode()`; Piccolo's `JSON` comes back as text too.
* `ForeignKey(..., null=False, on_delete=OnDelete.restrict)`: the defaults are nullable and cascade.
* `Timestamptz(null=False, default=None)` filled from `clock.now()`; it comes back aware in UTC. Max() and Min() of one
  come back as text on SQLite: order and take the first row instead.
* `Unique([...])` and `Check("state IN ('a', 'b')")` work; a name needs to be unique in its table only.
* Lengths of Varchar and `choices` are not enforced on SQLite: rules check them. LIKE ignores case on SQLite only.

For authors of actions:
* What reads and then writes is inside one `transaction()`. SQLite runs these one after another, PostgreSQL
  side by side, so `take_turn` with the row it is about or, for edits, compare the version:
  `await T.update({T.name: n, T.version: seen + 1}).where(T.id == i, T.version == seen).returning(T.id)`, and raise
  Conflict when that is empty.
* A Conflict ends the transaction on PostgreSQL: do not catch it inside and carry on.
* Never start a task (`gather`, `create_task`) inside a transaction: it would share the connection.
"""

import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path

from piccolo.apps.migrations.tables import Migration
from piccolo.query.methods.create import Create
from piccolo.table import Table

from registry.kit.postgres import PostgresqlEngine
from registry.kit.sqlite import SqliteEngine

Engine = SqliteEngine | PostgresqlEngine

CONFIGURATION = "registry.piccolo_conf"
"""Where Piccolo finds the engine and the tables; loaded by name, because the kit imports no slice."""

_SQLITE = "sqlite:///"

_saved: ContextVar[bool] = ContextVar("saved", default=False)


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; connects at first use. Raises ValueError for other URLs."""
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteEngine(path)
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresqlEngine(url)
    raise ValueError("the database must be sqlite:///path or postgresql://…")


def tables() -> list[type[Table]]:
    """Every table of the registry, a table after those it refers to."""
    app = import_module(CONFIGURATION).APP_REGISTRY.app_configs["registry"]
    return list(app.table_classes)


def bind(engine: Engine) -> None:
    """Point every table, and what Piccolo makes itself, at the engine. The last call wins."""
    configuration = import_module(CONFIGURATION)
    vars(configuration)["DB"] = engine
    sys.modules["piccolo_conf"] = configuration  # the name under which Piccolo looks for the engine
    every: list[type[Table]] = [*tables(), Migration]
    for table in every:
        table._meta.db = engine


def engine() -> Engine:
    """The engine bound last. Raises RuntimeError when none is."""
    found = getattr(sys.modules.get(CONFIGURATION), "DB", None)
    if not isinstance(found, SqliteEngine | PostgresqlEngine):
        raise RuntimeError("no database is bound")
    return found


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """All or nothing; inside another transaction it joins the outer. Raises Conflict, Unavailable and Unsure."""
    async with engine().transaction():
        yield
    if not engine().transaction_exists():
        _saved.set(True)


def begin() -> None:
    """A request begins: nothing is saved in it yet."""
    _saved.set(False)


def saved() -> bool:
    """Whether a transaction of this request has been committed, so that "nothing was saved" would be wrong."""
    return _saved.get()


async def take_turn(table: type[Table], key: int) -> None:
    """Make whoever else takes a turn with this row wait until the transaction is over, on either database.

    For what is looked up and then written on PostgreSQL, where transactions run side by side; rows that only refer to
    this one are written all the same.
    """
    if engine().engine_type == "postgres":
        await table.raw(f"SELECT id FROM {table._meta.tablename} WHERE id = {{}} FOR NO KEY UPDATE", key)


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Reads of one moment, while writers go on. Raises Unavailable, TransactionError inside a transaction."""
    async with engine().snapshot():
        yield


async def open_pool() -> None:
    """Start reusing connections, on the running event loop. Raises Unavailable when the database cannot be reached."""
    await engine().start_connection_pool()


async def close_pool() -> None:
    """Close all connections; call it on the loop that opened them."""
    await engine().close_connection_pool()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Engine]:
    """Bind and pool for the length of the block: what a command line or a process main needs."""
    bind(open_engine(url))
    await open_pool()
    try:
        yield engine()
    finally:
        await close_pool()


async def create_tables(wanted: Iterable[type[Table]]) -> None:
    """Create tables with their indexes, checks and unique constraints, in the order given."""
    for table in wanted:
        for statement in creation(table):
            await engine().run_ddl(statement)


async def drop_tables(wanted: Iterable[type[Table]]) -> None:
    """Drop tables in the reverse of the order given."""
    for table in reversed(list(wanted)):
        await table.alter().drop_table(if_exists=True)


def creation(table: type[Table]) -> list[str]:
    """The statements that make a table.

    Constraints stand inside CREATE TABLE, the one place SQLite takes them, under names no other table has.
    """
    first, *rest = (statement for statement in Create(table).ddl if not statement.startswith("ALTER TABLE"))
    constraints = "".join(
        f', CONSTRAINT "{table._meta.tablename}_{constraint._meta.name}" {constraint.ddl}'
        for constraint in table._meta.constraints
    )
    return [f"{first.removesuffix(')')}{constraints})", *rest]
