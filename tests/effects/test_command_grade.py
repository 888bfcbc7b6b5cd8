import json
from pathlib import Path

import pytest

from effects.case import CaseError
from effects.command_grade import read_case, run
from tests.effects.sound_case import TELECARE_NORD


def written(folder: Path, text: str) -> Path:
    path = folder / "CASE.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_advice_goes_to_the_file_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "advice.json"
    assert run(TELECARE_NORD, out) == 0
    assert json.loads(out.read_text())["recommendation"] == "STOP"
    assert capsys.readouterr() == ("", "")


def test_advice_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(TELECARE_NORD, None) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["rule"] == "R6"
    assert said.err == ""


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    run(TELECARE_NORD, first)
    run(TELECARE_NORD, second)
    assert first.read_bytes() == second.read_bytes()


def test_too_little_evidence_is_an_answer(tmp_path: Path) -> None:
    text = """
        [case]
        technology = "Eating robot 1"
        [[indicator]]
        name = "meals eaten alone"
        role = "primary"
        domain = "citizen"
        better = "higher"
    """
    out = tmp_path / "advice.json"
    assert run(written(tmp_path, text), out) == 0
    assert json.loads(out.read_text())["recommendation"] == "NOT_ENOUGH_EVIDENCE"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "not TOML"),
        ("x = " + "9" * 5000, "not TOML"),
        ("[case]\ntechnology = 3", "case.technology"),
        ("x = " + "[" * 5000 + "]" * 5000, "not TOML"),
    ],
)
def test_a_wrong_case_is_told_in_one_line_each(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(tmp_path, text), None) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""
    assert "Traceback" not in told.err


def test_every_finding_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """
        [case]
        technolgy = "x"
        [[indicator]]
        name = "a"
        role = "main"
        domain = "citizen"
        better = "higher"
        dose = 90
    """
    assert run(written(tmp_path, text), None) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "case.technology",
        "indicator[0].role",
        "indicator[0].dose",
        "case.technolgy",
    ]


def test_no_such_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.toml", None) == 2
    assert "cannot be opened" in capsys.readouterr().err


def test_a_folder_is_no_case(tmp_path: Path) -> None:
    assert run(tmp_path, None) == 2


def test_a_result_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(TELECARE_NORD, tmp_path / ("x" * 250)) == 4
    assert capsys.readouterr().err.startswith("virkning: The result could not be written:")


def test_a_place_where_no_result_can_go_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = written(tmp_path, TELECARE_NORD.read_text("utf-8"))
    assert [run(case, out) for out in (tmp_path, tmp_path / "none" / "advice.json", case)] == [2, 2, 2]
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert read_case(case) == read_case(TELECARE_NORD)


def test_a_case_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "CASE.toml"
    path.write_bytes(b'[case]\ntechnology = "L\xf8ft"')
    with pytest.raises(CaseError) as error:
        read_case(path)
    assert [finding.code for finding in error.value.findings] == ["not_utf8"]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "CASE.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TELECARE_NORD.read_bytes())
    assert read_case(path) == read_case(TELECARE_NORD)
