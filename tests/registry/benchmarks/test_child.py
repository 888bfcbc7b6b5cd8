"""The process in which one subject runs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from registry.benchmarks.child import PEERS, REMEDY, main, outcome_of
from registry.benchmarks.readings import Absent, Outcome, Reading, Task
from tests.house.source import HOUSE

ARMS = "registry.benchmarks.ours.resampling:permuted_arms"


def test_the_reading_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    main(ARMS, tmp_path / "answer.json", msgspec.json.encode(Task(folder=str(tmp_path), draws=9)))
    found = msgspec.json.decode((tmp_path / "answer.json").read_bytes(), type=Outcome)
    assert isinstance(found, Reading)
    assert found.count == 20


def test_a_call_that_only_prepares_gives_nothing(tmp_path: Path) -> None:
    assert outcome_of("registry.benchmarks.panels:generate", Task(folder=str(tmp_path), rows=2_000)) is None
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("peer", PEERS)
def test_a_missing_peer_is_named_with_its_remedy(peer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"needs_{peer}.py").write_text(f"raise ModuleNotFoundError(name={peer + '.models'!r})\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert outcome_of(f"needs_{peer}:measured", Task(folder="")) == Absent(REMEDY.format(package=peer))


def test_a_module_of_our_own_that_is_missing_is_a_fault() -> None:
    with pytest.raises(ModuleNotFoundError):
        outcome_of("registry.benchmarks.ours.unheard_of:measured", Task(folder=""))


def test_it_runs_as_a_programme_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "registry.benchmarks.child", ARMS, str(tmp_path / "answer.json")]
    done = subprocess.run(
        command, input=msgspec.json.encode(Task(folder="", draws=9)), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert isinstance(msgspec.json.decode((tmp_path / "answer.json").read_bytes(), type=Outcome), Reading)


def test_what_the_subject_raises_is_not_swallowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an absent peer is an answer; a fault of the subject ends the process that runs it."""
    (tmp_path / "faulty.py").write_text("def measured(task):\n    raise ZeroDivisionError(task.rows)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ZeroDivisionError, match="77"):
        main("faulty:measured", tmp_path / "answer.json", msgspec.json.encode(Task(folder="", rows=77)))
    assert not (tmp_path / "answer.json").exists()


def test_a_peer_that_lacks_something_of_its_own_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_installed.py").write_text("raise ModuleNotFoundError(name='something_else.deep')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        outcome_of("half_installed:measured", Task(folder=""))


def test_preparing_writes_that_there_is_nothing_to_read(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=100)
    main("registry.benchmarks.registers:generate", tmp_path / "answer.json", msgspec.json.encode(task))
    assert (tmp_path / "answer.json").read_bytes() == b"null"


@pytest.mark.parametrize("given", [b"", b"[]", b'{"rows": 5}', b'{"folder": "x", "rows": "many"}'])
def test_a_task_that_is_none_runs_nothing(given: bytes, tmp_path: Path) -> None:
    with pytest.raises(msgspec.DecodeError):
        main(ARMS, tmp_path / "answer.json", given)
    assert not (tmp_path / "answer.json").exists()


def test_every_peer_of_the_extra_can_be_named_when_it_is_missing() -> None:
    """pandas is no part of the extra, but what it needs to write Parquet is."""
    extra = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"][
        "benchmark"
    ]
    assert {re.split(r"[^a-z]", one)[0] for one in extra} <= set(PEERS)
