"""Reading recommendations; what belongs to a private pilot does not exist for others."""

from pathlib import Path

import msgspec
import pytest

from registry.evidence.actions import approve
from registry.evidence.queries import assessments_of
from registry.indicators.tables import Agreement, Indicator
from registry.kit.errors import NotFound
from registry.people.rules import Role, StakeholderGroup
from registry.pilots.rules import Visibility
from registry.recommendations.queries import issuing, recommendation, recommendations
from tests.registry.evidence.story import (
    a_graded_assessment,
    a_published_assessment,
    a_second_evaluator,
    two_pilots,
)
from tests.registry.people.story import an_account
from tests.registry.recommendations.story import an_issued_recommendation, issued, telecare_recommended

pytestmark = pytest.mark.usefixtures("database")


async def test_recommendations_are_listed_newest_first_with_their_technology(tmp_path: Path) -> None:
    hidden_cast, hidden = await an_issued_recommendation(tmp_path)
    _, open_one = await telecare_recommended(tmp_path, visibility=Visibility.PROGRAMME, new_technology="TeleCare")
    everywhere = await an_account(Role.DECISION_MAKER, everywhere=True)
    listed = (await recommendations(everywhere)).recommendations
    assert [row.id for row in listed] == [open_one, hidden]
    assert (listed[0].technology_name, listed[0].major_version, listed[0].kind) == ("TeleCare", "2", "STOP")
    stranger = await an_account(Role.DECISION_MAKER)
    assert [row.id for row in (await recommendations(stranger)).recommendations] == [open_one]
    assert {row.id for row in (await recommendations(hidden_cast.lead)).recommendations} == {open_one, hidden}


async def test_a_private_pilots_advice_does_not_exist_for_others(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    assessment_id = (await recommendation(cast.lead, made)).recommendation.assessment_id
    stranger = await an_account(Role.DECISION_MAKER)
    for reading in (recommendation(stranger, made), issuing(stranger, assessment_id), recommendation(cast.lead, 999)):
        with pytest.raises(NotFound):
            await reading


async def test_dissent_about_what_was_agreed_is_published_by_group(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    assert (await recommendation(cast.lead, made)).dissent == []
    said = [{"group": StakeholderGroup.STAFF, "text": "It measures the system, not the citizen."}]
    first = await Agreement.objects().order_by(Agreement.id).first()
    assert first is not None
    first.dissent = msgspec.json.encode(said).decode()
    await first.save()
    (found,) = (await recommendation(cast.lead, made)).dissent
    assert found.indicator == "Language known"
    assert [(one.group, one.text) for one in found.said] == [(StakeholderGroup.STAFF, said[0]["text"])]


async def test_how_far_the_advice_is(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    found = await issuing(cast.lead, assessment_id)
    assert (found.approved, found.recommendation_id, found.job) == (False, None, None)
    other, made = await an_issued_recommendation(tmp_path)
    about = (await recommendation(other.lead, made)).recommendation
    ready = await issuing(other.lead, about.assessment_id)
    assert (ready.approved, ready.recommendation_id) == (True, made)
    assert ready.job is not None and ready.job.over


async def test_what_advice_on_several_pilots_rests_on_is_told_to_those_who_see_it(tmp_path: Path) -> None:
    _, second, technology = await two_pilots(tmp_path)
    listed = await assessments_of(second.evaluator, second.pilot)
    made = await issued(tmp_path, second, listed.assessments[0].id)
    everybody = await an_account(Role.DECISION_MAKER, everywhere=True)
    own, whole = [(await recommendation(reader, made)).resting for reader in (second.lead, everybody)]
    assert (own.pilots, own.look, own.whole) == (2, 2, False)
    assert (whole.pilots, whole.whole, whole.simulated) == (2, True, False)
    assert (await recommendation(everybody, made)).recommendation.technology_id == technology


async def test_the_units_that_were_agreed_come_with_the_advice(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await Indicator.update({Indicator.unit: "share"}).where(Indicator.pilot == cast.pilot)
    found = await recommendation(cast.lead, made)
    assert found.resting.units["Language known"] == "share"
    told = found.said["Language known"]
    assert told is not None and "of every 100" in told.effect.template


async def test_outdated_advice_is_marked_in_the_list(tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    assert [row.outdated for row in (await recommendations(cast.lead)).recommendations] == [None]
    newer = await a_published_assessment(tmp_path, cast)
    await approve(newer, by=await a_second_evaluator(cast))
    (row,) = (await recommendations(cast.lead)).recommendations
    assert (row.id, row.outdated is None) == (made, False)
    assert (await recommendation(cast.lead, made)).replaced_by is None, "nothing newer is issued yet"
