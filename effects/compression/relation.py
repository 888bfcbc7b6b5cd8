"""Parquet files as one table: asked in SQL, never held in memory, all together in one place or part by part anywhere.

Every sum of real numbers is taken in whole multiples of a power of two (`Grid`), which add exactly: the answer depends
neither on the order of the rows nor on files, parts or threads.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from effects.compression.parts import (
    TABLE,
    Described,
    Part,
    Question,
    Row,
    Script,
    added,
    answers,
    asked,
    check,
    connected,
    cut,
    database,
    describe,
    described,
    marks,
    sealed,
)
from effects.rows.columns import label
from effects.rows.parquet import quoted
from effects.spread import spread

_BITS: Final = 60
_MOST_BITS: Final = 1000
_WHOLE: Final = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "BOOLEAN"}
)
_REAL: Final = ("DOUBLE", "FLOAT", "DECIMAL")
_ORDERED: Final = ("VARCHAR", "DATE", "TIMESTAMP", "DOUBLE", "FLOAT")
"""Types that Python orders as DuckDB does, beside whole numbers."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Multiples of 2^-bits around an origin; 2^60 of them reach the farthest value, so that 2^67 rows can be added."""

    origin: float
    bits: int

    @classmethod
    def over(cls, low: float, high: float) -> "Grid":
        """The grid for values from low to high.

        Its origin, near their middle, is a multiple of a power of two above half their range, so that the last digits
        of what is computed from it tell the range, which may be one person's, to a factor of two and no better.
        """
        half = high / 2.0 - low / 2.0
        step = math.ldexp(1.0, min(math.frexp(half)[1], 1023)) if half > 0.0 else 0.0
        middle = low + half
        origin = round(middle / step) * step if step else low
        return cls(origin, _bits(max(high - origin, origin - low)))

    @property
    def reach(self) -> float:
        """The greatest distance from the origin that the grid was made for, rounded up to a power of two."""
        return math.ldexp(1.0, _BITS - self.bits)


def whole_sum(expression: str, reach: float) -> str:
    """SQL: the sum of an expression of at most `reach` in size as a whole number on its grid, which `real` reads."""
    return f"sum(CAST(({expression}) * {number(math.ldexp(1.0, _bits(reach)))} AS BIGINT))"


def real(total: int, reach: float) -> float:
    """The number that a whole sum on the grid of `reach` stands for."""
    return math.ldexp(float(total), -_bits(reach))


def exact_sum(expression: str, reach: float) -> str:
    """SQL: the same sum as a DOUBLE, exact on its grid; for what is asked in one place."""
    return f"CAST({whole_sum(expression, reach)} AS DOUBLE) * {number(math.ldexp(1.0, -_bits(reach)))}"


def number(value: float) -> str:
    """A number as SQL reads a DOUBLE; without the exponent it would be a DECIMAL."""
    return f"({value:.17e})"


def _bits(reach: float) -> int:
    return min(_BITS - math.frexp(reach)[1], _MOST_BITS) if reach > 0.0 else 0


