"""`virkning doctor`: what is right, what is wrong, and what to do about it."""

import asyncio
import platform
import shlex
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from registry.audit.queries import verify_chain
from registry.datasets.holdings import Holdings, holdings
from registry.kit import migrating
from registry.kit.assets import BUILT
from registry.kit.cluster_state import ClusterAway, ClusterUnfit
from registry.kit.database import connected, engine
from registry.kit.errors import Unavailable
from registry.kit.jobs import waiting, worker_alive
from registry.kit.resources import static
from registry.kit.spreading import presence
from registry.settings import Settings

LITTLE_DISK = 1024**3
"""Bytes free, below which uploads may fail."""

SHOWN = 5  # names of files in a line

_PACKAGES = ("virkning", "litestar", "piccolo", "duckdb")


@dataclass(frozen=True, slots=True)
class Line:
    """One check; `remedy` is empty when all is well."""

    state: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        """As printed, the remedy on a line of its own."""
        return f"{self.state:<5} {self.subject}: {self.found}" + (f"\n      -> {self.remedy}" if self.remedy else "")


def run(settings: Settings) -> int:
    """Print every check. Returns 4 when one failed, else 0."""
    lines = asyncio.run(examine(settings))
    for line in lines:
        print(line)
    return 4 if any(line.state == "fail" for line in lines) else 0


async def examine(settings: Settings) -> list[Line]:
    """Every check, in the order in which to mend them."""
    lines = [versions(), *settled(settings), *readable(settings), *assets(static()), disk(settings.state)]
    if settings.dask_scheduler:
        lines.append(await asyncio.to_thread(cluster, settings.dask_scheduler))
    if not begun(settings):
        remedy = "virkning serve makes it, and virkning demo one to try out; or point DATA at the folder meant"
        return [*lines, Line("warn", "state", f"there is none yet in {settings.state}", remedy)]
    try:
        async with connected(settings.database_url):
            lines += [line async for line in _database(settings.state)]
    except Unavailable:
        remedy = "start the database server, or correct DATABASE_URL; on SQLite, see who else holds the file"
        lines.append(Line("fail", "database", "cannot be reached", remedy))
    return lines


def begun(settings: Settings) -> bool:
    """Whether there is a database to look at; looking makes none."""
    place = _database_file(settings)
    return place is None or place.is_file()


def versions() -> Line:
    """What is installed; a fact to quote in a report, never wrong."""
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} (from a checkout)")
    return Line("ok", "versions", ", ".join(found))


def settled(settings: Settings) -> list[Line]:
    """The settings that matter for safety."""
    kind = settings.database_url.split(":")[0]
    lines = [Line("ok", "settings", f"state in {settings.state}, database {kind}, port {settings.port}")]
    if settings.demo:
        lines.append(Line("warn", "demo", "accounts with known passwords exist", "never set DEMO with real data"))
    if not settings.secure_cookies and settings.host not in {"127.0.0.1", "::1", "localhost"}:
        remedy = "serve behind TLS and set SECURE_COOKIES=yes"
        lines.append(Line("warn", "cookies", "the service is open to the network and cookies are not Secure", remedy))
    return lines


def readable(settings: Settings) -> list[Line]:
    """What is kept here and other accounts of this machine can get at; nothing when there is no such thing."""
    kept = [settings.state, *(settings.state / name for name in ("secret", "datasets", "uploads"))]
    if (file := _database_file(settings)) is not None:
        kept += [file, *(file.with_name(f"{file.name}-{part}") for part in ("wal", "shm"))]
    if not (shared := [str(path) for path in kept if _within_reach(path)]):
        return []
    found = f"other accounts of this machine can get at {', '.join(shared)}"
    return [Line("warn", "privacy", found, f"chmod go-rwx {shlex.join(shared)}")]


