"""`virkning verify` at a terminal."""

import json
from pathlib import Path

import pytest

from effects.command_verify import run
from effects.terminal import BEYOND_THE_USER, DONE, WRONG_CALL, WRONG_DATA
from registry.cli import main
from tests.effects.bundle.forging import renewed
from tests.effects.bundle.story import a_zip, the_files, the_zip


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    path.write_bytes(the_zip())
    return path


def test_a_bundle_that_agrees_is_reported_file_by_file_on_standard_output(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(bundle, None) == DONE
    said = capsys.readouterr()
    assert said.err == ""
    assert [file["file"] for file in json.loads(said.out)["files"]] == list(the_files())


def test_a_difference_is_one_line_on_standard_error_and_status_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "pilots/2/plan.toml"
    path = a_zip(renewed(the_files(), name, the_files()[name].replace(b"0.5", b"0.25")), tmp_path)
    out = tmp_path / "report.json"
    assert run(path, out) == WRONG_DATA
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert any(line.startswith("pilots/2/result.json $.plan.fingerprint: It states") for line in lines)
    assert all("; " in line and " gives " in line for line in lines)
    assert json.loads(out.read_bytes())["verdict"] == "differs"


def test_what_is_no_bundle_or_a_wrong_place_for_the_report_is_a_wrong_call(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.zip"
    other.write_bytes(b"not a zip")
    assert run(other, tmp_path / "nowhere" / "report.json") == WRONG_CALL
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert run(bundle, bundle) == WRONG_CALL
    assert run(tmp_path / "none.zip", None) == WRONG_CALL
    assert bundle.read_bytes() == the_zip()


def test_what_the_user_cannot_mend_is_status_4(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "report.json.partial"
    taken.mkdir()
    assert run(bundle, tmp_path / "report.json") == BEYOND_THE_USER
    assert "could not be written" in capsys.readouterr().err


def test_the_command_line_leads_here(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    assert main(["verify", str(bundle), "--out", str(out)]) == DONE
    assert json.loads(out.read_bytes())["verdict"] == "agrees"
