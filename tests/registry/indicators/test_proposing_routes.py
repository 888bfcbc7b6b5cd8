from collections.abc import Sequence

import httpx
import pytest

from registry.indicators.actions import open_round
from registry.indicators.proposing import propose
from registry.indicators.queries import indicators_of
from registry.people.rules import Person
from registry.people.rules import Role as PersonRole
from registry.pilots.rules import Visibility
from tests.registry.indicators.story import a_library, a_stakeholder, an_indicator, some_indicators
from tests.registry.indicators.test_reading import PLAN
from tests.registry.people.story import an_account, signed_in
from tests.registry.pilots.story import a_lead, a_pilot

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
WAYS = ("new", "library", "several", "plan")
OWN = {
    "name": "Days to the visit",
    "wording": "Working days from the call to the visit.",
    "code": "days_to_visit",
    "domain": "citizen",
    "role": "primary",
    "better": "lower",
    "unit": "days",
    "minimal_important": "1.5",
    "margin": "",
}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators")


async def at_work(client: httpx.AsyncClient, **about: str) -> tuple[Person, int, str]:
    """A signed-in lead with a pilot, and the address of its indicators."""
    lead = await a_lead(**about)
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    return lead, pilot, f"/pilots/{pilot}/indicators"


async def test_an_indicator_in_ones_own_words(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    answer = await client.post(address, data=OWN, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    (stored,) = await indicators_of(pilot)
    assert (stored.code, stored.minimal_important, stored.margin, stored.unit) == ("days_to_visit", 1.5, None, "days")
    assert "The indicator is proposed." in (await client.get(address, headers=PAGE)).text


async def test_a_refused_proposal_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    wrong = {**OWN, "code": "days to visit", "margin": "9", "name": '"><b>'}
    answer = await client.post(address, data=wrong, headers=PAGE)
    assert answer.status_code == 422
    assert "days to visit cannot be the name of a column." in answer.text
    assert "larger than the smallest difference" in answer.text
    assert 'value="days to visit"' in answer.text
    assert "&#34;&gt;&lt;b&gt;" in answer.text
    missing = await client.post(address, data={"name": "Days"}, headers=JSON)
    assert {one["where"] for one in missing.json()["findings"]} == {"code", "domain", "role", "better"}
    assert await indicators_of(pilot) == ()


async def test_an_indicator_comes_as_json_too(client: httpx.AsyncClient) -> None:
    _, _, address = await at_work(client)
    body = {**OWN, "minimal_important": 1.5, "margin": None}
    made = await client.post(address, json=body)
    assert (made.status_code, [one["code"] for one in made.json()]) == (201, ["days_to_visit"])
    assert (await client.post(address, json=body)).json()["findings"][0]["code"] == "taken"
    assert (await client.post(address, json={**body, "proposed_by": 1})).status_code == 400


async def test_the_library_is_chosen_from_and_marks_what_is_proposed(client: httpx.AsyncClient) -> None:
    await a_library("falls", "wellbeing")
    _, pilot, address = await at_work(client)
    page = await client.get(f"{address}/library", headers=PAGE)
    assert "English wellbeing" in page.text
    filled = {"choices.library": ["falls", "wellbeing"], "choices.role": ["", "guardrail"]}
    assert (await client.post(f"{address}/library", data=filled, headers=PAGE)).status_code == 303
    assert [(one.code, one.role) for one in await indicators_of(pilot)] == [("wellbeing", "guardrail")]
    marked = await client.get(f"{address}/library", headers=PAGE)
    assert marked.text.count('<select class="form-select" name="choices.role"') == 1
    nothing = await client.post(f"{address}/library", data={**filled, "choices.role": ["", ""]}, headers=PAGE)
    assert nothing.status_code == 422
    assert "Nothing is chosen." in nothing.text


async def test_an_empty_library_says_what_to_do_instead(client: httpx.AsyncClient) -> None:
    _, _, address = await at_work(client)
    assert "The library is empty" in (await client.get(f"{address}/library", headers=PAGE)).text


async def test_eleven_lines_become_eleven_indicators(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    lines = "\n".join(f"indicator_{number};Indicator {number};equity;primary;higher;0,05" for number in range(11))
    assert (await client.post(f"{address}/several", data={"lines": lines}, headers=PAGE)).status_code == 303
    assert len(await indicators_of(pilot)) == 11
    assert "11 indicators are proposed." in (await client.get(address, headers=PAGE)).text


async def test_wrong_lines_are_told_by_their_number_and_stay_in_the_box(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    lines = "good;Good one;equity;primary;higher\nbad one;Bad;equity;primary;higher\nshort;Short"
    answer = await client.post(f"{address}/several", data={"lines": lines}, headers=PAGE)
    assert answer.status_code == 422
    assert "(row 2)" in answer.text
    assert "(row 3)" in answer.text
    assert "good;Good one;equity;primary;higher" in answer.text
    assert await indicators_of(pilot) == ()


async def test_the_outcomes_of_a_plan_file_are_proposed(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    assert (await client.post(f"{address}/plan", data={"plan": PLAN}, headers=PAGE)).status_code == 303
    assert [one.code for one in await indicators_of(pilot)] == ["race_ethnicity", "waiting_days"]
    again = await client.post(f"{address}/plan", data={"plan": PLAN}, headers=PAGE)
    assert again.status_code == 422
    assert "Every outcome of the plan is proposed already." in again.text


async def test_a_wrong_plan_is_told_with_the_place_in_the_plan(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client)
    wrong = PLAN.replace('better = "lower"', 'better = "less"')
    answer = await client.post(f"{address}/plan", data={"plan": wrong}, headers=PAGE)
    assert answer.status_code == 422
    assert "outcome[1].better" in answer.text
    assert 'href="#f-plan"' in answer.text
    told = await client.post(f"{address}/plan", json={"plan": "= ="})
    assert (told.status_code, told.json()["findings"][0]["where"]) == (422, "plan")
    assert await indicators_of(pilot) == ()


async def test_a_wording_is_changed_and_the_slower_of_two_sees_the_other(client: httpx.AsyncClient) -> None:
    lead, pilot, address = await at_work(client)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    was = (await indicators_of(pilot))[0].wording
    form = await client.get(f"{address}/{indicator}/wording", headers=PAGE)
    assert was in form.text
    quick = {"name": "Language", "wording": "Share with a language stated.", "was": was}
    assert (await client.post(f"{address}/{indicator}/wording", data=quick, headers=PAGE)).status_code == 303
    slow = {"name": "Language", "wording": "My own sentence.", "was": was}
    answer = await client.post(f"{address}/{indicator}/wording", data=slow, headers=PAGE)
    assert answer.status_code == 409
    assert "My own sentence." in answer.text
    assert "Share with a language stated." in answer.text
    empty = await client.post(f"{address}/{indicator}/wording", data={**slow, "wording": ""}, headers=PAGE)
    assert empty.status_code == 422
    assert (await indicators_of(pilot))[0].wording == "Share with a language stated."


async def test_forms_are_closed_to_strangers_and_to_those_who_may_only_look(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    private, public = await a_pilot(lead), await a_pilot(lead, visibility=Visibility.PROGRAMME)
    (indicator,) = await some_indicators(public, lead, ["language"])
    await signed_in(client, await a_lead())
    for way in WAYS:
        assert (await client.get(f"/pilots/{private}/indicators/{way}", headers=PAGE)).status_code == 404
        assert (await client.get(f"/pilots/{public}/indicators/{way}", headers=PAGE)).status_code == 403
    assert (await client.post(f"/pilots/{private}/indicators", data=OWN, headers=JSON)).status_code == 404
    assert (await client.post(f"/pilots/{public}/indicators", data=OWN, headers=JSON)).status_code == 403
    assert (await client.get(f"/pilots/{public}/indicators/{indicator}/wording", headers=PAGE)).status_code == 403
    await signed_in(client, await an_account(PersonRole.DECISION_MAKER, everywhere=True))
    assert (await client.get(f"/pilots/{public}/indicators/new", headers=PAGE)).status_code == 403


async def test_a_stakeholder_rewords_their_own_proposal_only(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    stakeholder = await a_stakeholder(pilot=pilot)
    (of_lead,) = await some_indicators(pilot, lead, ["language"])
    own = await propose(pilot, an_indicator("employer"), by=stakeholder)
    await signed_in(client, stakeholder)
    address = f"/pilots/{pilot}/indicators"
    assert (await client.get(f"{address}/{own}/wording", headers=PAGE)).status_code == 200
    assert (await client.get(f"{address}/{of_lead}/wording", headers=PAGE)).status_code == 403
    assert (await client.get(f"{address}/999/wording", headers=PAGE)).status_code == 404
    page = (await client.get(address, headers=PAGE)).text
    assert f"{own}/withdraw" in page
    assert f"{of_lead}/withdraw" not in page


async def test_no_form_opens_while_the_indicators_are_rated(client: httpx.AsyncClient) -> None:
    lead, pilot, address = await at_work(client)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    await open_round(pilot, by=lead)
    for way in (*WAYS, f"{indicator}/wording"):
        answer = await client.get(f"{address}/{way}", headers=PAGE)
        assert answer.status_code == 409
        assert "their list and wording stand still" in answer.text
    assert (await client.post(address, data=OWN, headers=PAGE)).status_code == 409
    assert "/indicators/new" not in (await client.get(address, headers=PAGE)).text


async def test_forms_are_there_in_danish_with_danish_numbers(client: httpx.AsyncClient) -> None:
    _, pilot, address = await at_work(client, language="da")
    for way in WAYS:
        assert '<html lang="da">' in (await client.get(f"{address}/{way}", headers=PAGE)).text
    assert (await client.post(address, data={**OWN, "minimal_important": "1,5"}, headers=PAGE)).status_code == 303
    assert (await indicators_of(pilot))[0].minimal_important == 1.5
