import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.kit.database import connected
from registry.people.rules import Person, Role
from registry.pilots import actions
from registry.pilots.queries import milestones_of, pilot_facts, visible_pilot
from registry.pilots.rules import Visibility, Weight
from registry.pilots.schemas import Amending, Registration
from registry.pilots.tables import Pilot
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account, an_organisation, signed_in
from tests.registry.pilots.story import a_lead, a_pilot, code_of

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots")


async def a_form(lead: Person, **changes: Any) -> dict[str, Any]:
    """What a browser sends from the form of a new pilot."""
    filled: dict[str, Any] = {
        "title": "Robot vacuum cleaners",
        "kind": "welfare_technology",
        "technology": "",
        "new_technology": "Robot",
        "new_major_version": "1",
        "organisation": str(lead.organisation),
        "starts": "01-02-2026",
        "ends": "31-12-2026",
        "sites": [await code_of(lead.organisation)],
        "dpia": "unknown",
        "visibility": "private",
        "milestones.title": ["", "Halfway", ""],
        "milestones.due": ["", "30-06-2026", ""],
    }
    return {**filled, **changes}


async def test_the_form_registers_a_pilot_and_leads_to_its_facts(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    form = await client.get("/pilots/new", headers=PAGE)
    assert form.status_code == 200
    assert lead.organisation_name in form.text
    answer = await client.post("/pilots", data=await a_form(lead), headers=PAGE)
    assert answer.status_code == 303
    pilot_id = int(answer.headers["location"].split("/")[2])
    facts = await pilot_facts(lead, pilot_id)
    assert [(row.title, row.due) for row in facts.milestones] == [("Halfway", date(2026, 6, 30))]
    page = await client.get(answer.headers["location"], headers=PAGE)
    assert "The pilot is registered." in page.text
    assert "The target group is not stated." in page.text


async def test_a_refused_form_keeps_what_was_typed_and_says_everything_at_once(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    code = await code_of(lead.organisation)
    filled = await a_form(lead, ends="01-01-2026", comparison_sites=[code], new_major_version="", title="<b>Robot")
    answer = await client.post("/pilots", data=filled, headers=PAGE)
    assert answer.status_code == 422
    for said in (
        "The pilot ends before it starts.",
        "is chosen both",
        "outside the period",
        "needs a name and a major",
    ):
        assert said in answer.text
    assert 'value="&lt;b&gt;Robot"' in answer.text
    assert f'name="comparison_sites" value="{code}" checked' in answer.text
    assert 'href="#f-milestones-0-due"' in answer.text
    assert 'id="f-milestones-0-due"' in answer.text
    assert await Pilot.count() == 0


async def test_the_same_in_json(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    body = {
        "title": "Robots",
        "kind": "welfare_technology",
        "organisation": lead.organisation,
        "new_technology": "Robot",
        "new_major_version": "1",
        "sites": [await code_of(lead.organisation)],
    }
    made = await client.post("/pilots", json=body)
    assert made.status_code == 201
    assert made.json()["pilot"]["title"] == "Robots"
    refused = await client.post("/pilots", json={**body, "sites": ["7"], "starts": "never"})
    assert (refused.status_code, refused.json()["findings"][0]["where"]) == (422, "starts")
    unknown = await client.post("/pilots", json={**body, "registered_by": 1})
    assert unknown.status_code == 400


async def test_another_municipalitys_private_pilot_does_not_exist_on_page_json_list_and_counts(
    client: httpx.AsyncClient,
) -> None:
    owner, stranger = await a_lead(), await a_lead()
    hidden = await a_pilot(owner, title="Hidden away")
    technology = (await visible_pilot(owner, hidden)).technology
    milestone = (await milestones_of(hidden))[0].id
    await signed_in(client, stranger)
    for kind in (PAGE, JSON):
        for path in (f"/pilots/{hidden}/facts", f"/pilots/{hidden}/amend", "/pilots/999/facts"):
            assert (await client.get(path, headers=kind)).status_code == 404
        assert (await client.post(f"/pilots/{hidden}/milestones/{milestone}/done", headers=kind)).status_code == 404
    listed = (await client.get("/pilots", headers=JSON)).json()
    assert (listed["total"], listed["pilots"]) == (0, [])
    assert "Hidden away" not in (await client.get("/pilots?q=hidden", headers=PAGE)).text
    assert (await client.get(f"/technologies/{technology}", headers=JSON)).json()["pilots"] == 0
    assert [one["pilots"] for one in (await client.get("/technologies", headers=JSON)).json()] == [0]
    assert "Hidden away" not in (await client.get(f"/technologies/{technology}", headers=PAGE)).text


async def test_who_is_not_signed_in_is_sent_to_sign_in(client: httpx.AsyncClient) -> None:
    await a_pilot(visibility=Visibility.PROGRAMME)
    for path in ("/pilots", "/pilots/1/facts", "/technologies"):
        assert (await client.get(path, headers=PAGE)).status_code == 303
        assert (await client.get(path, headers=JSON)).status_code == 401


async def test_only_leads_reach_the_forms(client: httpx.AsyncClient) -> None:
    pilot = await a_pilot(visibility=Visibility.PROGRAMME)
    await signed_in(client, await an_account(Role.EVALUATOR))
    for path in ("/pilots/new", f"/pilots/{pilot}/amend"):
        assert (await client.get(path, headers=PAGE)).status_code == 403
    await signed_in(client, await a_lead())
    assert (await client.get(f"/pilots/{pilot}/amend", headers=PAGE)).status_code == 403
    facts = await client.get(f"/pilots/{pilot}/facts", headers=PAGE)
    assert f"/pilots/{pilot}/amend" not in facts.text


async def amend_form(lead: Person, pilot: int, **changes: Any) -> dict[str, Any]:
    """What a browser sends when nothing but `changes` was touched."""
    facts = await pilot_facts(lead, pilot)
    filled: dict[str, Any] = {
        name: str(getattr(facts.pilot, name))
        for name in ("title", "technology", "technology_version", "target_group", "legal_basis", "dpia", "visibility")
    }
    filled |= {"version": str(facts.pilot.version), "starts": "01-01-2026", "ends": "31-12-2026"}
    filled |= {"sites": [site.code for site in facts.sites], "weight": "minor", "reason": "Agreed in the group"}
    filled |= {"milestones.title": ["Halfway measurement", ""], "milestones.due": ["30-06-2026", ""]}
    return {**filled, **changes}


async def test_an_amendment_shows_before_and_after(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    form = await client.get(f"/pilots/{pilot}/amend", headers=PAGE)
    assert 'value="Digital case investigation"' in form.text
    filled = await amend_form(lead, pilot, ends="30-06-2027")
    answer = await client.post(f"/pilots/{pilot}/amend", data=filled, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/pilots/{pilot}/facts")
    page = await client.get(f"/pilots/{pilot}/facts", headers=PAGE)
    assert "Agreed in the group" in page.text
    assert "31 Dec 2026</td><td>30 Jun 2027" in page.text
    told = (await client.get(f"/pilots/{pilot}/facts", headers=JSON)).json()
    assert told["amendments"][0]["changes"] == {"ends": ["2026-12-31", "2027-06-30"]}


async def test_who_was_slower_sees_what_the_other_changed_and_keeps_the_own_text(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    quick = await amend_form(lead, pilot, legal_basis="Sundhedsloven § 140")
    slow = await amend_form(lead, pilot, target_group="Everybody over 65")
    assert (await client.post(f"/pilots/{pilot}/amend", data=quick, headers=PAGE)).status_code == 303
    answer = await client.post(f"/pilots/{pilot}/amend", data=slow, headers=PAGE)
    assert answer.status_code == 409
    assert "Somebody else amended this pilot" in answer.text
    assert "Sundhedsloven § 140" in answer.text
    assert 'value="Everybody over 65"' in answer.text
    assert 'name="version" value="2"' in answer.text
    told = await client.post(
        f"/pilots/{pilot}/amend", json={"version": 1, "weight": "minor", "reason": "Late", "title": "T 1"}
    )
    assert (told.status_code, told.json()["findings"][0]["code"]) == (409, "amended_meanwhile")


async def test_a_refused_amendment_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    filled = await amend_form(lead, pilot, sites=[], target_group="Everybody", version="not a number")
    answer = await client.post(f"/pilots/{pilot}/amend", data=filled, headers=PAGE)
    assert answer.status_code == 422
    assert 'value="Everybody"' in answer.text
    assert (await visible_pilot(lead, pilot)).version == 1


async def test_a_milestone_is_marked_as_reached_once(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    milestone = (await milestones_of(pilot))[0].id
    path = f"/pilots/{pilot}/milestones/{milestone}/done"
    assert path in (await client.get(f"/pilots/{pilot}/facts", headers=PAGE)).text
    assert (await client.post(path, headers=PAGE)).status_code == 303
    page = await client.get(f"/pilots/{pilot}/facts", headers=PAGE)
    assert path not in page.text
    assert "Reached" in page.text
    assert (await client.post(path, headers=PAGE)).status_code == 409


async def test_the_list_searches_sorts_and_refuses_what_it_does_not_know(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    for title in ("Beta robots", "Alpha robots", "Tablets"):
        await a_pilot(lead, title=title)
    await signed_in(client, lead)
    found = (await client.get("/pilots?q=ROBOTS&sort=title", headers=JSON)).json()
    assert [row["title"] for row in found["pilots"]] == ["Alpha robots", "Beta robots"]
    assert found["total"] == 2
    for query in ("sort=registered_by", "kind=toys", "technology=x", "technology=-1", "page=0", "page=99999999999"):
        assert (await client.get(f"/pilots?{query}", headers=PAGE)).status_code == 400
    assert "No pilot fits" in (await client.get("/pilots?q=%00%25", headers=PAGE)).text
    assert "No pilot fits" in (await client.get("/pilots?page=9", headers=PAGE)).text


async def test_empty_pages_say_how_to_fill_them(client: httpx.AsyncClient) -> None:
    await signed_in(client, await an_account(Role.EVALUATOR, everywhere=True))
    assert "A project lead registers pilots." in (await client.get("/pilots", headers=PAGE)).text
    assert "There is no technology yet" in (await client.get("/technologies", headers=PAGE)).text
    await signed_in(client, await a_lead())
    assert "Register the first one" in (await client.get("/pilots", headers=PAGE)).text
    limited = await an_account(Role.PROJECT_LEAD, pilot=1)
    await signed_in(client, limited)
    assert "You lead for no organisation" in (await client.get("/pilots/new", headers=PAGE)).text


async def test_a_technology_lists_its_pilots_and_leads_to_registering_another(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await visible_pilot(lead, await a_pilot(lead, new_technology="Robot", new_major_version="3"))
    await signed_in(client, lead)
    page = await client.get(f"/technologies/{pilot.technology}", headers=PAGE)
    assert "Robot 3" in page.text
    assert pilot.title in page.text
    assert "Robot" in (await client.get("/technologies", headers=PAGE)).text
    form = await client.get(f"/pilots/new?technology={pilot.technology}", headers=PAGE)
    assert f'<option value="{pilot.technology}" selected>' in form.text
    assert (await client.get("/technologies/999", headers=PAGE)).status_code == 404


async def test_pages_are_there_in_danish(client: httpx.AsyncClient) -> None:
    lead = await a_lead(language="da")
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    for path in ("/pilots", "/pilots/new", f"/pilots/{pilot}/facts", f"/pilots/{pilot}/amend", "/technologies"):
        page = await client.get(path, headers=PAGE)
        assert page.status_code == 200
        assert '<html lang="da">' in page.text


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def a_body(command: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies with some of the right names and anything below them."""
    return st.dictionaries(st.sampled_from(command.__struct_fields__), ANYTHING, max_size=6)


@pytest.mark.anyio
@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(a_body(Registration), a_body(Amending))
async def test_nothing_a_client_sends_is_our_fault(
    client: httpx.AsyncClient, registration: dict[str, Any], amending: dict[str, Any]
) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    for address, body in (("/pilots", registration), (f"/pilots/{pilot}/amend", amending)):
        sent = json.dumps(body).encode()
        answer = await client.post(address, content=sent, headers={**JSON, "content-type": "application/json"})
        assert answer.status_code in (201, 400, 409, 422)
    assert (await visible_pilot(lead, pilot)).version == 1


@pytest.mark.parametrize(
    "typed",
    ["\x00", "\u202egnp.exe", "x" * 1_000_000, "'; DROP TABLE pilot; --", "{{ 7 * 7 }}", "=HYPERLINK(1)", "9" * 400],
)
async def test_no_text_breaks_the_form(client: httpx.AsyncClient, typed: str) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    for field in ("title", "starts", "organisation", "sites", "new_technology", "milestones.due", "dpia"):
        answer = await client.post("/pilots", data=await a_form(lead, **{field: typed}), headers=PAGE)
        assert answer.status_code in (303, 400, 413, 422)


async def test_a_cpr_number_is_refused_and_not_shown_again(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    answer = await client.post("/pilots", data=await a_form(lead, target_group="Anna, 010190-1234"), headers=PAGE)
    assert answer.status_code == 422
    assert "010190" not in answer.text
    assert await Pilot.count() == 0


async def test_every_write_leaves_one_entry_and_the_chain_holds(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    before = await AuditEntry.count()
    answer = await client.post("/pilots", data=await a_form(lead), headers=PAGE)
    pilot = int(answer.headers["location"].split("/")[2])
    milestone = (await milestones_of(pilot))[0].id
    await client.post(f"/pilots/{pilot}/milestones/{milestone}/done", headers=PAGE)
    await client.post(f"/pilots/{pilot}/milestones/{milestone}/done", headers=PAGE)
    await client.post("/pilots", data=await a_form(lead, title=""), headers=PAGE)
    assert await AuditEntry.count() == before + 2
    assert await verify_chain() is None


async def test_a_form_without_its_token_changes_nothing(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    answer = await client.post("/pilots", data=await a_form(lead), headers={**PAGE, "x-csrf-token": "guessed"})
    assert answer.status_code == 403
    assert await Pilot.count() == 0


async def _prepared(settings: Settings) -> tuple[str, int]:
    """A lead's address and the number of an amended pilot in the database of the running site."""
    async with connected(settings.database_url):
        lead = await a_lead(name="Anna Holm")
        for name in ("Aalborg", "Hjørring", "Thisted"):
            await an_organisation(name=name)
        pilot = await a_pilot(lead, starts=None, ends=None, legal_basis="")
        facts = await pilot_facts(lead, pilot)
        command = Amending(
            title="Digital case investigation, again",
            technology=facts.pilot.technology,
            sites=tuple(site.code for site in facts.sites),
            version=1,
            weight=Weight.MINOR,
            reason="A better title",
        )
        await actions.amend(pilot, command, by=lead)
        return lead.email, pilot


@pytest.fixture
def prepared(site: str, settings: Settings) -> tuple[str, int]:
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
    prepared: tuple[str, int], visit: Page, site: str, axe: Callable[[Page], list[str]], language: str
) -> None:
    email, pilot = prepared
    enter(visit, email)
    visit.context.add_cookies([{"name": "language", "value": language, "url": site}])
    visit.set_viewport_size({"width": 320, "height": 900})
    paths = ("/pilots", "/pilots?q=nothing", "/pilots/new", "/technologies", "/technologies/1")
    for path in (*paths, f"/pilots/{pilot}/facts", f"/pilots/{pilot}/amend"):
        visit.goto(path)
        assert visit.locator("h1").count() == 1
        assert visit.locator(".next-step").count() == 1
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(visit) == []


@pytest.mark.browser
def test_a_pilot_is_registered_in_a_browser_with_the_places_narrowed(
    prepared: tuple[str, int], visit: Page, axe: Callable[[Page], list[str]]
) -> None:
    enter(visit, prepared[0])
    visit.goto("/pilots/new")
    visit.fill("[name=title]", "Robots at home")
    visit.fill("#find-place", "hjørr")
    visit.press("#find-place", "Enter")
    expect(visit.locator("#places tbody tr:visible")).to_have_count(1)
    visit.locator("#places tbody tr:visible").get_by_label("Hjørring: Runs the pilot").check()
    visit.fill("#find-place", "")
    visit.click("main form button.button-primary")
    visit.wait_for_selector("#error-summary")
    assert axe(visit) == []
    visit.locator("#error-summary a").first.click()
    expect(visit.locator("#f-kind")).to_be_focused()
    assert visit.get_by_label("Hjørring: Runs the pilot").is_checked()
    visit.get_by_label("Welfare-technology pilot").check()
    visit.select_option("[name=technology]", index=1)
    visit.click("main form button.button-primary")
    visit.wait_for_url("**/facts")
    expect(visit.get_by_role("row", name="Hjørring")).to_have_count(1)
