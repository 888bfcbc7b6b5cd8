"""`virkning cluster`: a scheduler and workers on this machine, started again when they fall over; nothing is stored.

Without TLS it listens on this machine alone, where every account can run programmes as its user: see OPERATIONS.md.
"""

import os
import socket
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from dask import config

from registry.kit.node import Role, command
from registry.kit.pool import NUMERIC_THREADS
from registry.kit.supervising import Child, supervise, told_to_stop
from registry.settings import SCHEDULER, SCHEDULER_FORM

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 4.0
"""Seconds until what ended is started again: a worker's end is mostly its scheduler's, not its own fault."""

_OPEN: Final = (
    "whoever reaches a scheduler can run programmes on its machines: set DASK_DISTRIBUTED__COMM__TLS__… for a host "
    "other than this machine itself (OPERATIONS.md, One machine to many)"
)


def run(workers: int, host: str, port: int, join: str = "") -> int:
    """Run the cluster until SIGTERM or SIGINT; with an address to `join` only workers for the scheduler there.

    `port` 0 takes a free one. Returns 2 for a wrong call and 4 where the port is taken.
    """
    encrypted = bool(config.get("distributed.comm.tls.ca-file", None))
    wrong = _wrong(workers, port, join, encrypted or bool(join) or _is_this_machine(host))
    if wrong:
        return _refuse(wrong, 2)
    found = port if join else listening_port(host, port)
    if not found and not join:
        return _refuse(_taken(host, port), 4)
    address = join or f"{'tls' if encrypted else 'tcp'}://{host}:{found}"
    for name in NUMERIC_THREADS:
        os.environ[name] = "1"
    stopped = told_to_stop()
    print(f"DASK_SCHEDULER={address}", flush=True)
    done = supervise(children(workers, address, join=bool(join)), stopped, _nothing)
    return 0 if done else _refuse(_taken(host, found), 4)


def children(workers: int, address: str, *, join: bool = False) -> Sequence[Child]:
    """The scheduler, unless there is one to join, and the workers."""
    crowd = [_child("worker", address) for _ in range(workers)]
    return crowd if join else [_child("scheduler", address), *crowd]


def _child(role: Role, address: str) -> Child:
    return Child(command(role, address), first_pause=FIRST_PAUSE, longest_pause=LONGEST_PAUSE)


def _wrong(workers: int, port: int, join: str, safe: bool) -> str:
    if join and not SCHEDULER_FORM.fullmatch(join):
        return f"--join: {join!r} is not {SCHEDULER}"
    if workers < 1:
        return "there is at least 1 worker"
    if not 0 <= port < 65536:
        return "a port is a whole number from 1 to 65535, or 0 for a free one"
    return "" if safe else _OPEN


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listening_port(host: str, port: int) -> int:
    """The port, or a free one in place of 0; 0 where it cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])


def _taken(host: str, port: int) -> str:
    return f"port {port} of {host} cannot be used; choose another with --port"


def _refuse(reason: str, status: int) -> int:
    print(f"virkning: {reason}", file=sys.stderr)
    return status


def _nothing() -> None:
    """Children print nothing that would have to be waited for."""
