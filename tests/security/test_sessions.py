"""A session belongs to who signed in, on this address, until it ends."""

from collections.abc import Sequence

import httpx

from registry.kit import csrf, sessions
from registry.kit.tables import Session
from registry.people.actions import revoke_role, set_active
from registry.people.queries import grants_of
from registry.people.rules import Role
from registry.people.schemas import Activation
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account, signed_in
from tests.security.routes import Call

JSON = {"accept": "application/json"}


async def test_a_fixed_session_id_opens_nothing_before_or_after_signing_in(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    anna, mallory = await an_account(Role.EVALUATOR), await an_account()
    planted = await signed_in(client, mallory)
    cookie = sessions.session_cookie(settings)
    answer = await client.post("/login", json={"email": anna.email, "password": PASSWORD})
    assert answer.cookies[cookie] not in ("", planted)
    for token, status in ((planted, 401), (answer.cookies[cookie], 200)):
        client.cookies.delete(cookie)
        client.cookies.set(cookie, token)
        seen = await client.get("/account", headers=JSON)
        assert seen.status_code == status
    assert seen.json()["id"] == anna.id


async def test_visitors_who_never_sign_in_leave_no_row(client: httpx.AsyncClient, calls: Sequence[Call]) -> None:
    for call in calls:
        await client.request(call.method, call.address({}), headers=JSON)
    assert await Session.count() == 0


async def test_no_token_of_any_kind_becomes_a_session(client: httpx.AsyncClient, settings: Settings) -> None:
    anna = await an_account(Role.ADMINISTRATOR, everywhere=True)
    token = await sessions.start(anna.id, settings)
    cookie = sessions.session_cookie(settings)
    visit = csrf.token_for(settings, "visit-of-a-test", "")
    for headers in (
        {"authorization": f"Bearer {token}"},
        {"x-session": token, "x-auth-token": token},
        {"cookie": f"{cookie}={sessions.digest(token)}"},
        {"cookie": f"{cookie}={visit}"},
        {"cookie": f"{cookie}={token.swapcase()}"},
        {"cookie": f"__Host-{cookie}={token}"},
    ):
        assert (await client.get("/account", headers={**JSON, **headers})).status_code == 401
    assert (await client.get(f"/account?{cookie}={token}", headers=JSON)).status_code == 401


async def test_a_disabled_account_is_nobody_on_every_route_at_once(
    client: httpx.AsyncClient, calls: Sequence[Call]
) -> None:
    administrator = await an_account(Role.ADMINISTRATOR, everywhere=True)
    anna = await an_account(Role.PROJECT_LEAD)
    await signed_in(client, anna)
    await set_active(anna.id, Activation(active=False, version=2), by=administrator)
    for call in calls:
        if not call.permission.public:
            answer = await client.request(call.method, call.address({}), headers=JSON)
            assert (str(call), answer.status_code) == (str(call), 401)
    assert (await client.post("/login", json={"email": anna.email, "password": PASSWORD})).status_code == 422


async def test_a_role_taken_back_is_gone_with_the_next_request(client: httpx.AsyncClient) -> None:
    administrator = await an_account(Role.ADMINISTRATOR, everywhere=True)
    anna = await an_account(Role.PROJECT_LEAD)
    await signed_in(client, anna)
    assert (await client.get("/pilots/new")).status_code == 200
    await revoke_role((await grants_of(anna.id))[0].id, by=administrator)
    await signed_in(client, anna)
    assert (await client.get("/pilots/new", headers=JSON)).status_code == 403


async def test_host_and_forwarding_headers_decide_nothing(client: httpx.AsyncClient) -> None:
    anna = await an_account()
    strange = {
        **{"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
        **{"x-forwarded-for": "10.0.0.1", "x-forwarded-proto": "https", "x-original-url": "/admin/accounts"},
        **{"x-http-method-override": "DELETE", "x-rewrite-url": "/admin/accounts"},
    }
    answer = await client.post("/login", data={"email": anna.email, "password": PASSWORD}, headers=strange)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for address in ("/", "/account", "/pilots", "/nothing-here"):
        seen = await client.get(address, headers=strange)
        assert "evil.example" not in seen.text + str(seen.headers)


async def test_the_session_cookie_is_out_of_reach(client: httpx.AsyncClient, settings: Settings) -> None:
    anna = await an_account()
    answer = await client.post("/login", data={"email": anna.email, "password": PASSWORD})
    set_cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("session="))
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in set_cookie.split(";")}
    assert "domain" not in set_cookie.lower()
    behind_tls = sessions.carry("x", Settings(state=settings.state, secure_cookies=True))
    assert (behind_tls.key, behind_tls.secure, behind_tls.domain) == ("__Host-session", True, None)


async def test_private_pages_are_kept_by_no_cache(client: httpx.AsyncClient, calls: Sequence[Call]) -> None:
    await signed_in(client, await an_account())
    for call in calls:
        if call.method == "GET" and call.path not in {"/schema", "/schema/openapi.json", "/schema/{path}"}:
            kept = (await client.get(call.address({}), headers=JSON)).headers.get("cache-control")
            assert (str(call), kept) == (str(call), "no-store")
