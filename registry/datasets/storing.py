"""The rows that passed, as typed Parquet in the order of their key, and what there is to say about them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from effects.sources import open_source
from registry.datasets.facts import ColumnFacts, Completeness, Stored
from registry.datasets.schema import Column, FileSchema, Part
from registry.datasets.sql import literal, quoted

MOST_GROUPS: Final = 200
MOST_PERIODS: Final = 60
"""A table of completeness larger than this would not be read."""


def store(
    connection: duckdb.DuckDBPyConnection,
    checked: Path,
    target: Path,
    columns: Mapping[int, Column],
    schema: FileSchema,
) -> Stored:
    """Write the typed columns, sorted by key and then by all others, and force them to the disk."""
    place_of = {column.name: place for place, column in columns.items()}
    names = [column.name for column in schema.columns]
    order = [*schema.key, *(name for name in names if name not in schema.key)]
    selected = ", ".join(f"v{place_of[name]} AS {quoted(name)}" for name in names)
    connection.execute(
        f"COPY (SELECT {selected} FROM read_parquet({literal(str(checked))}) "
        f"ORDER BY {', '.join(f'v{place_of[name]} NULLS FIRST' for name in order)}) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    with target.open("rb") as file:
        os.fsync(file.fileno())
    connection.execute(f"CREATE VIEW stored AS SELECT * FROM read_parquet({literal(str(target))})")
    rows, *filled = connection.execute(
        f"SELECT count(*), {', '.join(f'count({quoted(name)})' for name in names)} FROM stored"
    ).fetchall()[0]
    facts = (
        ColumnFacts(column.name, column.type, column.part, count)
        for column, count in zip(schema.columns, filled, strict=True)
    )
    return Stored(rows, tuple(facts), _completeness(connection, schema), open_source(target).content)


def _completeness(connection: duckdb.DuckDBPyConnection, schema: FileSchema) -> Completeness | None:
    """None where there is no period, or the table would be too large to read."""
    level = next(iter((*schema.named(Part.CLUSTER), *schema.named(Part.UNIT))), None)
    period = next(iter(schema.named(Part.PERIOD)), None)
    outcomes = schema.named(Part.OUTCOME)
    if level is None or period is None or not outcomes:
        return None
    filled = " + ".join(f"count({quoted(column.name)})" for column in outcomes)
    cells = connection.execute(
        f"SELECT CAST({quoted(level.name)} AS VARCHAR), CAST({quoted(period.name)} AS VARCHAR), {quoted(period.name)}, "
        f"({filled}) / (count(*) * {len(outcomes)}) FROM stored GROUP BY ALL ORDER BY 1, 3 "
        f"LIMIT {MOST_GROUPS * MOST_PERIODS + 1}"
    ).fetchall()
    shares = {(group, moment): share for group, moment, _, share in cells}
    groups = tuple(dict.fromkeys(group for group, _, _, _ in cells))
    periods = tuple(moment for _, moment in sorted({(order, moment) for _, moment, order, _ in cells}))
    if len(groups) > MOST_GROUPS or len(periods) > MOST_PERIODS:
        return None
    table = tuple(tuple(shares.get((group, moment)) for moment in periods) for group in groups)
    return Completeness(level.name, period.name, periods, groups, table)
