"""Two jobs that fall into parts: the draws of a resampling, and many Parquet files that become sums."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from registry.benchmarks.indicators import CLUSTERS, MONTHS, indicators
from registry.benchmarks.panels import EFFECT, PERIODS
from registry.benchmarks.readings import Task

SEED: Final = 20_261_122
FILES: Final = 24
OUTCOMES: Final = 6
COVARIATES: Final = 3
RESAMPLED: Final = 4
"""Outcomes of the resampling."""
TIMES_THE_DRAWS: Final = 30
"""So many times the usual draws: half a minute of work, and p-values to three more digits than anybody needs."""

TIMES_THE_ROWS: Final = 2.0
"""So many times the usual rows: more than twenty seconds of work in one process."""

INDICATORS: Final = "indicators.parquet"
ROWS: Final = "rows"

_HEAD: Final = """
schema = "virkning-plan/1"
title = "Benchmark: work in parts"
design = "stepped_wedge"
estimand = "itt"

[data]
unit = "unit"
period = "period"
cluster = "cluster"
treated = "treated"

[model]
working_model = "fixed_effects"
"""
_OUTCOME: Final = """
[[outcome]]
column = "y{place}"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.1
"""


def generate(task: Task) -> None:
    """Write both jobs' data: the indicators, and rows in 24 files that share no unit."""
    found = indicators()
    unit, month = np.divmod(np.arange(CLUSTERS * MONTHS), MONTHS)
    outcomes = {f"y{place}": found.values[:, :, place].ravel() for place in range(RESAMPLED)}
    treated = found.treated.ravel().astype(np.int8)
    _write(task.path(INDICATORS), {"cluster": unit, "unit": unit, "period": month, "treated": treated, **outcomes})
    task.path(ROWS).mkdir()
    units = max(int(task.rows * TIMES_THE_ROWS) // PERIODS, 2 * CLUSTERS)
    edges = [units * place // FILES for place in range(FILES + 1)]
    for place in range(FILES):
        _write(task.path(ROWS) / f"{place:02}.parquet", _panel(edges[place], edges[place + 1], units))


def resampling_plan(draws: int) -> str:
    """Four indicators with a randomisation test each, and one of all of them that keeps the family-wise error."""
    inference = f'[inference]\nstandard_error = "cr1s"\npermutation = {{ draws = {draws * TIMES_THE_DRAWS} }}\n'
    return "\n".join(
        [_HEAD, inference, '[multiplicity]\nprimary = "westfall_young"', *(_outcome(n) for n in range(RESAMPLED))]
    )


def rows_plan() -> str:
    """Six outcomes with three covariates and unit effects: sums of unit-demeaned products by cluster."""
    inference = '[inference]\nstandard_error = "cr1s"\n'
    return "\n".join([_HEAD, inference, *(_outcome(n, COVARIATES) for n in range(OUTCOMES))])


def row_files(task: Task) -> Sequence[Path]:
    """The files of rows."""
    return sorted(task.path(ROWS).iterdir())


def _outcome(place: int, covariates: int = 0) -> str:
    named = ", ".join(f'"x{n}"' for n in range(covariates))
    return _OUTCOME.format(place=place) + (f"covariates = [{named}]\n" if named else "")


def _panel(first: int, end: int, units: int) -> dict[str, np.typing.NDArray[np.generic]]:
    """The units from `first` to before `end` of so many, with a seed of their own; municipalities start in turn."""
    random = np.random.default_rng([SEED, first])
    unit = np.arange(first, end)
    cluster = unit * CLUSTERS // units
    treated = np.arange(PERIODS) >= (1 + cluster * (PERIODS - 1) // CLUSTERS)[:, None]
    shape = (end - first, PERIODS)
    covariates = {f"x{n}": random.normal(0.0, 1.0, shape).ravel() for n in range(COVARIATES)}
    outcomes = {
        f"y{n}": (random.normal(0.0, 1.0, (len(unit), 1)) + EFFECT * treated + random.normal(0.0, 1.0, shape)).ravel()
        for n in range(OUTCOMES)
    }
    return {
        "cluster": np.repeat(cluster, PERIODS).astype(np.int32),
        "unit": np.repeat(unit, PERIODS).astype(np.int32),
        "period": np.tile(np.arange(PERIODS), len(unit)).astype(np.int32),
        "treated": treated.ravel().astype(np.int8),
        **covariates,
        **outcomes,
    }


def _write(path: Path, columns: dict[str, np.typing.NDArray[np.generic]]) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("columns", columns)
        connection.execute(f"COPY (FROM columns) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
