"""Reading decisions; what belongs to a private pilot does not exist for others."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from registry.decisions.queries import advice, decided, decision, decisions
from registry.decisions.tables import Condition, Decision
from registry.kit.clock import today
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.decisions.story import a_decision
from tests.registry.desks.story import Crew, a_crew, a_recommendation
from tests.registry.desks.story import a_decision as a_row
from tests.registry.people.story import an_account
from tests.registry.recommendations.story import an_issued_recommendation

pytestmark = pytest.mark.usefixtures("database")


async def test_decisions_are_listed_for_those_who_see_the_pilot(tmp_path: Path) -> None:
    cast, hidden = await a_decision(tmp_path)
    _, open_one = await a_decision(tmp_path, visibility=Visibility.PROGRAMME)
    assert [row.id for row in (await decisions(cast.lead)).decisions] == [open_one, hidden]
    stranger = await an_account(Role.DECISION_MAKER)
    assert [row.id for row in (await decisions(stranger)).decisions] == [open_one]


async def test_a_private_pilots_decision_does_not_exist_for_others(tmp_path: Path) -> None:
    cast, made = await a_decision(tmp_path)
    stranger = await an_account(Role.DECISION_MAKER)
    for reading in (decision(stranger, made), decision(cast.lead, 999)):
        with pytest.raises(NotFound):
            await reading


async def test_advice_without_a_decision_has_none(tmp_path: Path) -> None:
    cast, open_advice = await an_issued_recommendation(tmp_path)
    assert await decided(open_advice) is None
    assert (await advice(cast.lead, open_advice)).decision is None


async def test_a_recommendation_is_read_with_what_was_decided_on_it(tmp_path: Path) -> None:
    cast, made = await a_decision(tmp_path)
    about = (await decision(cast.lead, made)).decision
    found = await advice(cast.lead, about.recommendation_id)
    assert (found.recommendation.id, found.decision) == (about.recommendation_id, about)


async def a_bare_decision(
    review_in: int | None = None, conditions_in: Sequence[int] = (), crew: Crew | None = None
) -> int:
    """A decision as rows alone, reviewed and with conditions so many days from today."""
    made = crew or await a_crew(visibility=Visibility.PROGRAMME)
    found = await a_row(made, await a_recommendation(made))
    review = None if review_in is None else today() + timedelta(days=review_in)
    await Decision.update({Decision.review_on: review}).where(Decision.id == found)
    for days in conditions_in:
        due = today() + timedelta(days=days)
        await Condition(decision=found, text="It is safe", owner="The region", due=due).save()
    return found


async def test_the_list_goes_by_what_a_decision_asks_for_next() -> None:
    quiet = await a_bare_decision()
    ahead = await a_bare_decision(review_in=90)
    due = await a_bare_decision(review_in=-1)
    condition = await a_bare_decision(review_in=80, conditions_in=[40, -10])
    listed = (await decisions(await an_account(Role.DECISION_MAKER))).decisions
    assert [one.id for one in listed] == [due, condition, ahead, quiet]
    assert [one.duty.kind if one.duty else None for one in listed] == ["review", "condition", "review", None]
    assert [one.duty.due for one in listed if one.duty] == [True, False, False]


async def test_a_later_decision_on_the_same_pilot_takes_the_place_of_the_earlier() -> None:
    crew = await a_crew()
    early = await a_bare_decision(review_in=-5, crew=crew)
    late = await a_bare_decision(review_in=30, crew=crew)
    found = {one.id: one for one in (await decisions(crew.lead)).decisions}
    assert (found[early].later, found[early].duty) == (late, None)
    assert found[late].later is None
    assert found[early].outdated is not None, "a newer assessment of the pilot is approved"
    assert found[late].outdated is None


async def test_a_decision_tells_which_days_of_its_conditions_have_passed() -> None:
    crew = await a_crew()
    made = await a_bare_decision(conditions_in=[-1, 0, 5], crew=crew)
    found = await decision(crew.decider, made)
    assert [one.passed for one in found.conditions] == [True, False, False]
    assert (found.rollout, found.technology_id > 0) == (None, True)
