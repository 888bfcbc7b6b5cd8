"""Subjects in fresh processes."""

from pathlib import Path

import pytest

from registry.benchmarks.readings import Absent, Reading, Task
from registry.benchmarks.running import Subject, interleaved, measure, prepare

ARMS = Subject("arms", "registry.benchmarks.ours.resampling:permuted_arms")
BOOTSTRAP = Subject("bootstrap", "registry.benchmarks.ours.resampling:bootstrapped", once=True)
BROKEN = Subject("broken", "registry.benchmarks.ours.resampling:unheard_of")


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(folder=str(tmp_path), rows=2_000, draws=9)


def test_subjects_take_turns_and_a_judge_runs_once(task: Task) -> None:
    said: list[str] = []
    found = interleaved((ARMS, BOOTSTRAP), task, 2, said.append)
    assert [line.split(":")[0] for line in said] == ["arms, run 1", "bootstrap, run 1", "arms, run 2"]
    assert {name: len(outcomes) for name, outcomes in found.items()} == {"arms": 2, "bootstrap": 1}


def test_equal_seeds_give_equal_answers_in_every_process(task: Task) -> None:
    first, second = measure(ARMS.call, task), measure(ARMS.call, task)
    assert isinstance(first, Reading) and isinstance(second, Reading)
    assert first.answer == second.answer


def test_a_subject_that_fails_is_asked_once_and_sinks_no_other(task: Task) -> None:
    said: list[str] = []
    found = interleaved((BROKEN, ARMS), task, 2, said.append)
    assert len(found["broken"]) == 1 and len(found["arms"]) == 2
    assert said[0].startswith("broken, run 1: it ended with 1: AttributeError") and "unheard_of" in said[0]


def test_what_takes_too_long_is_ended(task: Task) -> None:
    assert measure(ARMS.call, task, limit=0) == Absent("not done after 0 seconds")


def test_preparing_measures_nothing_and_says_only_why_it_failed(task: Task) -> None:
    assert prepare("registry.benchmarks.registers:generate", task) is None
    assert measure("registry.benchmarks.registers:generate", task) == Absent("it measured nothing")
    assert isinstance(prepare("registry.benchmarks.registers:unheard_of", task), Absent)
    assert sorted(path.name for path in Path(task.folder).iterdir()) == ["register.csv", "short_register.csv"]
