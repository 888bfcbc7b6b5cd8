"""The report of an endurance run, and whether it passes."""

from dataclasses import replace
from pathlib import Path

import pytest

from registry.benchmarks.endurance import as_markdown, phases, verdict
from registry.benchmarks.endurance_judgement import Found, Work
from registry.benchmarks.endurance_notes import Asked, Ending, Notes, Write
from registry.benchmarks.endurance_rows import Remains
from registry.benchmarks.endurance_run import Run

LEFT = Remains(
    found=(Found("pilot", "e1_1", "/pilots/7/facts"),),
    work=(Work("upload:1", 1),),
    analyses=1,
    jobs=1,
    retried=1,
    entries=12,
    broken=None,
    ill=(),
)


def a_run(**changes: object) -> Run:
    """A run in which all went well."""
    asked = [Asked(1, float(at), 0.01 * at, "list") for at in range(1, 100)]
    writes = [
        Write("pilot", "e1_1", Ending.ACKNOWLEDGED, "/pilots/7/facts"),
        Write("analysis", "", Ending.ACKNOWLEDGED, "/analyses/1"),
        Write("pilot", "e1_2", Ending.UNKNOWN),
    ]
    made = Run(
        seconds=100.0,
        notes=Notes(asked, writes),
        faults={"postgresql": 20.0, "web": 40.0, "worker": 60.0},
        cpu={"web 1": 1.25, "postgresql": 0.5},
        remains=LEFT,
        finished=True,
        bugs=0,
        starts={"web 1": 2},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def left(**changes: object) -> Run:
    return a_run(remains=replace(LEFT, **changes))  # type: ignore[arg-type]


def test_a_run_in_which_nothing_was_lost_or_doubled_passes() -> None:
    assert list(verdict(a_run())) == []


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        (left(found=()), "lost: pilot e1_1"),
        (left(found=LEFT.found * 2), "doubled: pilot e1_1"),
        (
            left(found=(*LEFT.found, *(Found("pilot", "e1_2", f"/pilots/{at}/facts") for at in (8, 9)))),
            "doubled: pilot",
        ),
        (left(work=(Work("upload:1", 1, results=2),)), "doubled: 1 jobs of upload:1"),
        (left(work=(Work("upload:1", 0, ("running",), 0, 0),)), "unfinished: upload:1"),
        (left(analyses=0), "lost: 1 of analysis"),
        (left(analyses=2), "doubled: 1 of analysis"),
        (left(broken=7), "audit: the chain is broken at entry 7"),
        (left(ill=("warn  orphans: a.parquet",)), "doctor: warn  orphans"),
        (a_run(finished=False), "unfinished: jobs still wait"),
        (a_run(bugs=2), "bugs: 2 faults"),
    ],
)
def test_whatever_must_not_be_is_said(run: Run, fault: str) -> None:
    assert [one for one in verdict(run) if one.startswith(fault)]


def test_waiting_times_are_told_before_during_and_after_the_faults() -> None:
    assert phases(a_run()) == {"before": (0.0, 20.0), "during": (20.0, 75.0), "after": (75.0, 100.0)}
    assert phases(a_run(faults={})) == {"whole run": (0.0, 100.0)}


def test_the_report_has_every_figure() -> None:
    text = as_markdown(a_run(), [], "`virkning benchmark endurance`, 2026-11-22")
    assert "`virkning benchmark endurance`, 2026-11-22: 100 s, 8 clients on 2 web processes and 2 workers." in text
    assert "kill -9 of a worker with a job running (60 s)" in text
    assert "99 requests, 0 without a good answer (none)" in text
    assert "| before | 19 | 100.0 | 190.0 | 190.0 |" in text
    assert "| pilot | 1 | 0 | 1 |" in text
    assert "1 jobs, 1 of them tried more than once; 12 entries of the audit, chain whole; starts: web 1 2." in text
    assert "CPU seconds: web 1 1.2, postgresql 0.5." in text
    assert "**Lost or doubled: nothing.**" in text


def test_errors_are_told_by_kind_with_the_longest_outage() -> None:
    asked = [Asked(1, 1.0, 0.1, "list", "503"), Asked(1, 2.0, 0.5, "list"), Asked(2, 2.0, 0.5, "list", "broken off")]
    text = as_markdown(a_run(notes=Notes(asked, [])), [], "call")
    assert "3 requests, 2 without a good answer (503 1, broken off 1)" in text
    assert "the longest any client went without one: 1.5 s." in text


def test_a_part_of_the_run_without_a_request_has_no_waiting_times() -> None:
    text = as_markdown(a_run(notes=Notes()), [], "call")
    assert "| after | 0 | – | – | – |" in text


def test_what_is_wrong_is_listed_and_a_long_list_is_cut() -> None:
    text = as_markdown(a_run(), [f"lost: {number}" for number in range(25)], "call")
    assert "**Wrong: 25**" in text
    assert "* lost: 19\n* and 5 more" in text
    assert "nothing" not in text


def test_the_columns_of_the_tables_are_of_one_number(tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    lines = [line for line in as_markdown(a_run(), [], "call").splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {6, 5}
