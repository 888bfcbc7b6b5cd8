"""Pages and JSON on withdrawing a version."""

from collections.abc import Sequence

import httpx
import pytest

from registry.settings import Settings
from tests.registry.datasets.story import a_version, an_approved_version
from tests.registry.people.story import signed_in
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
WHY = "The weeks are <b>shifted</b> by one."


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators", "plans", "datasets")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    await signed_in(client, made.lead)
    return made


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        ("en", "Withdraw the version", "The version is withdrawn"),
        ("da", "Træk versionen tilbage", "Versionen er trukket tilbage"),
    ],
)
async def test_a_version_is_withdrawn_after_a_page_that_says_what_follows(
    client: httpx.AsyncClient, cast: Cast, settings: Settings, language: str, button: str, said: str
) -> None:
    version_id = await an_approved_version(cast, settings.state)
    client.cookies.set("language", language)
    form = f"/datasets/{version_id}/withdraw"
    assert form in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
    assert button in (await client.get(form, headers=PAGE)).text
    refused = await client.post(form, data={"reason": "short"}, headers=PAGE)
    assert refused.status_code == 422 and 'href="#f-reason"' in refused.text
    assert (await client.post(form, data={"reason": WHY}, headers=PAGE)).status_code == 303
    page = (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
    assert said in page and "&lt;b&gt;shifted" in page and form not in page
    assert (await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)).status_code == 200
    assert (await client.get(form, headers=PAGE)).status_code == 409


async def test_the_answer_in_json_is_the_version(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    version_id = await an_approved_version(cast, settings.state)
    answer = await client.post(f"/datasets/{version_id}/withdraw", json={"reason": WHY}, headers=JSON)
    assert (answer.status_code, answer.json()["state"]) == (201, "withdrawn")
    assert answer.json()["withdrawal"]["reason"] == WHY


async def test_it_is_offered_only_where_it_can_be_done(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    waiting = await a_version(cast, settings.state)
    assert "/withdraw" not in (await client.get(f"/datasets/{waiting}", headers=PAGE)).text
    await signed_in(client, await a_voice(cast))
    assert (await client.get(f"/datasets/{waiting}/withdraw", headers=PAGE)).status_code == 403
