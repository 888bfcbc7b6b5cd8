"""`virkning demo`: migrates, seeds, serves and works on one machine, and starts again what falls over."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable

from registry.doctor import assets
from registry.kit.resources import static
from registry.kit.supervising import Child, supervise, told_to_stop
from registry.seeding.accounts import demo_accounts
from registry.settings import Settings


def run(settings: Settings) -> int:
    """Migrate, seed, serve and work until Ctrl-C or SIGTERM. Returns 4 when the port is taken, else what a step did."""
    if not _free(settings.host, settings.port):
        print(f"virkning: port {settings.port} is in use; choose another with PORT=… or --port", file=sys.stderr)
        return 4
    for line in assets(static()):
        print(line, file=sys.stderr, flush=True)
    environment = settings.environment()
    for step in ("migrate", "seed"):
        status = subprocess.run(_command(step), env=environment, check=False).returncode
        if status:
            return status
    stopped = told_to_stop()
    look = greet_once(f"http://{settings.host}:{settings.port}", settings)
    supervise([Child(_command(name), environment) for name in ("serve", "worker")], stopped, look)
    return 0


def greet_once(address: str, settings: Settings) -> Callable[[], None]:
    """Called again and again, says where to go as soon as the service answers."""
    greeted: list[str] = []

    def look() -> None:
        if not greeted and _healthy(address):
            greeted.append(address)
            print(greeting(address, settings), flush=True)

    return look


def greeting(address: str, settings: Settings) -> str:
    """The address and the demo accounts, one for each role."""
    lines = [f"  {role:<24} {email:<36} {password}" for role, email, password in demo_accounts(settings)]
    return "\n".join(["", f"Virkning answers on {address}", "", *lines, "", "Stop with Ctrl-C.", ""])


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "registry.cli", name]


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Our own address is asked for on this machine, whatever proxy the environment names."""


def _healthy(address: str) -> bool:
    try:
        with _DIRECT.open(f"{address}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
