"""The advice that the rules give on what the registry holds."""

from pathlib import Path

import pytest

from effects.case import CaseError
from registry.evidence.actions import approve, assess
from registry.evidence.tables import Synthesis
from registry.recommendations.compute import advice_on
from registry.recommendations.queries import recommendation
from tests.registry.analyses.story import a_real_analysis, work_off
from tests.registry.evidence.story import a_second_evaluator, facts, published
from tests.registry.recommendations.story import an_issued_recommendation, issued, telecare_recommended


@pytest.mark.usefixtures("database")
async def test_without_economics_even_a_proven_benefit_is_not_rolled_out_nor_stopped(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    found = await recommendation(cast.lead, made)
    assert (found.recommendation.kind, found.recommendation.rule) == ("NOT_ENOUGH_EVIDENCE", "R7")
    assert found.advice["verdicts"]["Language known"] == "important_benefit"
    missing = {unknown["input"] for unknown in found.advice["unknowns"]}
    assert "expected_net_value" in missing
    assert all(gate["state"] for gate in found.advice["gates"] if gate["kind"] == "validity")
    assert found.advice["reasons"]


@pytest.mark.usefixtures("database")
async def test_telecare_nord_is_stopped_by_r6_and_the_turning_points_say_when_not(tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    found = await recommendation(cast.lead, made)
    assert (found.recommendation.kind, found.recommendation.rule) == ("STOP", "R6")
    failing = {gate["id"] for gate in found.advice["gates"] if gate["state"] is False}
    assert failing == {"G2", "G5"}
    turns = {(turn["input"], turn["kind"]): turn["to"] for turn in found.advice["what_would_change"]}
    assert turns["value_per_unit", "NOT_ENOUGH_EVIDENCE"] == pytest.approx(55_151.5, abs=0.1)
    assert ("extension_feasible", "EXTEND") in turns


@pytest.mark.usefixtures("database")
async def test_the_real_trial_is_stopped_for_nothing_improved_whatever_the_unknowns_are(tmp_path: Path) -> None:
    cast, analysis_id = await a_real_analysis(tmp_path)
    assessment_id = await assess(analysis_id, facts(), by=cast.evaluator)
    await work_off(tmp_path)
    await approve(assessment_id, by=await a_second_evaluator(cast))
    found = await recommendation(cast.lead, await issued(tmp_path, cast, assessment_id))
    assert (found.recommendation.kind, found.recommendation.rule) == ("STOP", "R4")
    verdicts = found.advice["verdicts"]
    assert {name for name, verdict in verdicts.items() if verdict == "harm"} >= {"language", "congregate_setting"}
    assert not any(verdict == "important_harm" for verdict in verdicts.values())
    assert not found.advice["conjunction"]["proven"]
    stop = next(rule for rule in found.advice["rules"] if rule["rule"] == "R4")
    assert stop["state"] is True and stop["waits_for"] == []
    waiting = {unknown["input"] for unknown in found.advice["unknowns"]}
    assert not waiting & {"share_silent", "untested_target_groups"}, "one is counted, the other takes one level at most"
    assert {gate["id"]: gate["state"] for gate in found.advice["gates"]} == {
        "G1": True,
        "G2": False,
        "G3": True,
        "G4": True,
        "G5": True,
        "G6": True,
        "G7": True,
    }
    assert found.advice["reasons"] and found.advice["what_would_change"]


@pytest.mark.usefixtures("database")
async def test_the_advice_follows_from_the_case_file_of_its_look_alone(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    found = await recommendation(cast.lead, made)
    look = await Synthesis.select(Synthesis.case).order_by(Synthesis.id, ascending=False).first()
    assert look is not None
    assert advice_on(look["case"]) == found.advice


def test_advice_on_a_case_that_cannot_be_read_says_why() -> None:
    with pytest.raises(CaseError):
        advice_on(published().case.replace("[case]", "[cace]"))
