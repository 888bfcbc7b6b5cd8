"""The rows that passed, as typed Parquet in a fixed order, and what there is to say about them."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from registry.datasets.facts import ColumnFacts, Completeness, Stored
from registry.datasets.schema import Column, FileSchema, Part
from registry.datasets.sql import literal, quoted

MOST_GROUPS: Final = 200
MOST_PERIODS: Final = 60
"""A table of completeness larger than this would not be read."""


ROW_GROUP: Final = 122_880

LEVEL: Final = 1
"""Of zstd: a fifth larger than at its usual 3, for a tenth less of the whole check's work."""


def store(
    connection: duckdb.DuckDBPyConnection, rows: str, target: Path, columns: Mapping[int, Column], schema: FileSchema
) -> Stored:
    """Write the rows of a query with the value vi for the column read at place i, and force them to the disk.

    A site stands together and in the order of the key; equal rows are equal bytes, whatever file they came from.
    """
    place_of = {column.name: place for place, column in columns.items()}
    names = [column.name for column in schema.columns]
    selected = ", ".join(f"v{place_of[name]} AS {quoted(name)}" for name in names)
    order = ", ".join(f"v{place_of[name]} NULLS FIRST" for name in _order(schema))
    connection.execute("SET disabled_optimizers = 'statistics_propagation'")  # what it guesses shows in the bytes
    connection.execute(
        f"COPY (SELECT {selected} FROM ({rows}) ORDER BY {order}) "
        f"TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {LEVEL}, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    connection.execute("RESET disabled_optimizers")
    with target.open("rb") as file:
        os.fsync(file.fileno())
        content = hashlib.file_digest(file, "sha256").hexdigest()
    connection.execute(f"CREATE OR REPLACE VIEW stored AS SELECT * FROM read_parquet({literal(str(target))})")
    count, *filled = connection.execute(
        f"SELECT count(*), {', '.join(f'count({quoted(name)})' for name in names)} FROM stored"
    ).fetchall()[0]
    facts = (
        ColumnFacts(column.name, column.type, column.part, present)
        for column, present in zip(schema.columns, filled, strict=True)
    )
    return Stored(count, tuple(facts), _completeness(connection, schema), f"sha256:{content}")


def repeats(connection: duckdb.DuckDBPyConnection, key: tuple[str, ...]) -> bool:
    """Whether stored rows may share their key; a false alarm is as rare as two equal hashes."""
    if not key:
        return False
    hashed = f"SELECT hash({', '.join(map(quoted, key))}) AS h FROM stored WHERE {_whole(key)}"
    total, distinct = connection.execute(f"SELECT count(h), count(DISTINCT h) FROM ({hashed})").fetchall()[0]
    return bool(distinct < total)


def _whole(key: tuple[str, ...]) -> str:
    return " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)


def _order(schema: FileSchema) -> list[str]:
    """By site, then by key; by the other columns only where the key may leave two rows alike."""
    names = [column.name for column in schema.columns]
    required = {column.name for column in schema.columns if column.required}
    first = [*(column.name for column in schema.named(Part.CLUSTER)), *schema.key]
    settled = bool(schema.key) and required.issuperset(schema.key)
    return list(dict.fromkeys(first if settled else [*first, *names]))


def _completeness(connection: duckdb.DuckDBPyConnection, schema: FileSchema) -> Completeness | None:
    """None where there is no period, or the table would be too large to read."""
    level = next(iter((*schema.named(Part.CLUSTER), *schema.named(Part.UNIT))), None)
    period = next(iter(schema.named(Part.PERIOD)), None)
    outcomes = schema.named(Part.OUTCOME)
    if level is None or period is None or not outcomes:
        return None
    filled = " + ".join(f"count({quoted(column.name)})" for column in outcomes)
    cells = connection.execute(
        f"SELECT CAST(level AS VARCHAR), CAST(period AS VARCHAR), period, share FROM ("
        f"SELECT {quoted(level.name)} AS level, {quoted(period.name)} AS period, "
        f"({filled}) / (count(*) * {len(outcomes)}) AS share FROM stored "
        f"WHERE {_whole((level.name, period.name))} GROUP BY ALL "
        f"LIMIT {MOST_GROUPS * MOST_PERIODS + 1}) ORDER BY 1, 3"
    ).fetchall()
    shares = {(group, moment): share for group, moment, _, share in cells}
    groups = tuple(dict.fromkeys(group for group, _, _, _ in cells))
    periods = tuple(moment for _, moment in sorted({(order, moment) for _, moment, order, _ in cells}))
    if len(groups) > MOST_GROUPS or len(periods) > MOST_PERIODS:
        return None
    table = tuple(tuple(shares.get((group, moment)) for moment in periods) for group in groups)
    return Completeness(level.name, period.name, periods, groups, table)
