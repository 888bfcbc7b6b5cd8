"""Processes that are started again when they end, until they are told to."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

POLL_SECONDS = 0.2
STEADY_SECONDS = 60.0
LONGEST_PAUSE = 30.0
STOP_SECONDS = 15.0
HOPELESS = 78
"""The status of a process that would end in the same way again: if it is the first, it is not started again."""


@dataclass
class Child:
    """A process that is started again when it ends, after 1, 2, 4 … `longest_pause` seconds."""

    command: Sequence[str]
    environment: dict[str, str] | None = None
    """The parent's, unless it is said."""
    first_pause: float = 1.0
    longest_pause: float = LONGEST_PAUSE
    process: subprocess.Popen[bytes] | None = None
    backoff: float = field(init=False)
    started: float = 0.0
    due: float = field(default_factory=time.monotonic)
    ended: int = 0
    hopeless: bool = False

    def __post_init__(self) -> None:
        """The first pause is twice as long as this."""
        self.backoff = self.first_pause

    def tend(self) -> None:
        """Start the process if it does not run and the pause is over."""
        moment = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.hopeless = self.process.returncode == HOPELESS and self.ended == 0
            self.ended += 1
            steady = moment - self.started > STEADY_SECONDS
            self.backoff = self.first_pause if steady else min(self.backoff * 2, self.longest_pause)
            self.due = moment + self.backoff
            self.process = None
        if self.process is None and not self.hopeless and moment >= self.due:
            self.process = subprocess.Popen(self.command, env=self.environment)
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


def supervise(children: Sequence[Child], stopped: Callable[[], bool], look: Callable[[], None]) -> bool:
    """Keep the children running until `stopped`, having a `look` each time; then end them all.

    False as soon as one is hopeless.
    """
    try:
        while not stopped() and not any(child.hopeless for child in children):
            for child in children:
                child.tend()
            look()
            time.sleep(POLL_SECONDS)
        return not any(child.hopeless for child in children)
    finally:
        for child in children:
            child.stop()
        for child in children:
            child.wait()


def told_to_stop() -> Callable[[], bool]:
    """Whether SIGTERM or SIGINT has come since."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _: asked.append(caught))
    return lambda: bool(asked)
