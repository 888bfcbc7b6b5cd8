"""The processes of a cluster: one thread, no door to the network, and no life without their parent."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from registry.kit.node import command
from tests.processes import alive
from tests.registry.clusters import Running, running, until


@pytest.fixture
def own() -> Iterator[Running]:
    """A cluster of one worker that a test may end."""
    with running("--workers", "1") as made:
        yield made


def listening(pid: int) -> set[str]:
    """The addresses at which a process waits for others, in the kernel's own writing."""
    sockets = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed just then
            sockets.add(str(path.readlink()))
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


def test_a_command_names_its_parent() -> None:
    address = "tcp://127.0.0.1:1"
    assert command("worker", address)[1:] == ["-m", "registry.kit.node", "worker", str(os.getpid()), address]


def test_nobody_but_this_machine_can_reach_a_node(cluster: Running) -> None:
    until(lambda: len(cluster.nodes("worker")) == 2)
    for node in (*cluster.nodes("scheduler"), *cluster.nodes("worker")):
        until(partial(listening, node))
        assert listening(node) == {"0100007F"}


def test_a_node_with_another_parent_than_it_was_told_ends_at_once() -> None:
    call = [sys.executable, "-m", "registry.kit.node", "scheduler", str(os.getppid()), "tcp://127.0.0.1:0"]
    assert subprocess.run(call, timeout=120, check=False).returncode == 1


def test_a_worker_that_waits_for_its_scheduler_ends_when_told() -> None:
    """A stranger listens where the scheduler should be and says nothing."""
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        address = "tcp://{}:{}".format(*stranger.getsockname())
        with subprocess.Popen(command("worker", address), stderr=subprocess.PIPE) as waiting:
            with stranger.accept()[0]:
                waiting.terminate()
                assert waiting.wait(60) == 0
            assert waiting.stderr is not None and waiting.stderr.read() == b""


def test_nodes_end_with_their_parent_even_by_kill_9(own: Running) -> None:
    until(lambda: (len(own.nodes("scheduler")), len(own.nodes("worker"))) == (1, 1))
    nodes = [*own.nodes("scheduler"), *own.nodes("worker")]
    os.kill(own.process.pid, signal.SIGKILL)
    until(lambda: not any(alive(node) for node in nodes))
