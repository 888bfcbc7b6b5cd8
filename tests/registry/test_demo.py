"""The demo: says where it is, starts again what falls over, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import alive, children

CALL = [sys.executable, "-m", "registry.cli", "demo"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_taken_port_is_said_plainly(port: int, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        call = [*CALL, "--port", str(port), "--data", str(tmp_path)]
        done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 4
    assert done.stderr == f"virkning: port {port} is in use; choose another with PORT=… or --port\n"
    assert not (tmp_path / "registry.sqlite").exists()


def test_the_demo_serves_mends_itself_and_goes_when_told(port: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as out:
        demo = subprocess.Popen([*CALL, "--port", str(port), "--data", str(tmp_path / "var")], stdout=out, stderr=out)
    try:
        until(lambda: "Virkning answers" in log.read_text() or demo.poll() is not None, 120)
        said = log.read_text()
        assert f"http://127.0.0.1:{port}" in said, said
        assert re.search(r"\S+@\S+ +\S+", said), "no demo account was shown"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.status == 200
        until(lambda: bool(children(demo.pid, "worker")))
        (worker,) = children(demo.pid, "worker")
        os.kill(worker, signal.SIGKILL)
        until(lambda: bool(children(demo.pid, "worker") - {worker}))
    finally:
        left = children(demo.pid)
        demo.terminate()
        demo.wait(90)
    assert demo.returncode == 0
    assert not any(alive(pid) for pid in left)
