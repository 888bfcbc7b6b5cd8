"""Reading decisions; what belongs to a private pilot does not exist for others."""

from pathlib import Path

import pytest

from registry.decisions.queries import advice, decided, decision, decisions
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.decisions.story import a_decision
from tests.registry.people.story import an_account
from tests.registry.recommendations.story import an_issued_recommendation

pytestmark = pytest.mark.usefixtures("database")


async def test_decisions_are_listed_newest_first_for_those_who_see_the_pilot(tmp_path: Path) -> None:
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
