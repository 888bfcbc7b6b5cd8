from pathlib import Path

import pytest

from registry.indicators.queries import agreed_set, groups_voted, indicators_of, results_of, state_of
from registry.indicators.rules import Outcome, RoundState
from registry.people.rules import StakeholderGroup
from registry.seeding import agreeing, files
from tests.registry.seeding.story import a_carriage

CITIZENS, STAFF, IT = StakeholderGroup.CITIZENS, StakeholderGroup.STAFF, StakeholderGroup.IT


@pytest.mark.usefixtures("database")
async def test_the_groups_agree_on_what_the_plan_asks_for_and_dissent_is_kept(tmp_path: Path) -> None:
    carriage = await a_carriage("virtual_visits", tmp_path)
    for step in (agreeing.propose, agreeing.rate, agreeing.close):
        assert await step(carriage)
        assert await step(carriage), "a second time changes nothing"
    agreed = {one.code for one in await agreed_set(carriage.pilot)}
    results = {one.code: one for one in await results_of(carriage.pilot)}
    assert agreed == {one.code for one in carriage.seed.indicators} - {"support_calls"}
    assert results["support_calls"].outcome is not Outcome.IN
    assert {one.group for one in results["support_calls"].dissent} == {CITIZENS, IT}
    assert all((await groups_voted(carriage.pilot)).values()), "gate G5"


@pytest.mark.usefixtures("database")
async def test_an_open_round_lacks_the_groups_that_have_not_rated(tmp_path: Path) -> None:
    carriage = await a_carriage("fall_sensors", tmp_path)
    await agreeing.propose(carriage)
    await agreeing.rate(carriage)
    assert await state_of(carriage.pilot) is RoundState.OPEN
    voted = await groups_voted(carriage.pilot)
    assert {group for group, people in voted.items() if people} == {STAFF, IT}


@pytest.mark.usefixtures("database")
async def test_a_round_that_somebody_closed_is_left_closed(tmp_path: Path) -> None:
    carriage = await a_carriage("fall_sensors", tmp_path)
    for step in (agreeing.propose, agreeing.rate, agreeing.close, agreeing.rate):
        assert await step(carriage)
    assert await state_of(carriage.pilot) is RoundState.CLOSED


@pytest.mark.usefixtures("database")
async def test_wordings_are_taken_over_from_the_library_in_danish(tmp_path: Path) -> None:
    carriage = await a_carriage("night_sensors", tmp_path)
    await agreeing.propose(carriage)
    library = {one.code: one for one in files.library()}
    for one in await indicators_of(carriage.pilot):
        assert (one.name, one.wording) == (library[one.code].name_da, library[one.code].wording_da)


def test_a_group_gives_an_opinion_only_where_a_score_is_stated() -> None:
    seed = next(pilot for pilot in files.programme().pilot if pilot.key == "fall_sensors")
    ids = {one.code: str(number) for number, one in enumerate(seed.indicators, 1)}
    assert agreeing.opinion(seed.indicators, CITIZENS, ids).scores == {}
    staff = agreeing.opinion(seed.indicators, STAFF, ids)
    assert staff.scores["1"] == 9
    assert set(staff.dissent) == {ids["municipal_cost"]}
