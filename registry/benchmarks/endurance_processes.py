"""Web and worker processes of an endurance run: started, killed without warning, and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20.0


@dataclass(slots=True)
class Process:
    """`virkning serve` or `virkning worker`, started again whenever it ended, as an operator's supervisor would."""

    name: str
    command: str
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0
    spent: float = field(default=0.0)
    """CPU seconds of lives that ended in `kill` or `stop`."""

    @property
    def pid(self) -> int:
        """The process id, 0 before the first start."""
        return 0 if self.process is None else self.process.pid

    def tend(self) -> None:
        """Start the process unless it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "registry.cli", self.command],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1

    def kill(self) -> None:
        """End it as the kernel would for want of memory."""
        if self.process is not None:
            self.spent = self.cpu()
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it in good order, by force where that takes too long."""
        if self.process is None:
            return
        self.spent = self.cpu()
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.process.kill()
        self.process.wait()

    def cpu(self) -> float:
        """CPU seconds of all its lives and of what they started."""
        running = self.process is not None and self.process.poll() is None
        return self.spent + (cpu_of_tree(self.pid) if running else 0.0)


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, of all that it started and of what those had started and saw end."""
    table: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                table[int(entry.name)] = _read((entry / "stat").read_text("utf-8", "replace"))
    family, before = {pid}, 0
    while len(family) > before:
        before = len(family)
        family |= {child for child, (parent, _) in table.items() if parent in family}
    return sum(table[member][1] for member in family if member in table)


def bugs(logs: Sequence[Path]) -> int:
    """How many faults in the programme the processes noted; each has a reference to find it by."""
    return sum(log.read_text("utf-8", "replace").count('"event": "bug"') for log in logs if log.exists())


def _read(stat: str) -> tuple[int, float]:
    """The parent of a process and its CPU seconds, its own and those of children that ended."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
