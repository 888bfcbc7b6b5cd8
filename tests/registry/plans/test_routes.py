"""Pages and JSON of plans."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from effects.codes import Design
from registry.people.rules import Role
from registry.plans import queries
from registry.plans.tables import Plan
from tests.registry.people.story import an_account, signed_in
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import PLAN, Cast, a_cast, a_draft, a_locked_plan, a_simulation, a_voice, agree

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators", "plans")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await signed_in(client, made.evaluator)
    return made


def a_typed_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends from the form of a new plan."""
    typed: dict[str, Any] = {
        "form.title": "Two indicators of a digital service",
        "form.design": "stepped_wedge",
        "form.estimand": "itt",
        "form.unit": "area",
        "form.period": "week",
        "form.treated": "digital",
        "form.weight": "",
        "form.standard_error": "cr2",
        "form.working_model": "fixed_effects",
        "form.fixed_effects": ["unit", "period"],
        "form.primary": "holm",
        "form.seed": "7",
        "form.level": "",
        "form.outcomes.column": ["language", "strain"],
        "form.outcomes.role": ["primary", "secondary"],
        "form.outcomes.claim": ["", ""],
        "form.outcomes.minimal_important": ["0.05", ""],
        "form.outcomes.margin": ["", ""],
        "form.outcomes.covariates": ["", "age"],
    }
    return {**typed, **changes}


async def test_an_empty_list_says_how_to_fill_it(client: httpx.AsyncClient, cast: Cast) -> None:
    page = await client.get(f"/pilots/{cast.pilot}/plans", headers=PAGE)
    assert page.status_code == 200
    assert "There is no plan yet" in page.text
    assert f'href="/pilots/{cast.pilot}/plans/new"' in page.text


async def test_the_form_begins_with_the_agreed_indicators_and_makes_a_plan_file(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    form = await client.get(f"/pilots/{cast.pilot}/plans/new", headers=PAGE)
    assert "Share of citizens whose language is known" in form.text
    assert 'value="0.05"' in form.text
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data=a_typed_form(), headers=PAGE)
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"], headers=PAGE)
    assert "The draft is saved." in page.text
    assert "Simulate the plan" in page.text
    file = await client.get(answer.headers["location"] + "/plan.toml")
    assert 'design = "stepped_wedge"' in file.text
    assert "attachment" in file.headers["content-disposition"]


async def test_a_refused_form_keeps_what_was_typed_with_links_to_the_fields(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    typed = a_typed_form(**{"form.unit": "", "form.title": "<b>Two", "form.outcomes.margin": ["9", ""]})
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data=typed, headers=PAGE)
    assert answer.status_code == 422
    for link in ("#f-form-unit", "#f-form-outcomes-0-margin"):
        assert f'href="{link}"' in answer.text
        assert f'id="{link[1:]}"' in answer.text
    assert 'value="&lt;b&gt;Two"' in answer.text
    assert await Plan.count() == 0


async def test_a_plan_file_is_uploaded_or_pasted(client: httpx.AsyncClient, cast: Cast) -> None:
    home = f"/pilots/{cast.pilot}/plans/new"
    assert "Or the text of the plan" in (await client.get(f"{home}?by=file", headers=PAGE)).text
    sent = {"file": ("plan.toml", PLAN.encode(), "application/toml")}
    answer = await client.post(home, data={"toml": ""}, files=sent, headers=PAGE)
    assert answer.status_code == 303
    pasted = await client.post(home, data={"toml": PLAN}, headers=PAGE)
    assert pasted.status_code == 303
    assert await Plan.count() == 2


async def test_a_wrong_plan_file_shows_every_place_and_keeps_the_text(client: httpx.AsyncClient, cast: Cast) -> None:
    wrong = PLAN.replace("0.05", "-1.0").replace('"higher"', '"up"')
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data={"toml": wrong}, headers=PAGE)
    assert answer.status_code == 422
    for place in ("outcome[0].minimal_important", "outcome[0].better"):
        assert f"<code>{place}</code>" in answer.text
    assert "A comment that has to survive" in answer.text