def assets(folder: Path) -> list[Line]:
    """The style sheet, scripts and icons that browsers ask for; nothing when they are there."""
    if not (missing := [name for name in BUILT if not (folder / name).is_file()]):
        return []
    found = f"pages look bare: {', '.join(missing)} not built in {folder}"
    return [Line("warn", "assets", found, "python -m registry.kit.assets")]


def disk(state: Path) -> Line:
    """Room for uploads and results."""
    there = next(folder for folder in (state.absolute(), *state.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1024**3:.1f} GiB free in {state}"
    return Line("ok", "disk", found) if free >= LITTLE_DISK else Line("warn", "disk", found, "make room, or move DATA")


def cluster(scheduler: str) -> Line:
    """Whether those who do work in parts are there, and can give the same bytes as this machine."""
    try:
        found = presence(scheduler)
    except ClusterAway:
        remedy = "start it (virkning cluster), or correct DASK_SCHEDULER; until then work in parts waits"
        return Line("fail", "cluster", f"no scheduler answers at {scheduler}", remedy)
    except ClusterUnfit as unfit:
        return Line("fail", "cluster", str(unfit.message), "OPERATIONS.md, One machine to many: the work")
    if found.unfit:
        remedy = "install this version with the packages of requirements.lock there, on machines of one kind"
        return Line("fail", "cluster", f"workers differ from this machine: {_named(found.unfit)}", remedy)
    if not found.workers:
        return Line("warn", "cluster", "there is no worker", f"virkning cluster --join {scheduler}")
    return Line("ok", "cluster", f"{found.workers} workers at {scheduler}, with the same versions")


def rows(found: Holdings, state: Path) -> list[Line]:
    """Stored files against the database."""
    folder, by_worker = state / "datasets", "the worker deletes them when it starts and every hour: virkning worker"
    backup = (
        "put them back from a backup; without one, delete the rows of these versions on their pages, with the reason"
    )
    lines = [
        Line("fail", "missing rows", _named(found.missing), f"{backup} (a file that waits to be read is sent again)"),
        Line("fail", "changed rows", f"not as they were stored: {_named(found.changed)}", backup),
        Line("warn", "promised deletions", f"still there: {_named(found.promised)}", by_worker),
        Line("warn", "orphans", _named(found.orphans), f"no version knows them: look at them, delete them in {folder}"),
        Line("warn", "leftovers of uploads", _named(found.leftovers), by_worker),
    ]
    kinds = (found.missing, found.changed, found.promised, found.orphans, found.leftovers)
    wrong = [line for line, names in zip(lines, kinds, strict=True) if names]
    return [Line("ok", "rows", f"{found.whole} stored versions are whole"), *wrong]


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _database_file(settings: Settings) -> Path | None:
    kind, _, place = settings.database_url.partition(":///")
    return Path(place) if kind == "sqlite" else None


def _within_reach(path: Path) -> bool:
    """Whether group or others may do anything with it, and are let through all folders above it."""
    try:
        mode, *above = [place.stat().st_mode for place in (path.resolve(), *path.resolve().parents)]
    except OSError:
        return False
    return any(mode & (0o7 << of) and all(folder & (0o1 << of) for folder in above) for of in (0, 3))


async def _database(state: Path) -> AsyncIterator[Line]:
    yield Line("ok", "database", f"{engine().engine_type} answers")
    todo = await migrating.pending()
    if todo:
        yield Line("fail", "migrations", f"{len(todo)} not run", "virkning migrate")
        return
    yield Line("ok", "migrations", "all run")
    broken = await verify_chain()
    if broken is None:
        yield Line("ok", "audit chain", "whole")
    else:
        remedy = "compare with a backup from before: somebody changed the table by hand"
        yield Line("fail", "audit chain", f"broken at entry {broken}", remedy)
    for line in rows(await holdings(state), state):
        yield line
    yield await _work()


async def _work() -> Line:
    jobs = await waiting()
    if await worker_alive():
        return Line("ok", "worker", f"alive, {jobs} jobs waiting")
    return Line("warn", "worker", f"none has been seen for 15 seconds, {jobs} jobs waiting", "virkning worker")
