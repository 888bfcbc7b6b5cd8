"""Figures of a contest and what they must reach."""

import pytest

from registry.benchmarks.readings import Absent, Reading
from registry.benchmarks.targets import (
    Found,
    Summary,
    Target,
    cpu,
    cpu_each,
    difference,
    judged,
    peak,
    summary,
    times,
)


def of(cpu_seconds: float, count: int = 1, peak_bytes: int = 100_000_000, **answer: float) -> Summary | Absent:
    return summary("rows", [Reading(cpu_seconds, cpu_seconds, peak_bytes, count, answer)])


FOUND: Found = {
    "ours": of(2.0, 1_000, estimate=1.0, error=0.5),
    "peer": of(3.0, 100, estimate=1.0 + 1e-9, error=0.5),
    "away": Absent("it is not installed"),
}


def test_a_summary_is_the_median_of_the_runs() -> None:
    readings = [Reading(seconds, 10 * seconds, int(seconds * 1_000_000), 5) for seconds in (3.0, 1.0, 2.0)]
    found = summary("rows", readings)
    assert isinstance(found, Summary)
    assert (found.cpu, found.wall, found.peak_mb, found.count, found.runs) == (2.0, 20.0, 2.0, 5, tuple(readings))


def test_one_run_without_a_reading_leaves_no_summary() -> None:
    assert summary("rows", [Reading(1.0, 1.0, 1), Absent("killed")]) == Absent("killed")
    assert summary("rows", []) == Absent("it was not run")


def test_figures_are_read_from_the_summaries() -> None:
    assert cpu("ours")(FOUND) == 2.0
    assert cpu_each("ours")(FOUND) == 2.0
    assert peak("ours")(FOUND) == 100.0
    assert times("peer", "ours")(FOUND) == pytest.approx(15.0)
    assert difference("ours", "peer")(FOUND) == pytest.approx(1e-9, rel=1e-6)


@pytest.mark.parametrize(
    "figure", [cpu("away"), cpu_each("away"), peak("away"), times("away", "ours"), difference("away", "ours")]
)
def test_a_figure_of_an_absent_subject_is_unknown(figure: object) -> None:
    assert callable(figure)
    assert figure(FOUND) is None
    verdict = judged(Target("it", figure, most=1.0), FOUND, full_size=True)
    assert (verdict.value, verdict.shown, verdict.verdict) == (None, "not measured", "unknown")


def test_figures_that_share_nothing_do_not_differ() -> None:
    assert difference("ours", "none")({**FOUND, "none": of(1.0)}) is None


@pytest.mark.parametrize(
    ("least", "most", "verdict"),
    [(10.0, None, "met"), (20.0, None, "missed"), (None, 15.1, "met"), (None, 14.9, "missed"), (None, None, "told")],
)
def test_a_target_is_met_missed_or_only_told(least: float | None, most: float | None, verdict: str) -> None:
    target = Target("times", times("peer", "ours"), least=least, most=most)
    assert judged(target, FOUND, full_size=False).verdict == verdict


def test_seconds_of_a_smaller_job_meet_no_target() -> None:
    target = Target("seconds", cpu("ours"), most=3.0, at_full_size=True)
    assert judged(target, FOUND, full_size=False).verdict == "not at this size"
    assert judged(target, FOUND, full_size=True).verdict == "met"


def test_a_limit_is_written_as_its_figure_is() -> None:
    target = Target("difference", difference("ours", "peer"), most=1e-10, form="{:.1e}")
    found = judged(target, FOUND, full_size=True)
    assert (found.shown, found.limit, found.verdict) == ("1.0e-09", "at most 1.0e-10", "missed")
