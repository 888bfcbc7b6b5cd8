"""Subjects in fresh processes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from registry.benchmarks.readings import Absent, Reading, Task
from registry.benchmarks.running import Subject, interleaved, measure, prepare
from tests.processes import alive
from tests.registry.clusters import until

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
    for limit in (5, 30, 120):  # a busy machine may need more to begin
        assert measure("endless:measured", task, limit=limit) == Absent(f"not done after {limit} seconds")
        if noted.exists():
            break
    until(lambda: not alive(int(noted.read_text())))


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


@pytest.fixture
def subject(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Subject]:
    """A subject of the name, made of the lines of its function."""
    folder = tmp_path_factory.mktemp("subjects")
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def made(name: str, *lines: str) -> Subject:
        head = (
            "import os, signal, sys",
            "from registry.benchmarks.readings import Absent, Reading",
            "def measured(task):",
        )
        (folder / f"{name}.py").write_text("\n".join((*head, *(f"    {line}" for line in lines))))
        return Subject(name, f"{name}:measured")

    return made


def test_a_subject_that_is_killed_is_told_by_its_signal(task: Task, subject: Callable[..., Subject]) -> None:
    """As the kernel does with one that takes all memory."""
    killed = subject("greedy", "os.kill(os.getpid(), signal.SIGKILL)")
    assert measure(killed.call, task) == Absent("it ended with -9")


def test_the_reason_is_the_last_that_was_said(task: Task, subject: Callable[..., Subject]) -> None:
    talks = subject("talks", "sys.stderr.write('warming up\\nno more disk\\n\\n')", "sys.exit(3)")
    assert measure(talks.call, task) == Absent("it ended with 3: no more disk")


def test_what_is_said_in_another_encoding_is_still_told(task: Task, subject: Callable[..., Subject]) -> None:
    talks = subject("latin", "sys.stderr.buffer.write('r\\u00f8d'.encode('latin-1'))", "os._exit(1)")
    found = measure(talks.call, task)
    assert isinstance(found, Absent)
    assert found.reason.startswith("it ended with 1: r") and found.reason.endswith("d")


def test_a_subject_may_print_as_much_as_it_likes(task: Task, subject: Callable[..., Subject]) -> None:
    """More than a pipe holds: it must be read while the subject runs."""
    loud = subject("loud", "print('x' * 300_000)", "sys.stderr.write('y' * 300_000)", "return Reading(1.0, 1.0, 1)")
    assert measure(loud.call, task) == Reading(1.0, 1.0, 1)


def test_a_missing_peer_is_asked_once_and_the_others_every_time(task: Task, subject: Callable[..., Subject]) -> None:
    missing = subject("missing", "return Absent('it is not installed')")
    present = subject("present", "return Reading(0.25, 1.0, 1)")
    said: list[str] = []
    found = interleaved((missing, present), task, 3, said.append)
    assert found == {"missing": (Absent("it is not installed"),), "present": (Reading(0.25, 1.0, 1),) * 3}
    assert said == [
        "missing, run 1: it is not installed",
        "present, run 1: 0.250 CPU-s",
        "present, run 2: 0.250 CPU-s",
        "present, run 3: 0.250 CPU-s",
    ]


def test_a_subject_that_fails_later_keeps_what_it_read_and_is_asked_no_more(
    task: Task, subject: Callable[..., Subject]
) -> None:
    tires = subject(
        "tires",
        "seen = task.path('seen')",
        "seen.touch() if not seen.exists() else sys.exit('tired')",
        "return Reading(1.0, 1.0, 1)",
    )
    found = interleaved((tires,), task, 4, lambda _: None)
    assert found["tires"] == (Reading(1.0, 1.0, 1), Absent("it ended with 1: tired"))


def test_no_runs_ask_nobody(task: Task) -> None:
    assert interleaved((ARMS, BROKEN), task, 0, lambda _: None) == {"arms": (), "broken": ()}


def test_nothing_of_a_run_stays_in_the_folder(task: Task, subject: Callable[..., Subject]) -> None:
    for lines in (("return Reading(1.0, 1.0, 1)",), ("sys.exit(1)",)):
        measure(subject(f"leaves{len(lines[0])}", *lines).call, task)
    assert list(Path(task.folder).iterdir()) == []


def test_a_subject_is_given_the_folder_and_the_database_of_the_task(
    tmp_path: Path, subject: Callable[..., Subject]
) -> None:
    task = Task(folder=str(tmp_path), database="sqlite:///one.sqlite", requests=11)
    looks = subject(
        "looks", "task.path('seen').write_text(task.database)", "return Reading(1.0, 1.0, 1, task.requests)"
    )
    assert measure(looks.call, task) == Reading(1.0, 1.0, 1, 11)
    assert (tmp_path / "seen").read_text() == "sqlite:///one.sqlite"
