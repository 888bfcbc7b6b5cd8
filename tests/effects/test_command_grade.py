import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

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


# ---- the golden case, as a decision-maker meets it -------------------------------------------------------------------

SATISFACTION = TELECARE_NORD.with_name("telecare_nord_satisfaction.toml")
EXTENSION = {"extension_feasible": True, "evsi": 40.0, "extension_cost": 5.0, "extension_assurance": 0.9}


def graded(folder: Path, seed: Path = TELECARE_NORD, **tables: dict[str, object]) -> dict[str, Any]:
    """What the command writes about a seed case with some of its facts changed."""
    stated = tomllib.loads(seed.read_text("utf-8"))
    for table, facts in tables.items():
        stated[table] = stated.get(table, {}) | facts
    out = folder / "advice.json"
    assert run(written(folder, tomli_w.dumps(stated)), out) == 0
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def test_the_golden_case_stops_with_every_figure_of_its_rules(tmp_path: Path) -> None:
    found = graded(tmp_path)
    assert (found["recommendation"], found["rule"]) == ("STOP", "R6")
    economy = found["economy"]
    assert economy["expected_net_value"] == pytest.approx(-450, abs=1)
    assert economy["icer"] == pytest.approx(55_152, abs=1)
    assert economy["probability_cost_saving"] == pytest.approx(0.168, abs=0.002)
    assert economy["probability_positive"] == pytest.approx(0.285, abs=0.001)
    assert economy["evpi"] == pytest.approx(140.2, abs=0.1)
    assert economy["assumed"] == ["correlation"]
    assert {"icer", "expected_net_value", "probability_positive", "evpi"} <= set(economy["worked_out"])


def test_its_health_scales_say_little_or_no_effect_at_low_certainty(tmp_path: Path) -> None:
    for item in graded(tmp_path)["indicators"][:2]:
        assert item["verdict"] == "little_or_no_effect"
        assert item["certainty"]["label"]["text"] == "Low"
        steps = {step["rule"]: step for step in item["certainty"]["steps"]}
        assert {rule for rule, step in steps.items() if step["change"] < 0} == {"A", "E"}
        assert steps["A"]["found"]["potential_bias"] == pytest.approx(0.080, abs=0.0005)
        assert steps["J"]["state"] is False


def test_its_failing_gates_are_listed(tmp_path: Path) -> None:
    assert [gate["id"] for gate in graded(tmp_path)["gates"] if gate["state"] is False] == ["G2", "G5"]


def test_both_of_its_turning_points_are_named_and_are_where_the_advice_turns(tmp_path: Path) -> None:
    turns = {(turn["input"], turn["kind"]): turn for turn in graded(tmp_path)["what_would_change"]}
    worth = turns["value_per_unit", "NOT_ENOUGH_EVIDENCE"]
    assert worth["to"] == pytest.approx(55_152, abs=1)
    assert turns["extension_feasible", "EXTEND"]["rule"] == "R5"
    for value, advice in ((55_150, "STOP"), (55_153, "NOT_ENOUGH_EVIDENCE"), (60_000, "NOT_ENOUGH_EVIDENCE")):
        assert graded(tmp_path, economy={"value_per_unit": value})["recommendation"] == advice


@pytest.mark.parametrize("value", [21_068, 60_000])
def test_a_cheap_feasible_extension_whose_information_pays_extends_it(tmp_path: Path, value: int) -> None:
    found = graded(tmp_path, economy={"value_per_unit": value}, portfolio=EXTENSION)
    assert (found["recommendation"], found["rule"]) == ("EXTEND", "R5")


def test_satisfaction_alone_is_not_enough_evidence_for_want_of_a_comparison(tmp_path: Path) -> None:
    found = graded(tmp_path, SATISFACTION)
    assert (found["recommendation"], found["rule"]) == ("NOT_ENOUGH_EVIDENCE", "R0")
    assert [reason["id"] for reason in found["reasons"]] == ["G7"]
    assert found["stability"]["reason"]["text"] == "No estimate and no economy has a stated uncertainty."


def test_how_firm_the_stop_is(tmp_path: Path) -> None:
    stability = graded(tmp_path)["stability"]
    assert stability["draws"] == 400
    assert stability["shares"][0]["kind"] == "STOP"
    assert 0.5 < stability["same"] < 0.65


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_case_is_graded_by_the_version_it_asks_for(tmp_path: Path, version: str) -> None:
    found = graded(tmp_path, case={"ruleset": version})
    assert (found["rules_version"], found["recommendation"]) == (version, "STOP")
