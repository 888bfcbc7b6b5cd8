"""The table and the file."""

import json
from datetime import date
from typing import Any

import msgspec

from registry.benchmarks.machine import Machine
from registry.benchmarks.readings import Absent, Reading, Task
from registry.benchmarks.report import Report, Result, as_json, as_text
from registry.benchmarks.targets import Target, cpu, judged, summary, times

READINGS = [Reading(seconds, seconds, 50_000_000, 1_000, {"rows": 1_000.0}) for seconds in (0.5, 0.25, 1.0)]
FOUND = {"ours": summary("rows", READINGS), "peer": Absent("it is not installed")}
REPORT = Report(
    command="virkning benchmark ingest",
    day=date(2026, 3, 1),
    machine=Machine("Model 1", 2, 24, "Linux", "3.11.7", {"numpy": "2.4"}),
    task=Task(folder="/tmp/benchmark1", rows=1_000, database="postgresql://user:word@host/name"),
    runs=3,
    results=(
        Result("ingest", ("What it means.",), FOUND, (judged(Target("seconds", cpu("ours"), most=1.0), FOUND, True),)),
    ),
)


def test_the_file_holds_every_run_and_what_repeats_it() -> None:
    said: dict[str, Any] = json.loads(as_json(REPORT))
    assert (said["command"], said["day"], said["machine"]["cores"]) == ("virkning benchmark ingest", "2026-03-01", 2)
    (result,) = said["results"]
    assert [run["cpu"] for run in result["subjects"]["ours"]["runs"]] == [0.5, 0.25, 1.0]
    assert result["subjects"]["peer"] == {"type": "absent", "reason": "it is not installed"}
    assert result["targets"][0]["verdict"] == "met"


def test_the_file_tells_no_folder_and_no_password() -> None:
    assert b"benchmark1" not in as_json(REPORT)
    assert b"word@host" not in as_json(REPORT)


def test_the_table_has_a_line_a_subject_and_a_line_a_target() -> None:
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in as_text(REPORT).splitlines() if "|" in line]
    assert ["ours", "0.500", "0.500", "50", "1000 rows", "0.5000"] in lines
    assert ["peer", "it is not installed", "", "", "", ""] in lines
    assert ["seconds", "0.50", "at most 1.00", "met"] in lines


def test_the_head_says_on_what_it_was_measured() -> None:
    head = as_text(REPORT).split("## ")[0]
    assert "2026-03-01: `virkning benchmark ingest`, medians of 3 interleaved runs" in head
    assert "Model 1, 2 cores, 24 GB, Linux; Python 3.11.7, numpy 2.4" in head


def test_columns_stand_under_each_other() -> None:
    tables = as_text(REPORT).split("\n\n")
    widths = [{len(line) for line in table.splitlines()} for table in tables if table.startswith("|")]
    assert [len(found) for found in widths] == [1, 1]


def test_the_file_reads_back_as_the_report_it_was() -> None:
    again = msgspec.json.decode(as_json(REPORT), type=Report)
    assert again.task == msgspec.structs.replace(REPORT.task, folder="", database="")
    assert (again.results, again.machine, again.day, again.runs) == (
        REPORT.results,
        REPORT.machine,
        REPORT.day,
        REPORT.runs,
    )


def test_the_file_is_for_people_too_and_the_same_every_time() -> None:
    written = as_json(REPORT)
    assert written.endswith(b"}\n")
    assert len(written.splitlines()) > 40
    assert as_json(REPORT) == written


def test_the_report_itself_is_left_as_it_was() -> None:
    as_json(REPORT)
    assert REPORT.task.folder == "/tmp/benchmark1"


def test_a_figure_that_could_not_be_measured_is_null_in_the_file_and_a_word_in_the_table() -> None:
    unknown = judged(Target("times", times("peer", "ours"), least=10.0), FOUND, True)
    report = msgspec.structs.replace(REPORT, results=(Result("ingest", (), FOUND, (unknown,)),))
    (target,) = json.loads(as_json(report))["results"][0]["targets"]
    assert (target["value"], target["verdict"]) == (None, "unknown")
    assert "not measured" in as_text(report)


def test_each_benchmark_has_a_section_in_the_order_of_the_run() -> None:
    results = tuple(Result(name, (f"About {name}.", "And more."), FOUND, ()) for name in ("pages", "ingest"))
    text = as_text(msgspec.structs.replace(REPORT, results=results))
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## pages", "## ingest"]
    for name in ("pages", "ingest"):
        assert f"## {name}\n\nAbout {name}.\n\nAnd more.\n\n| subject" in text


def test_without_targets_the_table_of_figures_has_a_head_alone() -> None:
    text = as_text(msgspec.structs.replace(REPORT, results=(Result("pages", (), FOUND, ()),)))
    head, rule = text.split("\n\n")[-1].splitlines()
    assert head == "| figure | measured | must reach | verdict |"
    assert set(rule) == {"|", " ", "-"}


def test_every_line_of_a_table_has_the_cells_of_its_head() -> None:
    for table in (block for block in as_text(REPORT).split("\n\n") if block.startswith("|")):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_small_and_large_figures_are_both_legible() -> None:
    slow = summary("requests", [Reading(1_234.5678, 2_000.0, 12_345_678_901, 2_000_000)])
    text = as_text(msgspec.structs.replace(REPORT, results=(Result("it", (), {"slow": slow}, ()),)))
    cells = [cell.strip() for cell in text.split("\n\n")[-2].splitlines()[-1].split("|")[1:-1]]
    assert cells == ["slow", "1234.568", "2000.000", "12346", "2000000 requests", "0.6173"]
