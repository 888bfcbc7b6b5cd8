"""A file against its schema: every finding at once, and typed Parquet where there is no error.

Runs in a child process with limits; nothing here knows the registry's database. Text in, then one streaming pass of
DuckDB that types, tests, sorts and stores. It ends at the first thing that is wrong; only then a second pass writes
down what is wrong where, and questions are put to what it wrote.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from effects.errors import DataError, Finding
from registry.datasets import findings, reading, sql, workbook
from registry.datasets.facts import Step, Stored
from registry.datasets.headers import header_findings
from registry.datasets.reading import Text
from registry.datasets.schema import Column, ColumnType, Dialect, FileSchema, Part
from registry.datasets.shape import Shape, shape_of
from registry.datasets.storing import repeats, store
from registry.kit.cpr import looks_like_cpr

SHOWN_ALIKE: Final = 20
"""Cells listed for the same fault in the same column; the others are counted."""

MEMORY: Final = "300MB"
STORED: Final = "stored.parquet"


@dataclass(frozen=True, slots=True)
class Checked:
    """All findings, errors first, and what was stored at `STORED` in the work folder when none was an error."""

    findings: tuple[Finding, ...]
    stored: Stored | None


def check(source: Path, folder: Path, schema: FileSchema) -> Checked:
    """Check the file, keeping whatever is in between in `folder`; the caller removes it."""
    Step.READING.tell(folder)
    try:
        text, dialect = _text(source, folder, schema.dialect)
        header = reading.header_of(text, dialect)
    except DataError as error:
        return Checked(error.findings, None)
    found = header_findings(header, schema)
    if any(finding.severity == "error" for finding in found):
        return Checked(_ordered(found), None)
    table = _Table(text, dialect, len(header), shape_of(header, schema))
    with duckdb.connect(config=_configuration(folder)) as database:
        Step.STORING.tell(folder)
        done = _stored(database.cursor(), table, folder / STORED, schema)
        if done is None:
            Step.SEARCHING.tell(folder)
            done = _searched(database.cursor(), table, folder, schema)
    return Checked(_ordered([*found, *done.findings]), done.stored)


def _text(source: Path, folder: Path, dialect: Dialect) -> tuple[Text, Dialect]:
    target = folder / "text.csv"
    if reading.is_workbook(source):
        return workbook.as_csv(source, target, dialect)
    return reading.as_utf8(source, target, dialect), dialect


def _configuration(folder: Path) -> dict[str, str | bool | int | float | list[str]]:
    """One thread, so that equal input gives equal bytes; bounded memory; no extension from anywhere."""
    return {
        "threads": 1,
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    """Errors before warnings, then by row; a CPR-like value leaves nothing else to say."""
    private = [finding for finding in found if finding.code == "cpr_like"]
    return tuple(private or sorted(found, key=lambda finding: (finding.severity != "error", finding.row or 0)))


@dataclass(frozen=True, slots=True)
class _Table:
    """The text as a table of so many columns, some of which are asked for, and the rows that it is to become."""

    text: Text
    dialect: Dialect
    width: int
    shape: Shape

    @property
    def columns(self) -> dict[int, Column]:
        """The columns of the plan by their place in a checked row."""
        return self.shape.columns

    @property
    def source(self) -> str:
        """The cells as they stand in the file."""
        return sql.reader(self.text.path, self.width, self.dialect)

    @property
    def checked(self) -> str:
        """The typed and tested cells."""
        rows = self.shape.rows(self.source, self.width)
        return sql.checked(rows, self.shape.width, self.columns, self.dialect, plain=self.text.plain)


def _stored(connection: duckdb.DuckDBPyConnection, table: _Table, target: Path, schema: FileSchema) -> Checked | None:
    """What was stored in one pass, and warnings; None as soon as anything is wrong or has to be looked at again."""
    try:
        stored = store(connection, sql.sound(table.checked, table.columns), target, table.columns, schema)
    except duckdb.InvalidInputException:
        return None
    ((broken,),) = connection.execute("SELECT count(*) FROM reject_errors").fetchall()
    periods = _text_periods(schema.columns)
    unsortable = any(_unsortable(connection, "stored", sql.quoted(column.name)) for column in periods)
    if broken or not stored.rows or unsortable or repeats(connection, schema.key):
        target.unlink()
        return None
    by_name = {column.name: column for column in schema.columns}
    empty = (findings.empty_column(by_name[facts.name]) for facts in stored.columns if not facts.filled)
    return Checked(tuple(empty), stored)


def _searched(connection: duckdb.DuckDBPyConnection, table: _Table, folder: Path, schema: FileSchema) -> Checked:
    """Everything that is wrong below the header; what was only suspected is stored after all."""
    found = tuple(_Search(connection, table).run(folder / "checked.parquet", schema.key))
    if any(finding.severity == "error" for finding in found):
        return Checked(found, None)
    return Checked(found, store(connection, table.checked, folder / STORED, table.columns, schema))


def _ragged(rejected: list[int]) -> Iterator[Finding]:
    yield from map(findings.ragged, rejected[:SHOWN_ALIKE])
    if len(rejected) > SHOWN_ALIKE:
        yield findings.more_ragged(len(rejected) - SHOWN_ALIKE)


def _text_periods(columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if column.part is Part.PERIOD and column.type is ColumnType.TEXT]


def _unsortable(connection: duckdb.DuckDBPyConnection, rows: str, value: str) -> bool:
    """Whether all texts are whole numbers, of several lengths."""
    different = f"SELECT 1 FROM {rows} WHERE NOT regexp_full_match({value}, '[0-9]+') LIMIT 1"
    if connection.execute(different).fetchall():
        return False
    ((lengths,),) = connection.execute(f"SELECT count(DISTINCT length({value})) FROM {rows}").fetchall()
    return bool(lengths > 1)


class _Search:
    """Questions to a table in which something is wrong."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: _Table) -> None:
        self.connection = connection
        self.table = table
        self.shape = table.shape
        self.columns = table.columns
        self.skipped: list[int] = []
        self.wrong: dict[int, int] = {}

    def run(self, target: Path, key: tuple[str, ...]) -> list[Finding]:
        """Everything that is wrong below the header."""
        query = f"COPY ({self.table.checked}) TO {sql.literal(str(target))} (FORMAT parquet, COMPRESSION lz4_raw)"
        try:
            self.connection.execute(query)
        except duckdb.InvalidInputException:
            return [_UNREADABLE]
        self.connection.execute(f"CREATE VIEW checked AS SELECT * FROM read_parquet({sql.literal(str(target))})")
        (wrong,) = self._ask(f"SELECT {self._each('count(*) FILTER (e{} > 0)')} FROM checked")
        self.wrong = dict(zip(self.columns, wrong, strict=True))
        rejected = self._rejected()
        self.skipped = sorted({*rejected, *reading.blank_records(self.table.text, self.table.dialect)})
        private = list(self._private())
        if private:
            return private
        return [
            *_ragged(rejected),
            *self._cells(),
            *self._duplicates(key),
            *self._columns(rejected),
        ]

    def _row(self, n: int) -> int:
        """The row in the spreadsheet of the n-th row of the file that was read."""
        row = n + 1
        while (moved := n + 1 + bisect_right(self.skipped, row)) != row:
            row = moved
        return row

    def _rejected(self) -> list[int]:
        return [int(row) for (row,) in self._ask("SELECT DISTINCT line FROM reject_errors ORDER BY line")]

    def _private(self) -> Iterator[Finding]:
        """CPR-like values, in broken rows too; the pattern of the first pass only says where to look."""
        broken = self._ask("SELECT DISTINCT line, csv_line FROM reject_errors ORDER BY line")
        private = [line for line, text in broken if looks_like_cpr(text or "")]
        yield from (findings.cpr(line, "") for line in private[:SHOWN_ALIKE])
        if not self._ask("SELECT 1 FROM checked WHERE suspect LIMIT 1"):
            return
        cells = f"SELECT * FROM ({self.table.source}) WHERE {sql.cpr_like(self.table.width)}"
        suspects = self.connection.execute(cells)
        listed = 0
        while listed < SHOWN_ALIKE and (row := suspects.fetchone()):
            for place, text in enumerate(row[1:]):
                if text and looks_like_cpr(text):
                    listed += 1
                    yield findings.cpr(self._row(row[0]), self.shape.names.get(place, ""))

    def _cells(self) -> Iterator[Finding]:
        for place, column in self.columns.items():
            if not self.wrong[place]:
                continue
            cells = f"FROM checked WHERE e{place} > 0 AND {self.shape.once(place)}"
            for fault, count in self._ask(f"SELECT e{place}, count(*) {cells} GROUP BY ALL ORDER BY ALL"):
                wrong = f"SELECT n, s{place} {cells} AND e{place} = {fault} ORDER BY n LIMIT {SHOWN_ALIKE}"
                for n, text in self._ask(wrong):
                    sent = msgspec.structs.replace(column, name=self.shape.sent(place, n))
                    row = self._row(self.shape.row(n))
                    yield findings.cell(row, sent, sql.Fault(fault), text, self.table.dialect)
                if count > SHOWN_ALIKE:
                    yield findings.more(column, sql.Fault(fault), count - SHOWN_ALIKE)

    def _duplicates(self, key: tuple[str, ...]) -> Iterator[Finding]:
        """Rows that repeat the key of an earlier one; rows that lack a part of it are another finding."""
        values = [f"v{place}" for place, column in self.columns.items() if column.name in key]
        if not values:
            return
        names = ", ".join(values)
        whole = " AND ".join(f"{value} IS NOT NULL" for value in values)
        groups = f"SELECT {names}, min(n) AS first FROM checked WHERE {whole} GROUP BY {names} HAVING count(*) > 1"
        rows = f"n // {self.shape.share} AS n, min(first) // {self.shape.share} AS first"
        repeats = f"SELECT {rows} FROM checked JOIN ({groups}) USING ({names}) WHERE checked.n > first GROUP BY 1"
        (total,) = self._ask(f"SELECT count(*) FROM ({repeats})")[0]
        for n, first in self._ask(f"SELECT n, first FROM ({repeats}) ORDER BY n LIMIT {SHOWN_ALIKE}"):
            yield findings.duplicate(self._row(n), self._row(first), key)
        if total > SHOWN_ALIKE:
            yield findings.duplicates(total - SHOWN_ALIKE, key)

    def _columns(self, rejected: list[int]) -> Iterator[Finding]:
        rows, *filled = self._ask(f"SELECT count(*), {self._each('count(v{})')} FROM checked")[0]
        if not rows:
            if not rejected:
                yield findings.NO_ROWS
            return
        for (place, column), present in zip(self.columns.items(), filled, strict=True):
            if not self.wrong[place] and not present:
                yield findings.empty_column(column)
        for column in _text_periods(self.columns.values()):
            place = next(place for place, other in self.columns.items() if other is column)
            if _unsortable(self.connection, "checked", f"v{place}"):
                yield findings.numbers_as_text(column)

    def _each(self, expression: str) -> str:
        return ", ".join(expression.format(place) for place in self.columns)

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


_UNREADABLE: Final = Finding(
    where="file",
    code="unreadable_csv",
    message="The file cannot be read as a table with this delimiter.",
    remedy="Check the delimiter and that quotation marks are closed, or save the file as CSV again.",
)
