"""Desk, pilot home and portfolio as pages and as JSON."""

from datetime import timedelta

import httpx
import pytest

from registry.decisions.tables import Decision
from registry.kit.clock import today
from registry.kit.jobs import beat
from registry.people.rules import Role
from registry.pilots.rules import Part, Visibility
from registry.pilots.schemas import MilestoneRow
from registry.pilots.tables import Site
from tests.registry.desks.story import a_crew, a_decision, a_recommendation
from tests.registry.people.story import an_account, an_organisation, signed_in
from tests.registry.pilots.story import a_lead

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def test_who_is_not_signed_in_is_asked_to(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (302, "/login")


async def test_the_desk_names_the_next_step_and_leads_there(client: httpx.AsyncClient) -> None:
    crew = await a_crew(title="Robot <cleaners>")
    await signed_in(client, crew.lead)
    page = await client.get("/", headers=PAGE)
    assert page.status_code == 200
    assert "Robot &lt;cleaners&gt;" in page.text
    assert f'href="/pilots/{crew.pilot}/indicators"' in page.text
    assert 'href="/pilots/new"' in page.text
    told = (await client.get("/", headers=JSON)).json()
    assert [pilot["id"] for pilot in told["waiting"]] == [crew.pilot]
    assert told["upkeep"] is None


@pytest.mark.parametrize("role", [None, *Role])
async def test_an_empty_desk_says_how_it_fills(client: httpx.AsyncClient, role: Role | None) -> None:
    await signed_in(
        client, await an_account(role, everywhere=True, group="staff" if role is Role.STAKEHOLDER else None)
    )
    page = await client.get("/", headers=PAGE)
    assert "A project lead registers the first pilot." in page.text
    assert ("An administrator grants them." in page.text) is (role is None)


async def test_the_desk_says_when_no_worker_answers(client: httpx.AsyncClient) -> None:
    await signed_in(client, await an_account(Role.ADMINISTRATOR, everywhere=True))
    assert "Background work stands still" in (await client.get("/", headers=PAGE)).text
    await beat("somebody", 1)
    page = await client.get("/", headers=PAGE)
    assert "Background work stands still" not in page.text
    assert "Answers" in page.text


async def test_a_home_is_a_page_and_json_for_who_may_see_it(client: httpx.AsyncClient) -> None:
    crew = await a_crew(title="Robot cleaners")
    await signed_in(client, crew.decider)
    page = await client.get(f"/pilots/{crew.pilot}", headers=PAGE)
    assert "Robot cleaners" in page.text
    assert "Propose the indicators" in page.text
    told = (await client.get(f"/pilots/{crew.pilot}", headers=JSON)).json()
    assert (told["phase"], told["mine"], told["step"]["role"]) == ("registered", False, "project_lead")


async def test_what_another_decides_or_what_is_decided_is_not_told_as_the_readers_turn(
    client: httpx.AsyncClient,
) -> None:
    crew = await a_crew(title="Robot cleaners", visibility=Visibility.PROGRAMME)
    recommendation = await a_recommendation(crew)
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    shown = (await client.get("/", headers=PAGE)).text
    assert "Another decision maker at " in shown and "Decision maker: " not in shown
    await a_decision(crew, recommendation, "stop")
    shown = (await client.get("/", headers=PAGE)).text
    assert "The decision is made." in shown and "ecision maker: " not in shown
    assert "or it is decided" in shown


async def test_a_private_pilot_is_not_there_for_strangers(client: httpx.AsyncClient) -> None:
    crew = await a_crew()
    await signed_in(client, await a_lead())
    for headers in (PAGE, JSON):
        assert (await client.get(f"/pilots/{crew.pilot}", headers=headers)).status_code == 404


async def test_the_portfolio_shows_advice_and_decision(client: httpx.AsyncClient) -> None:
    crew = await a_crew(title="Robot cleaners")
    decision = await a_decision(crew, await a_recommendation(crew), "stop")
    await signed_in(client, crew.decider)
    for address in ("/", "/portfolio"):
        page = await client.get(address, headers=PAGE)
        assert "Extend the trial" in page.text
        assert f'href="/decisions/{decision}"' in page.text
        assert "Deviates" in page.text
    assert len((await client.get("/portfolio", headers=JSON)).json()["wall"]) == 1


async def test_an_empty_portfolio_says_how_it_fills(client: httpx.AsyncClient) -> None:
    await signed_in(client, await an_account(Role.DECISION_MAKER, everywhere=True))
    assert "No advice yet" in (await client.get("/portfolio", headers=PAGE)).text


async def test_the_portfolio_is_for_those_who_decide_or_evaluate(client: httpx.AsyncClient) -> None:
    await signed_in(client, await a_lead())
    assert (await client.get("/portfolio", headers=PAGE)).status_code == 403


async def test_the_portfolio_asks_for_a_decision_only_while_one_is_open(client: httpx.AsyncClient) -> None:
    crew = await a_crew()
    advised = await a_recommendation(crew)
    await signed_in(client, crew.decider)
    shown = (await client.get("/portfolio", headers=PAGE)).text
    assert "Very low to moderate (1–3 of 4)" in shown
    assert "Waiting for a decision: 1." in shown
    await a_decision(crew, advised, "stop")
    shown = (await client.get("/portfolio", headers=PAGE)).text
    assert "Waiting for a decision" not in shown
    assert "Everything with advice is decided." in shown


async def test_the_home_of_a_pilot_counts_places_to_compare_with_apart(client: httpx.AsyncClient) -> None:
    crew = await a_crew()
    place = await an_organisation()
    await Site.insert(Site(pilot=crew.pilot, organisation=place, part=Part.COMPARISON))
    await signed_in(client, crew.lead)
    assert "and 1 for comparison" in (await client.get(f"/pilots/{crew.pilot}", headers=PAGE)).text


async def test_the_portfolio_is_narrowed_and_sorted_in_its_address(client: httpx.AsyncClient) -> None:
    crew = await a_crew()
    await a_recommendation(crew, kind="STOP")
    await signed_in(client, crew.decider)
    for query, shown in (
        ("advice=STOP&sort=-money", 1),
        ("advice=EXTEND", 0),
        ("state=decided", 0),
        ("technology=", 1),
    ):
        told = (await client.get(f"/portfolio?{query}", headers=JSON)).json()
        assert (query, len(told["wall"]), told["total"]) == (query, shown, 1)
    page = (await client.get("/portfolio?advice=EXTEND", headers=PAGE)).text
    assert "No recommendation fits" in page and 'value="EXTEND" selected' in page
    assert "not known" in (await client.get("/portfolio", headers=PAGE)).text
    for query in ("advice=MAYBE", "state=late", "technology=x", f"technology={2**70}", "sort=name"):
        assert (query, (await client.get(f"/portfolio?{query}", headers=JSON)).status_code) == (query, 400)


async def test_the_leads_desk_says_why_a_pilot_is_late(client: httpx.AsyncClient) -> None:
    due = today() - timedelta(days=60)
    crew = await a_crew(
        starts=due - timedelta(days=30), ends=None, milestones=(MilestoneRow(title="Halfway", due=due),)
    )
    await signed_in(client, crew.lead)
    assert "Halfway: 2.0 months later than promised" in (await client.get("/", headers=PAGE)).text


async def test_a_review_that_is_due_is_the_next_step_of_a_desk_without_others(client: httpx.AsyncClient) -> None:
    crew = await a_crew()
    made = await a_decision(crew, await a_recommendation(crew))
    await Decision.update({Decision.review_on: today()}).where(Decision.id == made)
    await signed_in(client, crew.decider)
    shown = (await client.get("/", headers=PAGE)).text
    assert "is due for review." in shown and f'href="/decisions/{made}"' in shown
    assert "Due for review" in (await client.get("/decisions", headers=PAGE)).text
