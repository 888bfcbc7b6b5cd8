from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from registry.audit.queries import last
from registry.audit.tables import AuditEntry
from registry.people.rules import Role
from tests.registry.audit.story import an_entry
from tests.registry.people.story import an_account, signed_in

Client = AsyncTestClient[Any]
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def as_administrator(client: Client) -> None:
    await signed_in(client, await an_account(Role.ADMINISTRATOR, everywhere=True))


async def test_the_log_is_closed_to_everybody_but_administrators_of_everything(client: Client) -> None:
    assert (await client.get("/audit", headers=JSON)).status_code == 401
    for role, everywhere in ((Role.EVALUATOR, True), (Role.ADMINISTRATOR, False)):
        await signed_in(client, await an_account(role, everywhere=everywhere))
        assert (await client.get("/audit", headers=JSON)).status_code == 403


async def test_the_log_says_that_the_chain_is_whole_and_shows_its_seal(client: Client) -> None:
    await as_administrator(client)
    page = await client.get("/audit?verify=1", headers=HTML)
    newest = await last()
    assert newest is not None
    assert "The chain is whole" in page.text
    assert newest.hash in page.text
    body = (await client.get("/audit?verify=1", headers=JSON)).json()
    assert (body["broken_at"], body["seal"], body["entries"]) == (None, newest.hash, newest.id)


async def test_the_log_says_where_the_chain_is_broken(client: Client) -> None:
    await as_administrator(client)
    await AuditEntry.update({AuditEntry.object_id: 99}).where(AuditEntry.id == 2)
    assert (await client.get("/audit?verify=1", headers=JSON)).json()["broken_at"] == 2
    assert (
        "Entry 2 does not stand where and as it was written."
        in (await client.get("/audit?verify=1", headers=HTML)).text
    )


async def test_the_whole_chain_is_checked_only_when_asked(client: Client) -> None:
    await as_administrator(client)
    await AuditEntry.update({AuditEntry.object_id: 99}).where(AuditEntry.id == 2)
    page = await client.get("/audit", headers=HTML)
    assert 'href="/audit?verify=1"' in page.text
    assert "The chain is" not in page.text
    assert (await client.get("/audit", headers=JSON)).json()["verified"] is False


async def test_the_log_shows_the_newest_first_page_by_page(client: Client) -> None:
    await as_administrator(client)
    for number in range(30):
        await an_entry(object_id=number)
    first = (await client.get("/audit?size=10", headers=JSON)).json()
    second = (await client.get("/audit?size=10&page=2", headers=JSON)).json()
    numbers = [entry["id"] for entry in first["page"] + second["page"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 20


async def test_the_log_is_narrowed_to_a_kind_and_an_action(client: Client) -> None:
    await as_administrator(client)
    await an_entry("pilots.amend", kind="pilot", object_id=7)
    seen = (await client.get("/audit?kind=pilot&action=pilots", headers=JSON)).json()
    assert [(entry["action"], entry["object_id"]) for entry in seen["page"]] == [("pilots.amend", 7)]
    assert seen["entries"] > seen["total"] == 1
    assert "No entry" in (await client.get("/audit?action=nothing", headers=HTML)).text


@pytest.mark.parametrize("query", ["kind=%27", "action=A", "kind=a%00", "page=-1", "sort=at"])
async def test_an_odd_question_is_400(client: Client, query: str) -> None:
    await as_administrator(client)
    assert (await client.get(f"/audit?{query}", headers=JSON)).status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_in_the_log_can_be_changed_from_outside(client: Client, method: str) -> None:
    await as_administrator(client)
    assert (await client.request(method, "/audit", headers=JSON)).status_code in (404, 405)


async def test_no_name_or_address_stands_in_the_log(client: Client) -> None:
    anna = await an_account(Role.EVALUATOR)
    await as_administrator(client)
    text = str((await client.get("/audit", headers=JSON)).json()["page"])
    assert anna.email not in text
    assert anna.name not in text


async def test_the_log_says_in_words_what_was_done(client: Client) -> None:
    await as_administrator(client)
    await an_entry(action="plans.lock")
    page = await client.get("/audit", headers=HTML)
    assert "Locked a plan" in page.text
    assert "plans.lock" in page.text
