"""Rows out of a database as lines, and lines into one, a page at a time whatever the size of the table."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Final

import asyncpg

from registry.backup.schema import SMALL, Shape
from registry.backup.values import Kind, Unfit, line, row
from registry.kit.database import engine
from registry.kit.errors import BadRequest, Conflict
from registry.kit.faults import translated

PAGE_BYTES: Final = 4 << 20
FIRST_PAGE, LARGEST_PAGE, GROWTH = 10, 1000, 4  # rows


async def pages(shape: Shape) -> AsyncIterator[list[bytes]]:
    """The rows of a table as lines, in the order of their keys. Raises Unfit for a value that is not of its column."""
    names = ", ".join(f'"{column.name}"' for column in shape.columns)
    after, size = -SMALL - 1, FIRST_PAGE
    while True:
        query = f'SELECT {names} FROM "{shape.name}" WHERE id > {after:d} ORDER BY id LIMIT {size:d}'
        found = await engine().run_ddl(query)
        if not found:
            return
        page = [_line(one, shape) for one in found]
        yield page
        after, size = found[-1]["id"], _next(len(page), sum(map(len, page)))


def batches(texts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Lines in groups that fit into memory."""
    batch: list[bytes] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= PAGE_BYTES or len(batch) >= LARGEST_PAGE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def values(texts: list[bytes], shape: Shape, first: int, problems: list[str]) -> list[tuple[Any, ...]]:
    """The rows of lines; what is wrong with one goes to `problems` with its number, counted from `first`."""
    found = []
    for number, text in enumerate(texts, first):
        try:
            found.append(_fitting(row(text, shape.columns), shape))
        except Unfit as error:
            problems.append(f"{shape.name}, row {number}: {error}")
    return found


async def put(shape: Shape, found: list[tuple[Any, ...]]) -> None:
    """Insert rows, inside a transaction. Raises Unfit when the database refuses them, and Unavailable."""
    names = [column.name for column in shape.columns]
    current = engine().current_transaction.get()
    if current is None:
        raise RuntimeError("rows of a backup are put in within a transaction")
    try:
        with translated():
            if engine().engine_type == "postgres":
                await current.connection.copy_records_to_table(shape.name, records=found, columns=names)
            else:
                named, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
                await current.connection.executemany(f'INSERT INTO "{shape.name}" ({named}) VALUES ({marks})', found)
    except (Conflict, BadRequest, sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError) as error:
        raise Unfit(f"{shape.name}: the database does not take its rows ({type(error).__name__})") from error


def _line(found: Mapping[str, Any], shape: Shape) -> bytes:
    try:
        return line(found, shape.columns)
    except (Unfit, UnicodeEncodeError) as error:
        raise Unfit(f"{shape.name}, key {found['id']}: {error}") from error


def _fitting(found: tuple[Any, ...], shape: Shape) -> tuple[Any, ...]:
    """The same row, when this database has room for it: the other one may have taken more. Raises Unfit."""
    postgresql = engine().engine_type == "postgres"
    for value, column in zip(found, shape.columns, strict=True):
        room = shape.room[column.name]
        if column.kind is Kind.WHOLE and value is not None and not -room.bound <= value < room.bound:
            raise Unfit(f"{column.name} is too large for this database")
        if column.kind is Kind.TEXT and value is not None and postgresql:
            if room.longest is not None and len(value) > room.longest:
                raise Unfit(f"{column.name} is longer than the {room.longest} characters that this database takes")
            if "\0" in value:
                raise Unfit(f"{column.name} has a character that this database cannot hold")
        if column.kind is Kind.DOUBLE and value != value and not postgresql:
            raise Unfit(f"{column.name} is not a number, which this database cannot hold")
    return found


def _next(rows: int, size: int) -> int:
    """How many rows to ask for next, so that a page stays near its size."""
    return max(1, min(LARGEST_PAGE, rows * GROWTH, rows * PAGE_BYTES // max(size, 1)))
