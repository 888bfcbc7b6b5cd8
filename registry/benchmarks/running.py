"""Subjects in fresh processes, one at a time, taking turns."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from registry.benchmarks.readings import Absent, Outcome, Reading, Task

LIMIT_SECONDS: Final = 1_800
_ANSWER: Final = Reading | Absent | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to measure: the function `call` (`module:function`) takes a Task and gives a Reading.

    `per` names what is counted; a subject that only judges the others' figures runs `once`.
    """

    name: str
    call: str
    per: str = "run"
    once: bool = False


def interleaved(
    subjects: Sequence[Subject], task: Task, runs: int, say: Callable[[str], None]
) -> Mapping[str, tuple[Outcome, ...]]:
    """Every subject once, then every subject again, so that a busy minute of the machine hits all alike.

    A subject that gave no reading is not asked again.
    """
    found: dict[str, tuple[Outcome, ...]] = {subject.name: () for subject in subjects}
    for turn in range(runs):
        for subject in subjects:
            earlier = found[subject.name]
            if earlier and (subject.once or isinstance(earlier[-1], Absent)):
                continue
            outcome = measure(subject.call, task)
            found[subject.name] = (*earlier, outcome)
            say(f"{subject.name}, run {turn + 1}: {_told(outcome)}")
    return found


def measure(call: str, task: Task, limit: int = LIMIT_SECONDS) -> Outcome:
    """One run in a fresh process. Absent with the reason where it fails or takes longer than `limit` seconds."""
    outcome = _called(call, task, limit)
    return outcome if outcome is not None else Absent("it measured nothing")


def prepare(call: str, task: Task) -> Absent | None:
    """Generate what the subjects share, in a process of its own; the answer is why it could not be."""
    outcome = _called(call, task, LIMIT_SECONDS)
    return outcome if isinstance(outcome, Absent) else None


def _called(call: str, task: Task, limit: int) -> Outcome | None:
    with tempfile.TemporaryDirectory(dir=task.folder) as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "registry.benchmarks.child", call, str(answer)]
        try:
            status, said = _run(command, msgspec.json.encode(task), limit)
        except subprocess.TimeoutExpired:
            return Absent(f"not done after {limit} seconds")
        return msgspec.json.decode(answer.read_bytes(), type=_ANSWER) if status == 0 else Absent(_reason(status, said))


def _run(command: Sequence[str], given: bytes, limit: int) -> tuple[int, str]:
    """The exit status and what was said on standard error; nothing that was started outlives an interruption."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        try:
            _, said = process.communicate(given, timeout=limit)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, said.decode("utf-8", "replace")


def _reason(status: int, said: str) -> str:
    lines = said.strip().splitlines()
    return f"it ended with {status}: {lines[-1]}" if lines else f"it ended with {status}"


def _told(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, Absent) else f"{outcome.cpu:.3f} CPU-s"
