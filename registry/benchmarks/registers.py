"""A seeded register as a Danish system would send it: semicolons, decimal commas, points in thousands, day first."""

from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from registry.benchmarks.readings import Task
from registry.datasets.schema import (
    Column,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Dialect,
    Encoding,
    FileSchema,
    GroupMark,
    Part,
)

SEED: Final = 20260302
REGISTER: Final = "register.csv"
SHORT_REGISTER: Final = "short_register.csv"
SHORT_ROWS: Final = 50_000
"""The most rows of the file for those who take too long on the whole one."""

MONTHS: Final = 50
CODES: Final = ("lille", "mellem", "stor")
FIRST_CODE: Final = 101
_ROWS_AT_ONCE: Final = 500_000

SCHEMA: Final = FileSchema(
    columns=(
        Column("borger", ColumnType.TEXT, Part.UNIT, required=True),
        Column("kommune", ColumnType.TEXT, Part.CLUSTER, required=True),
        Column("maaned", ColumnType.INTEGER, Part.PERIOD, required=True, minimum=1, maximum=MONTHS),
        Column("indsats", ColumnType.BOOLEAN01, Part.TREATED, required=True),
        Column("timer", ColumnType.NUMBER, Part.OUTCOME, minimum=0, maximum=10_000),
        Column("udgift", ColumnType.NUMBER, Part.OUTCOME, minimum=0, maximum=1_000_000),
        Column("tilfredshed", ColumnType.NUMBER, Part.OUTCOME, minimum=0, maximum=100),
        Column("visiteret", ColumnType.DATE, Part.COVARIATE),
        Column("stoerrelse", ColumnType.TEXT, Part.SUBGROUP, codes=CODES),
    ),
    dialect=Dialect(
        delimiter=Delimiter.SEMICOLON,
        encoding=Encoding.UTF_8,
        decimal=DecimalMark.COMMA,
        group=GroupMark.POINT,
        date_format=DateFormat.DASHES,
    ),
    key=("borger", "maaned"),
)

_WRITTEN: Final = """
SELECT 'B' || lpad(CAST(unit AS VARCHAR), 8, '0') AS borger, lpad(CAST(code AS VARCHAR), 4, '0') AS kommune,
  month AS maaned, treated AS indsats,
  replace(printf('%.2f', hours), '.', ',') AS timer,
  translate(format('{:,.2f}', cost), '.,', ',.') AS udgift,
  replace(printf('%.1f', content), '.', ',') AS tilfredshed,
  strftime(DATE '2020-01-01' + CAST(days AS INTEGER), '%d-%m-%Y') AS visiteret, size AS stoerrelse
FROM piece
"""


def generate(task: Task) -> None:
    """Write the register of `task.rows` rows, and its beginning for the slow."""
    write_register(task.path(REGISTER), task.rows)
    write_register(task.path(SHORT_REGISTER), min(task.rows, SHORT_ROWS))


def write_register(path: Path, rows: int) -> None:
    """A file without a fault, ordered by citizen and month."""
    random = np.random.default_rng(SEED)
    with path.open("wb") as file, duckdb.connect(config={"threads": 1}) as connection:
        for first in range(0, rows, _ROWS_AT_ONCE):
            connection.register("piece", _piece(random, first, min(first + _ROWS_AT_ONCE, rows)))
            part = path.with_suffix(".part")
            header = "true" if first == 0 else "false"
            connection.execute(f"COPY ({_WRITTEN}) TO '{part}' (FORMAT csv, DELIMITER ';', HEADER {header})")
            connection.unregister("piece")
            file.write(part.read_bytes())
            part.unlink()


def _piece(random: np.random.Generator, first: int, last: int) -> pd.DataFrame:
    row = np.arange(first, last)
    unit, month = row // MONTHS, row % MONTHS + 1
    place = unit % 98
    return pd.DataFrame(
        {
            "unit": unit,
            "code": FIRST_CODE + place * 7,
            "month": month,
            "treated": (month > place % MONTHS).astype(np.int8),
            "hours": random.gamma(2.0, 20.0, len(row)).clip(0, 9_999),
            "cost": random.gamma(2.0, 4_000.0, len(row)).clip(0, 999_999),
            "content": random.uniform(0, 100, len(row)),
            "days": unit % 1_500,
            "size": np.array(CODES, dtype=object)[place % 3],
        }
    )
