"""The pages of simulations, as a browser and a program see them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.kit.tables import Job
from registry.plans.tables import Simulation
from tests.registry.analyses.story import work_off
from tests.registry.people.story import signed_in
from tests.registry.plans.story import PLAN, Cast, a_cast, a_draft, a_simulation, a_voice, agree

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


def a_typed_request(**changes: Any) -> dict[str, Any]:
    """What a browser sends; what is not needed stays empty."""
    typed = {
        **{"outcomes.column": "language", "outcomes.standard_error": "0.02", "outcomes.sd": "", "outcomes.effect": ""},
        **{"clusters": "", "size": "", "icc": "", "periods": "", "pilots": "3", "tau": "0.3", "correlation": "0.3"},
        **{"chance_of_value": "90", "prior.nothing_helps": "50", "prior.all_help": "30", "prior.all_help_more": "20"},
        **{"prior.own": "0", "own_truth": "", "replications": "50", "seed": "1"},
    }
    return {**typed, **changes}


async def test_a_draft_leads_to_its_simulation_the_form_to_the_result_and_the_result_to_the_lock(
    client: httpx.AsyncClient, cast: Cast, tmp_path: Path
) -> None:
    plan_id = await a_draft(cast)
    form = f"/plans/{plan_id}/simulate"
    assert f'href="{form}"' in (await client.get(f"/plans/{plan_id}", headers=PAGE)).text
    assert 'name="prior.all_help_more"' in (await client.get(form, headers=PAGE)).text
    sent = await client.post(form, data=a_typed_request(), headers=PAGE)
    assert sent.status_code == 303
    address = sent.headers["location"]
    assert 'id="work"' in (await client.get(address, headers=PAGE)).text
    await work_off(tmp_path)
    shown = (await client.get(address, headers=PAGE)).text
    assert "Nothing helps: it would be rolled out never in 50 simulations" in shown
    assert "This plan cannot lead to a roll-out" in shown
    assert "There is no guardrail for staff." in shown
    assert shown.index("There is no guardrail for staff.") < shown.index("Settled means") < shown.index("<table")
    assert "Here only a stop or a pause can settle it" in shown
    assert 'data-title="Held likely"' in shown and 'data-title="These rules"' in shown
    assert f'href="/plans/{plan_id}/lock"' in shown
    assert "Beside simpler rules" in shown
    again = (await client.get(form, headers=PAGE)).text
    assert 'value="90"' in again and "Simulations of this plan" in again


async def test_a_refused_request_shows_every_fault_and_keeps_what_was_typed(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    typed = a_typed_request(**{"outcomes.standard_error": "", "prior.nothing_helps": "7", "tau": "much"})
    address = f"/plans/{await a_draft(cast)}/simulate"
    broken = await client.post(address, data=typed, headers=PAGE)
    assert (broken.status_code, 'href="#f-tau"' in broken.text, 'value="much"' in broken.text) == (422, True, True)
    answer = await client.post(address, data={**typed, "tau": "0.3"}, headers=PAGE)
    assert answer.status_code == 422
    assert 'href="#f-outcomes-0-standard_error"' in answer.text and 'href="#f-prior-nothing_helps"' in answer.text
    assert 'value="7"' in answer.text
    assert await Simulation.count() == 0


async def test_the_lock_page_shows_the_simulation_in_short_and_sends_it_along(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    plan_id = await a_draft(cast)
    first = (await client.get(f"/plans/{plan_id}/lock", headers=PAGE)).text
    assert "First simulate" in first and f'action="/plans/{plan_id}/lock"' not in first
    seen = await a_simulation(plan_id, cast.evaluator)
    shown = (await client.get(f"/plans/{plan_id}/lock", headers=PAGE)).text
    assert f'name="simulation" value="{seen}"' in shown and "Probably settles the matter" in shown
    assert "it would be rolled out in 85 of 100" in shown and 'name="unsettled_reason"' not in shown
    await client.post(f"/plans/{plan_id}/lock", data={"version": "1", "simulation": str(seen)}, headers=PAGE)
    locked = (await client.get(f"/plans/{plan_id}", headers=PAGE)).text
    assert "Locked with a simulation in sight" in locked and "0.75" in locked
    assert "The plan is locked with this simulation." in (await client.get(f"/simulations/{seen}", headers=PAGE)).text
    assert (await client.get(f"/plans/{plan_id}/simulate", headers=PAGE)).status_code == 409


async def test_a_plan_that_settles_little_is_locked_only_with_a_reason_that_everybody_reads(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator, 0.2)
    body = {"version": "1", "simulation": str(seen), "unsettled_reason": ""}
    refused = await client.post(f"/plans/{plan_id}/lock", data=body, headers=PAGE)
    assert refused.status_code == 422
    assert "The plan was not locked" in refused.text and 'name="unsettled_reason"' in refused.text
    reason = "It tells <where> to look next."
    assert (
        await client.post(f"/plans/{plan_id}/lock", data={**body, "unsettled_reason": reason}, headers=PAGE)
    ).status_code == 303
    await signed_in(client, await a_voice(cast))
    shown = (await client.get(f"/plans/{plan_id}", headers=PAGE)).text
    assert "It tells &lt;where&gt; to look next." in shown


async def test_what_the_agreement_and_the_simulation_lack_is_said_together(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    refused = await client.post(f"/plans/{await a_draft(cast)}/lock", json={"version": 1}, headers=JSON)
    assert [one["code"] for one in refused.json()["findings"]] == ["nothing_agreed", "not_simulated"]


async def test_a_simulation_of_a_plan_that_was_changed_says_so(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator)
    await client.post(f"/plans/{plan_id}", json={"toml": PLAN.replace("Two", "Both"), "version": 1}, headers=JSON)
    assert "This result is about the plan as it was." in (await client.get(f"/simulations/{seen}", headers=PAGE)).text
    answer = await client.post(f"/plans/{plan_id}/lock", json={"version": 2, "simulation": seen}, headers=JSON)
    assert (answer.status_code, answer.json()["findings"][0]["code"]) == (422, "simulation_outdated")


async def test_a_simulation_that_failed_says_why_and_what_to_do(client: httpx.AsyncClient, cast: Cast) -> None:
    plan_id = await a_draft(cast)
    sent = await client.post(f"/plans/{plan_id}/simulate", data=a_typed_request(), headers=PAGE)
    await Job.update({Job.state: "failed"}).where(Job.id > 0)
    shown = (await client.get(sent.headers["location"], headers=PAGE)).text
    assert "The simulation did not finish" in shown and f'href="/plans/{plan_id}/simulate"' in shown


@pytest.mark.parametrize("language", ["da", "en"])
async def test_both_languages_read_and_write_the_numbers(client: httpx.AsyncClient, cast: Cast, language: str) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator)
    client.cookies.set("language", language)
    comma = "0,02" if language == "da" else "0.02"
    for address in (f"/plans/{plan_id}/simulate", f"/simulations/{seen}", f"/plans/{plan_id}/lock"):
        page = await client.get(address, headers=PAGE)
        assert (page.status_code, f'<html lang="{language}">' in page.text) == (200, True)
    assert f'value="{comma}"' in (await client.get(f"/plans/{plan_id}/simulate", headers=PAGE)).text
    typed = a_typed_request(**{"outcomes.standard_error": comma, "tau": comma, "correlation": comma})
    assert (await client.post(f"/plans/{plan_id}/simulate", data=typed, headers=PAGE)).status_code == 303
