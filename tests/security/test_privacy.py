"""Personal values are refused, kept where they belong, and never told on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from registry.audit.tables import AuditEntry
from registry.kit import logs, personal
from registry.kit.clock import today
from registry.kit.database import tables
from registry.people.rules import Role, StakeholderGroup
from registry.pilots.rules import Visibility
from registry.plans.tables import Plan
from registry.settings import Settings
from tests.registry.people.story import an_account, signed_in
from tests.registry.pilots.story import a_lead, a_pilot
from tests.registry.plans.story import PLAN, a_cast, a_locked_plan, agree
from tests.security.routes import BODIES, OPEN_BODIES, STATEMENT, UPLOADS, Call
from tests.security.story import a_chain, somebody_with_every_role

JSON = {"accept": "application/json"}
FORM = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}
CPR = "010101-1234"
NUMBERS = (CPR, "0101011234", "born 010101 1234.", "０１０１０１１２３４", "010101\u00ad-\u200b1234")
NOT_STORED = {"/login", "/language", "/account/password"}
"""Whose texts are compared or followed, and never kept."""


async def test_a_cpr_number_is_refused_in_every_text_field_and_not_shown_again(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call], capsys: pytest.CaptureFixture[str]
) -> None:
    ids = (await a_chain(settings.state)).ids
    await signed_in(client, await somebody_with_every_role(everywhere=True))
    written = await AuditEntry.count()
    logs.configure("debug")
    bodies = BODIES | OPEN_BODIES
    for call in calls:
        if call.method != "POST" or call.path in NOT_STORED:
            continue
        for name, value in bodies.get(call.path, {}).items():
            if isinstance(value, str):
                for answer in await sent(client, call, ids, {**bodies[call.path], name: CPR}):
                    assert answer.status_code in {409, 422}, f"{call} {name}"  # 409: this stands still by now
                    assert (str(call), name, CPR in answer.text) == (str(call), name, False)
    assert await AuditEntry.count() == written
    assert CPR not in capsys.readouterr().out


async def sent(
    client: httpx.AsyncClient, call: Call, ids: Mapping[str, int], body: Mapping[str, Any]
) -> Sequence[httpx.Response]:
    """The answers to JSON and to a form, where a form can say it."""
    address = call.address(ids)
    if call.path in UPLOADS:
        return [await client.post(address, data=body, files=UPLOADS[call.path], headers=JSON)]
    answers = [await client.post(address, json=body)]
    if all(isinstance(value, str | int) for value in body.values()):
        answers.append(await client.post(address, content=urlencode(body), headers=FORM))
    return answers


@pytest.mark.parametrize("written", NUMBERS)
async def test_no_way_of_writing_a_cpr_number_gets_through(client: httpx.AsyncClient, written: str) -> None:
    lead = await a_lead()
    await signed_in(client, lead)
    answer = await client.post("/pilots", json={**OPEN_BODIES["/pilots"], "description": written})
    assert ("description", "cpr") in {(one["where"], one["code"]) for one in answer.json()["findings"]}


async def test_a_cpr_number_as_the_name_of_a_file_is_refused(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    await signed_in(client, cast.lead)
    answer = await client.post(
        f"/pilots/{cast.pilot}/datasets", data=STATEMENT, files={"file": (f"{CPR}.csv", b"a\n")}, headers=JSON
    )
    assert answer.status_code == 422
    assert CPR not in answer.text


async def test_a_cpr_number_in_a_plan_file_is_refused(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    file = PLAN.replace("A comment that has to survive", f"About {CPR}")
    answer = await client.post(
        f"/pilots/{cast.pilot}/plans/new", data={"version": 0}, files={"file": ("plan.toml", file.encode())}
    )
    assert answer.status_code == 422
    assert CPR not in answer.text
    assert await Plan.count() == 0


async def test_a_pilot_is_private_until_somebody_opens_it(client: httpx.AsyncClient) -> None:
    private, opened = await a_pilot(), await a_pilot(visibility=Visibility.PROGRAMME)
    await signed_in(client, await a_lead())
    assert (await client.get(f"/pilots/{private}", headers=JSON)).status_code == 404
    assert (await client.get(f"/pilots/{opened}", headers=JSON)).status_code == 200
    assert (await client.get("/pilots", headers=JSON)).json()["total"] == 1


async def test_rows_are_kept_for_a_purpose_on_a_basis_until_a_day(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    await signed_in(client, cast.lead)
    yesterday, century = str(today() - timedelta(days=1)), str(today() + timedelta(days=36_500))
    for wrong in ({"purpose": ""}, {"legal_basis": ""}, {"retain_until": yesterday}, {"retain_until": century}):
        answer = await client.post(
            f"/pilots/{cast.pilot}/datasets",
            data={**STATEMENT, **wrong},
            files={"file": ("rows.csv", b"a\n")},
            headers=JSON,
        )
        assert (wrong, answer.status_code) == (wrong, 422)


async def test_rows_are_for_those_who_may_inspect_and_each_taking_is_noted(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    chain = await a_chain(settings.state)
    file = f"/datasets/{chain.ids['version_id']}/file"
    for person in (chain.decider, await an_account(Role.STAKEHOLDER, group=StakeholderGroup.IT, everywhere=True)):
        await signed_in(client, person)
        assert (await client.get(file, headers=JSON)).status_code == 404
    taken = AuditEntry.count().where(AuditEntry.action == "datasets.fetch")
    assert await taken == 0
    await signed_in(client, chain.cast.lead)
    assert (await client.get(file)).content.startswith(b"PAR1")
    assert await AuditEntry.count().where(AuditEntry.action == "datasets.fetch") == 1


@pytest.mark.usefixtures("database")
async def test_the_chain_of_entries_holds_ids_and_digests_only(settings: Settings) -> None:
    chain = await a_chain(settings.state)
    kept = str(await AuditEntry.select())
    for person in (chain.cast.lead, chain.cast.evaluator, chain.decider):
        assert person.name not in kept and person.email not in kept
    assert await AuditEntry.count() > 10


def test_every_column_says_what_personal_values_it_holds() -> None:
    stated = {personal.NONE, personal.IDENTITY, personal.CONTACT, personal.OPINION, personal.SECRET}
    columns = [column for table in tables() for column in table._meta.columns if column._meta.name != "id"]
    assert {column._meta.help_text for column in columns} <= stated


async def test_no_page_tells_the_addresses_or_hashes_of_others(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    chain = await a_chain(settings.state)
    await signed_in(client, chain.decider)
    for call in calls:
        if call.method == "GET":
            seen = (await client.get(call.address(chain.ids), headers=JSON)).text
            assert (str(call), "argon2" in seen, chain.cast.lead.email in seen) == (str(call), False, False)
