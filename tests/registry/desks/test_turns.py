"""A step falls to those who hold its role here, but not to those who have done their part."""

import pytest

from effects.message import Message
from registry.desks.turns import done_part, falls_to, rated
from registry.indicators.actions import open_round
from registry.people.rules import Grant, Person, Role, StakeholderGroup
from registry.pilots.rules import NextStep, Phase
from tests.registry.desks.story import a_crew, a_recommendation, a_version, an_assessment
from tests.registry.indicators.story import a_stakeholder, rated_by, some_indicators


def somebody(*grants: Grant) -> Person:
    return Person(id=1, name="Anna", email="a@b.dk", organisation=5, organisation_name="Testkøbing", grants=grants)


LEAD = somebody(Grant(Role.PROJECT_LEAD, organisation=5))
UPLOADING = NextStep(Role.PROJECT_LEAD, Message("Upload."), "datasets")
APPROVING = NextStep(Role.PROJECT_LEAD, Message("Approve."), "datasets", by_another=True)
RATING = NextStep(Role.STAKEHOLDER, Message("Rate."), "rate")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (LEAD, True),
        (somebody(), False),
        (somebody(Grant(Role.EVALUATOR)), False),
        (somebody(Grant(Role.PROJECT_LEAD)), True),
        (somebody(Grant(Role.PROJECT_LEAD, organisation=6)), False),
        (somebody(Grant(Role.PROJECT_LEAD, pilot=3)), True),
        (somebody(Grant(Role.PROJECT_LEAD, pilot=4)), False),
    ],
)
def test_a_step_falls_to_who_holds_its_role_for_this_pilot(person: Person, expected: bool) -> None:
    assert falls_to(person, UPLOADING, Phase.PLAN_LOCKED, organisation=5, pilot=3, done=()) is expected


def test_whoever_did_the_work_leaves_the_second_look_to_others() -> None:
    asked = {"organisation": 5, "pilot": 3, "done": {3}}
    assert falls_to(LEAD, UPLOADING, Phase.PLAN_LOCKED, **asked)
    assert not falls_to(LEAD, APPROVING, Phase.DATA_RECEIVED, **asked)
    assert falls_to(LEAD, APPROVING, Phase.DATA_RECEIVED, **{**asked, "done": {4}})


def test_a_stakeholder_who_has_rated_is_done() -> None:
    voice = somebody(Grant(Role.STAKEHOLDER, group=StakeholderGroup.STAFF))
    assert falls_to(voice, RATING, Phase.RATING, organisation=5, pilot=3, done=())
    assert not falls_to(voice, RATING, Phase.RATING, organisation=5, pilot=3, done={3})


def test_a_decision_that_is_made_waits_for_nobody() -> None:
    decider = somebody(Grant(Role.DECISION_MAKER))
    step = NextStep(Role.DECISION_MAKER, Message("Follow."), "evidence")
    assert not falls_to(decider, step, Phase.DECIDED, organisation=5, pilot=3, done=())


@pytest.mark.usefixtures("database")
async def test_own_work_that_waits_for_another_is_found() -> None:
    crew, other = await a_crew(), await a_crew()
    await a_version(crew)
    await an_assessment(crew)
    pilots = [crew.pilot, other.pilot]
    assert await done_part(crew.lead, pilots) == {crew.pilot}
    assert await done_part(crew.evaluator, pilots) == {crew.pilot}
    assert await done_part(crew.decider, pilots) == frozenset()
    assert await done_part(crew.lead, []) == frozenset()


@pytest.mark.usefixtures("database")
async def test_approved_work_waits_for_nobody() -> None:
    crew = await a_crew()
    await a_version(crew, approved_by=crew.evaluator)
    assert await done_part(crew.lead, [crew.pilot]) == frozenset()


@pytest.mark.usefixtures("database")
async def test_who_issued_the_advice_does_not_decide_on_it() -> None:
    crew = await a_crew()
    await a_recommendation(crew)
    assert await done_part(crew.evaluator, [crew.pilot]) == {crew.pilot}


@pytest.mark.usefixtures("database")
async def test_a_round_is_done_with_the_first_score_of_ones_own() -> None:
    crew = await a_crew()
    voice, other = [await a_stakeholder(group, pilot=crew.pilot) for group in list(StakeholderGroup)[:2]]
    await some_indicators(crew.pilot, crew.lead)
    await open_round(crew.pilot, by=crew.lead)
    await rated_by(crew.pilot, voice)
    assert (await rated(voice), await rated(other)) == ({crew.pilot}, frozenset())
    assert await rated(crew.lead) == frozenset()
