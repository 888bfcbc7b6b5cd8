"""`virkning benchmark` as it is called."""

import json
from pathlib import Path

import pytest

from registry.benchmarks.command import FULL, NO_POSTGRESQL, Wanted, run
from registry.benchmarks.contests import BENCHMARKS, Benchmark
from registry.kit.errors import Unavailable


def test_a_small_run_prints_every_subject_and_writes_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Wanted("resampling", draws=99, runs=1, out=tmp_path / "runs.json")) == 0
    printed = capsys.readouterr()
    for subject in BENCHMARKS["resampling"].subjects:
        assert f"| {subject.name} " in printed.out
        assert f"{subject.name}, run 1: " in printed.err
    assert "not at this size" in printed.out
    said = json.loads((tmp_path / "runs.json").read_text())
    assert said["command"] == "virkning benchmark resampling --draws 99 --runs 1"
    ours = said["results"][0]["subjects"]["virkning, bootstrap"]
    assert len(ours["runs"]) == 1


def test_pages_without_a_server_are_measured_on_sqlite_and_say_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(Wanted("pages", requests=3, runs=1)) == 0
    printed = capsys.readouterr().out
    assert NO_POSTGRESQL in printed
    assert "3 requests" in printed


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("everything"), "there are ingest, effects, resampling, pages"),
        (Wanted("effects", rows=0), "at least 1"),
        (Wanted("effects", runs=-1), "at least 1"),
        (Wanted("effects", out=Path("no") / "such" / "folder.json"), "does not exist"),
    ],
)
def test_an_impossible_call_measures_nothing(wanted: Wanted, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(wanted) == 2
    printed = capsys.readouterr()
    assert said in printed.err and printed.out == ""


def test_the_call_states_only_what_is_not_usual() -> None:
    assert Wanted().call == "virkning benchmark"
    assert Wanted("ingest", rows=10, runs=2).call == "virkning benchmark ingest --rows 10 --runs 2"


def test_only_the_full_size_is_held_against_seconds() -> None:
    assert Wanted(runs=1).full_size
    assert not Wanted(rows=FULL.rows - 1).full_size


def test_what_could_not_be_generated_is_said_of_every_subject(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The database is away: nothing is measured, and every line says why."""
    broken = Benchmark("broken", "registry.benchmarks.panels:unheard_of", BENCHMARKS["effects"].subjects, ())
    monkeypatch.setitem(BENCHMARKS, "broken", broken)
    assert run(Wanted("broken", runs=1, out=tmp_path / "runs.json")) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "AttributeError" in line]
    assert len(lines) == len(broken.subjects)
    subjects = json.loads((tmp_path / "runs.json").read_text())["results"][0]["subjects"]
    assert {found["type"] for found in subjects.values()} == {"absent"}


def test_a_database_server_that_is_away_ends_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        run(Wanted("pages", requests=1, runs=1))
