"""Subjects in fresh processes."""

import time
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


def test_what_a_subject_started_ends_with_it(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subject that is cut off leaves no server behind."""
    noted = tmp_path / "pid.txt"
    lines = (
        "import subprocess, sys, time, pathlib",
        "def measured(task):",
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
        f"    pathlib.Path({str(noted)!r}).write_text(str(child.pid))",
        "    time.sleep(600)",
    )
    (tmp_path / "endless.py").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert measure("endless:measured", task, limit=5) == Absent("not done after 5 seconds")
    deadline = time.monotonic() + 10
    while _alive(int(noted.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(int(noted.read_text()))


def test_a_subject_that_dies_without_a_word_is_told_by_its_status(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mute.py").write_text("import os\ndef measured(task):\n    os._exit(9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert measure("mute:measured", task) == Absent("it ended with 9")


def test_the_child_starts_afresh_and_sees_the_whole_task(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        "import sys",
        "from registry.benchmarks.readings import Reading",
        "def measured(task):",
        "    loaded = float('pandas' in sys.modules or 'pytest' in sys.modules)",
        "    return Reading(1.0, 1.0, 1, task.rows, {'loaded': loaded, 'draws': float(task.draws)})",
    )
    (tmp_path / "look.py").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert measure("look:measured", task) == Reading(1.0, 1.0, 1, 2_000, {"loaded": 0.0, "draws": 9.0})


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()
