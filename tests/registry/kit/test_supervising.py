"""Processes that fall over are started again, and end when it is over."""

import os
import signal
import subprocess
import sys

import pytest

from registry.kit.supervising import HOPELESS, Child, supervise
from tests.processes import alive

FALLS = [sys.executable, "-c", "raise SystemExit(1)"]
STAYS = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"]


def test_a_child_that_falls_over_waits_a_little_longer_each_time() -> None:
    child = Child(FALLS)
    pauses = []
    for _ in range(2):
        child.tend()
        fallen = child.process
        assert fallen is not None
        fallen.wait()
        child.tend()
        assert child.process is not fallen
        pauses.append(child.backoff)
        child.due = 0.0
    assert pauses == [2.0, 4.0]
    child.stop()
    child.wait()


def test_the_pauses_can_be_shorter() -> None:
    child = Child(FALLS, first_pause=0.01, longest_pause=0.03)
    for expected in (0.02, 0.03, 0.03):
        child.tend()
        assert child.process is not None
        child.process.wait()
        child.tend()
        assert child.backoff == expected
        child.due = 0.0
    child.wait()


def test_children_are_started_again_until_it_is_over_and_then_ended() -> None:
    children = [Child(STAYS, first_pause=0.01), Child(STAYS)]
    seen: list[int] = []

    def look() -> None:
        process = children[0].process
        if process is not None and process.pid not in seen:
            seen.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)

    supervise(children, lambda: len(seen) == 3, look)
    assert not any(alive(child.process.pid) for child in children if child.process is not None)


def test_what_was_begun_is_ended_also_where_the_look_fails() -> None:
    child = Child(STAYS)

    def look() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        supervise([child], lambda: False, look)
    assert child.process is not None and not alive(child.process.pid)


def test_a_child_that_does_not_listen_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.kit.supervising.STOP_SECONDS", 0.1)
    child = Child(DEAF)
    child.tend()
    child.stop()
    child.wait()
    assert child.process is not None and not alive(child.process.pid)


def test_a_child_that_was_never_begun_has_nothing_to_wait_for() -> None:
    child = Child(STAYS)
    child.stop()
    child.wait()
    assert child.process is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_remembered_and_interrupts_nothing(number: signal.Signals) -> None:
    program = (
        "import os, time\nfrom registry.kit.supervising import told_to_stop\nstopped = told_to_stop()\n"
        f"assert not stopped()\nos.kill(os.getpid(), {number})\nassert stopped()\nprint('in good order')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "in good order\n"


def test_a_child_that_ran_steadily_is_soon_back() -> None:
    child = Child(FALLS, first_pause=0.5)
    child.tend()
    assert child.process is not None
    child.process.wait()
    child.backoff, child.started = 8.0, child.started - 61.0
    child.tend()
    assert child.backoff == 0.5
    assert child.process is None


def test_nothing_is_started_before_the_pause_is_over() -> None:
    child = Child(STAYS)
    child.due += 60.0
    child.tend()
    assert child.process is None


def test_a_first_process_without_hope_ends_all_and_a_later_one_is_started_again() -> None:
    hopeless = [sys.executable, "-c", f"raise SystemExit({HOPELESS})"]
    assert not supervise([Child(hopeless), Child(STAYS)], lambda: False, lambda: None)
    later = Child(hopeless, first_pause=0.0, ended=1)
    later.tend()
    assert later.process is not None
    later.process.wait()
    later.tend()
    assert not later.hopeless and later.process is not None
    later.process.wait()
