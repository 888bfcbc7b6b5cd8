"""Processes that are killed and started again, and what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.benchmarks.endurance_processes import Process, bugs, cpu_of_tree
from tests.processes import children

BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A call of the command line that ends at once, with a usage error."""
    made = Process("web 1", "nothing-of-the-kind", os.environ.copy(), tmp_path / "web.log")
    yield made
    made.stop()


def asleep(process: Process) -> None:
    """Another life for the process, which does nothing for a minute."""
    process.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_a_process_that_never_started_costs_nothing_and_can_be_stopped(process: Process) -> None:
    process.stop()
    process.kill()
    assert (process.pid, process.cpu(), process.starts) == (0, 0.0, 0)


def test_a_process_that_ended_is_started_again_and_what_it_said_is_kept(process: Process) -> None:
    process.tend()
    assert process.process is not None and process.process.wait() == 2
    process.tend()
    process.process.wait()
    assert process.starts == 2
    assert process.log.read_text().count("invalid choice: 'nothing-of-the-kind'") == 2


def test_a_process_that_runs_is_left_alone(process: Process) -> None:
    asleep(process)
    before = process.pid
    process.tend()
    assert (process.pid, process.starts) == (before, 0)


def test_a_killed_process_is_gone_at_once_without_a_word(process: Process) -> None:
    asleep(process)
    process.kill()
    assert process.process is not None and process.process.returncode == -9


def test_a_stopped_process_is_asked_first(process: Process) -> None:
    asleep(process)
    process.stop()
    assert process.process is not None and process.process.returncode == -15


def test_what_a_killed_life_cost_is_not_forgotten(process: Process, tmp_path: Path) -> None:
    done = tmp_path / "done"
    rest = f"open({str(done)!r}, 'w').close()\ntime.sleep(60)"
    process.process = subprocess.Popen([sys.executable, "-c", BUSY + rest])
    while not done.exists():
        time.sleep(0.02)
    process.kill()
    assert process.cpu() >= 0.25
    asleep(process)
    assert process.cpu() >= 0.25


def test_the_cost_of_a_process_includes_those_it_started(tmp_path: Path) -> None:
    done = tmp_path / "done"
    child = f"{BUSY}open({str(done)!r}, 'w').close()\ntime.sleep(60)"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent]) as started:
        try:
            while not done.exists():
                time.sleep(0.02)
            found = cpu_of_tree(started.pid)
        finally:
            begun = children(started.pid)
            started.kill()
            for pid in begun:
                os.kill(pid, 9)
    assert found >= 0.25


def test_a_process_that_is_gone_costs_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert cpu_of_tree(ended.pid) == 0.0


def test_faults_in_the_programme_are_counted_in_every_log(tmp_path: Path) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text('{"error": "KeyError", "event": "bug"}\n{"event": "request"}\n{"event": "bug"}\n')
    second.write_text("Traceback")
    assert bugs([first, second, tmp_path / "none.log"]) == 2