@dataclass(frozen=True)
class Relation:
    """The files in their parts, the type of each column, and the columns without a NULL by the files' own statistics.

    A NaN is not seen by statistics. `unit` is the column that must not stand in two parts of `whole`.
    """

    parts: tuple[Part, ...]
    kinds: Mapping[str, str]
    rows: int
    filled: frozenset[str]
    unit: str | None
    closing: ExitStack
    opened: duckdb.DuckDBPyConnection | None = None

    table = TABLE

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """All files in one place."""
        paths = [path for part in self.parts for path in part.paths]
        return self.closing.enter_context(connected(paths)) if self.opened is None else self.opened

    def ask(self, query: str) -> list[Row]:
        """All rows of an answer, in one place."""
        return self.connection.execute(query).fetchall()

    def gather(self, *questions: Question, tables: Sequence[str] = ()) -> list[list[Row]]:
        """The answers of all parts, added; only those before the first question that has more rows than it may."""
        script = Script(tuple(tables), questions)
        if len(self.parts) > 1:
            return added(questions, spread(asked, script, self.parts))
        check(self.parts[0])
        return added(questions, [answers(script, self.connection)])

    @cached_property
    def together(self) -> "Relation":
        """The same files as one part."""
        paths = tuple(path for part in self.parts for path in part.paths)
        return replace(self, parts=(Part(paths, self.digests),), opened=self.connection)

    @cached_property
    def whole(self) -> "Relation":
        """The same files in parts that share no unit: these, or one of all files."""
        if len(self.parts) == 1 or self.unit is None:
            return self
        units = f"(SELECT {quoted(self.unit)} AS u FROM {TABLE} WHERE {self.known(self.unit)})"
        return self if self.apart(units) else self.together

    def apart(self, units: str) -> bool:
        """Whether no unit of a subquery's column u stands in two parts, by their ranges or else by their hashes."""
        if len(self.parts) == 1:
            return True
        value = "u" if self.is_whole(self.unit or "") or self.kinds[self.unit or ""] in _ORDERED else "hash(u)"
        range_of_part = f"SELECT min({value}), max({value}), 1 FROM {units} HAVING count(*) > 0"
        (ranges,) = self.gather(Question(range_of_part, 2))
        alone = all(parts == 1 for _, _, parts in ranges)
        if alone and all(before[1] < after[0] for before, after in pairwise(ranges)):
            return True
        found = np.sort(np.concatenate(spread(marks, units, self.parts)), kind="stable")
        return not bool(np.any(found[1:] == found[:-1]))

    @property
    def digests(self) -> tuple[str, ...]:
        """The digest of each file."""
        return tuple(digest for part in self.parts for digest in part.digests)

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers that a double holds."""
        return self.is_whole(column) or self.kinds[column].startswith(_REAL)

    def is_whole(self, column: str) -> bool:
        """Whether the column holds whole numbers or truth values."""
        return self.kinds[column] in _WHOLE

    def known(self, column: str) -> str:
        """SQL: whether there is a value."""
        name = quoted(column)
        real = self.kinds[column] in ("DOUBLE", "FLOAT")
        return f"({name} IS NOT NULL AND NOT isnan({name}))" if real else f"({name} IS NOT NULL)"


@contextmanager
def open_relation(paths: Sequence[Path], unit: str | None = None) -> Iterator[Relation]:
    """The files as one table, with little memory.

    Raises duckdb.Error where they cannot be one, and DataError for a file that cannot be opened.
    """
    pieces = cut(paths)
    with database(), ExitStack() as closing:
        if len(pieces) > 1:
            yield _related(spread(described, None, pieces), unit, closing)
        else:
            part = sealed(pieces[0])
            opened = closing.enter_context(connected(part.paths))
            yield _related([describe(part, opened)], unit, closing, opened)


def _related(
    found: Sequence[Described], unit: str | None, closing: ExitStack, opened: duckdb.DuckDBPyConnection | None = None
) -> Relation:
    kinds = {kinds for part in found for kinds in part.kinds}
    if len(kinds) != 1:
        raise duckdb.BinderException("the files differ in names or types of their columns")
    filled = frozenset.intersection(*(part.filled for part in found))
    rows = sum(part.rows for part in found)
    return Relation(tuple(part.part for part in found), dict(kinds.pop()), rows, filled, unit, closing, opened)


def literal(value: object, kind: str) -> str:
    """SQL: a value of a column of that type, as Python wrote it."""
    written = str(value).replace("'", "''")
    return f"CAST('{written}' AS {kind})"


def label_of(value: object) -> str:
    """A level as the rows would name it: 3.0 and 3 are `3`, a date is written as ISO."""
    if isinstance(value, bool | int | float):
        return label(float(value))
    return str(value)
