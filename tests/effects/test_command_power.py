import json
from pathlib import Path

import pytest

from effects.codes import Design
from effects.command_power import run

TRIAL = """
design = "cluster_randomised"
clusters = 20
size = 50
icc = 0.05
sd = 1
power = 0.8
"""


def written(folder: Path, text: str = TRIAL) -> Path:
    path = folder / "DESIGN.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_answer_goes_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path), None) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert answer["solved"] == "effect"
    assert answer["mde_t"] == pytest.approx(0.2388633587)
    assert said.err == ""


def test_the_answer_goes_to_the_file_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "power.json"
    assert run(written(tmp_path), out) == 0
    assert json.loads(out.read_text("utf-8"))["design_effect"] == pytest.approx(3.45)
    assert capsys.readouterr() == ("", "")


def test_the_same_design_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    design = written(tmp_path)
    assert run(design, first) == run(design, second) == 0
    assert first.read_bytes() == second.read_bytes()


def test_that_nothing_reaches_the_power_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, TRIAL.replace("clusters = 20", "clusters = 1")), None) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["kind"] == "not_attainable"
    assert "more clusters" in answer["needs"]


def test_every_finding_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'design = "cluster_randomised"\nclusters = -1\nsize = 0\nicc = 2\ncolour = "red"\n'
    assert run(written(tmp_path, text), None) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert [line.split(":")[0] for line in told.err.splitlines()] == ["clusters", "size", "icc", "colour", *_rest()]


def _rest() -> list[str]:
    return ["effect, power, clusters", "sd"]


@pytest.mark.parametrize(
    ("text", "said"), [("not toml", "not TOML"), ("", "design is missing"), (TRIAL.replace("size", "sise"), "size?")]
)
def test_a_wrong_design_is_told(text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, text), None) == 2
    assert said in capsys.readouterr().err


def test_no_such_design(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.toml", None) == 2
    assert "cannot be opened" in capsys.readouterr().err


def test_a_place_where_no_answer_can_go_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = written(tmp_path)
    assert [run(design, out) for out in (tmp_path, tmp_path / "none" / "power.json", design)] == [2, 2, 2]
    assert len(capsys.readouterr().err.splitlines()) == 3
    assert design.read_text("utf-8") == TRIAL


def test_an_answer_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path), tmp_path / ("x" * 250)) == 4
    assert capsys.readouterr().err.startswith("virkning: The result could not be written:")


def test_a_wrong_design_and_a_wrong_place_are_both_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, TRIAL + "extra = 1\n"), tmp_path) == 2
    said = capsys.readouterr().err
    assert "extra" in said and "folder" in said


DESIGNS = {
    "individual_randomised": "clusters = 64\nsd = 1",
    "cluster_randomised": "clusters = [8, 10]\nsize = 20\nicc = 0.05\nproportions = 0.3",
    "stepped_wedge": "clusters = 3\nperiods = 5\nsize = 20\nicc = 0.05\ncac = 0.8\nsd = 1",
    "two_period_did": "clusters = 20\nsize = 20\nicc = 0.05\ncac = 0.8\niac = 0.4\nsd = 1",
    "staggered_adoption": "clusters = [4, 4]\nnever_treated = 8\nperiods = 6\nautocorrelation = 0.3\nsd = 1",
    "interrupted_time_series": "periods = 48\nautocorrelation = 0.3\nsd = 1",
    "controlled_interrupted_time_series": "clusters = [1, 4]\nperiods = 48\nsd = 1",
    "matched_comparison": "clusters = [100, 300]\nweight_cv = 0.8\nsd = 1",
    "synthetic_control": "clusters = 38\nperiods = 31\nstarts = 20\nsd = 1",
    "before_after": "clusters = 20\nsize = 20\nicc = 0.05\ncac = 0.8\nsd = 1",
    "survey_before_after": "clusters = 50\nsize = 4\nicc = 0.05\nweight_cv = 0.5\npopulation = 4000\nsd = 1",
}


@pytest.mark.parametrize("design", [code.value for code in Design])
def test_every_design_of_the_plan_format_is_answered(
    design: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(tmp_path, f'design = "{design}"\n{DESIGNS[design]}\npower = 0.8\n'), None) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["kind"], answer["design"]) == ("virkning-power/1", "power", design)
    assert answer["effect"] > 0
    assert all(answer[f"mde_{name}"] > 0 for name in ("z", "t", "noncentral_t"))
    assert "noncentral_t:" in answer["conventions"] and answer["assumptions"].endswith(".")


def test_an_answer_of_the_command_keeps_what_its_sentences_are_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(written(tmp_path), None)
    answer = json.loads(capsys.readouterr().out)
    assert {"conventions", "assumptions"} == set(answer["messages"])


@pytest.mark.parametrize("size", ["inf", "nan", "1e308", "-1e308"])
def test_numbers_beyond_measure_are_refused(size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, TRIAL.replace("size = 50", f"size = {size}")), None) == 2
    assert capsys.readouterr().err.startswith("size: ")
