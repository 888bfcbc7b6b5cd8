"""Rows as one private table that DuckDB can ask, whatever form they were given in; gone when it has been asked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pandas as pd

from effects.compression.relation import label_of
from effects.plan import AnalysisPlan
from effects.rows.columns import Column, is_numeric
from effects.rows.parquet import quoted
from effects.sources import open_source

_PARQUET: Final = frozenset({".parquet", ".pq"})
MERGED: Final = "merged cluster"
"""The column that stands for the clusters where some were merged."""


@contextmanager
def staged(
    paths: Sequence[Path], plan: AnalysisPlan, schema: Path | None, merged: Mapping[str, str]
) -> Iterator[tuple[list[Path], AnalysisPlan]]:
    """Parquet files of the rows, and the plan that reads them, with its clusters merged.

    CSV is read as `analyse` reads it, into a folder that only the caller's account can open and that is gone at the
    end. Raises DataError with every finding about the files.
    """
    with TemporaryDirectory(prefix="virkning-") as folder:
        files = list(paths)
        if any(path.suffix.lower() not in _PARQUET for path in paths):
            files = [_written(open_source(paths, schema).columns, Path(folder) / "rows.parquet")]
        if merged and plan.data.assignment is not None:
            files = [_relabelled(files, plan.data.assignment, merged, Path(folder) / "merged.parquet")]
            plan = replace(plan, data=replace(plan.data, cluster=MERGED))
        yield files, plan


def _written(columns: Mapping[str, Column], target: Path) -> Path:
    frame = pd.DataFrame(
        {
            name: pd.Series(column) if is_numeric(column) else pd.Series(column, dtype="string")
            for name, column in columns.items()
        }
    )
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.from_df(frame).write_parquet(str(target))
    return target


def _relabelled(files: Sequence[Path], cluster: str, merged: Mapping[str, str], target: Path) -> Path:
    """The same rows with one more column: the label of the cluster, or of the one that it was made part of."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        rows = connection.read_parquet([str(path) for path in files])
        values = [value for (value,) in rows.project(quoted(cluster)).distinct().fetchall() if value is not None]
        labels = pd.DataFrame(
            {"value": values, "label": [merged.get(label_of(value), label_of(value)) for value in values]}
        )
        connection.register("labels", labels)
        connection.register("given", rows)
        query = f"SELECT given.*, label AS {quoted(MERGED)} FROM given LEFT JOIN labels ON {quoted(cluster)} = value"
        connection.sql(query).write_parquet(str(target))
    return target
