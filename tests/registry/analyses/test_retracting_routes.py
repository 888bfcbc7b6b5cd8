"""Pages and JSON on retracting a result."""

from collections.abc import Sequence

import httpx
import pytest

from registry.settings import Settings
from tests.registry.analyses.story import a_finished_analysis
from tests.registry.people.story import signed_in

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
WHY = "The plan named the <b>wrong</b> column."


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators", "plans", "datasets", "analyses")


@pytest.mark.parametrize(
    ("language", "button", "said", "marked"),
    [
        ("en", "Retract the result", "This result is outdated", "Outdated"),
        ("da", "Træk resultatet tilbage", "Dette resultat er forældet", "Forældet"),
    ],
)
async def test_a_result_is_retracted_after_a_page_that_says_what_follows(
    client: httpx.AsyncClient, settings: Settings, language: str, button: str, said: str, marked: str
) -> None:
    cast, analysis_id = await a_finished_analysis(settings.state)
    await signed_in(client, cast.evaluator)
    client.cookies.set("language", language)
    form = f"/analyses/{analysis_id}/retract"
    assert form in (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert button in (await client.get(form, headers=PAGE)).text
    refused = await client.post(form, data={"reason": "short"}, headers=PAGE)
    assert refused.status_code == 422 and 'href="#f-reason"' in refused.text
    assert (await client.post(form, data={"reason": WHY}, headers=PAGE)).status_code == 303
    page = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert said in page and "&lt;b&gt;wrong" in page
    assert marked in (await client.get(f"/pilots/{cast.pilot}/analyses", headers=PAGE)).text


async def test_the_answer_in_json_is_the_result_with_the_reason(client: httpx.AsyncClient, settings: Settings) -> None:
    cast, analysis_id = await a_finished_analysis(settings.state)
    await signed_in(client, cast.evaluator)
    answer = await client.post(f"/analyses/{analysis_id}/retract", json={"reason": WHY}, headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["analysis"]["outdated"]["params"]["reason"] == WHY
    await signed_in(client, cast.lead)
    assert (await client.get(f"/analyses/{analysis_id}/retract", headers=PAGE)).status_code == 403
