"""The run itself: processes, clients, and three faults on the way."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from registry.benchmarks.endurance_load import clients, prepare
from registry.benchmarks.endurance_notes import Notes
from registry.benchmarks.endurance_postgres import Server
from registry.benchmarks.endurance_processes import Process, bugs
from registry.benchmarks.endurance_rows import Remains, drained, remains, running_on
from registry.benchmarks.endurance_world import fill
from registry.benchmarks.readings import own_cpu
from registry.benchmarks.serving import START_SECONDS, ServerError, free_port, listening
from registry.kit.errors import Unavailable
from registry.settings import Settings

CLIENTS: Final = 8
WEBS: Final = 2
WORKERS: Final = 2
SECRET: Final = "the secret of a benchmark, of no use elsewhere"
TICK_SECONDS: Final = 0.1
AGAIN_SECONDS: Final = 1.0
"""How long the supervisor waits before it starts a process again."""

PLAN: Final = {"postgresql": 0.25, "web": 0.45, "worker": 0.65}
"""What is broken when, as a share of the run."""

FAULTS: Final = {
    "postgresql": "PostgreSQL stopped at once and started again",
    "web": "kill -9 of a web process",
    "worker": "kill -9 of a worker with a job running",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to. `faults` are the seconds at which something was broken; CPU is by kind of process."""

    seconds: float
    notes: Notes
    faults: dict[str, float]
    cpu: dict[str, float]
    remains: Remains
    finished: bool
    bugs: int
    starts: dict[str, int]


def run(server: Server, folder: Path, seconds: float, say: Callable[[str], None]) -> Run:
    """Fill the database, start everything, let the clients work for so long, and look at what is left."""
    homes = asyncio.run(fill(server.url, CLIENTS))
    ports = [free_port() for _ in range(WEBS)]
    settings = Settings(state=folder / "state", database_url=server.url, secret=SECRET)
    with _running(settings, ports, folder) as processes:
        _await(ports, processes)
        prepare(homes, ports)
        say("everything is up; the clients begin")
        notes, stop, began = Notes(), threading.Event(), time.perf_counter()
        threads = [threading.Thread(target=one.work, args=(stop,)) for one in clients(homes, ports, notes, began)]
        spent = {one.name: one.cpu() for one in processes} | {"postgresql": server.cpu(), "clients": own_cpu()}
        for thread in threads:
            thread.start()
        try:
            faults = break_things(server, processes, seconds, began, say)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        took = time.perf_counter() - began
        cpu = {one.name: one.cpu() for one in processes} | {"postgresql": server.cpu(), "clients": own_cpu()}
        say("the clients are done; the jobs that wait are worked off")
        finished = asyncio.run(drained(server.url))
        found = asyncio.run(remains(settings))
    return Run(
        seconds=took,
        notes=notes,
        faults=faults,
        cpu={name: cpu[name] - spent[name] for name in cpu},
        remains=found,
        finished=finished,
        bugs=bugs([one.log for one in processes]),
        starts={one.name: one.starts for one in processes},
    )


@contextmanager
def _running(settings: Settings, ports: list[int], folder: Path) -> Iterator[list[Process]]:
    """Web processes and workers, tended by a thread until the block ends."""
    made = [
        Process(f"web {number}", "serve", replace(settings, port=port).environment(), folder / f"web{number}.log")
        for number, port in enumerate(ports, start=1)
    ]
    made += [
        Process(f"worker {number}", "worker", settings.environment(), folder / f"worker{number}.log")
        for number in range(1, WORKERS + 1)
    ]
    over = threading.Event()
    tending = threading.Thread(target=_tend, args=(made, over))
    for one in made:
        one.tend()
    tending.start()
    try:
        yield made
    finally:
        over.set()
        tending.join()
        for one in made:
            one.stop()


def _tend(processes: list[Process], over: threading.Event) -> None:
    while not over.wait(AGAIN_SECONDS):
        for one in processes:
            one.tend()


def _await(ports: list[int], processes: list[Process]) -> None:
    """Wait until every web process listens. Raises ServerError."""
    deadline = time.monotonic() + START_SECONDS
    while not all(listening(port) for port in ports):
        if time.monotonic() > deadline:
            raise ServerError(f"{', '.join(one.name for one in processes)} did not start")
        time.sleep(TICK_SECONDS)


def break_things(
    server: Server, processes: list[Process], seconds: float, began: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Let the time pass, breaking one thing after another; the answer is when each was broken."""
    faults: dict[str, float] = {}
    due = {what: seconds * share for what, share in PLAN.items() if what != "postgresql" or server.own is not None}
    while (moment := time.perf_counter() - began) < seconds:
        for what in [one for one, at in due.items() if at <= moment]:
            if _broke(what, server, processes):
                faults[what] = moment
                del due[what]
                say(f"{moment:.0f} s: {FAULTS[what]}")
        time.sleep(TICK_SECONDS)
    return faults


def _broke(what: str, server: Server, processes: list[Process]) -> bool:
    """Break something; False when it has to be tried again, because no worker has a job just now."""
    if what == "postgresql":
        server.restart()
    elif what == "web":
        processes[0].kill()
    else:
        try:
            busy = asyncio.run(running_on(server.url))
        except Unavailable:
            return False
        working = [one for one in processes if one.command == "worker" and busy and busy.endswith(f":{one.pid}")]
        if not working:
            return False
        working[0].kill()
    return True
