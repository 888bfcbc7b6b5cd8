"""A worker that is killed in the middle of an analysis costs time, and nothing else."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.service import Caller, Service, caller, demo, until
from tests.processes import children


def workers(service: Service) -> set[int]:
    """The worker process of a demo."""
    return children(service.process.pid, "worker")


def running(follower: Caller) -> dict[str, Any] | None:
    """The simulated pilot's analysis, once a worker is at it."""
    pilots = [one for one in follower.read("/")["following"] if one["phase"] in ("data_approved", "analysed")]
    for pilot in pilots:
        for run in follower.read(f"/pilots/{pilot['id']}/analyses")["analyses"]:
            about: dict[str, Any] = follower.read(f"/analyses/{run['id']}")
            if about["job"]["state"] == "running":
                return about
    return None


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A demo whose worker can be killed."""
    with demo(tmp_path) as made:
        yield made


@pytest.fixture
def follower(service: Service) -> Iterator[Caller]:
    with caller(service, "decision") as made:
        yield made


def test_a_killed_worker_is_replaced_and_its_analysis_finished_once(service: Service, follower: Caller) -> None:
    begun = until(lambda: running(follower), "a running analysis")
    assert begun is not None
    (killed,) = workers(service)
    os.kill(killed, signal.SIGKILL)
    until(lambda: bool(workers(service) - {killed}), "another worker")
    path = f"/analyses/{begun['analysis']['id']}"
    until(lambda: follower.read(path)["job"]["state"] == "done", "the end of the analysis")
    run = follower.read(path)
    assert run["job"]["attempts"] == 2
    assert run["analysis"]["reruns"] == 0
    assert run["result"] is not None
