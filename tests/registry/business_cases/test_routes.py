"""Pages and JSON of business cases as a browser and a program see them."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from registry.business_cases.actions import store
from registry.business_cases.queries import business_case, current, places
from registry.business_cases.tables import BusinessCase
from registry.business_cases.valuing import valuation_of
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.business_cases.story import (
    BY_EFFECT,
    LANGUAGE,
    UNSTATED,
    a_case,
    a_form,
    a_stated_case,
    a_valued_case,
    technology_of,
)
from tests.registry.indicators.story import some_indicators
from tests.registry.people.story import an_account, an_organisation, signed_in
from tests.registry.plans.story import Cast, a_cast

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
NATIONAL = """
[[line]]
title = "Coordination"
kind = "cost"
payer = "municipality"
timing = "yearly"
scope = "national"
amount = 2000000
status = "agreed"
"""


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "business_cases")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    """A pilot whose lead is signed in."""
    made = await a_cast()
    await signed_in(client, made.lead)
    return made


async def shown(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


async def sent(client: httpx.AsyncClient, path: str, form: dict[str, Any]) -> httpx.Response:
    return await client.post(path, data=form, headers=PAGE)


async def test_a_lead_states_a_case_by_the_form_and_a_second_version_with_a_reason(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    technology = await technology_of(cast)
    here = f"/technologies/{technology}/business-case"
    assert "No business case is stated yet" in await shown(client, here)
    assert "What holds for all of it" in await shown(client, f"{here}/new")
    assert (await sent(client, here, a_form())).status_code == 303
    page = await shown(client, here)
    assert "The version is kept." in page
    assert "What it is worth is being worked out." in page
    form = await shown(client, f"{here}/new")
    assert 'value="Hours saved"' in form
    assert 'value="50; 100"' in form
    refused = await sent(client, here, a_form(after="1"))
    assert refused.status_code == 422
    assert "gives no reason" in refused.text
    again = a_form(after="1", reason="The contract was made anew.")
    assert (await sent(client, here, again)).status_code == 303
    found = await current(technology)
    assert found is not None
    assert (found.number, found.reason) == (2, "The contract was made anew.")
    assert "The contract was made anew." in await shown(client, here)


async def test_everything_wrong_is_said_at_its_field_and_what_was_typed_stays(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    form = a_form(**{"form.title": "", "form.phase_in": "all", "form.price_year": ""})
    form["form.lines.likely"] = ["100000", "", ""]
    form["form.lines.status"] = ["", "guessed", ""]
    form["form.lines.volume"] = ["", "visits", ""]
    answer = await sent(client, here, form)
    assert answer.status_code == 422
    for place in ("title", "phase_in", "price_year", "lines-0-status", "lines-1-likely"):
        assert f'href="#f-form-{place}"' in answer.text, place
    assert 'value="Hours saved"' in answer.text
    assert 'value="visits"' in answer.text
    assert await BusinessCase.count() == 0


async def test_a_figure_that_is_no_number_is_said_at_its_row(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    answer = await sent(client, here, {**a_form(), "form.lines.likely": ["a lot", "600", ""]})
    assert answer.status_code == 422
    assert 'href="#f-form-lines-0-likely"' in answer.text
    assert 'value="a lot"' in answer.text


async def test_more_rows_come_without_losing_what_was_typed(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    answer = await sent(client, here, a_form(more="true"))
    assert answer.status_code == 200
    assert answer.text.count('name="form.lines.title"') == 7
    assert 'value="Hours saved"' in answer.text
    assert await BusinessCase.count() == 0


async def test_a_file_is_kept_as_it_was_written(client: httpx.AsyncClient, cast: Cast) -> None:
    technology = await technology_of(cast)
    here = f"/technologies/{technology}/business-case"
    assert "Or the text of the business case" in await shown(client, f"{here}/new?by=file")
    _, made = await a_stated_case(cast)
    found = await current(technology)
    assert found is not None
    text = f"# A comment that has to survive.\n{found.stated}"
    files = {"file": ("case.toml", text.encode(), "application/toml")}
    typed = {"after": "1", "toml": "", "reason": "A comment was missing."}
    assert (await client.post(here, data=typed, files=files, headers=PAGE)).status_code == 303
    kept = await current(technology)
    assert kept is not None
    assert kept.stated == text.strip()
    file = await client.get(f"/business-cases/{kept.id}/business-case.toml")
    assert file.text == text.strip()
    assert "This is not the version that holds" in await shown(client, f"/business-cases/{made}")


async def test_a_wrong_file_says_where(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    answer = await sent(client, here, {"after": "0", "toml": a_case(more="\n[[line]]\ntitle = 'Half'\n")})
    assert answer.status_code == 422
    assert "line[2].kind" in answer.text
    assert "The file is about" not in answer.text
    other = await sent(client, here, {"after": "0", "toml": a_case()})
    assert "The file is about Case tool 2" in other.text


async def test_the_page_of_a_valued_case_says_what_it_is_worth_and_what_that_rests_on(
    client: httpx.AsyncClient,
) -> None:
    small = await an_organisation("2345", name="Lilleby", population=20_000)
    assert small
    _, found = await a_valued_case()
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    page = await shown(client, f"/technologies/{found.technology_id}/business-case?place=2345")
    assert "pay for itself" in page
    for words in ("Hours saved", "rests on guesses", "Citizens feel informed", "What would turn it around", "Lilleby"):
        assert words in page
    assert "Discounted at the real rate in force" in page
    assert "Who pays and who gains, over all years" in page
    assert '<th scope="row">2031</th>' in page
    assert "Benefits of the kind Working time are multiplied by 0.8." in page
    assert "State a new version" not in page
    told = (await client.get(f"/technologies/{found.technology_id}/business-case", headers=JSON)).json()
    assert told["case"]["valuation"]["expected_net_value"] == found.valuation["expected_net_value"]  # type: ignore[index]
    assert [one["number"] for one in told["versions"]] == [1]


async def test_a_line_whose_effect_is_not_measured_is_named_and_not_valued(client: httpx.AsyncClient) -> None:
    cast, found = await a_valued_case(more=BY_EFFECT)
    await signed_in(client, cast.evaluator)
    page = await shown(client, f"/technologies/{found.technology_id}/business-case")
    assert "What it is worth is not known yet" in page
    assert "Fewer calls: no effect on language is known." in page
    assert "No pilot of this technology measures language" in page
    assert "What would turn it around" not in page, "nothing is known that would"
    assert "No evidence on the technology is approved yet" in page
    await some_indicators(cast.pilot, cast.lead)
    page = await shown(client, f"/technologies/{found.technology_id}/business-case")
    assert "No pilot of this technology measures" not in page


async def test_a_valuation_that_failed_can_be_asked_for_again(client: httpx.AsyncClient, cast: Cast) -> None:
    _, made = await a_stated_case(cast)
    waiting = await client.post(f"/business-cases/{made}/value", json={})
    assert waiting.status_code == 409
    await Job.update({Job.state: JobState.FAILED}).where(Job.id > 0)
    assert "stopped before it was done" in await shown(client, f"/business-cases/{made}")
    assert (await sent(client, f"/business-cases/{made}/value", {})).status_code == 303
    assert await Job.count().where(Job.state == JobState.QUEUED) == 1


async def test_who_has_no_part_in_a_pilot_of_it_reads_and_does_not_state(client: httpx.AsyncClient) -> None:
    cast, made = await a_stated_case()
    here = f"/technologies/{await technology_of(cast)}/business-case"
    await signed_in(client, await an_account(Role.PROJECT_LEAD))
    assert f"{here}/new" not in await shown(client, here)
    assert (await client.get(f"{here}/new", headers=PAGE)).status_code == 403
    assert (await client.post(here, json={"toml": "x"})).status_code == 403
    assert (await client.post(f"/business-cases/{made}/value", json={})).status_code == 403
    assert (await client.get("/technologies/999/business-case", headers=PAGE)).status_code == 404
    assert (await client.get("/business-cases/999", headers=JSON)).status_code == 404


async def test_factors_of_the_address_fill_the_form_and_nonsense_does_not(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    new = f"/technologies/{await technology_of(cast)}/business-case/new"
    page = await shown(client, f"{new}?optimism.economy=0.62&optimism.safety=%22%3E")
    assert 'name="form.optimism.economy" class="form-input input-char-12" value="0.62"' in page
    assert 'name="form.optimism.safety" class="form-input input-char-12" value=""' in page


async def test_what_was_written_is_shown_as_text(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    form = {**a_form(), "form.lines.title": ["<b>Licences</b>", "Hours saved", ""]}
    assert (await sent(client, here, form)).status_code == 303
    page = await shown(client, f"{here}/new")
    assert "&lt;b&gt;Licences" in page
    assert "<b>Licences" not in page


async def test_a_danish_reader_reads_danish_and_types_danish_numbers(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    danish = await an_account(Role.PROJECT_LEAD, organisation=cast.lead.organisation, language="da")
    await signed_in(client, danish)
    technology = await technology_of(cast)
    here = f"/technologies/{technology}/business-case"
    form = {**a_form(), "form.lines.likely": ["100.000,5", "600", ""], "form.discount_rate": "3,5"}
    form["form.optimism.working_time"] = "0,8"
    assert (await sent(client, here, form)).status_code == 303
    found = await current(technology)
    assert found is not None
    assert "amount = 100000.5" in found.stated or "likely = 100000.5" in found.stated
    assert "discount_rate = 0.035" in found.stated
    page = await shown(client, f"{here}/new")
    for typed in ('value="100000,5"', 'value="3,5"', 'value="0,8"', "Staten", "Opstil version 2"):
        assert typed in page
    refused = await sent(client, here, a_form(after="1", **{"form.title": ""}))
    assert "form-error" in refused.text


async def test_a_case_that_says_more_than_the_form_is_changed_as_a_text(client: httpx.AsyncClient) -> None:
    cast, _ = await a_stated_case(more="[extension]\ncost = 5.0\n")
    await signed_in(client, cast.lead)
    page = await shown(client, f"/technologies/{await technology_of(cast)}/business-case/new")
    assert "states more than the form has fields for" in page
    assert "[extension]" in page
    assert "Fill in the form instead" not in page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "The file is not UTF-8 text."),
        (b"title = 'Person 010203-1234'", "civil registration number"),
        ("title = '\u202e'".encode(), "invisible control characters"),
        (b"#" * 200_001, "This is too large for a business case."),
        (b"   ", "There is no business case."),
        (b"title = ", "not TOML"),
    ],
)
async def test_a_file_that_cannot_be_taken_says_why(
    client: httpx.AsyncClient, cast: Cast, content: bytes, said: str
) -> None:
    here = f"/technologies/{await technology_of(cast)}/business-case"
    files = {"file": ("case.toml", content, "application/toml")}
    answer = await client.post(here, data={"after": "0", "toml": ""}, files=files, headers=PAGE)
    assert answer.status_code == 422
    assert said in answer.text
    assert await BusinessCase.count() == 0


async def test_the_same_in_json(client: httpx.AsyncClient, cast: Cast) -> None:
    technology = await technology_of(cast)
    here = f"/technologies/{technology}/business-case"
    assert (await client.get(here, headers=JSON)).json() == {
        "technology_id": technology,
        "case": None,
        "versions": [],
    }
    line = {
        "title": "Licences",
        "kind": "cost",
        "payer": "state",
        "timing": "yearly",
        "scope": "national",
        "likely": 5.5,
        "status": "agreed",
    }
    head = {"title": "A tool", "currency": "DKK", "perspective": "The state", "price_year": 2026}
    form = {**head, "start_year": 2027, "horizon_years": 3, "stated_on": "2026-11-22", "lines": [line]}
    refused = await client.post(here, json={"form": {**form, "lines": []}})
    assert (refused.status_code, refused.json()["findings"][0]["where"]) == (422, "form.lines.0.title")
    assert (await client.post(here, json={"form": {**form, "technology": "Another"}})).status_code == 400
    made = await client.post(here, json={"form": form})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["valuation"], made.json()["state"]) == (1, None, "queued")
    assert (await client.get(f"/business-cases/{made.json()['id']}", headers=JSON)).json()["case"] == made.json()


async def test_what_nobody_has_stated_is_named_and_the_rest_is_shown(client: httpx.AsyncClient) -> None:
    await an_organisation("2345", name="Lilleby", population=20_000)
    cast, found = await a_valued_case(more=UNSTATED)
    await signed_in(client, cast.lead)
    page = await shown(client, f"/business-cases/{found.id}?place=2345")
    assert "What is missing" in page
    assert "Sensors: its amount is not stated." in page
    assert "Homes with a sensor" in page
    assert "counted in 1 municipalities" in page
    assert "Not stated" in page
    assert "Lilleby" in page


@pytest.mark.parametrize("wanted", ["", "9999", "0101%27", "<script>", "2345"])
async def test_a_municipality_is_looked_up_by_its_code_and_nothing_else(client: httpx.AsyncClient, wanted: str) -> None:
    await an_organisation("2345", name="Lilleby", population=20_000)
    cast, found = await a_valued_case()
    await signed_in(client, cast.lead)
    answer = await client.get(f"/business-cases/{found.id}", params={"place": wanted}, headers=PAGE)
    assert answer.status_code == 200
    assert ("<h3>Lilleby</h3>" in answer.text) is (wanted == "2345")
    assert "<script>" not in answer.text.replace('<script src="', "")


async def test_an_older_version_stays_readable_and_leads_to_the_one_that_holds(client: httpx.AsyncClient) -> None:
    cast, first = await a_valued_case()
    _, second = await a_stated_case(cast, more=BY_EFFECT, reason="An effect is measured now.")
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    old = await shown(client, f"/business-cases/{first.id}")
    assert "Version 1 was replaced. It stays readable." in old
    assert "An effect is measured now." in old
    assert "Fewer calls" not in old
    new = await shown(client, f"/business-cases/{second}")
    assert "This is not the version that holds" not in new
    assert f'href="/business-cases/{first.id}"' in new


async def test_an_effect_is_shown_with_its_name_what_it_is_taken_by_and_the_evidence_behind_it(
    client: httpx.AsyncClient,
) -> None:
    await an_organisation("2345", name="Lilleby", population=20_000)
    cast, made = await a_stated_case(more=BY_EFFECT + "multiplier = 52\n" + NATIONAL)
    worth = valuation_of((await business_case(made)).stated, {"language": LANGUAGE}, await places())
    evidence = {"pilots": [cast.pilot], "names": {"language": "Language known"}, "simulated": True}
    async with transaction():
        await store(made, {**worth, "evidence": evidence})
    await signed_in(client, cast.lead)
    page = await shown(client, f"/business-cases/{made}")
    assert "by the effect on Language known, each unit of it taken 52 times" in page
    assert "Effect on an indicator: Language known" in page
    assert "Valued with the effects found in one pilot" in page
    assert f'href="/technologies/{await technology_of(cast)}/evidence"' in page
    assert "The figures are made up" in page
    assert "falls on no single municipality: Coordination (Municipality)." in page


async def test_a_danish_reader_meets_no_codes(client: httpx.AsyncClient) -> None:
    cast, found = await a_valued_case(more=BY_EFFECT)
    danish = await an_account(Role.PROJECT_LEAD, organisation=cast.lead.organisation, language="da")
    await signed_in(client, danish)
    page = await shown(client, f"/business-cases/{found.id}")
    assert "22-11-2026" in page
    assert not [code for code in ("2026-11-22", "working_time", "Hvis penge") if code in page]


async def test_the_worth_that_rests_on_closed_pilots_is_not_shown(client: httpx.AsyncClient) -> None:
    cast, found = await a_valued_case(await a_cast(visibility=Visibility.PRIVATE))
    async with transaction():
        await store(found.id, {**(found.valuation or {}), "evidence": {"pilots": [cast.pilot], "names": {}}})
    await signed_in(client, await an_account(Role.DECISION_MAKER))
    page = await shown(client, f"/business-cases/{found.id}")
    assert "in pilots that are not open to you" in page
    assert "pay for itself" not in page
