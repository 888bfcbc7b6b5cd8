"""The table for people and the file for programmes."""

from collections.abc import Sequence
from datetime import date

import msgspec

from registry.benchmarks.machine import Machine
from registry.benchmarks.readings import Absent, Task
from registry.benchmarks.targets import Found, Judged, Summary


class Result(msgspec.Struct, frozen=True):
    """What one benchmark found."""

    name: str
    remarks: tuple[str, ...]
    subjects: Found
    targets: tuple[Judged, ...]


class Report(msgspec.Struct, frozen=True):
    """A whole run: enough to repeat it."""

    command: str
    day: date
    machine: Machine
    task: Task
    runs: int
    results: tuple[Result, ...]


def as_json(report: Report) -> bytes:
    """The report with every single run, without the folder and the database it used."""
    task = msgspec.structs.replace(report.task, folder="", database="")
    kept = msgspec.structs.replace(report, task=task)
    return msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n"


def as_text(report: Report) -> str:
    """Markdown tables that also read well in a terminal."""
    machine = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    head = [
        f"{report.day.isoformat()}: `{report.command}`, medians of {report.runs} interleaved runs",
        f"{machine.processor}, {machine.cores} cores, {machine.memory_gb} GB, {machine.system}; "
        f"Python {machine.python}, {versions}",
    ]
    return "\n\n".join([*head, *(_section(result) for result in report.results)])


def _section(result: Result) -> str:
    measured = [_measured(name, summary) for name, summary in result.subjects.items()]
    subjects = _table(("subject", "CPU s", "wall s", "peak MB", "counted", "CPU ms each"), measured)
    reached = [(one.statement, one.shown, one.limit, one.verdict) for one in result.targets]
    targets = _table(("figure", "measured", "must reach", "verdict"), reached)
    remarks = "".join(f"\n\n{remark}" for remark in result.remarks)
    return f"## {result.name}{remarks}\n\n{subjects}\n\n{targets}"


def _measured(name: str, summary: Summary | Absent) -> Sequence[str]:
    if isinstance(summary, Absent):
        return (name, summary.reason, "", "", "", "")
    figures = f"{summary.cpu:.3f}", f"{summary.wall:.3f}", f"{summary.peak_mb:.0f}"
    return (name, *figures, f"{summary.count} {summary.per}", f"{summary.cpu_each * 1_000:.4f}")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
