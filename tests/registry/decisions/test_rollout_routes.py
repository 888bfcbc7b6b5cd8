"""The pages of a roll-out in stages, as a browser and a program see them."""

from collections.abc import Sequence

import httpx
import pytest

from registry.decisions.rollout_routes import by_region
from registry.decisions.rollout_schemas import Candidate
from registry.decisions.tables import StagedRollout
from registry.pilots.queries import visible_pilot
from tests.registry.decisions.story import a_staged_decision, in_days, municipalities
from tests.registry.people.story import signed_in

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "decisions")


async def test_the_order_is_asked_for_in_a_form_drawn_and_shown_with_its_plan(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    codes = await municipalities()
    await signed_in(client, crew.decider)
    path = f"/decisions/{decision_id}/rollout"
    assert f'href="{path}"' in (await client.get(f"/decisions/{decision_id}", headers=PAGE)).text
    form = (await client.get(path, headers=PAGE)).text
    assert all(f'value="{code}" checked' in form for code in codes)
    assert "has it already" in form
    typed = {"stages": "2", "first_period": f"{in_days(30):%d-%m-%Y}", "months_between": "3", "places": codes}
    made = await client.post(path, data=typed, headers=PAGE)
    assert (made.status_code, made.headers["location"]) == (303, path)
    shown = (await client.get(path, headers=PAGE)).text
    seed = (await client.get(path, headers=JSON)).json()["summary"]["seed"]
    assert "Kommune 3" in shown and "Within the tolerance" in shown and str(seed) in shown
    assert "never drawn again" in shown and '<form method="post" action="/decisions' not in shown
    plan = await client.get(f"{path}/plan.toml")
    assert f"seed = {seed}" in plan.text
    assert "attachment" in plan.headers["content-disposition"]
    assert (await client.post(path, data=typed, headers=PAGE)).status_code == 409


async def test_the_order_is_a_table_to_take_along_and_who_has_no_place_in_it_is_said(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    codes = await municipalities()
    await signed_in(client, crew.decider)
    path = f"/decisions/{decision_id}/rollout"
    assert (await client.get(f"{path}/order.csv")).status_code == 409
    body = {"stages": 2, "first_period": in_days(30).isoformat(), "places": codes[:-1]}
    assert (await client.post(path, json=body, headers=JSON)).status_code == 201
    table = await client.get(f"{path}/order.csv")
    assert "attachment" in table.headers["content-disposition"]
    header, *rows = table.content.decode("utf-8-sig").splitlines()
    assert header == "stage,starts,code,municipality,group_of_the_draw"
    assert sorted(row.split(",")[2] for row in rows) == sorted(codes[:-1])
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert rows[0].split(",")[1] == in_days(30).isoformat()
    shown = (await client.get(path, headers=PAGE)).text
    own = (await visible_pilot(crew.lead, crew.pilot)).organisation_name
    assert f"Left out, because they run a pilot of the technology already: {own}." in shown
    assert "Left out, because they were not chosen to take part: Kommune" in shown
    assert f"Municipalities in the order: {len(codes) - 1} of {len(codes) + 1}." in shown
    assert f'href="{path}/order.csv"' in shown


async def test_a_refused_form_keeps_what_was_typed_and_ticked(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    codes = await municipalities()
    await signed_in(client, crew.decider)
    typed = {"stages": "5", "first_period": "1-1-2020", "months_between": "4", "places": codes[:2]}
    answer = await client.post(f"/decisions/{decision_id}/rollout", data=typed, headers=PAGE)
    assert answer.status_code == 422
    assert 'href="#f-first_period"' in answer.text and 'href="#f-places"' in answer.text
    assert 'value="1-1-2020"' in answer.text
    assert f'value="{codes[1]}" checked' in answer.text
    assert f'value="{codes[2]}" checked' not in answer.text
    assert await StagedRollout.count() == 0


async def test_the_same_in_json(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    codes = await municipalities()
    await signed_in(client, crew.decider)
    path = f"/decisions/{decision_id}/rollout"
    body = {"stages": 2, "first_period": in_days(30).isoformat(), "places": codes}
    assert (await client.post(path, json={**body, "seed": 7}, headers=JSON)).status_code == 400, (
        "nobody chooses the seed"
    )
    assert (await client.post(path, json={**body, "stages": 1}, headers=JSON)).status_code == 422
    made = await client.post(path, json=body, headers=JSON)
    assert (made.status_code, len(made.json()["drawn"]["stages"])) == (201, 2)


async def test_who_may_not_draw_reads_that_it_is_not_drawn_yet(client: httpx.AsyncClient) -> None:
    crew, decision_id = await a_staged_decision()
    await signed_in(client, crew.lead)
    path = f"/decisions/{decision_id}/rollout"
    shown = (await client.get(path, headers=PAGE)).text
    assert "The order is not drawn yet." in shown and "<input" not in shown.split("<main")[1].split("</main")[0]
    assert (await client.post(path, json={"stages": 2}, headers=JSON)).status_code == 403


def test_candidates_stand_by_region_and_name() -> None:
    def one(name: str, region: str) -> Candidate:
        return Candidate(code=name, name=name, region=region, size_class="small", population=1, has_it=False)

    listed = by_region([one("Rebild", "Nord"), one("Odense", "Syd"), one("Aalborg", "Nord")])
    assert [(region, [place.name for place in members]) for region, members in listed] == [
        ("Nord", ["Aalborg", "Rebild"]),
        ("Syd", ["Odense"]),
    ]