async def test_json_in_json_out(client: httpx.AsyncClient, cast: Cast) -> None:
    made = await client.post(f"/pilots/{cast.pilot}/plans/new", json={"toml": PLAN}, headers=JSON)
    assert made.status_code == 201
    plan_id = made.json()["id"]
    seen = await a_simulation(plan_id, cast.evaluator)
    locked = await client.post(f"/plans/{plan_id}/lock", json={"version": 1, "simulation": seen}, headers=JSON)
    assert (locked.status_code, locked.json()["state"]) == (201, "locked")
    listed = await client.get(f"/pilots/{cast.pilot}/plans", headers=JSON)
    assert (listed.json()["current"], [plan["state"] for plan in listed.json()["plans"]]) == (plan_id, ["locked"])
    wrong = await client.post(f"/pilots/{cast.pilot}/plans/new", json={"toml": "x = ["}, headers=JSON)
    assert (wrong.status_code, wrong.json()["findings"][0]["code"]) == (422, "not_toml")
    unknown = await client.post(f"/pilots/{cast.pilot}/plans/new", json={"tomml": PLAN}, headers=JSON)
    assert unknown.status_code == 400


async def test_a_draft_is_edited_in_the_form_or_as_text(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_draft(cast)
    form = await client.get(f"/plans/{plan_id}/edit", headers=PAGE)
    assert 'value="area"' in form.text and 'value="age, factor(season)"' in form.text
    assert "A comment that has to survive" in (await client.get(f"/plans/{plan_id}/edit?by=file", headers=PAGE)).text
    typed = {**a_typed_form(**{"form.title": "Another title"}), "version": "1"}
    assert (await client.post(f"/plans/{plan_id}", data=typed, headers=PAGE)).status_code == 303
    assert (await queries.plan(cast.evaluator, plan_id)).title == "Another title"
    behind = await client.post(f"/plans/{plan_id}", data=typed, headers=PAGE)
    assert behind.status_code == 409
    wrong = {**a_typed_form(**{"form.unit": ""}), "version": "2"}
    assert (await client.post(f"/plans/{plan_id}", data=wrong, headers=PAGE)).status_code == 422


async def test_locking_shows_the_fingerprint_and_who_agreed(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_draft(cast)
    sent = {"version": "1", "simulation": str(await a_simulation(plan_id, cast.evaluator))}
    assert (await client.post(f"/plans/{plan_id}/lock", data=sent, headers=PAGE)).status_code == 303
    page = await client.get(f"/plans/{plan_id}", headers=PAGE)
    assert (await queries.plan(cast.evaluator, plan_id)).fingerprint in page.text
    assert "Share of citizens whose language is known" in page.text
    assert "Supersede" in page.text and "Lock the plan" not in page.text
    assert (await client.get(f"/plans/{plan_id}/edit", headers=PAGE)).status_code == 409


async def test_a_plan_that_may_not_be_locked_says_why_on_its_page(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    plan_id = await a_draft(cast)
    answer = await client.post(f"/plans/{plan_id}/lock", data={"version": "1"}, headers=PAGE)
    assert answer.status_code == 422
    assert "The plan was not locked" in answer.text and "not agreed on any indicator" in answer.text


async def test_a_locked_plan_is_superseded_with_a_reason(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_locked_plan(cast)
    assert "never changes" in (await client.get(f"/plans/{plan_id}/supersede", headers=PAGE)).text
    short = await client.post(f"/plans/{plan_id}/supersede", data={"reason": "x"}, headers=PAGE)
    assert short.status_code == 422 and 'href="#f-reason"' in short.text
    answer = await client.post(
        f"/plans/{plan_id}/supersede", data={"reason": "A better standard error is known."}, headers=PAGE
    )
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"], headers=PAGE)
    assert "A better standard error is known." in page.text


async def test_an_outcome_that_was_not_agreed_is_labelled(client: httpx.AsyncClient, cast: Cast) -> None:
    extra = '[[outcome]]\ncolumn = "falls"\nrole = "secondary"\ndomain = "safety"\nbetter = "lower"\n\n[model]'
    plan_id = await a_draft(cast, PLAN.replace("[model]", extra))
    page = await client.get(f"/plans/{plan_id}", headers=PAGE)
    assert "Not agreed" in page.text and "falls is not among the agreed indicators" in page.text


async def test_readers_read_and_strangers_see_nothing(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_locked_plan(cast)
    await signed_in(client, await a_voice(cast))
    assert (await client.get(f"/plans/{plan_id}", headers=PAGE)).status_code == 200
    assert (await client.get(f"/pilots/{cast.pilot}/plans/new", headers=PAGE)).status_code == 403
    await signed_in(client, await a_lead())
    for address in (f"/plans/{plan_id}", f"/plans/{plan_id}/plan.toml", f"/pilots/{cast.pilot}/plans"):
        for accept in (PAGE, JSON):
            assert (await client.get(address, headers=accept)).status_code == 404
    client.cookies.clear()
    assert (await client.get(f"/plans/{plan_id}", headers=JSON)).status_code == 401


@pytest.mark.parametrize("language", ["da", "en"])
async def test_every_page_speaks_both_languages(client: httpx.AsyncClient, cast: Cast, language: str) -> None:
    plan_id = await a_locked_plan(cast)
    draft_id = await a_draft(cast)
    client.cookies.set("language", language)
    for address in (
        f"/pilots/{cast.pilot}/plans",
        f"/pilots/{cast.pilot}/plans/new",
        f"/pilots/{cast.pilot}/plans/new?by=file",
        f"/plans/{plan_id}",
        f"/plans/{plan_id}/supersede",
        f"/plans/{draft_id}/edit",
    ):
        page = await client.get(address, headers=PAGE)
        assert page.status_code == 200, address
        assert f'<html lang="{language}">' in page.text


async def test_a_danish_reader_gets_and_gives_numbers_with_a_comma(client: httpx.AsyncClient, cast: Cast) -> None:
    """A threshold of 1,234 must not come back as one thousand."""
    plan_id = await a_draft(cast, PLAN.replace("0.05", "1.234"))
    client.cookies.set("language", "da")
    form = await client.get(f"/plans/{plan_id}/edit", headers=PAGE)
    assert 'value="1,234"' in form.text
    typed = {**a_typed_form(**{"form.outcomes.minimal_important": ["1,234", ""]}), "version": "1"}
    assert (await client.post(f"/plans/{plan_id}", data=typed, headers=PAGE)).status_code == 303
    plan = queries.parsed(await queries.plan(cast.evaluator, plan_id))
    assert plan.outcomes[0].minimal_important == 1.234


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "{value}", '"><b>'])
async def test_a_plan_is_text_wherever_it_is_shown(client: httpx.AsyncClient, cast: Cast, hostile: str) -> None:
    quoted = hostile.replace('"', '\\"')
    plan_id = await a_draft(cast, PLAN.replace("Two indicators of a digital service", quoted))
    for address in (f"/plans/{plan_id}", f"/pilots/{cast.pilot}/plans", f"/plans/{plan_id}/edit"):
        page = await client.get(address, headers=PAGE)
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "<b>" not in page.text
    body = (await client.get(f"/plans/{plan_id}", headers=JSON)).json()
    assert body["title"] == hostile


@pytest.mark.parametrize(
    ("toml", "status"),
    [
        ("x = " + "[" * 5_000 + "]" * 5_000, 422),
        ("[" + ".".join("a" * 2_000) + "]", 422),
        ("x" * 300_000, 422),
        ("title = '\\u0000'", 422),
        ("\x00", 422),
        ("schema = 1\ndesign = {}\noutcome = 3", 422),
        (PLAN + "\nunknown = 1\n", 422),
        (PLAN.replace("20211215", "9" * 400), 422),
        (PLAN.replace("0.05", "nan"), 422),
        (PLAN.replace("0.05", "inf"), 422),
    ],
    ids=["deep", "dotted", "long", "escaped-nul", "nul", "kinds", "unknown", "huge", "nan", "infinite"],
)
async def test_no_plan_text_is_a_fault_of_ours(client: httpx.AsyncClient, cast: Cast, toml: str, status: int) -> None:
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data={"toml": toml}, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["findings"]
    assert await Plan.count() == 0


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"toml": 1}', b'{"version": "x"}', b'{"form": {"title": 3}}', b"\xff"])
async def test_no_json_body_is_a_fault_of_ours(client: httpx.AsyncClient, cast: Cast, body: bytes) -> None:
    headers = {**JSON, "content-type": "application/json"}
    for address in (f"/pilots/{cast.pilot}/plans/new", f"/plans/{await a_draft(cast)}/lock"):
        answer = await client.post(address, content=body, headers=headers)
        assert answer.status_code in (400, 422)


async def test_a_plan_that_is_not_there_is_not_found_whatever_is_asked(client: httpx.AsyncClient, cast: Cast) -> None:
    assert (await client.get(f"/pilots/{cast.pilot}/plans", headers=JSON)).status_code == 200
    for number in (999, 2**31, 2**63):
        assert (await client.get(f"/plans/{number}", headers=PAGE)).status_code == 404
        assert (await client.get(f"/pilots/{number}/plans", headers=JSON)).status_code == 404
        locked = await client.post(f"/plans/{number}/lock", json={"version": 1}, headers=JSON)
        assert locked.status_code == 404
    assert (await client.get("/plans/0101x", headers=PAGE)).status_code == 404
    assert await Plan.count() == 0


async def test_the_form_without_agreed_indicators_leads_to_them(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    form = await client.get(f"/pilots/{cast.pilot}/plans/new", headers=PAGE)
    assert "No indicator is agreed yet" in form.text
    assert f'href="/pilots/{cast.pilot}/indicators"' in form.text
    nothing = a_typed_form(**{name: [] for name in a_typed_form() if name.startswith("form.outcomes.")})
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data=nothing, headers=PAGE)
    assert answer.status_code == 422
    assert "The plan states no outcome." in answer.text


async def test_another_evaluators_draft_is_everybodys_in_the_organisation(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    plan_id = await a_draft(cast)
    colleague = await an_account(Role.EVALUATOR, organisation=cast.lead.organisation)
    await signed_in(client, colleague)
    body = {"version": 1, "simulation": await a_simulation(plan_id, cast.evaluator)}
    locked = await client.post(f"/plans/{plan_id}/lock", json=body, headers=JSON)
    assert (locked.status_code, locked.json()["locked_by"]) == (201, colleague.name)
    assert locked.json()["drafted_by"] == cast.evaluator.name


async def test_locking_is_confirmed_on_a_page_that_says_what_becomes_final(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator)
    assert (
        f'<form method="get" action="/plans/{plan_id}/lock"'
        in (await client.get(f"/plans/{plan_id}", headers=PAGE)).text
    )
    asked = (await client.get(f"/plans/{plan_id}/lock", headers=PAGE)).text
    assert "never changes again" in asked
    assert f'<form method="post" action="/plans/{plan_id}/lock"' in asked
    await client.post(f"/plans/{plan_id}/lock", data={"version": "1", "simulation": str(seen)}, headers=PAGE)
    assert (await client.get(f"/plans/{plan_id}/lock", headers=PAGE)).status_code == 409


async def test_an_overtaken_draft_offers_no_locking(client: httpx.AsyncClient, cast: Cast) -> None:
    old = await a_draft(cast)
    locked = await a_locked_plan(cast)
    shown = (await client.get(f"/plans/{old}", headers=PAGE)).text
    assert "Lock the plan" not in shown
    assert f'href="/plans/{locked}"' in shown
    assert "Plan 2 is locked, so this draft can no longer be locked." in shown
    asked = (await client.get(f"/plans/{old}/lock", headers=PAGE)).text
    assert f'action="/plans/{old}/lock"' not in asked


async def test_every_design_can_be_chosen_and_planned(client: httpx.AsyncClient, cast: Cast) -> None:
    form = (await client.get(f"/pilots/{cast.pilot}/plans/new", headers=PAGE)).text
    for design in Design:
        assert f'<option value="{design.value}"' in form, design


async def test_a_refused_form_speaks_the_words_of_the_form(client: httpx.AsyncClient, cast: Cast) -> None:
    typed = a_typed_form(**{"form.treated": "", "form.design": "cluster_randomised"})
    answer = await client.post(f"/pilots/{cast.pilot}/plans/new", data=typed, headers=PAGE)
    assert "A cluster randomised design needs the column “treated”." in answer.text
    assert "data.treated" not in answer.text


async def test_before_it_is_locked_a_plan_says_which_answers_need_rows(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_draft(cast)
    await a_simulation(plan_id, cast.evaluator)
    for address in (f"/plans/{plan_id}", f"/plans/{plan_id}/lock"):
        page = (await client.get(address, headers=PAGE)).text
        assert "Rows or moments" in page and "Rows are needed" in page and "Moments are enough" not in page
    told = (await client.get(f"/plans/{plan_id}", headers=JSON)).json()["moments"]
    assert not told["on_moments"]
    assert {one["outcome"] for one in told["answers"] if not one["on_moments"]} == {"language", "strain"}
    assert all(one["reason"] and one["remedy"] for one in told["answers"] if not one["on_moments"])


async def test_a_plan_that_is_answered_from_moments_says_so(client: httpx.AsyncClient, cast: Cast) -> None:
    without = PLAN.replace('weight = "n"\n', "").replace('covariates = ["age", "factor(season)"]\n', "")
    plan_id = await a_draft(cast, without.replace("cr2", "cr1"))
    page = (await client.get(f"/plans/{plan_id}", headers=PAGE)).text
    assert "Moments are enough" in page and "Rows are needed" not in page
    assert "<details open" not in page.split("Rows or moments")[1].split("</details>")[0]
