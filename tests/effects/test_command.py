import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from effects.command import run
from effects.plan import AnalysisPlan
from tests.effects.compression import panels

PlanFor = Callable[..., AnalysisPlan]
Mapping = dict[str, object]
MET = ("cict_itt", "cict_indicators", "achievement_awards_girls", "nsw", "nsw_lin")
NUMBERS = {"estimate": 1e-6, "standard_error": 1e-5, "df": 1e-5, "p_value": 1e-5, "p_adjusted": 1e-5}
ACHIEVEMENT_ERRORS = {
    "cr0": 0.06185000462,
    "cr1": 0.06278013207,
    "cr1s": 0.06279701525,
    "cr2": 0.06470685533,
    "cr3": 0.06775313271,
}


@pytest.fixture
def files(plan_for: PlanFor, trial: pd.DataFrame, tmp_path: Path) -> tuple[Path, Path]:
    plan, rows = tmp_path / "plan.toml", tmp_path / "rows.csv"
    plan.write_text(plan_for().to_toml(), encoding="utf-8")
    trial.to_csv(rows, index=False)
    return plan, rows


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_finished_analysis_is_written_and_exits_with_zero(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    assert run(files[0], [files[1]], out, 7, None) == 0
    found = json.loads(out.read_bytes())
    assert (found["schema"], found["seed"]) == ("virkning-result/1", 7)


def test_without_a_file_to_write_the_result_goes_to_standard_output(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files[0], [files[1]], None, None, None) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["data"]["rows"] == 80
    assert captured.out.endswith("}\n")
    assert captured.err == ""


def test_a_result_is_never_half_written(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "result.json"
    out.write_text("older")
    assert run(files[0], [files[1]], out, None, None) == 0
    assert not list(tmp_path.glob("*.partial"))
    assert json.loads(out.read_bytes())["estimates"]


def test_an_effect_that_cannot_be_estimated_is_an_answer(
    files: tuple[Path, Path], trial: pd.DataFrame, tmp_path: Path
) -> None:
    trial.assign(y=1).to_csv(files[1], index=False)
    out = tmp_path / "result.json"
    assert run(files[0], [files[1]], out, None, None) == 0
    assert json.loads(out.read_bytes())["estimates"][0]["kind"] == "not_estimable"


def test_a_wrong_plan_exits_with_two_and_a_line_for_each_finding(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    files[0].write_text('schema = "virkning-plan/1"\ntitle = "t"\nspeed = 1\n', encoding="utf-8")
    assert run(files[0], [files[1]], None, None, None) == 2
    found = lines(capsys)
    assert [line.split(":")[0] for line in found] == ["design", "estimand", "data", "outcome", "speed"]


def test_a_file_that_is_not_there_exits_with_two(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent.csv"
    assert run(absent, [files[1]], None, None, None) == 2
    assert run(files[0], [absent, files[1]], None, None, None) == 2
    assert run(files[0], [files[1]], None, None, absent) == 2
    assert run(files[0], [], None, None, None) == 2
    assert len(lines(capsys)) == 4


def test_data_that_cannot_carry_the_plan_exit_with_three_and_name_every_row(
    files: tuple[Path, Path], trial: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    trial["treated"] = trial["treated"].replace(1, 3)
    trial.drop(columns="y").to_csv(files[1], index=False)
    assert run(files[0], [files[1]], None, None, None) == 3
    wrong, absent = lines(capsys)
    rows = [row for row, arm in enumerate(trial["treated"], start=1) if arm == 3]
    named = wrong.split(":")[0].removeprefix("data.treated data rows ").replace(" ", "").split(",")
    spans = [[int(end) for end in span.split("-")] for span in named]
    assert [row for span in spans for row in range(span[0], span[-1] + 1)] == rows
    assert "must be 0 or 1" in wrong
    assert "no column y" in absent


def test_a_result_that_cannot_be_written_exits_with_four(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files[0], [files[1]], tmp_path / ("x" * 250), None, None) == 4
    (line,) = lines(capsys)
    assert line.startswith("virkning: The result could not be written: ")


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_that_no_plan_could_state_is_a_wrong_call(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    assert run(files[0], [files[1]], None, seed, None) == 2
    assert lines(capsys)[0].startswith("--seed: seed must be a whole number from 0 to")


def test_everything_wrong_with_a_call_is_said_at_once(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files[0].write_text("title = 3", encoding="utf-8")
    assert run(files[0], [tmp_path / "none.csv"], tmp_path, -1, tmp_path / "none.json") == 2
    wheres = [line.split(":")[0] for line in lines(capsys)]
    assert {"schema", "title", "design", str(tmp_path / "none.csv"), str(tmp_path / "none.json")} <= set(wheres)
    assert {"--seed", str(tmp_path)} <= set(wheres)


def test_the_data_are_never_replaced_by_the_result(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = [path.read_bytes() for path in files]
    assert [run(files[0], [files[1]], path, None, None) for path in files] == [2, 2]
    assert [path.read_bytes() for path in files] == before
    assert all("would replace what is read" in line for line in lines(capsys))


# What a newcomer does to a file, and the words of the single line that helps.
MISTAKES: dict[str, tuple[Callable[[pd.DataFrame], str], str]] = {
    "semicolons": (lambda rows: rows.to_csv(index=False, sep=";"), "are separated by semicolons. State the delimiter"),
    "danish": (lambda rows: rows.to_csv(index=False, sep=";", decimal=","), "are separated by semicolons."),
    "tabs": (lambda rows: rows.to_csv(index=False, sep="\t"), "are separated by tabs."),
    "decimal commas": (
        lambda rows: rows.assign(y=rows["y"].map("{:.3f}".format).str.replace(".", ",")).to_csv(index=False),
        "y holds a value that is not a number. Write decimal points",
    ),
    "yes and no": (
        lambda rows: rows.assign(treated=rows["treated"].map({1: "yes", 0: "no"})).to_csv(index=False),
        "treated must be 0 or 1. Code the comparison as 0",
    ),
    "dates": (
        lambda rows: rows.assign(y="31-12-2016").to_csv(index=False),
        "y holds a value that is not a number. Use decimal points",
    ),
    "another name": (lambda rows: rows.rename(columns={"y": "Y"}).to_csv(index=False), 'Did you mean "Y"?'),
    "two columns alike": (
        lambda rows: rows.rename(columns={"age": "y"}).to_csv(index=False),
        "has several columns named y. Give each column its own name.",
    ),
    "nothing": (lambda _: "", "is empty. The first line must name the columns."),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_file_is_one_line_that_says_what_to_do(
    files: tuple[Path, Path], trial: pd.DataFrame, capsys: pytest.CaptureFixture[str], mistake: str
) -> None:
    spoil, help_ = MISTAKES[mistake]
    files[1].write_text(spoil(trial), encoding="utf-8")
    assert run(files[0], [files[1]], None, None, None) == 3
    (line,) = lines(capsys)
    assert help_ in line


def test_the_example_of_the_readme_runs(schools: pd.DataFrame, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    plan, rows, out = tmp_path / "plan.toml", tmp_path / "rows.csv", tmp_path / "result.json"
    plan.write_text(readme.split("```toml")[1].split("```")[0], encoding="utf-8")
    schools.rename(columns={"school": "home", "treated": "sensor", "y": "falls"}).to_csv(rows, index=False)
    assert run(plan, [rows], out, None, None) == 0
    entry = json.loads(out.read_bytes())["estimates"][0]
    assert (entry["outcome"], entry["standard_error_kind"], entry["clusters"]) == ("falls", "cr2", 12)


CALLS = {
    0: ["plan.toml", "rows.csv", "--out", "result.json"],
    2: ["plan.toml", "none.csv"],
    3: ["plan.toml", "wrong.csv"],
    4: ["plan.toml", "rows.csv", "--out", "x" * 250],
}


def test_the_command_exits_as_the_contract_says_with_a_line_for_each_fault_and_never_with_a_traceback(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "wrong.csv").write_text("a;b\n1;2\n")
    assert files[0].parent == tmp_path
    script = f"from registry.cli import main; print([main(['analyse', *call]) for call in {list(CALLS.values())!r}])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[0, 2, 3, 4]\n"
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["none.csv", "wrong.csv", "virkning"]


@pytest.mark.parametrize("name", MET)
def test_outside_numbers_are_met(reference: Path, tmp_path: Path, name: str) -> None:
    cases = tomllib.loads((reference / "reference.toml").read_text(encoding="utf-8"))["case"]
    (case,) = [case for case in cases if case["plan"] == f"plans/{name}.toml"]
    out = tmp_path / "result.json"
    assert run(reference / case["plan"], [reference / case["data"]], out, None, None) == 0
    found = json.loads(out.read_bytes())
    assert found["data"]["rows_used"] == case.get("rows", found["data"]["rows"])
    by_outcome = {entry["outcome"]: entry for entry in found["estimates"] if entry["analysis"] == "primary"}
    for expected in case["expect"]:
        entry = by_outcome[expected.get("outcome", found["estimates"][0]["outcome"])]
        for key, tolerance in NUMBERS.items():
            if key in expected:
                assert entry[key] == pytest.approx(expected[key], rel=tolerance), (entry["outcome"], key)


def changed(reference: Path, folder: Path, name: str, inference: Mapping, data: str) -> Mapping:
    mapping = tomllib.loads((reference / "plans" / f"{name}.toml").read_text(encoding="utf-8"))
    mapping["inference"].update(inference)
    plan, out = folder / "plan.toml", folder / "result.json"
    plan.write_text(AnalysisPlan.from_mapping(mapping).to_toml(), encoding="utf-8")
    assert run(plan, [reference / data], out, None, None) == 0
    entry: Mapping = json.loads(out.read_bytes())["estimates"][0]
    return entry


@pytest.mark.parametrize("kind", ACHIEVEMENT_ERRORS)
def test_every_clustered_error_of_the_school_trial_is_met(reference: Path, tmp_path: Path, kind: str) -> None:
    data = "achievement_awards_2001_girls.csv"
    entry = changed(reference, tmp_path, "achievement_awards_girls", {"standard_error": kind}, data)
    assert entry["standard_error"] == pytest.approx(ACHIEVEMENT_ERRORS[kind], rel=1e-5)
    assert kind != "cr3" or entry["df"] == pytest.approx(21.77, abs=5e-3)


def test_the_other_working_variance_of_the_stepped_wedge_is_met(reference: Path, tmp_path: Path) -> None:
    inference: Mapping = {"working_variance": "inverse_weight"}
    entry = changed(reference, tmp_path, "cict_itt", inference, "cict_sw_analysis.csv")
    expected = {"standard_error": 0.006315312887, "df": 20.49881413, "p_value": 0.0072517721}
    for key, value in expected.items():
        assert entry[key] == pytest.approx(value, rel=1e-5)


def test_every_reference_plan_has_an_answer_even_where_its_estimator_is_not_built(
    reference: Path, tmp_path: Path
) -> None:
    out = tmp_path / "result.json"
    for case in tomllib.loads((reference / "reference.toml").read_text(encoding="utf-8"))["case"]:
        assert run(reference / case["plan"], [reference / case["data"]], out, None, None) == 0
        for entry in json.loads(out.read_bytes())["estimates"]:
            assert entry["kind"] == "estimate" or entry["reason"] == "not_implemented"


def test_the_python_of_the_readme_gives_what_the_command_writes(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    example = readme.split("```python")[1].split("```")[0]
    monkeypatch.chdir(files[0].parent)
    held: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), held)
    assert run(files[0], [files[1]], tmp_path / "result.json", None, None) == 0
    assert held["result"].to_json() == (tmp_path / "result.json").read_bytes()


@pytest.mark.parametrize("name", ["rows.CSV", "rækker æøå.csv", "a b.csv", "-.csv", "rows"])
def test_a_file_may_have_any_name(files: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    renamed = files[1].rename(tmp_path / name)
    assert run(files[0], [renamed], tmp_path / "result.json", None, None) == 0


@pytest.mark.parametrize("files", [1, 8])
def test_many_rows_give_the_same_bytes_on_one_core_and_on_all(tmp_path: Path, files: int) -> None:
    shape = panels.Shape(seed=2, clusters=20, units=6, periods=10, lost=0.1, level=50.0, parts=1)
    frame = panels.panel(shape)
    many = pd.concat([frame.assign(unit=frame["unit"] + f"-{copy}", y=frame["y"] + copy % 7) for copy in range(100)])
    paths = [panels.parquet(many.iloc[place::files], tmp_path / f"{place}.parquet") for place in range(files)]
    plan = tmp_path / "plan.toml"
    plan.write_text(panels.plan("stepped_wedge", "cr2", ["x"]).to_toml())
    call = [sys.executable, "-m", "registry.cli", "analyse", str(plan), *map(str, paths)]
    found = set()
    for cores in ({min(os.sched_getaffinity(0))}, os.sched_getaffinity(0)):
        done = subprocess.run(
            [sys.executable, "-c", f"import os; os.sched_setaffinity(0, {cores!r}); os.execv({call[0]!r}, {call!r})"],
            capture_output=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
    result = json.loads(found.pop())
    assert [check["detail"] for check in result["diagnostics"] if check["name"] == "compression"] == [
        "cross-products of all columns by cluster are exact for this plan and these rows"
    ]
    assert result["estimates"][0]["rows"] == result["data"]["rows"] == len(many)
