"""The tables and columns that a database really has, also one of an older version of the schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.backup.values import DECLARED, Column, Kind
from registry.kit.database import engine, tables

UNKEPT: Final = frozenset({"session", "worker"})
"""Tables whose rows are about running processes and people signed in to them: they end with the place they were in."""

SMALL, LARGE = 2**31, 2**63

_RUNNER: Final = "migration"
_POSTGRESQL: Final = (
    "SELECT c.table_name AS of, c.column_name AS name, c.data_type AS type, c.character_maximum_length AS longest"
    " FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)"
    " WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
)
_SQLITE: Final = (
    "SELECT t.name AS 'of', c.name AS name, c.type AS type FROM sqlite_master t, pragma_table_info(t.name) c"
    " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
)


@dataclass(frozen=True, slots=True)
class Room:
    """What a column of this database can take beyond its kind: characters of a text, whole numbers below a bound."""

    longest: int | None = None
    bound: int = LARGE


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns by name, and the room there is in them."""

    name: str
    columns: tuple[Column, ...]
    room: Mapping[str, Room]


class Foreign(Exception):
    """A column of a kind that no table of ours has; the argument says which."""


async def shapes() -> dict[str, Shape]:
    """The tables of ours that there are and that are kept, each after those it refers to. Raises Foreign."""
    found = await _columns()
    return {name: _shape(name, found[name]) for name in _ours() if name in found and name not in UNKEPT}


async def shape(table: str) -> Shape:
    """A table of this database. Raises Foreign, KeyError where there is none of the name."""
    return _shape(table, (await _columns())[table])


async def strangers() -> list[str]:
    """Tables in the same place that are none of ours."""
    return sorted((await _columns()).keys() - set(_ours()) - {_RUNNER})


async def highest(table: str) -> int:
    """The highest key that was ever given to a row of a table, 0 for none: a key is never given twice."""
    if engine().engine_type == "sqlite":
        rows = await engine().run_ddl(f"SELECT seq AS last FROM sqlite_sequence WHERE name = '{table}'")
    else:
        rows = await engine().run_ddl(f'SELECT last_value AS last FROM "{await _sequence(table)}" WHERE is_called')
    largest = (await engine().run_ddl(f'SELECT max(id) AS last FROM "{table}"'))[0]["last"]
    return max(int(rows[0]["last"]) if rows else 0, largest or 0)


async def go_on_after(table: str, key: int) -> None:
    """Let the next row of a table have the key behind this one, 0 for none."""
    if engine().engine_type == "sqlite":
        await engine().run_ddl(f"DELETE FROM sqlite_sequence WHERE name = '{table}'")
        await engine().run_ddl(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {key:d})")
    else:
        given = "true" if key else "false"
        await engine().run_ddl(f"""SELECT setval('"{await _sequence(table)}"', {max(key, 1):d}, {given})""")


async def _sequence(table: str) -> str:
    rows = await engine().run_ddl(f"""SELECT pg_get_serial_sequence('"{table}"', 'id') AS name""")
    return str(rows[0]["name"]).rpartition(".")[2].strip('"')


async def _columns() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await engine().run_ddl(_SQLITE if engine().engine_type == "sqlite" else _POSTGRESQL):
        found.setdefault(row["of"], []).append(dict(row))
    return found


def _ours() -> list[str]:
    return [table._meta.tablename for table in tables()]


def _shape(table: str, rows: list[dict[str, Any]]) -> Shape:
    columns, room = [], {}
    for row in sorted(rows, key=lambda row: str(row["name"])):
        declared = re.sub(r"\(.*", "", row["type"]).upper()
        if declared not in DECLARED:
            raise Foreign(f"{table}.{row['name']} is {row['type']}")
        columns.append(Column(row["name"], DECLARED[declared]))
        small = DECLARED[declared] is Kind.WHOLE and row["type"] == "integer"  # PostgreSQL's; SQLite's takes any
        room[row["name"]] = Room(row.get("longest"), SMALL if small else LARGE)
    return Shape(table, tuple(columns), room)
