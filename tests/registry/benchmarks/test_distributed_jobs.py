"""The data of the distributed benchmark: the same at every call, and no unit in two files."""

from pathlib import Path

import duckdb
import pytest

from effects import AnalysisPlan
from registry.benchmarks.distributed_jobs import (
    COVARIATES,
    FILES,
    INDICATORS,
    OUTCOMES,
    RESAMPLED,
    TIMES_THE_DRAWS,
    generate,
    resampling_plan,
    row_files,
    rows_plan,
)
from registry.benchmarks.indicators import CLUSTERS, MONTHS
from registry.benchmarks.readings import Task


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    made = Task(folder=str(tmp_path_factory.mktemp("jobs")), rows=4_000, draws=99)
    generate(made)
    return made


def test_the_rows_are_more_than_the_usual_in_files_of_their_own(task: Task) -> None:
    files = row_files(task)
    assert len(files) == FILES
    counted = "count(*), count(DISTINCT unit), count(DISTINCT cluster), sum(treated) > 0"
    assert duckdb.sql(f"SELECT {counted} FROM read_parquet('{files[0].parent}/*')").fetchall() == [
        (8_000, 800, CLUSTERS, True)
    ]


def test_no_unit_stands_in_two_files(task: Task) -> None:
    pattern = f"{row_files(task)[0].parent}/*"
    several = (
        f"SELECT unit FROM read_parquet('{pattern}', filename = true) GROUP BY unit HAVING count(DISTINCT filename) > 1"
    )
    assert duckdb.sql(several).fetchall() == []


def test_every_call_writes_the_same(task: Task, tmp_path: Path) -> None:
    again = Task(folder=str(tmp_path), rows=4_000, draws=99)
    generate(again)
    assert row_files(again)[3].read_bytes() == row_files(task)[3].read_bytes()
    assert again.path(INDICATORS).read_bytes() == task.path(INDICATORS).read_bytes()


def test_the_resampling_is_of_one_row_a_municipality_and_month(task: Task) -> None:
    assert duckdb.sql(f"SELECT count(*) FROM '{task.path(INDICATORS)}'").fetchall() == [(CLUSTERS * MONTHS,)]
    plan = AnalysisPlan.from_text(resampling_plan(99))
    assert [outcome.column for outcome in plan.outcomes] == [f"y{place}" for place in range(RESAMPLED)]
    assert plan.inference.permutation is not None
    assert plan.inference.permutation.draws == 99 * TIMES_THE_DRAWS


def test_the_rows_are_asked_for_six_outcomes_with_covariates() -> None:
    plan = AnalysisPlan.from_text(rows_plan())
    assert len(plan.outcomes) == OUTCOMES
    assert {len(outcome.covariates) for outcome in plan.outcomes} == {COVARIATES}
