"""The web server."""

import gc
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path

import pytest

from registry import serving


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, "DATA": str(tmp_path), "PORT": port}
    call = [sys.executable, "-m", "registry.cli"]
    subprocess.run([*call, "migrate"], env=environment, check=True, capture_output=True)
    with subprocess.Popen([*call, "serve"], env=environment, stdout=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not _answers(address) and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        yield address
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) in {0, -signal.SIGTERM}


def _answers(address: str) -> bool:
    try:
        return bool(_headers(address))
    except OSError:  # refused, or not answered in time
        return False


def _headers(address: str, **sent: str) -> HTTPMessage:
    with urllib.request.urlopen(urllib.request.Request(f"{address}/health", headers=sent), timeout=60) as answer:
        headers: HTTPMessage = answer.headers
    return headers


def test_it_answers_and_does_not_say_what_it_runs_on(served: str) -> None:
    assert "server" not in {name.lower() for name in _headers(served)}


@pytest.fixture
def collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("collector")
def test_the_collector_leaves_alone_what_stands_at_the_start() -> None:
    serving.settle()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == serving.NEW_OBJECTS
