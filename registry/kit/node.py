"""A scheduler or a worker of a cluster: `python -m registry.kit.node scheduler|worker PARENT ADDRESS`.

One process, one numeric thread, no page of its own for people; it ends when its parent does, and a worker when its
scheduler does.
"""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Final, Literal

from dask import config
from distributed import Scheduler, Worker
from distributed.comm.addressing import get_address_host_port
from distributed.core import Server
from distributed.utils import get_ip

from registry.kit.cluster import quiet
from registry.kit.pool import settle
from registry.kit.supervising import HOPELESS

Role = Literal["scheduler", "worker"]

_UNSEEN: Final = "127.0.0.1:0"
"""Where Dask's own pages go, of which it must have some."""

_SETTINGS: Final = {
    "distributed.scheduler.allowed-failures": 10,  # of workers under a part, until it is the part's fault
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.diagnostics.nvml": False,
    "distributed.admin.system-monitor.gil.enabled": False,
}


def command(role: Role, address: str) -> list[str]:
    """What starts the process as a child of this one."""
    return [sys.executable, "-m", "registry.kit.node", role, str(os.getpid()), address]


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM, SIGINT, or the end of the parent or of the scheduler; `HOPELESS` where the port is taken."""
    role, parent, address = arguments
    settle(int(parent))
    quiet()
    with TemporaryDirectory(prefix="virkning-cluster", ignore_cleanup_errors=True) as folder, config.set(_SETTINGS):
        try:
            asyncio.run(_serve(role, address, folder))
        except RuntimeError as failed:
            if isinstance(failed.__cause__, OSError) and failed.__cause__.errno == errno.EADDRINUSE:
                return HOPELESS
            raise
    return 0


async def _serve(role: str, address: str, folder: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node: Server = _scheduler(address) if role == "scheduler" else _worker(address, folder)
    told, living = asyncio.create_task(stop.wait()), asyncio.create_task(_live(node))
    await asyncio.wait((told, living), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living


async def _live(node: Server) -> None:
    """From the start, which takes as long as nobody answers, to the end; closed also where it is cancelled."""
    async with node:
        await node.finished()


def _scheduler(address: str) -> Scheduler:
    host, port = get_address_host_port(address)
    protocol = address.partition(":")[0]
    return Scheduler(host=host, port=port, protocol=protocol, dashboard=False, dashboard_address=_UNSEEN)


def _worker(address: str, folder: str) -> Worker:
    """Listens where the scheduler can reach it and nowhere else."""
    here = get_ip(*get_address_host_port(address))
    return Worker(address, host=here, nthreads=1, memory_limit=0, local_directory=folder, dashboard_address=_UNSEEN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
