"""Figures of a contest in one number each, and what they must reach."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import msgspec

from registry.benchmarks.readings import Absent, Outcome, Reading

MEGABYTE: Final = 1_000_000


class Summary(msgspec.Struct, frozen=True, tag="summary"):
    """Medians over the runs of one subject: seconds, megabytes, and how many of what were done in a run."""

    per: str
    count: int
    cpu: float
    wall: float
    peak_mb: float
    answer: Mapping[str, float]
    runs: tuple[Reading, ...]

    @property
    def cpu_each(self) -> float:
        """CPU seconds for one of what is counted."""
        return self.cpu / self.count


Found = Mapping[str, Summary | Absent]
"""What is known of each subject of a benchmark."""


def summary(per: str, outcomes: Sequence[Outcome]) -> Summary | Absent:
    """The medians; one run without a reading leaves none."""
    readings = [outcome for outcome in outcomes if isinstance(outcome, Reading)]
    if len(readings) < len(outcomes) or not readings:
        return next((outcome for outcome in outcomes if isinstance(outcome, Absent)), Absent("it was not run"))
    return Summary(
        per,
        readings[0].count,
        cpu=median(reading.cpu for reading in readings),
        wall=median(reading.wall for reading in readings),
        peak_mb=median(reading.peak for reading in readings) / MEGABYTE,
        answer=readings[0].answer,
        runs=tuple(readings),
    )


Figure = Callable[[Found], float | None]
"""One number out of the summaries of a benchmark; None where a subject it needs is absent."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and the least or most it may be; without a limit it is only told.

    `at_full_size` marks seconds and megabytes, which say nothing of a smaller job. `form` is how the number is written.
    """

    statement: str
    figure: Figure
    least: float | None = None
    most: float | None = None
    at_full_size: bool = False
    form: str = "{:.2f}"


class Judged(msgspec.Struct, frozen=True):
    """A target with what was measured: `value` None where it could not be."""

    statement: str
    value: float | None
    shown: str
    limit: str
    verdict: str


def judged(target: Target, found: Found, full_size: bool) -> Judged:
    """The verdict is met, missed, or why there is none."""
    value = target.figure(found)
    if value is None:
        return Judged(target.statement, None, "not measured", _limit(target), "unknown")
    return Judged(
        target.statement, value, target.form.format(value), _limit(target), _verdict(target, value, full_size)
    )


def _limit(target: Target) -> str:
    if target.least is not None:
        return "at least " + target.form.format(target.least)
    return "at most " + target.form.format(target.most) if target.most is not None else "none"


def _verdict(target: Target, value: float, full_size: bool) -> str:
    if target.least is None and target.most is None:
        return "told"
    if target.at_full_size and not full_size:
        return "not at this size"
    reached = value >= target.least if target.least is not None else value <= (target.most or 0.0)
    return "met" if reached else "missed"


def cpu(name: str) -> Figure:
    """CPU seconds of a run."""
    return lambda found: one.cpu if isinstance(one := found[name], Summary) else None


def cpu_each(name: str) -> Figure:
    """CPU milliseconds for one of what is counted."""
    return lambda found: one.cpu_each * 1_000 if isinstance(one := found[name], Summary) else None


def peak(name: str) -> Figure:
    """Peak memory in megabytes."""
    return lambda found: one.peak_mb if isinstance(one := found[name], Summary) else None


def times(peer: str, ours: str) -> Figure:
    """How many times the CPU of ours the peer takes for one of what is counted."""

    def ratio(found: Found) -> float | None:
        theirs, own = found[peer], found[ours]
        if isinstance(theirs, Absent) or isinstance(own, Absent) or not own.cpu:
            return None
        return theirs.cpu_each / own.cpu_each

    return ratio


def difference(one: str, other: str) -> Figure:
    """The largest relative difference of the figures that both tell."""

    def largest(found: Found) -> float | None:
        first, second = found[one], found[other]
        if isinstance(first, Absent) or isinstance(second, Absent):
            return None
        shared = first.answer.keys() & second.answer.keys()
        return max((abs(first.answer[key] / second.answer[key] - 1) for key in shared), default=None)

    return largest
