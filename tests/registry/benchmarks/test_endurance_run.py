"""What is broken on the way, and when; the whole run is `virkning benchmark endurance`."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.benchmarks.endurance_postgres import Server
from registry.benchmarks.endurance_processes import Process
from registry.benchmarks.endurance_run import FAULTS, PLAN, break_things
from registry.kit.database import connected, transaction
from registry.kit.jobs import enqueue
from registry.kit.leasing import claim

SECONDS = 3.0


@contextmanager
def processes(folder: Path) -> Iterator[list[Process]]:
    """A web process and two workers that do nothing."""
    named = [("web 1", "serve"), ("worker 1", "worker"), ("worker 2", "worker")]
    made = [Process(name, command, os.environ.copy(), folder / f"{name}.log") for name, command in named]
    for one in made:
        one.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        yield made
    finally:
        for one in made:
            one.stop()


def ended(found: list[Process]) -> list[str]:
    return [one.name for one in found if one.process is not None and one.process.poll() is not None]


async def give_a_job_to(url: str, worker: str) -> None:
    async with connected(url):
        async with transaction():
            await enqueue("a.kind", subject="thing:1")
        await claim(worker)


@pytest.fixture
def url(sqlite_template: Path) -> str:
    return f"sqlite:///{sqlite_template}"


@pytest.fixture
def own_url(sqlite_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "registry.sqlite"
    copy.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{copy}"


def test_what_is_broken_when_is_planned_within_the_run_and_has_a_name() -> None:
    assert list(PLAN) == list(FAULTS)
    assert list(PLAN.values()) == sorted(PLAN.values())
    assert all(0 < share < 0.8 for share in PLAN.values())


def test_a_web_process_and_the_worker_that_has_a_job_are_killed_and_nobody_else(own_url: str, tmp_path: Path) -> None:
    said: list[str] = []
    with processes(tmp_path) as made:
        asyncio.run(give_a_job_to(own_url, f"machine:{made[2].pid}"))
        faults = break_things(Server(own_url), made, SECONDS, time.perf_counter(), said.append)
        assert ended(made) == ["web 1", "worker 2"]
    assert list(faults) == ["web", "worker"]
    assert SECONDS * PLAN["web"] <= faults["web"] <= faults["worker"] < SECONDS + 1.0
    assert [line.partition(": ")[2] for line in said] == [FAULTS["web"], FAULTS["worker"]]


def test_no_worker_is_killed_while_none_has_a_job(url: str, tmp_path: Path) -> None:
    with processes(tmp_path) as made:
        faults = break_things(Server(url), made, SECONDS, time.perf_counter(), lambda _: None)
        assert ended(made) == ["web 1"]
    assert list(faults) == ["web"]


def test_a_job_of_a_worker_that_is_not_ours_kills_nobody(own_url: str, tmp_path: Path) -> None:
    with processes(tmp_path) as made:
        asyncio.run(give_a_job_to(own_url, "elsewhere:1"))
        break_things(Server(own_url), made, SECONDS, time.perf_counter(), lambda _: None)
        assert ended(made) == ["web 1"]


def test_a_database_that_is_away_is_asked_again(tmp_path: Path) -> None:
    with processes(tmp_path) as made:
        away = Server("postgresql://postgres@127.0.0.1:1/none")
        faults = break_things(away, made, SECONDS, time.perf_counter(), lambda _: None)
    assert list(faults) == ["web"]


def test_a_run_lasts_as_long_as_was_asked_for(url: str, tmp_path: Path) -> None:
    began = time.perf_counter()
    with processes(tmp_path) as made:
        break_things(Server(url), made, 0.3, began, lambda _: None)
        assert time.perf_counter() - began >= 0.3
