"""`virkning benchmark` as it is called."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from registry.benchmarks.child import REMEDY
from registry.benchmarks.command import FULL, NO_POSTGRESQL, Wanted, run
from registry.benchmarks.contests import BENCHMARKS, Benchmark
from registry.cli import main
from registry.kit.errors import Unavailable

ABSENT = "a_peer_that_is_away"


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
        (
            Wanted("everything"),
            "there are ingest, effects, resampling, pages, distributed, coverage, decisions, endurance",
        ),
        (Wanted("endurance", minutes=0.0), "minutes are more than none"),
        (Wanted("endurance", minutes=float("nan")), "minutes are more than none"),
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


def test_every_size_that_is_not_usual_is_in_the_call() -> None:
    assert (
        Wanted("pages", rows=1, draws=2, requests=3, runs=4).call
        == "virkning benchmark pages --rows 1 --draws 2 --requests 3 --runs 4"
    )
    assert Wanted(rows=FULL.rows, draws=FULL.draws, requests=FULL.requests).call == "virkning benchmark"


def test_neither_runs_nor_requests_make_a_job_smaller_but_rows_and_draws_do() -> None:
    assert Wanted(requests=1).full_size
    assert not Wanted(draws=FULL.draws + 1).full_size
    assert not Wanted(rows=FULL.rows * 2).full_size


@pytest.mark.parametrize("size", ["rows", "draws", "requests", "runs", "trials"])
def test_every_size_is_at_least_one(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Wanted("resampling", **{size: 0})) == 2
    assert "rows, draws, requests, runs and trials are at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "said", [["--rows", "many"], ["--runs", "1.5"], ["--rows"], ["--speed", "3"], ["ingest", "pages"]]
)
def test_words_that_are_no_sizes_are_refused_before_anything_is_loaded(
    said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["benchmark", *said])
    assert ended.value.code == 2
    assert "usage: virkning" in capsys.readouterr().err


def test_a_refused_call_leaves_the_file_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "runs.json").write_text("earlier")
    assert run(Wanted("effects", rows=0, out=tmp_path / "runs.json")) == 2
    assert (tmp_path / "runs.json").read_text() == "earlier"


def test_a_run_where_no_peer_is_there_still_holds_ours_against_its_targets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What needs the peer is unknown; what needs it not is judged, at every size."""
    ingest = BENCHMARKS["ingest"]
    ours = replace(ingest.subjects[0], once=True)
    away = tuple(replace(one, call=f"{ABSENT}:measured") for one in ingest.subjects if ".peers." in one.call)
    (tmp_path / f"{ABSENT}.py").write_text("raise ModuleNotFoundError(name='frictionless')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(BENCHMARKS, "ingest", replace(ingest, subjects=(ours, *away)))
    assert run(Wanted("ingest", rows=500, runs=2, out=tmp_path / "runs.json")) == 0
    (result,) = json.loads((tmp_path / "runs.json").read_text())["results"]
    verdicts = {target["statement"]: target["verdict"] for target in result["targets"]}
    assert verdicts == {
        "CPU seconds for the whole file": "not at this size",
        "peak memory, MB": "not at this size",
        "times the CPU of ours a row: frictionless": "unknown",
        "times the CPU of ours: pandas": "unknown",
    }
    assert result["subjects"]["pandas"]["reason"] == REMEDY.format(package="frictionless")
    assert result["subjects"]["virkning"]["count"] == 500
    assert "not measured" in capsys.readouterr().out


def test_what_was_generated_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setitem(BENCHMARKS, "made", Benchmark("made", "registry.benchmarks.registers:generate", (), ()))
    assert run(Wanted("made", rows=50, runs=1)) == 0
    assert list(tmp_path.iterdir()) == []
