"""A real cluster for the tests: `virkning cluster` with processes that can be killed, and work to give it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from effects.errors import DataError, Finding
from effects.spread import spread
from registry.kit.cluster import presence
from registry.kit.cluster_state import ClusterAway
from tests.processes import children

CALL = [sys.executable, "-W", "error", "-m", "registry.cli", "cluster"]


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class Running:
    """A cluster that runs, by its address and its processes."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def nodes(self, role: str) -> list[int]:
        """The running processes of a role, `scheduler` or `worker`."""
        return sorted(children(self.process.pid, "registry.kit.node", role))

    def whole(self, workers: int) -> bool:
        """Whether so many workers answer."""
        try:
            return presence(self.address).workers == workers
        except ClusterAway:
            return False

    def kill(self, role: str) -> int:
        """Kill -9 one of them."""
        victim = self.nodes(role)[0]
        os.kill(victim, signal.SIGKILL)
        return victim


@contextmanager
def running(*options: str, folder: Path | None = None, **environment: str) -> Iterator[Running]:
    """`virkning cluster` on a free port, its files in `folder`; it says nothing but its address, in all its life."""
    pipe, said = subprocess.PIPE, {**os.environ, **environment, **({"TMPDIR": str(folder)} if folder else {})}
    call = [*CALL, "--port", "0", *options]
    with subprocess.Popen(call, stdout=pipe, stderr=pipe, text=True, env=said) as process:
        assert process.stdout is not None and process.stderr is not None
        name, _, address = process.stdout.readline().strip().partition("=")
        assert name == "DASK_SCHEDULER", process.stderr.read()
        try:
            yield Running(process, address)
        finally:
            process.terminate()
            rest = process.communicate(timeout=90)
        assert rest == ("", "")


def add(shared: int, part: int) -> int:
    return shared + part


def worked_by(_: object, seconds: float) -> int:
    """Take a while and tell who did it."""
    time.sleep(seconds)
    return os.getpid()


def in_parts(seconds: list[float]) -> list[int]:
    """Who did each part of work that is offered to be done elsewhere."""
    return spread(worked_by, None, seconds)


def note(folder: str, part: int) -> tuple[int, int]:
    """Take a while, and leave a line for every time it was done."""
    time.sleep(0.25)
    with (Path(folder) / str(part)).open("a") as lines:
        lines.write("done\n")
    return part, os.getpid()


def refuse(_: object, part: int) -> int:
    """Odd parts have no answer."""
    if part % 2:
        raise DataError([Finding("data", "odd", "There is nothing in {file}.", params={"file": f"{part}.csv"}, row=3)])
    return part


def divide(shared: int, part: int) -> float:
    return shared / part


def fail(_: object, name: str) -> None:
    """Raise the error of that name."""
    if name == "ClusterAway":
        raise ClusterAway
    if name == "DataError":
        refuse(None, 1)
    divide(1, 0)


def nested(shared: list[float], part: int) -> float:
    """Change what is shared, as work may that thinks it is alone."""
    shared[0] += 1.0
    return sum(shared) * part
