"""Parquet files as one table behind DuckDB: asked in SQL, never held in memory.

Every sum of real numbers is taken in whole multiples of a power of two (`Grid`), which add exactly: the answer depends
neither on the order of the rows nor on files, partitions or threads.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb

from effects.rows.columns import label
from effects.rows.parquet import quoted

MEMORY: Final = "128MB"
_BITS: Final = 60
_MOST_BITS: Final = 1000
_WHOLE: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "BOOLEAN"}
)
_REAL: Final = ("DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True, slots=True)
class Grid:
    """Multiples of 2^-bits around an origin; 2^60 of them reach the farthest value, so that 2^67 rows can be added."""

    origin: float
    bits: int

    @classmethod
    def over(cls, low: float, high: float) -> "Grid":
        """The grid for values from low to high."""
        origin = (low + high) / 2.0
        return cls(origin, _bits(max(high - origin, origin - low)))

    @property
    def reach(self) -> float:
        """The greatest distance from the origin that the grid was made for, rounded up to a power of two."""
        return math.ldexp(1.0, _BITS - self.bits)


def exact_sum(expression: str, reach: float) -> str:
    """SQL: the sum of an expression of at most `reach` in size, exact on its grid."""
    bits = _bits(reach)
    up, down = number(math.ldexp(1.0, bits)), number(math.ldexp(1.0, -bits))
    return f"CAST(sum(CAST(({expression}) * {up} AS BIGINT)) AS DOUBLE) * {down}"


def number(value: float) -> str:
    """A number as SQL reads a DOUBLE; without the exponent it would be a DECIMAL."""
    return f"({value:.17e})"


def _bits(reach: float) -> int:
    return min(_BITS - math.frexp(reach)[1], _MOST_BITS) if reach > 0.0 else 0


@dataclass(frozen=True, slots=True)
class Relation:
    """The files and the type of each column."""

    connection: duckdb.DuckDBPyConnection
    files: str
    kinds: Mapping[str, str]

    @property
    def table(self) -> str:
        """SQL: all rows of all files."""
        return f"read_parquet({self.files})"

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of an answer."""
        return self.connection.execute(query).fetchall()

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers that a double holds."""
        return self.is_whole(column) or self.kinds[column].startswith(_REAL)

    def is_whole(self, column: str) -> bool:
        """Whether the column holds whole numbers or truth values."""
        return self.kinds[column] in _WHOLE

    def filled(self) -> set[str]:
        """Columns without a NULL, as the files' own statistics state; a NaN is not seen there."""
        query = f"SELECT path_in_schema FROM parquet_metadata({self.files}) GROUP BY ALL HAVING "
        return {name for (name,) in self.ask(query + "bool_and(coalesce(stats_null_count = 0, false))")}

    def known(self, column: str) -> str:
        """SQL: whether there is a value."""
        name = quoted(column)
        real = self.kinds[column] in ("DOUBLE", "FLOAT")
        return f"({name} IS NOT NULL AND NOT isnan({name}))" if real else f"({name} IS NOT NULL)"


@contextmanager
def open_relation(paths: Sequence[Path]) -> Iterator[Relation]:
    """The files as one table, with little memory; raises duckdb.Error where they cannot be one."""
    files = "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"
    with TemporaryDirectory() as spill, duckdb.connect(":memory:", config=_settings(spill)) as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({files})").fetchall()
        yield Relation(connection, files, {row[0]: row[1] for row in described})


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "temp_directory": spill,
        "threads": 1,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def label_of(value: object) -> str:
    """A level as the rows would name it: 3.0 and 3 are `3`, a date is written as ISO."""
    if isinstance(value, bool | int | float):
        return label(float(value))
    return str(value)
