"""Pages and JSON on how long rows are kept."""

from collections.abc import Sequence

import httpx
import pytest

from registry.datasets import queries, retention
from registry.datasets.schemas import Deleting
from registry.settings import Settings
from tests.registry.datasets.story import an_approved_version, left_behind
from tests.registry.people.story import signed_in
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
WHY = "The consent was <b>withdrawn</b>."


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


@pytest.mark.parametrize(("language", "button"), [("en", "Keep the rows longer"), ("da", "Behold rækkerne længere")])
async def test_the_day_is_put_off_from_the_page_of_the_version(
    client: httpx.AsyncClient, cast: Cast, settings: Settings, language: str, button: str
) -> None:
    version_id = await an_approved_version(cast, settings.state)
    client.cookies.set("language", language)
    assert button in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
    form = f"/datasets/{version_id}/extend"
    assert (await client.get(form, headers=PAGE)).status_code == 200
    refused = await client.post(form, data={"retain_until": "2020-01-01", "reason": "short"}, headers=PAGE)
    assert refused.status_code == 422 and 'href="#f-reason"' in refused.text
    refused = await client.post(form, data={"retain_until": "2020-01-01", "reason": WHY}, headers=PAGE)
    assert refused.status_code == 422 and 'href="#f-retain_until"' in refused.text
    answer = await client.post(form, data={"retain_until": "2040-01-01", "reason": WHY}, headers=PAGE)
    assert answer.status_code == 303
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert "&lt;b&gt;withdrawn" in page.text and "2040" in page.text


@pytest.mark.parametrize(("language", "said"), [("en", "The rows are deleted"), ("da", "Rækkerne er slettet")])
async def test_rows_are_deleted_after_a_page_that_says_what_becomes_final(
    client: httpx.AsyncClient, cast: Cast, settings: Settings, language: str, said: str
) -> None:
    version_id = await an_approved_version(cast, settings.state)
    client.cookies.set("language", language)
    form = f"/datasets/{version_id}/delete"
    assert f'action="{form}"' in (await client.get(form, headers=PAGE)).text
    assert (await client.post(form, data={"reason": ""}, headers=PAGE)).status_code == 422
    assert (await client.post(form, data={"reason": WHY}, headers=PAGE)).status_code == 303
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert said in page.text and "&lt;b&gt;withdrawn" in page.text
    assert f"/datasets/{version_id}/file" not in page.text and form not in page.text
    desk = await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)
    assert desk.status_code == 200
    assert left_behind(settings.state) == []


async def test_deleted_rows_are_410_with_the_reason(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    version_id = await an_approved_version(cast, settings.state)
    deleted = await client.post(f"/datasets/{version_id}/delete", json={"reason": WHY}, headers=JSON)
    assert (deleted.status_code, deleted.json()["deletion"]["reason"]) == (201, WHY)
    for address in (f"/datasets/{version_id}/file", f"/datasets/{version_id}/delete"):
        answer = await client.get(address, headers=JSON)
        assert answer.status_code == 410 and "withdrawn" in answer.text
    assert (await client.get(f"/datasets/{version_id}", headers=JSON)).json()["state"] == "approved"


async def test_those_who_may_not_decide_are_offered_nothing(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    version_id = await an_approved_version(cast, settings.state)
    for person in (cast.evaluator, await a_voice(cast)):
        await signed_in(client, person)
        assert "/delete" not in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
        for action in ("extend", "delete"):
            assert (await client.get(f"/datasets/{version_id}/{action}", headers=PAGE)).status_code == 403
    await retention.delete_rows(version_id, Deleting(WHY), state=settings.state, by=cast.lead)
    assert "withdrawn" in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
    assert (await queries.version(cast.evaluator, version_id)).deletion is not None
