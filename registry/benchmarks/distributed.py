"""`virkning benchmark distributed`: the same bytes from one process and many, and what a second worker is worth."""

from typing import Final

from registry.benchmarks.contests import Benchmark
from registry.benchmarks.ours.distributed import BYTES, KILLED
from registry.benchmarks.running import Subject
from registry.benchmarks.targets import Figure, Found, Summary, Target, cpu

NAME: Final = "distributed"

_OURS: Final = "registry.benchmarks.ours.distributed"
_PLACES: Final = {
    "here": "here",
    "1 worker": "by_one",
    "2 workers": "by_two",
    "2 workers, killed": "through_kills",
}
_JOBS: Final = {"resampling": "resampled", "rows": "summed"}


def efficiency(one: str, two: str) -> Figure:
    """The share of the second worker that is work: T1 / 2 T2."""

    def share(found: Found) -> float | None:
        first, second = found[one], found[two]
        if not isinstance(first, Summary) or not isinstance(second, Summary):
            return None
        return first.wall / (2.0 * second.wall)

    return share


def delay(disturbed: str, calm: str) -> Figure:
    """Seconds that a disturbed run took longer."""

    def seconds(found: Found) -> float | None:
        first, second = found[disturbed], found[calm]
        return first.wall - second.wall if isinstance(first, Summary) and isinstance(second, Summary) else None

    return seconds


def equal_bytes(*names: str) -> Figure:
    """How many different answers there were in all runs of the subjects."""

    def different(found: Found) -> float | None:
        summaries = [found[name] for name in names]
        whole = [one for one in summaries if isinstance(one, Summary)]
        if len(whole) < len(summaries):
            return None
        return float(len({run.answer[BYTES] for one in whole for run in one.runs}))

    return different


def kills(name: str) -> Figure:
    """The fewest processes that were killed in a run."""

    def fewest(found: Found) -> float | None:
        one = found[name]
        return min(run.answer[KILLED] for run in one.runs) if isinstance(one, Summary) else None

    return fewest


def _subjects(job: str, verb: str) -> list[Subject]:
    return [Subject(f"{job}, {place}", f"{_OURS}:{verb}_{how}") for place, how in _PLACES.items()]


def _targets(job: str) -> list[Target]:
    names = [f"{job}, {place}" for place in _PLACES]
    here, one, two, killed = names
    return [
        Target(f"{job}: CPU seconds of the job", cpu(here), least=20.0, at_full_size=True, form="{:.1f}"),
        Target(f"{job}: efficiency of two workers", efficiency(one, two), least=0.8, at_full_size=True),
        Target(f"{job}: different answers", equal_bytes(*names), most=1.0, form="{:.0f}"),
        Target(f"{job}: processes killed in a run", kills(killed), least=2.0, at_full_size=True, form="{:.0f}"),
        Target(f"{job}: seconds longer after the kills", delay(killed, two), form="{:.1f}"),
    ]


DISTRIBUTED: Final = Benchmark(
    NAME,
    "registry.benchmarks.distributed_jobs:generate",
    tuple(subject for job, verb in _JOBS.items() for subject in _subjects(job, verb)),
    tuple(target for job in _JOBS for target in _targets(job)),
    (
        "Resampling: Westfall and Young's step-down of four outcomes over blocks of draws. Rows: 24 Parquet files of a "
        "panel, six outcomes with three covariates and unit effects, summed file by file. Workers are processes of one "
        "thread on this machine, with everything loaded before the clock starts; CPU is that of the asking process and "
        "of the workers that are alive at the end. Killed: signal 9 to a worker after 3 seconds and to the scheduler 4 "
        "seconds later; both are started again by their supervisor. Efficiency is T1 / 2 T2 in wall time: it says "
        "something only where nothing else runs.",
    ),
)
