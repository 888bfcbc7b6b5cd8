"""Who can take part in a roll-out, and who may read the order."""

import pytest

from registry.decisions.drawing import draw
from registry.decisions.rollouts import candidates, drawn, order_rows, plan_text, rollout
from registry.decisions.tables import Decision
from registry.kit.errors import Conflict, NotFound
from registry.people.rules import Role
from registry.pilots.queries import visible_pilot
from registry.pilots.rules import Visibility
from tests.registry.decisions.story import a_drawing, a_staged_decision, municipalities
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

pytestmark = pytest.mark.usefixtures("database")


async def test_all_municipalities_can_take_part_and_those_that_run_a_pilot_have_it_already() -> None:
    crew, decision_id = await a_staged_decision()
    codes = await municipalities(3)
    found = {one.code: one for one in (await rollout(crew.lead, decision_id)).candidates}
    assert set(codes) <= found.keys()
    assert [found[code].has_it for code in codes] == [False] * 3
    assert {found[code].region for code in codes} == {"Region 1090", "Region 1091"}
    own = (await visible_pilot(crew.lead, crew.pilot)).organisation_code
    assert [code for code, one in found.items() if one.has_it] == [own]


async def test_a_place_of_a_pilot_that_the_reader_may_not_see_is_not_told_apart() -> None:
    lead = await a_lead()
    technology = (await visible_pilot(lead, await a_pilot(lead))).technology
    stranger = await an_account(Role.DECISION_MAKER)
    assert [one.has_it for one in await candidates(lead, technology)].count(True) == 1
    assert [one.has_it for one in await candidates(stranger, technology)].count(True) == 0


async def test_a_decision_that_is_not_in_stages_has_no_roll_out() -> None:
    crew, decision_id = await a_staged_decision()
    await Decision.update({Decision.choice: "extend"}).where(Decision.id == decision_id)
    for reading in (rollout(crew.lead, decision_id), plan_text(crew.lead, decision_id)):
        with pytest.raises(Conflict):
            await reading
    with pytest.raises(NotFound):
        await rollout(crew.lead, 999)


async def test_the_plan_is_there_only_once_the_order_is_and_only_for_who_sees_the_pilot() -> None:
    crew, decision_id = await a_staged_decision()
    with pytest.raises(Conflict):
        await plan_text(crew.lead, decision_id)
    await draw(decision_id, a_drawing(await municipalities()), by=crew.decider)
    assert 'design = "stepped_wedge"' in await plan_text(crew.lead, decision_id)
    stranger = await an_account(Role.DECISION_MAKER)
    for reading in (
        rollout(stranger, decision_id),
        plan_text(stranger, decision_id),
        order_rows(stranger, decision_id),
    ):
        with pytest.raises(NotFound):
            await reading


async def test_an_open_decisions_order_is_read_by_everybody_in_the_programme() -> None:
    crew, decision_id = await a_staged_decision(visibility=Visibility.PROGRAMME)
    await draw(decision_id, a_drawing(await municipalities()), by=crew.decider)
    found = await rollout(await an_account(Role.DECISION_MAKER), decision_id)
    assert found.drawn is not None
    assert found.candidates == ()


async def test_a_stored_order_is_told_by_stage_with_names() -> None:
    placed = [
        {"place": {"code": code}, "stratum": "Nord small", "stage": stage} for code, stage in (("1", 2), ("2", 1))
    ]
    balance = [{"kind": "all", "name": "", "places": [1, 1], "population": [5, 6], "tolerance": 1}]
    stored = {
        "order": {"placed": placed, "balance": balance},
        "starts": ["2027-01-01", "2027-04-01"],
        "names": {"1": "Aalborg", "2": "Rebild"},
    }
    found = drawn(stored)
    assert [stage.places for stage in found.stages] == [(("Rebild", "Nord small"),), (("Aalborg", "Nord small"),)]
    assert found.balanced
