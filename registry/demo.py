"""`virkning demo`: migrates, seeds, serves and works on one machine, and starts again what falls over."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from registry.seeding.accounts import demo_accounts
from registry.settings import Settings

POLL_SECONDS = 0.2
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
STOP_SECONDS = 15.0


@dataclass
class Child:
    """A process of the demo that is started again when it ends, after 1, 2, 4 … 30 seconds."""

    command: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    backoff: float = 1.0
    started: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def tend(self) -> None:
        """Start the process if it does not run and the pause is over."""
        moment = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.backoff = 1.0 if moment - self.started > STEADY_SECONDS else min(self.backoff * 2, LONGEST_PAUSE)
            self.due = moment + self.backoff
            self.process = None
        if self.process is None and moment >= self.due:
            self.process = subprocess.Popen(_command(self.command), env=self.environment)
            self.started = moment

    def stop(self) -> None:
        """Ask the process to end; see `wait`."""
        if self.process is not None:
            self.process.terminate()

    def wait(self) -> None:
        """Wait for the end, and force it after 15 seconds."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(settings: Settings) -> int:
    """Migrate, seed, serve and work until Ctrl-C or SIGTERM. Returns 4 when the port is taken, else what a step did."""
    if not _free(settings.host, settings.port):
        print(f"virkning: port {settings.port} is in use; choose another with PORT=… or --port", file=sys.stderr)
        return 4
    environment = settings.environment()
    for step in ("migrate", "seed"):
        status = subprocess.run(_command(step), env=environment, check=False).returncode
        if status:
            return status
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: asked.append(caught))
    supervise([Child("serve", environment), Child("worker", environment)], settings, lambda: bool(asked))
    return 0


def supervise(children: list[Child], settings: Settings, stopped: Callable[[], bool]) -> None:
    """Keep the children running until `stopped`; says where to go as soon as the service answers."""
    address = f"http://{settings.host}:{settings.port}"
    greeted = False
    try:
        while not stopped():
            for child in children:
                child.tend()
            if not greeted and _healthy(address):
                greeted = True
                print(greeting(address, settings), flush=True)
            time.sleep(POLL_SECONDS)
    finally:
        for child in children:
            child.stop()
        for child in children:
            child.wait()


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
