import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from effects.codes import Domain, Role
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.indicators.actions import close_round, open_round
from registry.indicators.proposing import propose
from registry.indicators.queries import indicators_of, own_scores, results_of, round_of
from registry.indicators.schemas import FromLibrary, FromPlan, NewIndicator, Rating, Rewording, Several
from registry.kit.database import connected
from registry.people.rules import Person, StakeholderGroup
from registry.people.rules import Role as PersonRole
from registry.pilots.rules import Visibility
from registry.settings import Settings
from tests.registry.indicators.story import (
    a_library,
    a_stakeholder,
    an_agreed_set,
    an_indicator,
    rated_by,
    some_indicators,
)
from tests.registry.people.story import PASSWORD, an_account, signed_in
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
    withheld = {"template": "fewer than {people} answered", "params": {"people": 5}}
    assert told["results"][0]["scores"]["it"] == {"people": None, "median": None, "withheld": withheld}
    assert "tallies" not in answer.text
    assert "account" not in answer.text
    assert told["holes"][0]["template"] == "Fewer than two primary indicators."


async def test_a_median_is_shown_only_where_five_of_a_group_answered(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead, ["language"])
    await open_round(pilot, by=lead)
    for score in (9, 9, 8, 7, 7):
        await rated_by(pilot, await a_stakeholder(pilot=pilot), score)
    await rated_by(pilot, await a_stakeholder(StakeholderGroup.IT, pilot=pilot), 6)
    await close_round(pilot, by=lead)
    await signed_in(client, lead)
    shown = (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text
    assert "8 (5)" in shown
    assert "6 (1)" not in shown
    assert "fewer than 5 answered" in shown


async def test_where_every_group_is_small_no_median_is_shown_at_all(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await an_agreed_set(pilot, lead, ["language"])
    await signed_in(client, lead)
    shown = (await client.get(f"/pilots/{pilot}/indicators", headers=PAGE)).text
    assert "Fewer than 5 people of each group answered" in shown
    assert "9 (1)" not in shown


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


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def a_body(command: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with some of the right names and anything below them."""
    return st.dictionaries(st.sampled_from(command.__struct_fields__), ANYTHING, max_size=6)


COMMANDS: dict[str, type[msgspec.Struct]] = {
    "indicators": NewIndicator,
    "indicators/library": FromLibrary,
    "indicators/several": Several,
    "indicators/plan": FromPlan,
    "indicators/{first}/wording": Rewording,
    "rate": Rating,
}


@pytest.mark.anyio
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.fixed_dictionaries({path: a_body(command) for path, command in COMMANDS.items()}))
async def test_nothing_a_client_sends_is_our_fault(client: httpx.AsyncClient, bodies: dict[str, Any]) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (first,) = await some_indicators(pilot, lead, ["language"])
    await signed_in(client, lead)
    for path, body in bodies.items():
        if path == "rate":
            await open_round(pilot, by=lead)
            await signed_in(client, await a_stakeholder(pilot=pilot))
        address = f"/pilots/{pilot}/{path.format(first=first)}"
        sent = json.dumps(body).encode()
        answer = await client.post(address, content=sent, headers={**JSON, "content-type": "application/json"})
        assert answer.status_code in (201, 400, 409, 422), path


@pytest.mark.parametrize(
    "key", ["scores.", "scores.\x00", "scores.99999999999999999999", "scores.1.2", "dissent.x", "x.1"]
)
async def test_no_field_name_breaks_the_rating(client: httpx.AsyncClient, key: str) -> None:
    lead = await a_lead()
    pilot, _ = await a_round(lead)
    await signed_in(client, await a_stakeholder(pilot=pilot))
    assert (await client.post(f"/pilots/{pilot}/rate", data={key: "9"}, headers=PAGE)).status_code in (400, 422)


async def test_a_cpr_number_in_a_remark_is_refused_and_not_shown_again(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot, (first, _) = await a_round(lead)
    await signed_in(client, await a_stakeholder(pilot=pilot))
    filled = {f"scores.{first}": "1", f"dissent.{first}": "Ask 010190-1234"}
    answer = await client.post(f"/pilots/{pilot}/rate", data=filled, headers=PAGE)
    assert answer.status_code == 422
    assert "010190" not in answer.text


async def test_every_write_leaves_one_entry_without_a_personal_value(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    address = f"/pilots/{pilot}"
    before = await AuditEntry.count()
    await client.post(f"{address}/indicators", json=msgspec.to_builtins(an_indicator("language")))
    first = (await indicators_of(pilot))[0].id
    await client.post(f"{address}/round/open", headers=JSON)
    await client.post(f"{address}/round/open", headers=JSON)
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {first: 9}, dissent={first: "A remark of mine"})
    await client.post(f"{address}/round/close", headers=JSON)
    actions = [row["action"] for row in await AuditEntry.select().where(AuditEntry.id > before).order_by(AuditEntry.id)]
    assert [one for one in actions if one.startswith("indicators.")] == [
        "indicators.propose",
        "indicators.open_round",
        "indicators.rate",
        "indicators.close_round",
    ]
    assert "A remark" not in str(await AuditEntry.select())
    assert await verify_chain() is None


async def test_a_form_without_its_token_changes_nothing(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    await signed_in(client, lead)
    answer = await client.post(f"/pilots/{pilot}/round/open", headers={**PAGE, "x-csrf-token": "guessed"})
    assert answer.status_code == 403
    assert await round_of(pilot) is None


@dataclass(frozen=True)
class Prepared:
    """What stands in the database of the running site: pilots before, during and after the rating."""

    lead: str
    stakeholder: str
    proposed: int
    rated: int
    agreed: int


async def _prepared(settings: Settings) -> Prepared:
    async with connected(settings.database_url):
        await a_library("wellbeing", "falls")
        lead = await a_lead()
        proposed, agreed = await a_pilot(lead), await a_pilot(lead)
        await some_indicators(proposed, lead)
        rated, (first, _) = await a_round(lead)
        await an_agreed_set(agreed, lead)
        stakeholder = await a_stakeholder(pilot=rated)
        await rated_by(rated, stakeholder, {first: 3}, dissent={first: "Too crude"})
        return Prepared(lead.email, stakeholder.email, proposed, rated, agreed)


@pytest.fixture
def prepared(site: str, settings: Settings) -> Prepared:
    assert site
    with ThreadPoolExecutor(1) as elsewhere:  # the driver of the browser occupies the event loop of this thread
        return elsewhere.submit(asyncio.run, _prepared(settings)).result()


def enter(visit: Page, email: str) -> None:
    visit.goto("/login")
    visit.fill("[name=email]", email)
    visit.fill("[name=password]", PASSWORD)
    visit.click("main button")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_page_of_the_slice_is_accessible_and_fits(
    prepared: Prepared, visit: Page, site: str, axe: Callable[[Page], list[str]], language: str
) -> None:
    enter(visit, prepared.lead)
    visit.context.add_cookies([{"name": "language", "value": language, "url": site}])
    visit.set_viewport_size({"width": 320, "height": 900})
    forms = [
        f"/pilots/{prepared.proposed}/indicators/{way}" for way in ("new", "library", "several", "plan", "1/wording")
    ]
    for path in (
        *forms,
        *(f"/pilots/{one}/indicators" for one in (prepared.proposed, prepared.rated, prepared.agreed)),
    ):
        visit.goto(path)
        assert visit.locator("h1").count() == 1
        assert visit.locator(".next-step").count() == 1
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(visit) == []


@pytest.mark.browser
def test_a_stakeholder_rates_in_a_browser_and_finds_what_is_missing(
    prepared: Prepared, visit: Page, axe: Callable[[Page], list[str]]
) -> None:
    enter(visit, prepared.stakeholder)
    visit.set_viewport_size({"width": 320, "height": 900})
    visit.goto(f"/pilots/{prepared.rated}/rate")
    assert axe(visit) == []
    assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
    second = visit.get_by_role("group", name="Employer")
    visit.locator("details:not([open]) summary").click()
    visit.locator("textarea").last.fill("It measures speed only")
    visit.click("main form button.button-primary")
    visit.wait_for_selector("#error-summary")
    assert axe(visit) == []
    visit.locator("#error-summary a").click()
    expect(visit.locator("fieldset:focus")).to_have_count(1)
    second.get_by_label("2", exact=True).check()
    visit.click("main form button.button-primary")
    visit.wait_for_selector(".alert-success")
    assert "You have scored every indicator." in visit.locator(".next-step").inner_text()


async def test_opening_is_confirmed_on_a_page_that_says_what_the_list_lacks(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    await signed_in(client, lead)
    shown = (await client.get(f"/pilots/{pilot}/round/open", headers=PAGE)).text
    assert "The list of 2 indicators and their wording stand still" in shown
    assert "No guardrail for equity." in shown
    assert "A second round comes in a later version." in shown
    assert f'<form method="post" action="/pilots/{pilot}/round/open"' in shown
    assert (await client.get(f"/pilots/{pilot}/round/close", headers=PAGE)).status_code == 409


async def test_before_closing_the_holes_of_the_set_to_be_and_the_silent_groups_are_told(
    client: httpx.AsyncClient,
) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    safe, fair = [
        await propose(pilot, an_indicator(domain.value, domain=domain, role=Role.GUARDRAIL), by=lead)
        for domain in (Domain.SAFETY, Domain.EQUITY)
    ]
    await open_round(pilot, by=lead)
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {safe: 9, fair: 2})
    await signed_in(client, lead)
    told = (await client.get(f"/pilots/{pilot}/round/close", headers=JSON)).json()
    holes = [hole["template"] for hole in told["holes"]]
    assert "No guardrail for equity." in holes
    assert "No guardrail for safety." not in holes
    assert told["silent"] == ["staff", "managers", "it", "economy", "researchers"]
    shown = (await client.get(f"/pilots/{pilot}/round/close", headers=PAGE)).text
    assert "Groups that have not rated" in shown
    assert (await client.get(f"/pilots/{pilot}/round/open", headers=PAGE)).status_code == 409


async def test_a_size_that_matters_is_given_with_a_choice_of_the_library(client: httpx.AsyncClient) -> None:
    await a_library("falls")
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    address = f"/pilots/{pilot}/indicators/library"
    assert "Smallest difference that matters" in (await client.get(address, headers=PAGE)).text
    typed = {"choices.library": "falls", "choices.role": "primary", "choices.minimal_important": "-1"}
    refused = await client.post(address, data=typed, headers=PAGE)
    assert refused.status_code == 422
    assert 'value="-1"' in refused.text
    typed["choices.minimal_important"] = "0.5"
    assert (await client.post(address, data=typed, headers=PAGE)).status_code == 303
    assert [one.minimal_important for one in await indicators_of(pilot)] == [0.5]
