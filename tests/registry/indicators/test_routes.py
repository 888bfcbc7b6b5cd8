from collections.abc import Sequence

import httpx
import pytest

from effects.codes import Domain, Role
from registry.indicators.actions import close_round, open_round
from registry.indicators.proposing import propose
from registry.indicators.queries import indicators_of, own_scores, results_of, round_of
from registry.people.rules import Person, StakeholderGroup
from registry.people.rules import Role as PersonRole
from registry.pilots.rules import Visibility
from tests.registry.indicators.story import (
    a_stakeholder,
    an_agreed_set,
    an_indicator,
    rated_by,
    some_indicators,
)
from tests.registry.people.story import an_account, signed_in
from tests.registry.pilots.story import a_lead, a_pilot

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators")


async def a_round(lead: Person, *codes: str) -> tuple[int, list[int]]:
    """A pilot whose indicators are being rated, and their ids."""
    pilot = await a_pilot(lead, title="Robots at home")
    ids = await some_indicators(pilot, lead, codes or ("language", "employer"))
    await open_round(pilot, by=lead)
    return pilot, ids


async def test_another_municipalitys_private_pilot_has_no_indicators_here(client: httpx.AsyncClient) -> None:
    owner = await a_lead()
    pilot, (first, _) = await a_round(owner)
    stranger = await a_lead()
    for person in (stranger, await a_stakeholder(pilot=pilot + 1), await an_account(PersonRole.EVALUATOR)):
        await signed_in(client, person)
        for kind in (PAGE, JSON):
            assert (await client.get(f"/pilots/{pilot}/indicators", headers=kind)).status_code == 404
    await signed_in(client, stranger)
    for path in ("round/open", "round/close", f"indicators/{first}/withdraw"):
        assert (await client.post(f"/pilots/{pilot}/{path}", headers=JSON)).status_code == 404
    await signed_in(client, await a_stakeholder(pilot=pilot + 1))
    assert (await client.get(f"/pilots/{pilot}/rate", headers=PAGE)).status_code == 404
    assert (await client.post(f"/pilots/{pilot}/rate", json={"scores": {str(first): 9}})).status_code == 404


