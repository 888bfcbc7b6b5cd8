"""The measured fit gives the figures of the obvious one."""

import pytest

from registry.benchmarks.ours.effects import analysed, analysed_large, fitted_in_full, grouped, scanned
from registry.benchmarks.panels import CLUSTERS, EFFECT, PERIODS, generate
from registry.benchmarks.readings import Reading, Task


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    made = Task(folder=str(tmp_path_factory.mktemp("panel")), rows=2_000)
    generate(made)
    return made


def test_it_agrees_with_the_fit_of_all_rows(task: Task) -> None:
    ours, full = analysed(task), fitted_in_full(task)
    assert isinstance(ours, Reading)
    assert ours.answer == pytest.approx(full.answer, rel=1e-10)


def test_it_finds_the_effect_that_was_put_in(task: Task) -> None:
    found = fitted_in_full(task).answer
    assert abs(found["estimate"] - EFFECT) < 4 * found["standard_error"]


def test_the_large_panel_is_another_one(task: Task) -> None:
    ours, large = analysed(task), analysed_large(task)
    assert isinstance(ours, Reading) and isinstance(large, Reading)
    assert ours.answer != large.answer


def test_the_rows_are_grouped_and_not_read_one_by_one(task: Task) -> None:
    assert grouped(task).answer == {"cells": CLUSTERS * PERIODS}


def test_a_scan_measures_and_answers_nothing(task: Task) -> None:
    assert scanned(task).answer == {}
