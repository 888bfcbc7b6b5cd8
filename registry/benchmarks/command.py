"""`virkning benchmark`: generate, measure, judge, print."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from registry.benchmarks import coverage, decisions, endurance
from registry.benchmarks.contests import BENCHMARKS, Benchmark
from registry.benchmarks.databases import empty_database, is_postgresql
from registry.benchmarks.distributed import DISTRIBUTED
from registry.benchmarks.machine import this_machine
from registry.benchmarks.readings import Task
from registry.benchmarks.report import Report, Result, as_json, as_text
from registry.benchmarks.running import interleaved, prepare
from registry.benchmarks.targets import Found, judged, summary
from registry.kit.clock import today
from registry.settings import Settings

FULL: Task = Task(folder="")
FULL_RUNS = 5
NO_POSTGRESQL = "Measured on SQLite; with DATABASE_URL=postgresql://… it is measured on a database of its own there."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the call asks for; no name is all that are measured in time: simulations are asked for by name.

    Without `trials` a simulation takes its usual number.
    """

    name: str | None = None
    rows: int = FULL.rows
    draws: int = FULL.draws
    requests: int = FULL.requests
    runs: int = FULL_RUNS
    trials: int | None = None
    minutes: float = endurance.MINUTES
    out: Path | None = None

    @property
    def full_size(self) -> bool:
        """Whether seconds and megabytes may be held against their targets."""
        return (self.rows, self.draws) == (FULL.rows, FULL.draws)

    @property
    def call(self) -> str:
        """The command that asks for the same."""
        stated = {"rows": FULL.rows, "draws": FULL.draws, "requests": FULL.requests, "runs": FULL_RUNS}
        options = [f"--{name} {getattr(self, name)}" for name, usual in stated.items() if getattr(self, name) != usual]
        return " ".join(["virkning benchmark", *([self.name] if self.name else []), *options])


def run(wanted: Wanted) -> int:
    """Print the tables and write the file. Returns 2 for an unknown name or an impossible size."""
    problem = _problem(wanted)
    if problem:
        print(f"virkning: {problem}", file=sys.stderr)
        return 2
    if wanted.name == coverage.NAME:
        return coverage.run(wanted.trials or coverage.TRIALS, wanted.out)
    if wanted.name == decisions.NAME:
        return decisions.run(wanted.trials or decisions.TRIALS, wanted.out)
    if wanted.name == endurance.NAME:
        return endurance.measure(wanted.minutes, wanted.out)
    named = [_named(wanted.name)] if wanted.name else list(BENCHMARKS.values())
    results = tuple(_result(benchmark, wanted) for benchmark in named)
    task = Task(folder="", rows=wanted.rows, draws=wanted.draws, requests=wanted.requests)
    report = Report(wanted.call, today(), this_machine(), task, wanted.runs, results)
    print(as_text(report))
    if wanted.out is not None:
        wanted.out.write_bytes(as_json(report))
    return 0


def _problem(wanted: Wanted) -> str:
    known = (*BENCHMARKS, DISTRIBUTED.name, coverage.NAME, decisions.NAME, endurance.NAME)
    if wanted.name is not None and wanted.name not in known:
        return f"there is no benchmark {wanted.name!r}; there are {', '.join(known)}"
    sizes = (wanted.rows, wanted.draws, wanted.requests, wanted.runs, wanted.trials)
    if any(size is not None and size < 1 for size in sizes):
        return "rows, draws, requests, runs and trials are at least 1"
    if not wanted.minutes > 0:
        return "minutes are more than none"
    if wanted.out is not None and not wanted.out.absolute().parent.is_dir():
        return f"the folder of {wanted.out} does not exist"
    return ""


def _named(name: str) -> Benchmark:
    return DISTRIBUTED if name == DISTRIBUTED.name else BENCHMARKS[name]


def _result(benchmark: Benchmark, wanted: Wanted) -> Result:
    with _task(benchmark, wanted) as task:
        failed = prepare(benchmark.generate, task) if benchmark.generate else None
        outcomes = {} if failed else interleaved(benchmark.subjects, task, wanted.runs, _say)
        sqlite = bool(task.database) and not is_postgresql(task.database)
    found: Found = {
        subject.name: failed or summary(subject.per, outcomes[subject.name]) for subject in benchmark.subjects
    }
    return Result(
        benchmark.name,
        (*benchmark.remarks, *([NO_POSTGRESQL] if sqlite else [])),
        found,
        tuple(judged(target, found, wanted.full_size) for target in benchmark.targets),
    )


@contextmanager
def _task(benchmark: Benchmark, wanted: Wanted) -> Iterator[Task]:
    """The size of the job with a folder, and for pages a database, that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="benchmark", ignore_cleanup_errors=True) as name:
        task = Task(folder=name, rows=wanted.rows, draws=wanted.draws, requests=wanted.requests)
        if benchmark.name != "pages":
            yield task
            return
        url = Settings.from_environment(stated={"DATA": name}).database_url
        with empty_database(url, Path(name)) as database:
            yield msgspec.structs.replace(task, database=database)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
