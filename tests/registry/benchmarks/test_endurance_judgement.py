"""The judgement of an endurance run notices what is lost, doubled or half done, from tables made by hand."""

from collections.abc import Sequence

import pytest

from registry.benchmarks.endurance_judgement import Found, Work, asked_for, faults_of, faults_of_work
from registry.benchmarks.endurance_notes import Ending, Write

SAVED = Ending.ACKNOWLEDGED


def a_write(name: str = "e1_1", ending: Ending = SAVED, place: str = "/pilots/7/facts", kind: str = "pilot") -> Write:
    return Write(kind, name, ending, place if ending is SAVED else "")


def a_row(name: str = "e1_1", place: str = "/pilots/7/facts", kind: str = "pilot", entries: int = 1) -> Found:
    return Found(kind, name, place, entries)


def judged(writes: Sequence[Write], found: Sequence[Found]) -> list[str]:
    return list(faults_of(writes, found))


def test_a_run_in_which_every_acknowledged_write_is_there_once_has_no_fault() -> None:
    writes = [a_write(f"e1_{number}", place=f"/pilots/{number}/facts") for number in range(100)]
    rows = [a_row(f"e1_{number}", f"/pilots/{number}/facts") for number in range(100)]
    assert judged(writes, rows) == []


def test_a_lost_write_is_named_with_where_it_was_said_to_be() -> None:
    assert judged([a_write()], []) == ["lost: pilot e1_1 was acknowledged as /pilots/7/facts"]


def test_a_doubled_write_is_named() -> None:
    rows = [a_row(), a_row(place="/pilots/8/facts")]
    assert judged([a_write()], rows) == ["doubled: pilot e1_1 is there 2 times"]


@pytest.mark.parametrize("ending", Ending)
def test_twice_is_too_often_whatever_its_client_knows(ending: Ending) -> None:
    (fault,) = judged([a_write(ending=ending)], [a_row(), a_row(place="/pilots/8/facts")])
    assert fault.startswith("doubled")


@pytest.mark.parametrize("rows", [[], [a_row()]])
def test_a_write_that_broke_off_may_be_there_or_not(rows: list[Found]) -> None:
    assert judged([a_write(ending=Ending.UNKNOWN)], rows) == []


def test_a_write_that_was_refused_must_not_be_there() -> None:
    (fault,) = judged([a_write(ending=Ending.REFUSED)], [a_row()])
    assert fault == "not refused: pilot e1_1 is there as /pilots/7/facts, and its client was told it is not"
    assert judged([a_write(ending=Ending.REFUSED)], []) == []


def test_a_write_must_be_where_its_client_was_sent() -> None:
    (fault,) = judged([a_write()], [a_row(place="/pilots/8/facts")])
    assert fault == "elsewhere: pilot e1_1 is /pilots/8/facts and was acknowledged as /pilots/7/facts"


def test_a_write_that_is_shown_in_a_list_has_no_place_of_its_own() -> None:
    assert judged([a_write(kind="indicator", place="")], [a_row(kind="indicator", place="/somewhere")]) == []


@pytest.mark.parametrize("entries", [0, 2])
def test_the_audit_tells_of_a_write_once(entries: int) -> None:
    (fault,) = judged([a_write()], [a_row(entries=entries)])
    assert fault == f"audit: pilot e1_1 has {entries} entries of its making"


def test_an_unknown_write_that_is_there_is_on_record_too() -> None:
    (fault,) = judged([a_write(ending=Ending.UNKNOWN)], [a_row(entries=0)])
    assert fault.startswith("audit")


def test_the_same_name_of_another_kind_is_another_write() -> None:
    assert judged([a_write()], [a_row(), a_row(kind="upload", place="/uploads/1")]) == []


def test_rows_that_no_client_made_are_nobodys_concern() -> None:
    assert judged([], [a_row("Sensors in nursing homes"), a_row("Sensors in nursing homes", "/pilots/9/facts")]) == []


def test_every_fault_is_told() -> None:
    writes = [a_write("e1_1"), a_write("e1_2"), a_write("e1_3", Ending.REFUSED), a_write("e1_4")]
    rows = [a_row("e1_2"), a_row("e1_2", "/pilots/9/facts"), a_row("e1_3"), a_row("e1_4")]
    assert [fault.partition(":")[0] for fault in judged(writes, rows)] == ["lost", "doubled", "not refused"]


def test_writes_without_a_name_are_counted_instead() -> None:
    assert judged([a_write("", kind="analysis")], []) == []


@pytest.mark.parametrize(
    ("saved", "unknown", "entries", "fault"),
    [
        (3, 0, 3, None),
        (3, 0, 2, "lost"),
        (3, 0, 4, "doubled"),
        (3, 2, 3, None),
        (3, 2, 5, None),
        (3, 2, 6, "doubled"),
        (3, 2, 2, "lost"),
        (0, 0, 0, None),
        (0, 0, 1, "doubled"),
    ],
)
def test_as_many_analyses_were_asked_for_as_were_acknowledged(
    saved: int, unknown: int, entries: int, fault: str | None
) -> None:
    endings = [SAVED] * saved + [Ending.UNKNOWN] * unknown + [Ending.REFUSED] * 5
    writes = [a_write("", ending, kind="analysis") for ending in endings] + [a_write("e1_1")]
    assert [one.partition(":")[0] for one in asked_for("analysis", writes, entries)] == ([fault] if fault else [])


def test_jobs_that_ended_once_to_effect_have_no_fault() -> None:
    work = [Work("upload:1", 1), Work("analysis:1", 4, results=4, entries=4)]
    assert list(faults_of_work(work)) == []


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_a_job_that_is_not_done_is_named_with_its_state(state: str) -> None:
    work = [Work("upload:1", 0, (state,), results=0, entries=0)]
    assert list(faults_of_work(work)) == [f"unfinished: upload:1 has jobs that are {state}"]


def test_a_job_that_ran_twice_to_effect_is_doubled() -> None:
    faults = list(faults_of_work([Work("upload:1", 1, results=2, entries=2)]))
    assert faults == [
        "doubled: 1 jobs of upload:1 left 2 results",
        "audit: 1 jobs of upload:1 left 2 entries of their ends",
    ]


def test_a_job_that_is_done_and_left_nothing_is_lost() -> None:
    faults = list(faults_of_work([Work("analysis:3", 2, results=1, entries=2)]))
    assert faults == ["lost: 2 jobs of analysis:3 left 1 results"]
