"""Deny by default; what a person may not see looks like what does not exist."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from litestar import Litestar, get
from litestar.exceptions import ImproperlyConfiguredException

from registry.audit.tables import AuditEntry
from registry.datasets.actions import approve as approve_data
from registry.evidence.actions import approve as approve_assessment
from registry.kit import access
from registry.people.rules import Role, StakeholderGroup
from registry.settings import Settings
from tests.registry.datasets.story import a_version
from tests.registry.people.story import an_account, signed_in
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree
from tests.security.routes import BODIES, STATEMENT, UPLOADS, Call
from tests.security.story import TITLE, a_chain, advised, analysed, graded, somebody_with_every_role

HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}
FORM = {**HTML, "content-type": "application/x-www-form-urlencoded"}
NOBODYS = {"account_id": 99, "grant_id": 99}
PUBLIC = {
    *("GET /health", "POST /language", "GET /was", "GET /organisations", "GET /organisations/{organisation_id}"),
    *("GET /login", "POST /login", "POST /logout", "GET /"),
}
FEWEST = 70


def test_the_walk_meets_every_route(calls: Sequence[Call]) -> None:
    assert len(calls) >= FEWEST
    assert {str(call) for call in calls if call.permission.public} == PUBLIC


def test_a_well_formed_body_is_known_for_everything_done_to_a_pilot(calls: Sequence[Call]) -> None:
    assert {call.path for call in calls if call.private and call.method != "GET"} == set(BODIES)


def test_a_route_without_a_stated_permission_stops_the_application() -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return ""

    with pytest.raises(ImproperlyConfiguredException, match="/forgotten"):
        access.refuse_unstated(Litestar([forgotten], openapi_config=None).routes)


async def test_nobody_signed_in_reaches_nothing_but_public_pages(
    client: httpx.AsyncClient, calls: Sequence[Call]
) -> None:
    for call in calls:
        if call.permission.public:
            continue
        told = await client.request(call.method, call.address({}), headers=JSON)
        assert (str(call), told.status_code) == (str(call), 401)
        shown = await client.request(call.method, call.address({}), headers=HTML)
        assert (str(call), shown.status_code) == (str(call), 303 if call.method == "GET" else 401)
        if call.method == "GET":
            assert shown.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("role", [None, *Role])
async def test_no_role_reaches_what_another_role_is_for(
    client: httpx.AsyncClient, calls: Sequence[Call], role: Role | None
) -> None:
    group = "citizens" if role is Role.STAKEHOLDER else None
    await signed_in(client, await an_account(role, group=group))  # type: ignore[arg-type]
    for call in calls:
        if call.permission.public or not call.permission.roles:
            continue
        answer = await client.request(call.method, call.address(NOBODYS), headers=JSON)
        allowed = role in call.permission.roles
        assert (str(call), answer.status_code == 403) == (str(call), not allowed or call.path == "/audit")
        assert answer.status_code < 500, str(call)


async def test_another_municipalitys_private_pilot_does_not_exist_on_any_route(
    client: httpx.AsyncClient, calls: Sequence[Call], settings: Settings
) -> None:
    chain = await a_chain(settings.state)
    private = [call for call in calls if call.private]
    await signed_in(client, await somebody_with_every_role(chain.cast.lead.organisation))
    for call in private:
        if call.method == "GET":
            seen = await client.get(call.address(chain.ids), headers=JSON)
            assert (str(call), seen.status_code) in {(str(call), status) for status in (200, 302, 409)}
    await signed_in(client, await somebody_with_every_role())
    written = await AuditEntry.count()
    for call in private:
        for answer in await asked_in_every_way(client, call, chain.ids):
            assert (str(call), answer.status_code) == (str(call), 404), answer.text
            assert TITLE not in answer.text
    assert await AuditEntry.count() == written


async def asked_in_every_way(client: httpx.AsyncClient, call: Call, ids: Mapping[str, int]) -> Sequence[httpx.Response]:
    """The answers to a page, JSON and HEAD, or to a JSON body and a form with everything in it."""
    address = call.address(ids)
    if call.method == "GET":
        return [
            await client.get(address, headers=HTML),
            await client.get(address, headers=JSON),
            await client.head(address, headers=HTML),
        ]
    if call.path in UPLOADS:
        sent = {"data": STATEMENT, "files": UPLOADS[call.path]}
        return [await client.post(address, headers=accept, **sent) for accept in (HTML, JSON)]  # type: ignore[arg-type]
    return [
        await client.post(address, json=BODIES[call.path]),
        await client.post(address, content=form_of(BODIES[call.path]), headers=FORM),
    ]


def form_of(body: Mapping[str, Any]) -> str:
    """The fields of a form that say what a JSON body says, where they are single."""
    return urlencode({name: value for name, value in body.items() if not isinstance(value, Mapping | list)})


async def test_lists_counts_and_the_desk_tell_nothing_of_it(client: httpx.AsyncClient, settings: Settings) -> None:
    chain = await a_chain(settings.state)
    await signed_in(client, await somebody_with_every_role())
    lists = ("/pilots", "/pilots?q=quiet", "/technologies", "/recommendations", "/decisions", "/benefits", "/portfolio")
    for address in ("/", *lists):
        for accept in (HTML, JSON):
            answer = await client.get(address, headers=accept)
            assert (address, answer.status_code) == (address, 200)
            assert (address, TITLE in answer.text) == (address, False)
    technology = f"/technologies/{chain.ids['technology_id']}"
    assert TITLE not in (await client.get(technology, headers=HTML)).text
    assert (await client.get(technology, headers=JSON)).json()["pilots"] == 0
    assert (await client.get("/pilots", headers=JSON)).json()["total"] == 0
    assert (await client.get("/recommendations", headers=JSON)).json()["recommendations"] == []
    assert (await client.get("/decisions", headers=JSON)).json()["decisions"] == []


async def test_what_one_sees_and_may_not_do_is_403(client: httpx.AsyncClient, settings: Settings) -> None:
    chain = await a_chain(settings.state)
    ids = chain.ids
    await signed_in(client, await an_account(Role.PROJECT_LEAD, pilot=ids["pilot_id"]))
    assert (await client.get(f"/pilots/{ids['pilot_id']}", headers=JSON)).status_code == 200
    for address in (f"/analyses/{ids['analysis_id']}/rerun", f"/assessments/{ids['assessment_id']}/approve"):
        assert (address, (await client.post(address, json={})).status_code) == (address, 403)
    await signed_in(client, await an_account(Role.STAKEHOLDER, pilot=ids["pilot_id"], group=StakeholderGroup.STAFF))
    assert (await client.get(f"/uploads/{ids['upload_id']}", headers=JSON)).status_code == 403
    assert (await client.get(f"/datasets/{ids['version_id']}/file", headers=JSON)).status_code == 404


async def test_nobody_approves_their_own_data_assessment_or_advice(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """One person who holds every role cannot close the circle alone, not even by asking twice."""
    cast = await a_cast()
    alone = await somebody_with_every_role(cast.lead.organisation)
    await agree(cast.pilot)
    await a_locked_plan(cast)
    version_id = await a_version(Cast(cast.pilot, alone, cast.second, alone), settings.state)
    await signed_in(client, alone)
    for verdict in ({}, {"reason": "I sent it myself"}):
        way = "reject" if verdict else "approve"
        assert (await client.post(f"/datasets/{version_id}/{way}", json=verdict)).status_code == 403
    await approve_data(version_id, by=cast.second)
    analysis_id = await analysed(alone, cast.pilot, version_id, settings.state)
    assessed_alone = await graded(analysis_id, alone)
    assert (await client.post(f"/assessments/{assessed_alone}/approve", json={})).status_code == 403
    of_own_analysis = await graded(analysis_id, cast.evaluator)
    assert (await client.post(f"/assessments/{of_own_analysis}/approve", json={})).status_code == 403
    await approve_assessment(assessed_alone, by=cast.evaluator)
    recommendation_id = await advised(assessed_alone, alone)
    decision = {"choice": "extend", "reason": "Because"}
    answer = await client.post(f"/recommendations/{recommendation_id}/decision", json=decision)
    assert answer.status_code == 403
