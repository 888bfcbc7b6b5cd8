"""What the pool works out: the same plan, rows and seed give the same bytes."""

import json
from pathlib import Path

import duckdb
import pytest

from effects.errors import DataError
from effects.plan import AnalysisPlan
from registry.analyses.compute import charts_of, result_of
from tests.registry.analyses.story import rows
from tests.registry.plans.story import PLAN


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The rows of the story as Parquet."""
    (tmp_path / "rows.csv").write_text(rows())
    path = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_csv('{tmp_path}/rows.csv')) TO '{path}' (FORMAT parquet)")
    return path


def test_the_result_answers_the_plan(stored: Path) -> None:
    found = json.loads(result_of(PLAN, stored, 5))
    assert found["seed"] == 5
    language, strain = (entry for entry in found["estimates"] if entry["analysis"] == "primary")
    assert language["estimate"] == pytest.approx(0.2, abs=0.03)
    assert language["p_adjusted"] < 0.001 < strain["p_value"]


def test_the_same_arguments_give_the_same_bytes(stored: Path) -> None:
    assert result_of(PLAN, stored, 5) == result_of(PLAN, stored, 5)


def test_the_plots_are_drawn_in_both_languages_with_the_names_of_the_plan(stored: Path) -> None:
    charts = charts_of(result_of(PLAN, stored, 5), AnalysisPlan.from_text(PLAN).outcomes)
    assert charts.keys() == {"da", "en"}
    assert all("Language known" in svg for svg in charts.values())
    assert charts["da"] != charts["en"]


def test_rows_that_cannot_carry_the_plan_are_refused_with_a_finding(stored: Path) -> None:
    with pytest.raises(DataError) as refused:
        result_of(PLAN.replace('column = "strain"', 'column = "stress"'), stored, 5)
    assert any("stress" in finding.text() for finding in refused.value.findings)


def test_rows_that_are_gone_are_refused_with_a_finding(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        result_of(PLAN, tmp_path / "gone.parquet", 5)
