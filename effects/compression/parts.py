"""Parquet files in parts that are worth their way: each is asked the same SQL, here or elsewhere, and the answers add.

A row of an answer is some keys and then whole numbers, so that parts add exactly, whoever asked them and in any order.
"""

import atexit
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from os import stat_result
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

import duckdb
import numpy as np
from numpy.typing import NDArray

from effects.errors import DataError, Finding
from effects.sources import digest_of, unreadable

TABLE: Final = "all_rows"
MEMORY: Final = "128MB"
PART_BYTES: Final = 32 * 2**20
"""Sums of so many bytes of Parquet take about a second."""

Row: TypeAlias = tuple[Any, ...]

_DATABASE: Final[ContextVar[duckdb.DuckDBPyConnection | None]] = ContextVar("database", default=None)


@dataclass(frozen=True, slots=True)
class Part:
    """Files that are asked together, and the digest of each when it was first read."""

    paths: tuple[Path, ...]
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A part's rows, the columns of each of its files with their types, and those without a NULL by its statistics."""

    part: Part
    rows: int
    kinds: tuple[tuple[tuple[str, str], ...], ...]
    filled: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """SQL whose rows are `keys` columns, then whole numbers that add; with more rows than `most` it ends its script."""

    sql: str
    keys: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """Statements that make tables of `TABLE`, and then questions; the same for every part."""

    tables: tuple[str, ...]
    questions: tuple[Question, ...]
    version: str = duckdb.__version__


