import json
from datetime import date
from pathlib import Path

import pytest

from registry.benchmarks import local
from registry.benchmarks.coverage import Coverage, as_markdown
from registry.benchmarks.coverage_cells import CELLS
from registry.benchmarks.coverage_simulation import Figures, Tally, figures
from registry.benchmarks.machine import Machine
from registry.cli import main


def report(*found: Figures) -> Coverage:
    machine = Machine("one", 2, 4, "Linux", "3.11", {})
    return Coverage("virkning benchmark coverage", date(2026, 11, 22), machine, 5_000, 399, 1, found)


def test_a_row_says_what_a_method_did() -> None:
    text = as_markdown(report(figures(CELLS[1], CELLS[1].ways[0], Tally(1_000, 0, 50, 800, 0, (0.8, 0.9, 1.0)))))
    row = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert row == [
        CELLS[1].name,
        "a",
        f"**{CELLS[1].ways[0]}**",
        "95.0",
        "5.0 (3.8 to 6.5)",
        "0.90",
        "80.0 at 0.6",
        "0.0",
        "met",
    ]


def test_what_is_not_known_stays_empty() -> None:
    text = as_markdown(report(figures(CELLS[1], "permutation", Tally(10, 10, 0, 0, 10))))
    row = [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")]
    assert row[2:] == ["permutation", "", "", "", "", "100.0", "refused"]


def test_the_text_explains_its_columns_and_bands() -> None:
    text = as_markdown(report())
    assert text.startswith("## Size and coverage")
    assert all(word in text for word in ("399 draws", "5,000 trials", "(a)", "(b)", "(c)", "(d)"))


def test_a_run_prints_the_table_and_writes_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "CORES", 1)
    assert main(["benchmark", "coverage", "--trials", "3", "--out", str(tmp_path / "coverage.json")]) == 0
    said = capsys.readouterr()
    assert all(cell.name in said.out and f"{cell.name}: 3 trials" in said.err for cell in CELLS)
    found = json.loads((tmp_path / "coverage.json").read_text("utf-8"))
    assert found["command"] == "virkning benchmark coverage --trials 3"
    assert len(found["figures"]) == sum(len(cell.ways) for cell in CELLS)
    assert found["figures"][0]["trials"] == 3
