"""Pages and JSON of the promise ledger as a browser and a program see them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from registry.analyses.tables import Retraction
from registry.benefits.actions import measure
from registry.benefits.tables import Benefit, Measurement
from registry.business_cases.rules import BenefitKind
from registry.kit.clock import now, today
from registry.people.rules import Role
from registry.pilots.queries import visible_pilot
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_written_analysis
from tests.registry.benefits.story import a_kept_promise, a_promise, measuring
from tests.registry.people.story import an_account, signed_in
from tests.registry.plans.story import LANGUAGE, Cast, a_cast, agree

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "benefits")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    """A pilot whose lead is signed in."""
    made = await a_cast()
    await signed_in(client, made.lead)
    return made


def a_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends."""
    filled: dict[str, Any] = {
        "title": "Fewer falls",
        "kind": "safety",
        "promised": "-12.5",
        "unit": "falls a year",
        "organisation": "",
        "indicator": "",
        "assumptions": "All citizens at risk have one.",
        "owner": "The department of care",
        "due": f"{today() + timedelta(days=400):%d-%m-%Y}",
    }
    return {**filled, **changes}


async def shown(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_lead_promises_revises_measures_and_realises(client: httpx.AsyncClient, cast: Cast) -> None:
    ledger = f"/pilots/{cast.pilot}/benefits"
    assert "No benefit is promised yet" in await shown(client, ledger)
    assert "Promise a benefit" in await shown(client, f"{ledger}/new")
    made = await client.post(ledger, data=a_form(), headers=PAGE)
    assert made.status_code == 303
    here = made.headers["location"]
    assert "The promise is kept as it was first made." in await shown(client, here)
    revised = {"expected": "-10", "due": "", "reason": "Two homes have left."}
    assert (await client.post(f"{here}/revise", data=revised, headers=PAGE)).status_code == 303
    assert "Two homes have left." in await shown(client, here)
    by_hand = {"effect": "", "times": "1", "measured": "-9", "low": "-15", "high": "-3", "source": "The fall register"}
    by_hand["measured_on"] = f"{today():%d-%m-%Y}"
    assert (await client.post(f"{here}/measure", data=by_hand, headers=PAGE)).status_code == 303
    page = await shown(client, here)
    assert "−15 to −3" in page
    assert "72 % of the first promise is measured; the interval does not rule the promise out." in page
    home = {"realised": "-11", "realised_on": f"{today():%d-%m-%Y}", "source": "Report 12, page 3"}
    assert (await client.post(f"{here}/realise", data=home, headers=PAGE)).status_code == 303
    page = await shown(client, here)
    assert "88 % of the first promise is realised." in page
    assert "Report 12, page 3" in page
    assert "until then the promise falls short." in page and "Nothing is left to do" not in page
    assert "Enter more when the figure grows." in await shown(client, ledger)
    assert "Fewer falls" in await shown(client, "/benefits")


async def test_an_indicator_stands_under_its_name(client: httpx.AsyncClient, cast: Cast) -> None:
    await agree(cast.pilot, [LANGUAGE])
    page = await shown(client, f"/benefits/{await a_promise(cast, indicator='language')}")
    assert "Language known" in page and ">language<" not in page


async def test_a_refused_promise_keeps_what_was_typed_and_says_everything_at_once(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    form = a_form(promised="0", due="01-01-2020", organisation="999", indicator="nobody", owner="")
    answer = await client.post(f"/pilots/{cast.pilot}/benefits", data=form, headers=PAGE)
    assert answer.status_code == 422
    assert 'href="#f-owner"' in answer.text
    answer = await client.post(f"/pilots/{cast.pilot}/benefits", data={**form, "owner": "Care"}, headers=PAGE)
    assert answer.status_code == 422
    for place in ("promised", "due", "organisation", "indicator"):
        assert f'href="#f-{place}"' in answer.text
    assert 'value="Fewer falls"' in answer.text
    assert 'value="safety" checked' in answer.text
    assert await Benefit.count() == 0


@pytest.mark.parametrize(
    ("corner", "sent", "places"),
    [
        ("revise", {"expected": "400", "due": "", "reason": "None"}, ["expected"]),
        (
            "measure",
            {"effect": "", "times": "2", "measured": "", "low": "1", "high": "", "measured_on": "", "source": "Kept"},
            ["times", "measured", "high", "measured_on"],
        ),
        ("realise", {"realised": "1", "realised_on": "01-01-2090", "source": "Kept"}, ["realised_on"]),
    ],
)
async def test_a_refused_entry_shows_its_form_again(
    client: httpx.AsyncClient, cast: Cast, corner: str, sent: dict[str, str], places: list[str]
) -> None:
    here = f"/benefits/{await a_promise(cast)}/{corner}"
    await shown(client, here)
    answer = await client.post(here, data=sent, headers=PAGE)
    assert answer.status_code == 422
    for place in places:
        assert f'href="#f-{place}"' in answer.text
    assert sent.get("source", "None") in answer.text


async def test_the_same_in_json(client: httpx.AsyncClient, cast: Cast) -> None:
    due = (today() + timedelta(days=30)).isoformat()
    body = {**a_form(promised=-12.5, organisation=None, due=due)}
    made = await client.post(f"/pilots/{cast.pilot}/benefits", json=body)
    assert made.status_code == 201
    assert (made.json()["promise"]["promised"], made.json()["standing"]["light"]) == (-12.5, "needs_attention")
    here = f"/benefits/{made.json()['promise']['id']}"
    entry = {"measured": -9.0, "measured_on": today().isoformat(), "source": "The fall register"}
    assert (await client.post(f"{here}/measure", json={**entry, "promised": 1})).status_code == 400
    told = (await client.post(f"{here}/measure", json=entry)).json()
    assert (told["measured"]["measured"], told["standing"]["basis"]) == (-9.0, "measured")
    assert (await client.get("/benefits", headers=JSON)).json()["optimism"][0]["factor"] is None
    assert (await client.get(f"/pilots/{cast.pilot}/benefits", headers=JSON)).json()["pilot_id"] == cast.pilot


async def test_an_evaluator_measures_and_does_nothing_else(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/benefits/{await a_promise(cast)}"
    await signed_in(client, cast.evaluator)
    page = await shown(client, here)
    assert f'href="{here}/measure"' in page
    assert f'href="{here}/revise"' not in page
    assert (await client.get(f"{here}/revise", headers=PAGE)).status_code == 403
    assert (await client.get(f"/pilots/{cast.pilot}/benefits/new", headers=PAGE)).status_code == 403
    assert (await client.get(f"{here}/measure", headers=PAGE)).status_code == 200


async def test_a_private_pilots_promises_do_not_exist_for_others(client: httpx.AsyncClient, cast: Cast) -> None:
    benefit = await a_promise(cast)
    await signed_in(client, await an_account(Role.PROJECT_LEAD))
    for path in (f"/benefits/{benefit}", f"/benefits/{benefit}/revise", f"/pilots/{cast.pilot}/benefits"):
        for headers in (PAGE, JSON):
            assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.get("/benefits", headers=JSON)).json() == {"benefits": [], "optimism": []}
    assert "No benefit is promised yet" in await shown(client, "/benefits")


async def test_a_lead_of_another_pilot_reads_an_open_one_and_enters_nothing(client: httpx.AsyncClient) -> None:
    cast = await a_cast(visibility=Visibility.PROGRAMME)
    here = f"/benefits/{await a_promise(cast)}"
    await signed_in(client, await an_account(Role.PROJECT_LEAD))
    assert f"{here}/measure" not in await shown(client, here)
    assert (await client.get(f"{here}/measure", headers=PAGE)).status_code == 403
    entry = {"measured": -9.0, "measured_on": today().isoformat(), "source": "The fall register"}
    assert (await client.post(f"{here}/measure", json=entry)).status_code == 403
    assert await Measurement.count() == 0


async def test_the_portfolio_shows_the_factor_from_three_promises_on(client: httpx.AsyncClient, cast: Cast) -> None:
    for share in (0.5, 0.7):
        await a_kept_promise(cast, share)
    page = await shown(client, "/benefits")
    assert "Fewer than 3 promises have a figure: no factor is given." in page
    await measure(await a_promise(cast), measuring(measured=360.0, high=400.0), by=cast.lead)
    page = await shown(client, "/benefits")
    assert "2 realised, 1 measured. That is few." in page
    assert '<td class="align-text-right" data-title="Factor">0.70</td>' in page


async def test_what_was_written_is_shown_as_text(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/benefits/{await a_promise(cast, title='<b>Hours</b>')}"
    for path in (here, "/benefits", f"{here}/revise"):
        page = await shown(client, path)
        assert "&lt;b&gt;Hours&lt;/b&gt;" in page
        assert "<b>Hours" not in page


async def test_a_business_case_is_offered_the_factors_of_the_ledger(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/technologies/{(await visible_pilot(cast.lead, cast.pilot)).technology}/business-case"
    answer = await client.get(f"{here}/with-factors", headers=PAGE)
    assert answer.headers["location"] == f"{here}/new"
    for share in (0.5, 0.7, 0.9):
        await a_kept_promise(cast, share)
        await a_kept_promise(cast, 2 * share, kind=BenefitKind.SAFETY)
        await a_kept_promise(cast, -share, kind=BenefitKind.ECONOMY)
    answer = await client.get(f"{here}/with-factors", headers=PAGE)
    asked = "optimism.economy=0.00&optimism.working_time=0.70&optimism.safety=1.00"
    assert answer.headers["location"] == f"{here}/new?{asked}"
    await signed_in(client, await an_account(Role.PROJECT_LEAD))
    assert (await client.get(f"{here}/with-factors", headers=PAGE)).status_code == 403
    assert (await client.get("/technologies/999/business-case/with-factors", headers=PAGE)).status_code == 404


async def test_a_measurement_is_taken_from_an_analysis_and_outdated_when_that_is(client: httpx.AsyncClient) -> None:
    cast, analysis = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    here = f"/benefits/{await a_promise(cast, promised=50.0)}"
    form = await shown(client, f"{here}/measure")
    assert f'<option value="{analysis}:overall:language">Run {analysis}, Language known: 0.2 (0.15 to 0.25)' in form
    taken = {"effect": f"{analysis}:overall:language", "times": "250", "measured": "", "low": "", "high": ""}
    taken |= {"measured_on": "", "source": "Times 250 citizens"}
    assert (await client.post(f"{here}/measure", data=taken, headers=PAGE)).status_code == 303
    page = await shown(client, here)
    assert "37.5 to 62.5" in page
    assert f'<a href="/analyses/{analysis}">Run {analysis}</a>: Language known × 250' in page
    assert "A measurement is outdated" not in page
    retracted = {"reason": "The columns were swapped", "retracted_by": cast.evaluator.id, "retracted_at": now()}
    await Retraction(analysis=analysis, **retracted).save()
    page = await shown(client, here)
    assert "A measurement is outdated" in page
    assert "The columns were swapped" in page
    assert "37.5 to 62.5" in page
    assert "Measure it anew" in page
    assert "The pilot has no finished analysis with an effect yet." in await shown(client, f"{here}/measure")


async def test_the_portfolio_begins_with_what_is_overdue(client: httpx.AsyncClient, cast: Cast) -> None:
    made = await a_promise(cast, title="Fewer falls")
    await a_promise(cast, title="Fewer calls", due=today() + timedelta(days=10))
    assert "Nothing is overdue." in await shown(client, "/benefits")
    await Benefit.update({Benefit.due: today() - timedelta(days=100)}).where(Benefit.id == made)
    page = await shown(client, "/benefits")
    assert "Promises overdue: 1." in page
    assert page.index("Fewer falls") < page.index("Fewer calls")
    assert "Overdue since" in page
    assert "It is overdue: the day has passed and nothing is realised." in page
    assert "Off track" in page


async def test_a_ledger_that_is_realised_says_so(client: httpx.AsyncClient, cast: Cast) -> None:
    here = f"/benefits/{await a_kept_promise(cast, 1.2)}"
    assert "Every promise has a realised figure." in await shown(client, f"/pilots/{cast.pilot}/benefits")
    assert "Every promise has a realised figure." in await shown(client, "/benefits")
    page = await shown(client, here)
    assert "It is realised. Nothing is left to do, unless the figure grows." in page
    assert "120 % of the first promise is realised." in page
    assert "Time study" in page


async def test_a_danish_reader_reads_danish(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    danish = await an_account(Role.PROJECT_LEAD, organisation=cast.lead.organisation, language="da")
    await signed_in(client, danish)
    here = f"/benefits/{await a_kept_promise(cast, 0.75)}"
    page = await shown(client, here)
    assert "75 % af det første løfte er realiseret." in page
    assert "Langt fra planen" in page
    assert "Arbejdstid" in await shown(client, "/benefits")
    promise = await shown(client, f"/pilots/{cast.pilot}/benefits/new")
    assert "Klima og miljø" in promise
    form = a_form(promised="-1.200,5")
    assert (await client.post(f"/pilots/{cast.pilot}/benefits", data=form, headers=PAGE)).status_code == 303
    assert "−1.200" in await shown(client, f"/pilots/{cast.pilot}/benefits")


@pytest.mark.parametrize("promised", ["1e999", "nan", "a lot", "1" * 400, ""])
async def test_a_figure_that_is_none_is_refused_at_its_field(
    client: httpx.AsyncClient, cast: Cast, promised: str
) -> None:
    answer = await client.post(f"/pilots/{cast.pilot}/benefits", data=a_form(promised=promised), headers=PAGE)
    assert answer.status_code == 422
    assert 'href="#f-promised"' in answer.text
    assert await Benefit.count() == 0
