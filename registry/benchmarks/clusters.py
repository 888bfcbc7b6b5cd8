"""A cluster beside the process that measures it: started, warmed, disturbed and measured."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from effects.spread import Spread
from registry.benchmarks.readings import cpu_of, peak_of
from registry.cluster import children, listening_port
from registry.kit.cluster import over_dask
from registry.kit.supervising import Child, supervise

HOST: Final = "127.0.0.1"
KILLS: Final = (("worker", 3.0), ("scheduler", 4.0))
"""Who is killed, and how many seconds after the start or after the kill before."""


@dataclass(frozen=True)
class Cluster:
    """What runs: the scheduler first, then its workers."""

    address: str
    nodes: Sequence[Child]

    @property
    def workers(self) -> list[int]:
        """The processes of the workers."""
        return [child.process.pid for child in self.nodes[1:] if child.process is not None]

    @property
    def cpu(self) -> float:
        """CPU seconds of the workers that run."""
        return sum(cpu_of(pid) for pid in self.workers)

    @property
    def peak(self) -> int:
        """The most resident bytes one of them had."""
        return max((peak_of(pid) for pid in self.workers), default=0)


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """A scheduler and so many workers, supervised as `virkning cluster` does it."""
    address = f"tcp://{HOST}:{listening_port(HOST, 0)}"
    cluster = Cluster(address, children(workers, address))
    over = threading.Event()
    keeping = threading.Thread(target=supervise, args=(cluster.nodes, over.is_set, lambda: None))
    keeping.start()
    try:
        yield cluster
    finally:
        over.set()
        keeping.join()


@contextmanager
def warm(cluster: Cluster) -> Iterator[Spread]:
    """The way to the cluster, when every worker has loaded what it computes with."""
    with over_dask(cluster.address) as over:
        while len(set(over(loaded, None, range(2 * len(cluster.nodes))))) < len(cluster.nodes) - 1:
            time.sleep(0.2)
        yield over


def loaded(_: None, __: int) -> int:
    """On a worker: its process, with the estimators loaded."""
    import_module("effects.analyse")
    time.sleep(0.05)
    return os.getpid()


@contextmanager
def disturbed(cluster: Cluster, kills: Sequence[tuple[str, float]] = KILLS) -> Iterator[list[str]]:
    """Within the block first a worker and then the scheduler is killed with signal 9; the list tells who has been."""
    killed: list[str] = []
    over = threading.Event()

    def kill() -> None:
        for role, seconds in kills:
            if over.wait(seconds):
                return
            process = cluster.nodes[0 if role == "scheduler" else 1].process
            if process is not None:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(role)

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        yield killed
    finally:
        over.set()
        killing.join()
