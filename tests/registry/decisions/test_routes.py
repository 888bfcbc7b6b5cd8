"""Pages and JSON of decisions as a browser and a program see them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.decisions.queries import decision
from registry.decisions.tables import Decision
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.decisions.story import a_bare_decision, a_decision, a_decision_maker, a_staged_decision, in_days
from tests.registry.desks.story import a_recommendation, an_assessment
from tests.registry.people.story import an_account, signed_in
from tests.registry.recommendations.story import an_issued_recommendation, telecare_recommended

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "decisions")


def a_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends; the middle row of conditions was left empty."""
    filled: dict[str, Any] = {
        "choice": "gather_evidence",
        "reason": "",
        "review_on": "",
        "conditions.text": ["The business case is worked out", "", "Falls are followed"],
        "conditions.owner": ["Programme office", "", "The municipality"],
        "conditions.due": [f"{in_days(90):%d-%m-%Y}", "", f"{in_days(30):%d-%m-%Y}"],
    }
    return {**filled, **changes}


async def test_the_decision_maker_records_a_decision_and_reads_it_again(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await signed_in(client, await a_decision_maker(cast))
    path = f"/recommendations/{advice}/decision"
    form = (await client.get(path, headers=PAGE)).text
    assert "This follows the advice." in form
    assert "Not enough evidence" in form
    made = await client.post(path, data=a_form(), headers=PAGE)
    assert made.status_code == 303
    shown = (await client.get(made.headers["location"], headers=PAGE)).text
    assert "The decision is recorded." in shown
    assert "Falls are followed" in shown
    assert (await client.get(path, headers=PAGE)).headers["location"] == made.headers["location"]
    assert made.headers["location"] in (await client.get("/decisions", headers=PAGE)).text


async def test_a_refused_form_keeps_every_row_and_shows_each_finding_at_its_row(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, advice = await telecare_recommended(tmp_path)
    await signed_in(client, await a_decision_maker(cast))
    dates = [f"{in_days(90):%d-%m-%Y}", "", "01-01-2020"]
    form = a_form(choice="roll_out", **{"conditions.due": dates, "review_on": "02-02-2020"})
    answer = await client.post(f"/recommendations/{advice}/decision", data=form, headers=PAGE)
    assert answer.status_code == 422
    for said in ("The decision deviates from the advice", "The review date has passed.", "date of the condition"):
        assert said in answer.text
    assert 'href="#f-conditions-1-due"' in answer.text
    row = answer.text[answer.text.index('id="f-conditions-1-text"') :]
    assert row.index("Falls are followed") < row.index('value="01-01-2020"')
    assert 'value="roll_out" checked' in answer.text
    assert await Decision.count() == 0


async def test_an_incomplete_condition_is_said_at_its_field(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await signed_in(client, await a_decision_maker(cast))
    form = a_form(**{"conditions.owner": ["", "", ""], "conditions.due": ["", "", "never"]})
    answer = await client.post(f"/recommendations/{advice}/decision", data=form, headers=PAGE)
    assert answer.status_code == 422
    for place in ("0-owner", "0-due", "1-owner", "1-due"):
        assert f'href="#f-conditions-{place}"' in answer.text
    for label in ("Condition 1, Owner: ", "Condition 1, Date: ", "Condition 2, Owner: "):
        assert label in answer.text


async def test_the_same_in_json(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await signed_in(client, await a_decision_maker(cast))
    path = f"/recommendations/{advice}/decision"
    assert (await client.post(path, json={"choice": "wait"})).status_code == 422
    assert (await client.post(path, json={"choice": "stop", "decided_by": 1})).status_code == 400
    refused = await client.post(path, json={"choice": "stop"})
    assert (refused.status_code, refused.json()["findings"][0]["code"]) == (422, "deviation_without_reason")
    condition = {"text": "It is safe", "owner": "The region", "due": in_days(9).isoformat()}
    made = await client.post(path, json={"choice": "stop", "reason": "Costs.", "conditions": [condition]})
    assert made.status_code == 201
    body = made.json()
    kept = [{**condition, "passed": False}]
    assert (body["decision"]["choice"], body["decision"]["deviates"], body["conditions"]) == ("stop", True, kept)
    assert (await client.post(path, json={"choice": "stop", "reason": "Costs."})).status_code == 409
    listed = (await client.get("/decisions", headers=JSON)).json()["decisions"]
    assert [row["id"] for row in listed] == [body["decision"]["id"]]


async def test_what_was_written_is_shown_as_text(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await signed_in(client, await a_decision_maker(cast))
    made = await client.post(
        f"/recommendations/{advice}/decision", data=a_form(reason="<script>1</script>"), headers=PAGE
    )
    shown = (await client.get(made.headers["location"], headers=PAGE)).text
    assert "&lt;script&gt;1&lt;/script&gt;" in shown
    assert "<script>1" not in shown


async def test_a_recommendation_says_that_it_is_decided(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await a_decision(tmp_path)
    advice = (await decision(cast.lead, made)).decision.recommendation_id
    await signed_in(client, await a_decision_maker(cast))
    shown = (await client.get(f"/recommendations/{advice}", headers=PAGE)).text
    assert "The decision is recorded." in shown
    assert f'href="/decisions/{made}"' in shown
    assert "Go to the decision" not in shown
    told = (await client.get(f"/recommendations/{advice}", headers=JSON)).json()
    assert told["decision"]["id"] == made


async def test_who_may_not_decide_reads_who_does(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await signed_in(client, cast.lead)
    path = f"/recommendations/{advice}/decision"
    shown = (await client.get(path, headers=PAGE)).text
    assert "No decision is recorded yet." in shown
    assert "<textarea" not in shown
    assert (await client.post(path, json={"choice": "gather_evidence"})).status_code == 403


async def test_a_private_pilots_decision_does_not_exist_for_others(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, made = await a_decision(tmp_path)
    advice = (await decision(cast.lead, made)).decision.recommendation_id
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    for headers in (PAGE, JSON):
        for path in (f"/decisions/{made}", f"/recommendations/{advice}/decision", "/decisions/999"):
            assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.post(f"/recommendations/{advice}/decision", json={"choice": "stop"})).status_code == 404
    assert (await client.get("/decisions", headers=JSON)).json()["decisions"] == []
    assert "No decision yet" in (await client.get("/decisions", headers=PAGE)).text


async def test_a_decision_maker_elsewhere_reads_open_advice_and_may_not_decide(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    _, advice = await an_issued_recommendation(tmp_path, visibility=Visibility.PROGRAMME)
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    path = f"/recommendations/{advice}/decision"
    assert "<textarea" not in (await client.get(path, headers=PAGE)).text
    assert (await client.post(path, data=a_form(), headers=PAGE)).status_code == 403


async def test_a_decision_in_stages_leads_to_the_draw_and_a_review_that_is_due_to_the_evidence(
    client: httpx.AsyncClient,
) -> None:
    crew, decision_id = await a_staged_decision()
    await signed_in(client, crew.decider)
    address = f"/decisions/{decision_id}"
    shown = (await client.get(address, headers=PAGE)).text
    assert "Draw the order in which the municipalities start" in shown
    await Decision.update({Decision.review_on: in_days(-2)}).where(Decision.id == decision_id)
    shown = (await client.get(address, headers=PAGE)).text
    assert "The decision is due for review since" in shown and f'href="/pilots/{crew.pilot}/evidence"' in shown
    listed = (await client.get("/decisions", headers=PAGE)).text
    assert "is due for review." in listed
    told = (await client.get("/decisions", headers=JSON)).json()["decisions"]
    assert [(one["duty"]["kind"], one["duty"]["due"]) for one in told] == [("review", True)]


async def test_a_decision_says_at_the_top_that_its_evidence_was_replaced(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    await signed_in(client, crew.lead)
    address = f"/decisions/{decision_id}"
    assert "no longer counts" not in (await client.get(address, headers=PAGE)).text
    await an_assessment(crew, approved_by=crew.lead)
    shown = (await client.get(address, headers=PAGE)).text
    assert "The evidence under this decision no longer counts" in shown
    assert "/evidence" in shown
    assert "Evidence outdated" in (await client.get("/decisions", headers=PAGE)).text


async def test_a_decision_that_a_later_one_replaced_leads_there(client: httpx.AsyncClient) -> None:
    crew, early = await a_staged_decision()
    late = await a_bare_decision(crew, await a_recommendation(crew))
    await signed_in(client, crew.decider)
    shown = (await client.get(f"/decisions/{early}", headers=PAGE)).text
    assert "A later decision counts in the place of this one." in shown and f'href="/decisions/{late}"' in shown
    assert "Replaced by a later decision" in (await client.get("/decisions", headers=PAGE)).text
