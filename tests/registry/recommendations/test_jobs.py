"""The advice that the rules give on what the registry holds."""

from pathlib import Path

import pytest

from effects.case import CaseError
from registry.evidence.queries import assessment
from registry.recommendations.jobs import advice_on
from registry.recommendations.queries import recommendation
from tests.registry.evidence.story import published
from tests.registry.recommendations.story import an_issued_recommendation, telecare_recommended


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
async def test_the_advice_follows_from_the_case_file_alone(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    found = await recommendation(cast.lead, made)
    case = (await assessment(cast.lead, found.recommendation.assessment_id)).case
    assert advice_on(case) == found.advice


def test_advice_on_a_case_that_cannot_be_read_says_why() -> None:
    with pytest.raises(CaseError):
        advice_on(published().case.replace("[case]", "[cace]"))
