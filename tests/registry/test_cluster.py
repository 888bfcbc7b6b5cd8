"""`virkning cluster`: says where it is, starts again what is killed, and leaves nothing behind."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.cluster import FIRST_PAUSE, LONGEST_PAUSE, children, listening_port, run
from registry.settings import scheduler_of
from tests.processes import alive
from tests.registry.clusters import Running, running, until


@pytest.mark.parametrize("role", ["worker", "scheduler"])
def test_what_is_killed_is_started_again_at_its_place(cluster: Running, role: str) -> None:
    until(lambda: (len(cluster.nodes("scheduler")), len(cluster.nodes("worker"))) == (1, 2))
    before = cluster.nodes(role)
    killed = cluster.kill(role)
    until(lambda: len(cluster.nodes(role)) == len(before) and killed not in cluster.nodes(role))


def test_it_ends_when_told_and_no_process_or_file_stays(tmp_path: Path) -> None:
    with running("--workers", "1", folder=tmp_path) as own:
        until(lambda: len(own.nodes("worker")) == 1)
        nodes = [*own.nodes("scheduler"), *own.nodes("worker")]
        own.process.send_signal(signal.SIGINT)
        assert own.process.wait(90) == 0
    assert not any(alive(node) for node in nodes)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_said_plainly(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(2, "127.0.0.1", port) == 4
    wanted = f"virkning: port {port} of 127.0.0.1 cannot be used; choose another with --port\n"
    assert capsys.readouterr() == ("", wanted)


def test_who_comes_second_to_a_port_that_was_free_a_moment_ago_ends_too(
    port: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("registry.cluster.listening_port", lambda _, port: port)
    monkeypatch.setattr("registry.cluster.told_to_stop", lambda: lambda: False)
    monkeypatch.setattr("registry.cluster.NUMERIC_THREADS", ())
    assert run(1, "127.0.0.1", port) == 4
    wanted = f"virkning: port {port} of 127.0.0.1 cannot be used; choose another with --port\n"
    assert capfd.readouterr().err == wanted


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ((0, "127.0.0.1", 0), "at least 1 worker"),
        ((1, "127.0.0.1", 70_000), "a port is"),
        ((1, "0.0.0.0", 0), "TLS"),
        ((1, "registry.example", 0), "TLS"),
        ((1, "127.0.0.1", 0, "scheduler"), "'scheduler' is not tcp://host:port"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_line(
    options: tuple[int, str, int], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*options) == 2
    out, said = capsys.readouterr()
    assert (out, said.count("\n")) == ("", 1)
    assert named in said


def test_who_joins_brings_workers_only() -> None:
    roles = [child.command[3] for child in children(2, "tcp://127.0.0.1:8786")]
    joining = [child.command[3] for child in children(2, "tcp://127.0.0.1:8786", join=True)]
    assert (roles, joining) == (["scheduler", "worker", "worker"], ["worker", "worker"])


def test_a_free_port_is_taken_in_place_of_0_and_none_where_it_cannot_be_listened_on() -> None:
    free = listening_port("127.0.0.1", 0)
    assert free > 1023
    assert listening_port("127.0.0.1", free) == free
    assert listening_port("192.0.2.1", 0) == 0


def test_children_pause_shortly_since_their_end_is_mostly_the_schedulers() -> None:
    for child in children(1, "tcp://127.0.0.1:8786"):
        assert (child.first_pause, child.longest_pause) == (FIRST_PAUSE, LONGEST_PAUSE)
        assert child.longest_pause < 10.0
        assert child.environment is None, "settings of TLS are those of the supervisor"


def test_the_address_is_the_setting_to_copy(cluster: Running) -> None:
    assert scheduler_of({"DASK_SCHEDULER": cluster.address}) == cluster.address