async def test_the_page_shows_the_set_with_its_holes(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    empty = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert "No indicator is proposed yet" in empty.text
    assert f"/pilots/{pilot}/indicators/library" in empty.text
    await propose(pilot, an_indicator("falls", domain=Domain.SAFETY, role=Role.GUARDRAIL), by=lead)
    page = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert "No guardrail for the staff." in page.text
    assert "No guardrail for safety." not in page.text
    assert f"/pilots/{pilot}/round/open" in page.text
    told = (await client.get(f"/pilots/{pilot}/indicators", headers=JSON)).json()
    assert (told["state"], [one["code"] for one in told["indicators"]]) == ("not_opened", ["falls"])
    assert told["groups"] == dict.fromkeys(StakeholderGroup, 0)


async def test_what_a_reader_may_not_do_is_not_offered(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead, visibility=Visibility.PROGRAMME)
    (first, _) = await some_indicators(pilot, lead)
    await signed_in(client, await an_account(PersonRole.DECISION_MAKER, everywhere=True))
    page = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert page.status_code == 200
    for offer in ("round/open", f"{first}/withdraw", "indicators/new"):
        assert offer not in page.text
    assert (await client.post(f"/pilots/{pilot}/round/open", headers=JSON)).status_code == 403
    assert (await client.post(f"/pilots/{pilot}/indicators/{first}/withdraw", headers=JSON)).status_code == 403
    await signed_in(client, await a_lead())
    assert (await client.post(f"/pilots/{pilot}/round/open", headers=JSON)).status_code == 403


async def test_the_round_is_opened_rated_and_closed_through_the_pages(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    first, second = await some_indicators(pilot, lead)
    await signed_in(client, lead)
    opened = await client.post(f"/pilots/{pilot}/round/open", headers=PAGE)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/pilots/{pilot}/indicators")
    person = await a_stakeholder(StakeholderGroup.STAFF, pilot=pilot)
    await signed_in(client, person)
    assert f"/pilots/{pilot}/rate" in (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text
    form = await client.get(f"/pilots/{pilot}/rate", headers=PAGE)
    assert "You speak for: Staff and unions." in form.text
    filled = {f"scores.{first}": "9", f"scores.{second}": "2", f"dissent.{second}": "Nobody can know that"}
    rated = await client.post(f"/pilots/{pilot}/rate", data={**filled, f"dissent.{first}": ""}, headers=PAGE)
    assert rated.status_code == 303
    current = await round_of(pilot)
    assert current is not None
    assert {key: one.score for key, one in (await own_scores(person, current.id)).items()} == {first: 9, second: 2}
    again = await client.get(f"/pilots/{pilot}/rate", headers=PAGE)
    assert f'name="scores.{first}" value="9" checked' in again.text
    assert "Nobody can know that" in again.text
    await signed_in(client, lead)
    during = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert "1 of 6 stakeholder groups have rated" in during.text
    assert "Nobody can know that" not in during.text
    assert (await client.post(f"/pilots/{pilot}/round/close", headers=PAGE)).status_code == 303
    after = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert "Nobody can know that" in after.text
    assert "Staff and unions on: Employer" in after.text
    assert person.name not in after.text
    assert "every group has voted (gate G5)" in after.text


async def test_the_result_is_told_in_json_without_names(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await an_agreed_set(pilot, lead, ["language"])
    await signed_in(client, lead)
    answer = await client.get(f"/pilots/{pilot}/indicators", headers=JSON)
    told = answer.json()
    assert (told["state"], told["results"][0]["outcome"]) == ("closed", "in")
    assert told["results"][0]["tallies"]["it"] == [0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert "account" not in answer.text
    assert told["holes"][0]["template"] == "Fewer than two primary indicators."


async def test_only_what_was_agreed_fills_the_holes_of_the_set(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    guard = await propose(pilot, an_indicator("falls", domain=Domain.SAFETY, role=Role.GUARDRAIL), by=lead)
    await open_round(pilot, by=lead)
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {guard: 2})
    await signed_in(client, lead)
    assert "No guardrail for safety." not in (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text
    await close_round(pilot, by=lead)
    assert "No guardrail for safety." in (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text


@pytest.mark.parametrize("score", ["10", "-1", "7.5", "many", "²"])
async def test_a_score_is_a_whole_number_from_1_to_9(client: httpx.AsyncClient, score: str) -> None:
    lead = await a_lead()
    pilot, (first, second) = await a_round(lead)
    person = await a_stakeholder(pilot=pilot)
    await signed_in(client, person)
    filled = {f"scores.{first}": score, f"scores.{second}": "7", f"dissent.{first}": "Kept as typed"}
    answer = await client.post(f"/pilots/{pilot}/rate", data=filled, headers=PAGE)
    assert answer.status_code == 422
    assert "Kept as typed" in answer.text
    assert f'name="scores.{second}" value="7" checked' in answer.text
    assert f'href="#f-scores-{first}"' in answer.text
    assert f'id="f-scores-{first}"' in answer.text
    current = await round_of(pilot)
    assert current is not None
    assert await own_scores(person, current.id) == {}


async def test_scores_come_as_json_too(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot, (first, _) = await a_round(lead)
    await signed_in(client, await a_stakeholder(pilot=pilot))
    assert (await client.post(f"/pilots/{pilot}/rate", json={"scores": {str(first): 9}})).json() == {"scores": 1}
    assert (await client.post(f"/pilots/{pilot}/rate", json={"scores": {}})).status_code == 422
    assert (await client.post(f"/pilots/{pilot}/rate", json={"account": 1})).status_code == 400
    told = (await client.get(f"/pilots/{pilot}/rate", headers=JSON)).json()
    assert (told["group"], told["scores"]) == ("citizens", {str(first): {"score": 9, "dissent": ""}})


async def test_who_is_no_stakeholder_does_not_rate(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot, _ = await a_round(lead)
    await signed_in(client, lead)
    assert (await client.get(f"/pilots/{pilot}/rate", headers=PAGE)).status_code == 403
    elsewhere = await an_account(PersonRole.STAKEHOLDER, group=StakeholderGroup.IT)
    await signed_in(client, elsewhere)
    assert (await client.get(f"/pilots/{pilot}/rate", headers=PAGE)).status_code == 404


async def test_a_wrong_step_is_a_conflict_that_says_what_comes_first(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    no_list = await client.post(f"/pilots/{pilot}/round/open", headers=PAGE)
    assert no_list.status_code == 409
    assert "Propose at least one first" in no_list.text
    (first,) = await some_indicators(pilot, lead, ["language"])
    await signed_in(client, await a_stakeholder(pilot=pilot))
    early = await client.get(f"/pilots/{pilot}/rate", headers=PAGE)
    assert early.status_code == 409
    assert "not open yet" in early.text
    await signed_in(client, lead)
    await open_round(pilot, by=lead)
    assert (await client.post(f"/pilots/{pilot}/round/close", headers=JSON)).status_code == 409
    assert (await client.post(f"/pilots/{pilot}/indicators/{first}/withdraw", headers=JSON)).status_code == 409
    assert len(await indicators_of(pilot)) == 1


async def test_an_indicator_is_withdrawn_from_the_list(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    first, _ = await some_indicators(pilot, lead)
    await signed_in(client, lead)
    answer = await client.post(f"/pilots/{pilot}/indicators/{first}/withdraw", headers=PAGE)
    assert (answer.status_code, len(await indicators_of(pilot))) == (303, 1)
    assert (await client.post(f"/pilots/{pilot}/indicators/{first}/withdraw", headers=PAGE)).status_code == 404


async def test_dissent_is_text_everywhere(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot, (first, _) = await a_round(lead)
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {first: 1}, dissent={first: "<script>alert(1)</script>"})
    await close_round(pilot, by=lead)
    await signed_in(client, lead)
    page = await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    assert len(await results_of(pilot)) == 2


async def test_pages_are_there_in_danish(client: httpx.AsyncClient) -> None:
    lead = await a_lead(language="da")
    pilot, _ = await a_round(lead)
    await signed_in(client, lead)
    assert '<html lang="da">' in (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text
