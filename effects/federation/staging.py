"""Rows as Parquet files that DuckDB can ask, whatever form they were given in; what is written is gone afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pandas as pd

from effects.compression.relation import label_of
from effects.errors import DataError, Finding
from effects.plan import AnalysisPlan
from effects.rows.columns import Column, is_numeric
from effects.rows.parquet import quoted
from effects.sources import open_source

_PARQUET: Final = frozenset({".parquet", ".pq"})
MERGED: Final = "merged cluster"
"""The column that stands for the clusters where some were merged."""


@contextmanager
def staged(paths: Sequence[Path], schema: Path | None) -> Iterator[tuple[list[Path], Path]]:
    """Parquet files of the rows, and a folder for more that only this account opens and that is gone at the end.

    CSV is read as `analyse` reads it. Raises DataError with every finding about the files.
    """
    with TemporaryDirectory(prefix="virkning-") as folder:
        files = list(paths)
        if any(path.suffix.lower() not in _PARQUET for path in paths):
            files = [_written(open_source(paths, schema).columns, Path(folder) / "rows.parquet")]
        yield files, Path(folder)


def with_merged(
    files: Sequence[Path], plan: AnalysisPlan, merged: Mapping[str, str], folder: Path
) -> tuple[list[Path], AnalysisPlan]:
    """The same rows with one more column, the cluster that each cluster is part of, and the plan that reads it."""
    if not merged or plan.data.assignment is None:
        return list(files), plan
    cluster, target = quoted(plan.data.assignment), folder / "merged.parquet"
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.register("given", connection.read_parquet([str(path) for path in files]))
        values = [value for (value,) in connection.execute(f"SELECT DISTINCT {cluster} FROM given").fetchall()]
        found = {value: label_of(value) for value in values if value is not None and value == value}
        labels = pd.DataFrame({"value": list(found), "label": [merged.get(label, label) for label in found.values()]})
        connection.register("labels", labels)
        query = f"SELECT given.*, label AS {quoted(MERGED)} FROM given LEFT JOIN labels ON {cluster} = labels.value"
        connection.sql(query).write_parquet(str(target))
    return [target], replace(plan, data=replace(plan.data, cluster=MERGED))


def _written(columns: Mapping[str, Column], target: Path) -> Path:
    if not columns:
        raise DataError([Finding("data", "no_columns", "There are no columns.", "Give a file with a line of names.")])
    frame = pd.DataFrame(
        {
            name: pd.Series(column) if is_numeric(column) else pd.Series(column, dtype="string")
            for name, column in columns.items()
        }
    )
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.from_df(frame).write_parquet(str(target))
    return target
