"""Figures of the distributed benchmark, and that what it names exists."""

import pytest

from registry.benchmarks.distributed import DISTRIBUTED, delay, efficiency, equal_bytes, kills
from registry.benchmarks.ours import distributed as ours
from registry.benchmarks.readings import Absent, Outcome, Reading
from registry.benchmarks.targets import Found, judged, summary


def of(*runs: tuple[float, float, float]) -> list[Outcome]:
    """Runs of so many seconds, with the bytes of the answer and how many were killed."""
    return [Reading(wall, wall, 1, answer={ours.BYTES: answer, ours.KILLED: killed}) for wall, answer, killed in runs]


FOUND: Found = {
    "here": summary("run", of((18.0, 7.0, 0.0))),
    "one": summary("run", of((20.0, 7.0, 0.0), (22.0, 7.0, 0.0), (21.0, 7.0, 0.0))),
    "two": summary("run", of((12.0, 7.0, 0.0), (10.0, 7.0, 0.0), (11.0, 7.0, 0.0))),
    "killed": summary("run", of((15.0, 7.0, 2.0), (17.0, 8.0, 1.0))),
    "away": Absent("it ended with 1"),
}


def test_efficiency_is_the_part_of_the_second_worker_that_was_work() -> None:
    assert efficiency("one", "two")(FOUND) == pytest.approx(21.0 / 22.0)
    assert efficiency("one", "away")(FOUND) is None


def test_the_delay_is_told_in_seconds() -> None:
    assert delay("killed", "two")(FOUND) == pytest.approx(5.0)
    assert delay("away", "two")(FOUND) is None


def test_one_other_answer_in_any_run_is_seen() -> None:
    assert equal_bytes("here", "one", "two")(FOUND) == 1.0
    assert equal_bytes("here", "one", "two", "killed")(FOUND) == 2.0
    assert equal_bytes("here", "away")(FOUND) is None


def test_a_run_that_was_over_before_the_kills_does_not_count_as_disturbed() -> None:
    assert kills("killed")(FOUND) == 1.0
    assert kills("away")(FOUND) is None


def test_both_jobs_run_here_on_one_worker_on_two_and_through_kills() -> None:
    names = [subject.name for subject in DISTRIBUTED.subjects]
    assert [name for name in names if name.startswith("rows")] == [
        "rows, here",
        "rows, 1 worker",
        "rows, 2 workers",
        "rows, 2 workers, killed",
    ]
    assert len(names) == 8
    assert all(hasattr(ours, subject.call.partition(":")[2]) for subject in DISTRIBUTED.subjects)


def test_the_issue_asks_for_four_fifths_of_a_second_worker_and_the_same_bytes() -> None:
    limits = {target.statement: (target.least, target.most) for target in DISTRIBUTED.targets}
    for job in ("resampling", "rows"):
        assert limits[f"{job}: CPU seconds of the job"] == (20.0, None)
        assert limits[f"{job}: efficiency of two workers"] == (0.8, None)
        assert limits[f"{job}: different answers"] == (None, 1.0)
        assert limits[f"{job}: processes killed in a run"] == (2.0, None)


def test_without_any_reading_every_target_is_unknown() -> None:
    found: Found = {subject.name: Absent("it was not run") for subject in DISTRIBUTED.subjects}
    assert {judged(target, found, full_size=True).verdict for target in DISTRIBUTED.targets} == {"unknown"}
