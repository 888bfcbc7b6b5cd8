"""`virkning benchmark endurance`: two web processes and two workers on one PostgreSQL, under load and faults."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from registry.benchmarks.endurance_judgement import asked_for, faults_of, faults_of_work
from registry.benchmarks.endurance_notes import Ending, endings, errors, longest_outage, percentiles, waits
from registry.benchmarks.endurance_postgres import server
from registry.benchmarks.endurance_run import CLIENTS, FAULTS, Run, run
from registry.benchmarks.machine import this_machine
from registry.kit.clock import today
from registry.settings import Settings

NAME: Final = "endurance"
MINUTES: Final = 10.0
BEYOND: Final = 4
SETTLE_SECONDS: Final = 15.0
"""After a fault so long counts as during it."""

SHOWN: Final = 20


def measure(minutes: float, out: Path | None) -> int:
    """Run, print the report, and keep every request and write. Returns 4 when something was lost or doubled."""
    url = Settings.from_environment(makes=False).database_url
    with (
        tempfile.TemporaryDirectory(prefix="endurance", ignore_cleanup_errors=True) as name,
        server(url, Path(name)) as own,
    ):
        found = run(own, Path(name), minutes * 60, _say)
    wrong = list(verdict(found))
    command = f"virkning benchmark {NAME}" + ("" if minutes == MINUTES else f" --minutes {minutes:g}")
    print(as_markdown(found, wrong, f"`{command}`, {today().isoformat()}"))
    if out is not None:
        kept = {"command": command, "machine": this_machine(), "wrong": wrong, "run": msgspec.to_builtins(found)}
        out.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    return BEYOND if wrong else 0


def verdict(found: Run) -> Iterator[str]:
    """Everything that must not be, in words."""
    left, writes = found.remains, found.notes.writes
    yield from faults_of(writes, left.found)
    yield from faults_of_work(left.work)
    yield from asked_for("analysis", writes, left.analyses)
    if not found.finished:
        yield "unfinished: jobs still wait or run long after the clients went home"
    if left.broken is not None:
        yield f"audit: the chain is broken at entry {left.broken}"
    yield from (f"doctor: {line}" for line in left.ill)
    if found.bugs:
        yield f"bugs: {found.bugs} faults in the programme were noted in the logs"


def phases(found: Run) -> dict[str, tuple[float, float]]:
    """Before the first fault, during the faults and a little after each, and after the last."""
    if not found.faults:
        return {"whole run": (0.0, found.seconds)}
    first, last = min(found.faults.values()), max(found.faults.values()) + SETTLE_SECONDS
    return {"before": (0.0, first), "during": (first, last), "after": (last, found.seconds)}


def as_markdown(found: Run, wrong: Sequence[str], head: str) -> str:
    """The report, fit for BENCHMARKS.md."""
    asked, left = found.notes.asked, found.remains
    failed = sum(bool(one.error) for one in asked)
    lines = [
        "### endurance",
        f"{head}: {found.seconds:.0f} s, {CLIENTS} clients on 2 web processes and 2 workers.",
        "Broken on the way: " + "; ".join(f"{FAULTS[what]} ({at:.0f} s)" for what, at in found.faults.items()) + ".",
        f"{len(asked)} requests, {failed} without a good answer ({_counted(errors(asked)) or 'none'}); the longest "
        f"any client went without one: {longest_outage(asked):.1f} s.",
        _table(("list page", "requests", "p50 ms", "p95 ms", "p99 ms"), _waiting(found)),
        _table(("writes", *(str(ending) for ending in Ending)), _written(found)),
        f"{left.jobs} jobs, {left.retried} of them tried more than once; {left.entries} entries of the audit, chain "
        f"{'whole' if left.broken is None else 'broken'}; starts: {_counted(found.starts)}.",
        "CPU seconds: " + _counted({name: round(spent, 1) for name, spent in found.cpu.items()}) + ".",
        "**Lost or doubled: nothing.**" if not wrong else f"**Wrong: {len(wrong)}**\n\n" + _listed(wrong),
    ]
    return "\n\n".join(lines)


def _waiting(found: Run) -> Iterator[tuple[str, ...]]:
    for name, (begins, ends) in phases(found).items():
        seconds = waits(found.notes.asked, begins, ends)
        yield name, str(len(seconds)), *([f"{1000 * one:.1f}" for one in percentiles(seconds)] or ["–"] * 3)


def _written(found: Run) -> Iterator[tuple[str, ...]]:
    for kind, counted in endings(found.notes.writes).items():
        yield kind, *(str(counted[ending]) for ending in Ending)


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ["-" * len(cell) for cell in head], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _listed(wrong: Sequence[str]) -> str:
    more = [f"* and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return "\n".join([*(f"* {one}" for one in wrong[:SHOWN]), *more])


def _counted(numbers: dict[str, int] | dict[str, float]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
