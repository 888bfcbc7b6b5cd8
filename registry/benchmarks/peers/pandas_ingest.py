"""The checks of the schema written with pandas: read, test, store. CPR-like values it does not look for."""

import tempfile
from pathlib import Path

import pandas as pd
import pyarrow

from registry.benchmarks.readings import Absent, Meter, Outcome, Task
from registry.benchmarks.registers import REGISTER, SCHEMA
from registry.datasets.schema import Column, ColumnType

TYPES = {
    ColumnType.TEXT: "str",
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "float64",
    ColumnType.BOOLEAN01: "Int8",
}


def checked(task: Task) -> Outcome:
    """Count what is wrong and, when nothing is, write Parquet sorted by key."""
    pyarrow.set_cpu_count(1)
    with tempfile.TemporaryDirectory(dir=task.folder) as folder, Meter() as meter:
        frame = _read(task.path(REGISTER))
        faults = sum(_faults(frame[column.name], column) for column in SCHEMA.columns)
        faults += int(frame.duplicated(list(SCHEMA.key)).sum())
        if faults == 0:
            target = Path(folder) / "stored.parquet"
            frame.sort_values(["kommune", *SCHEMA.key]).to_parquet(target, compression="zstd", index=False)
    return meter.reading(len(frame), {"rows": float(len(frame))}) if faults == 0 else Absent(f"{faults} faults")


def _read(path: Path) -> pd.DataFrame:
    types = {column.name: TYPES[column.type] for column in SCHEMA.columns if column.type in TYPES}
    dates = [column.name for column in SCHEMA.columns if column.type is ColumnType.DATE]
    return pd.read_csv(
        path,
        sep=";",
        decimal=",",
        thousands=".",
        dtype=types,
        parse_dates=dates,
        date_format="%d-%m-%Y",
        keep_default_na=False,
        na_values=["", "NA"],
    )


def _faults(values: "pd.Series[float]", column: Column) -> int:
    faults = int(values.isna().sum()) if column.required else 0
    if column.codes:
        faults += int((~values.isin(column.codes) & values.notna()).sum())
    if column.type is ColumnType.BOOLEAN01:
        faults += int((~values.isin((0, 1)) & values.notna()).sum())
    if column.minimum is not None:
        faults += int((values < column.minimum).sum())
    if column.maximum is not None:
        faults += int((values > column.maximum).sum())
    return faults
