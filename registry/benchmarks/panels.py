"""A seeded stepped-wedge panel: persons in municipalities over ten periods, treatment switched on by municipality."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from registry.benchmarks.readings import Task

SEED: Final = 20260301
CLUSTERS: Final = 98
PERIODS: Final = 10
EFFECT: Final = 0.25
LARGE: Final = 4
"""How many times the rows of the panel the large one holds."""

PANEL: Final = "panel.parquet"
LARGE_PANEL: Final = "large_panel.parquet"
COLUMNS: Final = ("cluster", "unit", "period", "treated", "y")
_UNITS_AT_ONCE: Final = 100_000

PLAN: Final = """
schema = "virkning-plan/1"
title = "Benchmark: two-way fixed effects"
design = "stepped_wedge"
estimand = "itt"

[data]
unit = "unit"
period = "period"
cluster = "cluster"
treated = "treated"

[[outcome]]
column = "y"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.1

[model]
working_model = "fixed_effects"

[inference]
standard_error = "cr1s"
"""


def generate(task: Task) -> None:
    """Write the panel of `task.rows` rows and the one that is `LARGE` times as long."""
    write_panel(task.path(PANEL), task.rows)
    write_panel(task.path(LARGE_PANEL), task.rows * LARGE)


def write_panel(path: Path, rows: int) -> None:
    """A balanced panel of about that many rows as one Parquet file, ordered by cluster, unit and period."""
    with duckdb.connect(path.with_suffix(".duckdb"), config={"threads": 1, "memory_limit": "1GB"}) as connection:
        for place, piece in enumerate(pieces(max(rows // PERIODS, 2 * CLUSTERS))):
            connection.register("piece", piece)
            connection.execute(f"{'INSERT INTO' if place else 'CREATE TABLE'} panel {'' if place else 'AS '}FROM piece")
            connection.unregister("piece")
        connection.execute(f"COPY panel TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    path.with_suffix(".duckdb").unlink()


def pieces(units: int) -> Iterator[dict[str, NDArray[np.generic]]]:
    """The columns in order, some whole units at a time.

    Municipality g starts in period 1 + 9 g // 98 of 0 to 9, in shuffled order, so that nobody is treated at first. The
    outcome is a unit effect, a municipality's own level, a trend, the effect and noise.
    """
    random = np.random.default_rng(SEED)
    starts = random.permutation(1 + np.arange(CLUSTERS) * (PERIODS - 1) // CLUSTERS)
    levels = random.normal(0.0, 0.5, CLUSTERS)
    shocks = random.normal(0.0, 0.1, (CLUSTERS, PERIODS))
    periods = np.arange(PERIODS)
    for first in range(0, units, _UNITS_AT_ONCE):
        unit = np.arange(first, min(first + _UNITS_AT_ONCE, units))
        cluster = unit * CLUSTERS // units
        treated = periods >= starts[cluster][:, None]
        noise = random.normal(0.0, 1.0, (len(unit), PERIODS))
        own = random.normal(0.0, 1.0, len(unit))[:, None] + levels[cluster][:, None]
        outcome = 10.0 + own + 0.05 * periods + shocks[cluster] + EFFECT * treated + noise
        yield {
            "cluster": np.repeat(cluster, PERIODS).astype(np.int32),
            "unit": np.repeat(unit, PERIODS).astype(np.int32),
            "period": np.tile(periods, len(unit)).astype(np.int32),
            "treated": treated.ravel().astype(np.int8),
            "y": outcome.ravel(),
        }
