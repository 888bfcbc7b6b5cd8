"""Parts done by processes of this machine."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from effects.rows.columns import Numbers
from effects.spread import offered, spread, spreading
from registry.benchmarks import local
from registry.benchmarks.local import spread_locally


class Remembered(list[int]):
    """Shared by the parts of a process, and opened there once."""


def who(remembered: Remembered, part: int) -> tuple[int, int, int]:
    """The part, the process, and how many parts it has done with the same."""
    time.sleep(0.05)
    remembered.append(part)
    return part, os.getpid(), len(remembered)


def threads(_shared: Numbers, _part: int) -> set[int]:
    return {int(one["num_threads"]) for one in threadpool_info() if one["user_api"] == "blas"}


def fails(_shared: None, part: int) -> None:
    raise ZeroDivisionError(part)


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Any]]:
    """All that a pool is asked, so that it is started once."""
    with spread_locally():
        found = {
            "who": spread(who, Remembered([-1]), range(8)),
            "again": spread(who, Remembered([-1, -2]), range(4)),
            "threads": spread(threads, np.ones(1), range(4)),
            "offered": offered(),
        }
        with pytest.raises(ZeroDivisionError):
            spread(fails, None, range(4))
        found["after"] = spread(threads, np.ones(1), range(2))
    yield found | {"afterwards": offered()}


def test_answers_stand_in_the_order_of_the_parts(answers: dict[str, Any]) -> None:
    assert [part for part, _, _ in answers["who"]] == list(range(8))


def test_parts_are_done_by_other_processes_no_more_than_there_are_cores(answers: dict[str, Any]) -> None:
    processes = {process for _, process, _ in answers["who"]}
    assert os.getpid() not in processes
    assert len(processes) <= min(local.CORES, len(os.sched_getaffinity(0)))


def test_what_parts_share_is_opened_once_in_a_process(answers: dict[str, Any]) -> None:
    """The list that a process keeps grows with each of its parts, and begins anew with another call."""
    for name, before in (("who", 1), ("again", 2)):
        done: dict[int, list[int]] = {}
        for _, process, times in answers[name]:
            done.setdefault(process, []).append(times - before)
        assert all(times == list(range(1, len(times) + 1)) for times in done.values())


def test_each_process_has_one_thread_for_linear_algebra(answers: dict[str, Any]) -> None:
    assert all(found == {1} for found in answers["threads"])


def test_a_part_that_fails_leaves_the_others_a_place(answers: dict[str, Any]) -> None:
    assert len(answers["after"]) == 2


def test_the_offer_ends_with_the_block(answers: dict[str, Any]) -> None:
    assert answers["offered"] and not answers["afterwards"]


def test_one_core_does_everything_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "CORES", 1)
    with spread_locally():
        assert not offered()
        assert {process for _, process, _ in spread(who, Remembered(), range(3))} == {os.getpid()}


def test_who_offered_first_keeps_the_work() -> None:
    """So that a cluster takes the place of this machine."""
    given: list[int] = []

    def cluster(function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        given.append(len(parts))
        return [function(shared, part) for part in parts]

    with spreading(cluster), spread_locally():
        spread(who, Remembered(), range(3))
    assert given == [3]
