"""The table and the file."""

import json
from datetime import date
from typing import Any

from registry.benchmarks.machine import Machine
from registry.benchmarks.readings import Absent, Reading, Task
from registry.benchmarks.report import Report, Result, as_json, as_text
from registry.benchmarks.targets import Target, cpu, judged, summary

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
