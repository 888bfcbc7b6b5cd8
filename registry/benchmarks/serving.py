"""A real server process, asked by a client that keeps its connection; the CPU is the server's alone."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Final

from registry.benchmarks.readings import Reading, cpu_of, peak_of

WARM_UP: Final = 200
START_SECONDS: Final = 60


class ServerError(RuntimeError):
    """The server did not start, or its answer is not the page that is measured."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody on this machine takes connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def serving(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """The process id of a server that listens on the port, ended with the block. Raises ServerError."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet) as process:
        try:
            _await(process, port)
            yield process.pid
        finally:
            process.terminate()


def asked(pid: int, port: int, address: str, headers: Mapping[str, str], requests: int, expected: str) -> Reading:
    """Ask for a page `requests` times after a warm-up. Raises ServerError for a page without `expected`."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as connection:
        for _ in range(min(WARM_UP, requests)):
            _ask(connection, address, headers, expected)
        spent, started = cpu_of(pid), time.perf_counter()
        for _ in range(requests):
            size = _ask(connection, address, headers, expected)
        cpu, wall = cpu_of(pid) - spent, time.perf_counter() - started
    return Reading(cpu, wall, peak_of(pid), requests, {"bytes": size})


def _ask(connection: http.client.HTTPConnection, address: str, headers: Mapping[str, str], expected: str) -> int:
    connection.request("GET", address, headers=dict(headers))
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK or expected not in body.decode():
        raise ServerError(f"{address} was answered with {answer.status} and not with the page that is measured")
    return len(body)


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if listening(port):
            return
        time.sleep(0.05)
    raise ServerError("the server did not start")
