"""Who is asking: what a session lets in, and when it stops."""

from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from registry.kit import sessions
from registry.kit.clock import frozen, now
from registry.people import actions, queries
from registry.people.rules import Role
from registry.people.schemas import Activation, NewGrant
from registry.people.tables import Account
from registry.settings import Settings
from tests.registry.people.story import an_account, signed_in

Client = AsyncTestClient[Any]
JSON = {"accept": "application/json"}


async def status(client: Client, path: str = "/account") -> int:
    return (await client.get(path, headers=JSON)).status_code


async def test_a_session_opens_what_belongs_to_its_person(client: Client) -> None:
    anna = await an_account(Role.EVALUATOR)
    await signed_in(client, anna)
    seen = (await client.get("/account", headers=JSON)).json()
    assert (seen["email"], seen["grants"][0]["role"]) == (anna.email, "evaluator")


async def test_nobody_signed_in_is_401_for_a_caller_of_the_api(client: Client) -> None:
    answer = await client.get("/account", headers=JSON)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["type"] == "/problems/unauthorised"


async def test_nobody_signed_in_is_sent_to_sign_in_and_back_in_a_browser(client: Client) -> None:
    answer = await client.get("/admin/accounts?page=2", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fadmin%2Faccounts%3Fpage%3D2"


async def test_a_form_sent_by_nobody_is_not_carried_out(client: Client) -> None:
    answer = await client.post("/account/language", data={"language": "da"}, headers={"accept": "text/html"})
    assert answer.status_code == 401


@pytest.mark.parametrize("role", [None, Role.PROJECT_LEAD, Role.EVALUATOR, Role.DECISION_MAKER])
async def test_a_role_that_does_not_carry_the_permission_is_403(client: Client, role: Role | None) -> None:
    await signed_in(client, await an_account(role))
    assert await status(client, "/admin/accounts") == 403
    assert await status(client, "/audit") == 403


@pytest.mark.parametrize("token", ["", "made-up", "x" * 5000, "../../etc", "%00"])
async def test_an_id_that_never_was_a_session_is_nobody(client: Client, settings: Settings, token: str) -> None:
    client.cookies.set(sessions.session_cookie(settings), token)
    assert await status(client) == 401


async def test_a_bearer_token_is_no_session(client: Client) -> None:
    token = await signed_in(client, await an_account())
    client.cookies.clear()
    answer = await client.get("/account", headers={**JSON, "authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_disabled_account_loses_its_session_at_once(client: Client) -> None:
    administrator, anna = await an_account(Role.ADMINISTRATOR, everywhere=True), await an_account()
    await signed_in(client, anna)
    assert await status(client) == 200
    version = (await queries.account(administrator, anna.id)).version
    await actions.set_active(anna.id, Activation(False, version), by=administrator)
    assert await status(client) == 401


async def test_an_account_disabled_behind_our_back_is_out_too(client: Client) -> None:
    anna = await an_account()
    await signed_in(client, anna)
    await Account.update({Account.active: False}).where(Account.id == anna.id)
    assert await status(client) == 401


async def test_a_new_role_ends_the_session_it_was_not_signed_in_with(client: Client) -> None:
    anna = await an_account()
    await signed_in(client, anna)
    await actions.grant_role(anna.id, NewGrant(Role.ADMINISTRATOR), by=None)
    assert await status(client) == 401
    await signed_in(client, anna)
    assert await status(client, "/admin/accounts") == 200


async def test_a_session_that_idles_too_long_ends(client: Client, settings: Settings) -> None:
    await signed_in(client, await an_account())
    with frozen(now() + timedelta(minutes=settings.session_idle_minutes)):
        assert await status(client) == 401
    assert await status(client) == 401


async def test_a_busy_session_ends_at_its_absolute_limit(client: Client, settings: Settings) -> None:
    await signed_in(client, await an_account())
    opened = now()
    for minutes in range(0, settings.session_absolute_minutes, settings.session_idle_minutes - 1):
        with frozen(opened + timedelta(minutes=minutes)):
            assert await status(client) == 200
    with frozen(opened + timedelta(minutes=settings.session_absolute_minutes, seconds=1)):
        assert await status(client) == 401


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-forwarded-for", "x-forwarded-proto", "forwarded"])
async def test_headers_of_a_proxy_decide_nothing(client: Client, header: str) -> None:
    answer = await client.get("/account", headers={header: "evil.example"}, follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Faccount"
    assert "evil.example" not in str(answer.headers) + answer.text