def cut(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """The files in parts of at most `PART_BYTES`, or of one larger file; raises DataError for those that are gone."""
    parts: list[list[Path]] = []
    findings: list[Finding] = []
    room = 0
    for path in sorted(paths):
        try:
            size = _state(path).st_size
        except DataError as error:
            findings.extend(error.findings)
            continue
        if size > room:
            parts.append([])
            room = PART_BYTES
        parts[-1].append(path.absolute())
        room -= size
    if findings:
        raise DataError(findings)
    return [tuple(part) for part in parts]


def sealed(paths: tuple[Path, ...]) -> Part:
    """The files as a part; raises DataError for one that cannot be opened."""
    return Part(paths, tuple(_digest(path) for path in paths))


def described(_: None, paths: tuple[Path, ...]) -> Described:
    """The files as a part, and what they say of themselves; raises what `sealed` raises."""
    part = sealed(paths)
    with connected(paths) as connection:
        return describe(part, connection)


def describe(part: Part, connection: duckdb.DuckDBPyConnection) -> Described:
    """The same of a part that `connected` has opened."""
    paths = part.paths
    kinds = [connection.execute(f"DESCRIBE SELECT * FROM {_reading([path])}").fetchall() for path in paths]
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchall()
    filled = connection.execute(
        f"SELECT path_in_schema FROM parquet_metadata({_listed(paths)}) GROUP BY ALL "
        "HAVING bool_and(coalesce(stats_null_count = 0, false))"
    ).fetchall()
    columns = tuple(tuple(sorted(row[:2] for row in file)) for file in kinds)
    return Described(part, rows, columns, frozenset(name for (name,) in filled))


def asked(script: Script, part: Part) -> list[list[Row]]:
    """A part's answers, as `answers`; raises DataError for a file that is gone or no longer the same."""
    check(part)
    if script.version != duckdb.__version__:
        raise RuntimeError(f"DuckDB is {duckdb.__version__} here and {script.version} where the work was cut")
    with connected(part.paths) as connection:
        return answers(script, connection)


def marks(units: str, part: Part) -> NDArray[np.uint64]:
    """The different 64-bit hashes of a subquery's column u, sorted."""
    check(part)
    with connected(part.paths) as connection:
        found = connection.execute(f"SELECT DISTINCT hash(u) AS mark FROM {units}").fetchnumpy()
    different: NDArray[np.uint64] = np.sort(np.asarray(found["mark"], dtype=np.uint64))
    return different


def answers(script: Script, connection: duckdb.DuckDBPyConnection) -> list[list[Row]]:
    """The answers up to the first question that has more rows than it may."""
    for statement in script.tables:
        connection.execute(statement)
    found: list[list[Row]] = []
    for question in script.questions:
        answer = connection.execute(question.sql)
        rows = answer.fetchall() if question.most is None else answer.fetchmany(question.most + 1)
        if _exceeds(rows, question):
            break
        found.append(rows)
    return found


def added(questions: Sequence[Question], parts: Sequence[list[list[Row]]]) -> list[list[Row]]:
    """The answers of all parts, rows of equal keys added, sorted by key; again up to the first with too many rows."""
    found: list[list[Row]] = []
    for place in range(min(len(part) for part in parts)):
        rows = _added([part[place] for part in parts], questions[place].keys)
        if _exceeds(rows, questions[place]):
            break
        found.append(rows)
    return found


def check(part: Part) -> None:
    """Raises DataError for a file that cannot be opened or does not hold what it held at first."""
    changed = [path for path, digest in zip(part.paths, part.digests, strict=True) if _digest(path) != digest]
    if changed:
        raise DataError(
            [
                Finding(
                    where=path.name,
                    code="changed_file",
                    message="{file} is not what it was when it was first read.",
                    remedy="Leave the files alone while they are read, and give every computer the same ones.",
                    params={"file": path.name},
                )
                for path in changed
            ]
        )


@contextmanager
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """Within the block, what is asked here shares one database of one thread and little memory; it starts slowly."""
    with _opened() as opened:
        token = _DATABASE.set(opened)
        try:
            yield opened
        finally:
            _DATABASE.reset(token)


@contextmanager
def connected(paths: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own to the files as the view `TABLE`; raises duckdb.Error where they are not one table."""
    with (_DATABASE.get() or _standing(os.getpid())).cursor() as connection:
        try:
            connection.execute(f"CREATE TEMP VIEW {TABLE} AS SELECT * FROM {_reading(paths)}")
            yield connection
        except duckdb.FatalException:
            _standing.cache_clear()
            raise


@lru_cache(maxsize=1)
def _standing(_process: int) -> duckdb.DuckDBPyConnection:
    """The database of a process that is asked for parts from elsewhere, which may come at any time."""
    with ExitStack() as closing:
        opened = closing.enter_context(_opened())
        atexit.register(closing.pop_all().close)
    return opened


@contextmanager
def _opened() -> Iterator[duckdb.DuckDBPyConnection]:
    with TemporaryDirectory() as spill, duckdb.connect(":memory:", config=_settings(spill)) as opened:
        yield opened


def _added(answers_of_parts: Sequence[list[Row]], keys: int) -> list[Row]:
    totals: dict[Row, Row] = {}
    for rows in answers_of_parts:
        for row in rows:
            key, numbers = row[:keys], row[keys:]
            before = totals.get(key)
            totals[key] = numbers if before is None else tuple(a + b for a, b in zip(before, numbers, strict=True))
    return [(*key, *totals[key]) for key in sorted(totals)]


def _exceeds(rows: Sequence[Row], question: Question) -> bool:
    return question.most is not None and len(rows) > question.most


def _state(path: Path) -> stat_result:
    try:
        return path.stat()
    except OSError as error:
        raise unreadable(path, error) from error


def _digest(path: Path) -> str:
    """The digest of a file, taken once by each process as long as the file is left alone."""
    found = _state(path)
    return _digest_then(path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@lru_cache(maxsize=4096)
def _digest_then(path: Path, *_: int) -> str:
    return digest_of(path)


def _reading(paths: Sequence[Path]) -> str:
    return f"read_parquet({_listed(paths)})"


def _listed(paths: Sequence[Path]) -> str:
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def _settings(spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY,
        "temp_directory": spill,
        "threads": 1,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
