"""Rows as Parquet files that DuckDB can ask, whatever form they were given in; what is written is gone afterwards."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pandas as pd

from effects.compression.relation import label_of, open_relation
from effects.errors import DataError, Finding
from effects.plan import AnalysisPlan
from effects.rows.columns import Column, is_numeric
from effects.rows.parquet import quoted
from effects.sources import Source, open_source

_PARQUET: Final = frozenset({".parquet", ".pq"})
MERGED: Final = "merged cluster"
"""The column that stands for the clusters where some were merged."""


@contextmanager
def staged(paths: Sequence[Path], schema: Path | None) -> Iterator[list[Path]]:
    """Parquet files of the rows: those given where they are one table, else one that holds what `analyse` reads.

    Raises DataError with every finding about files.
    """
    if all(path.suffix.lower() in _PARQUET for path in paths) and _one_table(paths):
        yield list(paths)
        return
    with staged_source(open_source(paths, schema)) as file:
        yield [file]


def _one_table(paths: Sequence[Path]) -> bool:
    try:
        with open_relation(paths):
            return True
    except duckdb.Error:
        return False


@contextmanager
def staged_source(source: Source) -> Iterator[Path]:
    """A Parquet file of rows that are read already; raises DataError where they have no columns."""
    frame = _frame(source.columns)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection, _written(connection.from_df(frame)) as file:
        yield file


@contextmanager
def with_merged(
    files: Sequence[Path], plan: AnalysisPlan, merged: Mapping[str, str]
) -> Iterator[tuple[list[Path], AnalysisPlan]]:
    """The same rows with one more column, the cluster that each cluster is part of, and the plan that reads it."""
    if not merged or plan.data.assignment is None:
        yield list(files), plan
        return
    cluster = quoted(plan.data.assignment)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.register("given", connection.read_parquet([str(path) for path in files]))
        values = [value for (value,) in connection.execute(f"SELECT DISTINCT {cluster} FROM given").fetchall()]
        found = {value: label_of(value) for value in values if value is not None and value == value}
        labels = pd.DataFrame({"value": list(found), "label": [merged.get(label, label) for label in found.values()]})
        connection.register("labels", labels)
        query = f"SELECT given.*, label AS {quoted(MERGED)} FROM given LEFT JOIN labels ON {cluster} = labels.value"
        with _written(connection.sql(query)) as file:
            yield [file], replace(plan, data=replace(plan.data, cluster=MERGED))


@contextmanager
def _written(rows: duckdb.DuckDBPyRelation) -> Iterator[Path]:
    """Rows as a file in a folder that only this account opens, gone at the end.

    Where the system lets a file be read by whoever holds it open, its name is taken away at once, so that nothing is
    left of it even where the process is killed.
    """
    with TemporaryDirectory(prefix="virkning-") as folder:
        path = Path(folder) / "rows.parquet"
        rows.write_parquet(str(path))
        with path.open("rb") as held:
            nameless = Path(f"/proc/{os.getpid()}/fd/{held.fileno()}")
            if nameless.exists():
                path.unlink()
            yield nameless if nameless.exists() else path


def _frame(columns: Mapping[str, Column]) -> pd.DataFrame:
    if not columns:
        raise DataError([Finding("data", "no_columns", "There are no columns.", "Give a file with a line of names.")])
    return pd.DataFrame(
        {
            name: pd.Series(column) if is_numeric(column) else pd.Series(column, dtype="string")
            for name, column in columns.items()
        }
    )
