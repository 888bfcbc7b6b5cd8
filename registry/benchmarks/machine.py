"""What a figure was measured on: without it a figure says nothing."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

GIGABYTE: Final = 1024**3
PACKAGES: Final = (
    "virkning",
    "numpy",
    "scipy",
    "pandas",
    "duckdb",
    "distributed",
    "litestar",
    "piccolo",
    "uvicorn",
    "pyfixest",
    "wildboottest",
    "frictionless",
    "fastapi",
    "sqlalchemy",
    "asyncpg",
    "pyarrow",
)


class Machine(msgspec.Struct, frozen=True):
    """The machine without its name, and the versions of what ran; a package that is not installed is not listed."""

    processor: str
    cores: int
    memory_gb: int
    system: str
    python: str
    versions: dict[str, str]


def this_machine() -> Machine:
    """The machine this process runs on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=_processor(Path("/proc/cpuinfo")),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(memory / GIGABYTE),
        system=platform.system(),
        python=platform.python_version(),
        versions={name: found for name in PACKAGES if (found := _version(name)) is not None},
    )


def _processor(described: Path) -> str:
    text = described.read_text("utf-8") if described.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
