"""The process in which one subject runs."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from registry.benchmarks.child import PEERS, REMEDY, main, outcome_of
from registry.benchmarks.readings import Absent, Outcome, Reading, Task

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
