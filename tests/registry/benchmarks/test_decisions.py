import json
from datetime import date
from pathlib import Path

import pytest

from effects.decision_simulation import Share
from registry.benchmarks.decisions import Decisions, as_markdown
from registry.benchmarks.decisions_cells import ALL_HELP, DO_NO_HARM, TAUS, THREE, USELESS
from registry.benchmarks.decisions_simulation import Figures
from registry.benchmarks.machine import Machine
from registry.cli import main


def report(*found: Figures) -> Decisions:
    machine = Machine("one", 2, 4, "Linux", "3.11", {})
    return Decisions("virkning benchmark decisions", date(2026, 11, 22), machine, 2_000, 1, found)


def cells(**changes: object) -> tuple[Figures, ...]:
    part = Share(0.9, 0.0067)
    own = {"in_stages": Share(0.0, 0.0), "stopped": Share(0.01, 0.002), "settled": Share(0.91, 0.006)}
    judged = {"prototype": 0.9, "agrees": True, "bound": 0.88, "met": True}
    return tuple(Figures(ALL_HELP.name, THREE.name, tau, part, **(own | judged | changes)) for tau in TAUS)


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_a_row_says_what_the_rules_did_at_every_tau() -> None:
    row = rows(as_markdown(report(*cells())))[-1]
    assert row[:3] == [ALL_HELP.name, THREE.name, "0.9000 ± 0.0067 (0.900, **>= 0.88 met**)"]
    assert row[5:] == ["0.000 / 0.000 / 0.000", "0.010 / 0.010 / 0.010", "0.910 / 0.910 / 0.910"]


def test_what_differs_or_is_missed_is_said_where_it_stands_and_at_the_end() -> None:
    text = as_markdown(report(*cells(agrees=False, met=False)))
    assert "(0.900 differs, **>= 0.88 missed**)" in text
    last = text.splitlines()[-1]
    assert last.startswith("0 of 3 cells of these rules are as the prototype had them")
    assert f"Missed: {ALL_HELP.name}, {THREE.name}, tau 0;" in last


def test_where_all_is_met_nothing_is_named() -> None:
    last = as_markdown(report(*cells())).splitlines()[-1]
    assert last.endswith("3 of 3 targets are met.")


def test_peers_stand_beside_without_being_judged() -> None:
    share = Share(0.7, 0.01)
    peers = [Figures(USELESS.name, DO_NO_HARM, tau, share, prototype=0.869, agrees=False) for tau in TAUS]
    text = as_markdown(report(*cells(), *peers))
    row = next(row for row in rows(text) if row[1] == DO_NO_HARM)
    assert row[2] == "0.7000 ± 0.0100 (0.869 differs)"
    assert row[-1] == ""
    assert "Missed" not in text


def test_harm_is_asked_to_stay_below_its_bound() -> None:
    share = Share(0.002, 0.001)
    found = [Figures(USELESS.name, THREE.name, tau, share, bound=0.01, met=True) for tau in TAUS]
    assert "**<= 0.01 met**" in as_markdown(report(*found))


def test_a_run_prints_the_table_and_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "decisions", "--trials", "4", "--out", str(tmp_path / "decisions.json")]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("## What the rules would have decided")
    assert "4 trials a cell" in said.out and "4 trials of 5 truths" in said.err
    found = json.loads((tmp_path / "decisions.json").read_text("utf-8"))
    assert found["command"] == "virkning benchmark decisions --trials 4"
    assert len(found["figures"]) == 75
