"""What a measured process is given, and what it hands back."""

import os
import re
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

KILOBYTE = 1024


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The size of the job. `folder` holds what was generated once for all; `database` is an empty database's URL."""

    folder: str
    rows: int = 5_000_000
    draws: int = 9_999
    requests: int = 2_000
    database: str = ""

    def path(self, name: str) -> Path:
        """A generated file."""
        return Path(self.folder) / name


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """One measured run: CPU and wall seconds, peak resident bytes, how many things were done, and figures to compare.

    CPU is user and system time of all threads and of children that ended.
    """

    cpu: float
    wall: float
    peak: int
    count: int = 1
    answer: Mapping[str, float] = msgspec.field(default_factory=dict)


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """There is no reading, and why."""

    reason: str


Outcome = Reading | Absent


class Meter:
    """Measures its block, in this process: imports and preparation stay outside."""

    def __enter__(self) -> Self:
        """Start."""
        self._started = time.perf_counter()
        self._spent = own_cpu()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, also where the block raised."""
        self.cpu = own_cpu() - self._spent
        self.wall = time.perf_counter() - self._started

    def reading(self, count: int = 1, answer: Mapping[str, float] | None = None) -> Reading:
        """The reading of the block that ended; the peak is that of the whole life of the process, as read now."""
        return Reading(self.cpu, self.wall, peak_of(os.getpid()), count, answer or {})


def own_cpu() -> float:
    """CPU seconds of this process and its ended children."""
    mine, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def cpu_of(pid: int) -> float:
    """CPU seconds of another process and its ended children, to the kernel's hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def peak_of(pid: int) -> int:
    """The most resident bytes a process had; not what its parent had, which `getrusage` would tell."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise RuntimeError("the kernel does not tell the peak memory of a process")
    return int(found[1]) * KILOBYTE
