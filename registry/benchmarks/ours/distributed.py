"""Two analyses, here and on clusters of one and two workers; every one tells the bytes of its answer."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Final

from effects import AnalysisPlan, analyse
from effects.spread import spreading
from registry.benchmarks.clusters import cluster_of, disturbed, warm
from registry.benchmarks.distributed_jobs import INDICATORS, resampling_plan, row_files, rows_plan
from registry.benchmarks.readings import Meter, Reading, Task

BYTES: Final = "bytes"
"""The first 52 bits of the answer's SHA-256 as a number: what a float holds exactly."""
KILLED: Final = "killed"

Job = Callable[[Task], tuple[Sequence[Path], str]]
"""The files and the plan."""


def resampled_here(task: Task) -> Reading:
    """The resampling in this process."""
    return _here(_resampling, task)


def resampled_by_one(task: Task) -> Reading:
    """By one worker."""
    return _there(_resampling, task, workers=1)


def resampled_by_two(task: Task) -> Reading:
    """By two."""
    return _there(_resampling, task, workers=2)


def resampled_through_kills(task: Task) -> Reading:
    """By two, of which one is killed, and then the scheduler."""
    return _there(_resampling, task, workers=2, kills=True)


def summed_here(task: Task) -> Reading:
    """The rows in this process."""
    return _here(_rows, task)


def summed_by_one(task: Task) -> Reading:
    """By one worker."""
    return _there(_rows, task, workers=1)


def summed_by_two(task: Task) -> Reading:
    """By two."""
    return _there(_rows, task, workers=2)


def summed_through_kills(task: Task) -> Reading:
    """By two, of which one is killed, and then the scheduler."""
    return _there(_rows, task, workers=2, kills=True)


def _here(job: Job, task: Task) -> Reading:
    with Meter() as meter:
        found = _bytes(job, task)
    return meter.reading(answer={BYTES: found})


def _there(job: Job, task: Task, workers: int, kills: bool = False) -> Reading:
    """CPU is that of this process and of the workers that are alive at the end; the peak is that of a worker."""
    with ExitStack() as stack:
        cluster = stack.enter_context(cluster_of(workers))
        stack.enter_context(spreading(stack.enter_context(warm(cluster))))
        killed = stack.enter_context(disturbed(cluster)) if kills else []
        spent = cluster.cpu
        with Meter() as meter:
            found = _bytes(job, task)
        cpu = meter.cpu + max(cluster.cpu - spent, 0.0)
        return Reading(cpu, meter.wall, cluster.peak, answer={BYTES: found, KILLED: float(len(killed))})


def _bytes(job: Job, task: Task) -> float:
    files, plan = job(task)
    answer = analyse(list(files), AnalysisPlan.from_text(plan)).to_json()
    return float(int(sha256(answer).hexdigest()[:13], 16))


def _resampling(task: Task) -> tuple[Sequence[Path], str]:
    return [task.path(INDICATORS)], resampling_plan(task.draws)


def _rows(task: Task) -> tuple[Sequence[Path], str]:
    return row_files(task), rows_plan()
