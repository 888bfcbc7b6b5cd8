"""The two-way fit from Parquet through the public library, and the yardsticks it is held against."""

from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from effects import AnalysisPlan, EffectEstimate, analyse
from effects.compression.relation import open_relation
from effects.compression.sampling import sample_of
from effects.compression.unit_paths import sum_cells
from effects.rows.columns import Numbers
from registry.benchmarks.panels import COLUMNS, LARGE_PANEL, PANEL, PERIODS, PLAN
from registry.benchmarks.readings import Absent, Meter, Outcome, Reading, Task

ONE_THREAD: Final[dict[str, str | bool | int | float | list[str]]] = {"threads": 1}


def analysed(task: Task) -> Outcome:
    """`analyse` with the file still on disk."""
    return _analysed(task.path(PANEL))


def analysed_large(task: Task) -> Outcome:
    """The same on the large panel, for its memory."""
    return _analysed(task.path(LARGE_PANEL))


def grouped(task: Task) -> Reading:
    """The GROUP BY that takes the place of the rows."""
    plan = AnalysisPlan.from_text(PLAN)
    with open_relation([task.path(PANEL)]) as relation:
        sample = sample_of(relation, plan, plan.outcomes[0], whole=True)
        with Meter() as meter:
            cells = sum_cells(relation, sample)
    return meter.reading(answer={"cells": float(len(cells))})


def scanned(task: Task) -> Reading:
    """The sum of every column of the file: what merely reading it costs."""
    with duckdb.connect(config=ONE_THREAD) as connection, Meter() as meter:
        sums = ", ".join(f"sum({column})" for column in COLUMNS)
        connection.execute(f"SELECT {sums} FROM read_parquet('{task.path(PANEL)}')").fetchall()
    return meter.reading()


def fitted_in_full(task: Task) -> Reading:
    """The slow obvious fit of all rows: demeaned by unit and period, then least squares with cr1s.

    Exact for a balanced panel, where taking out both means once is the projection.
    """
    with duckdb.connect(config=ONE_THREAD) as connection:
        query = f"SELECT cluster, treated, y FROM read_parquet('{task.path(PANEL)}') ORDER BY unit, period"
        rows = connection.execute(query).fetchnumpy()
    with Meter() as meter:
        treated, outcome = (
            _demeaned(np.asarray(rows[name], dtype=np.float64).reshape(-1, PERIODS)) for name in ("treated", "y")
        )
        cluster = np.asarray(rows["cluster"]).reshape(-1, PERIODS)[:, 0]
        bread = float(np.sum(treated * treated))
        estimate = float(np.sum(treated * outcome)) / bread
        scores = np.bincount(cluster, np.sum(treated * (outcome - estimate * treated), axis=1))
        n, clusters, k = treated.size, len(np.unique(cluster)), PERIODS + 1
        factor = clusters / (clusters - 1) * (n - 1) / (n - k)
        error = float(np.sqrt(factor * np.sum(scores**2))) / bread
    return meter.reading(answer={"estimate": estimate, "standard_error": error})


def _analysed(path: Path) -> Outcome:
    plan = AnalysisPlan.from_text(PLAN)
    with Meter() as meter:
        entry = analyse(path, plan).estimates[0]
    if not isinstance(entry, EffectEstimate):
        return Absent(f"not estimable: {entry.detail}")
    return meter.reading(answer={"estimate": entry.estimate, "standard_error": entry.standard_error})


def _demeaned(panel: Numbers) -> Numbers:
    demeaned: Numbers = panel - panel.mean(axis=1, keepdims=True) - panel.mean(axis=0) + panel.mean()
    return demeaned
