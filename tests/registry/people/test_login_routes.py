import asyncio
import re
from typing import Any

import httpx
import pytest
from litestar.testing import AsyncTestClient

from registry.kit import sessions
from registry.people.rules import Role
from registry.people.throttle import PER_ADDRESS, WINDOW
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account, signed_in

Client = AsyncTestClient[Any]
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    form = {"email": email, "password": password, **more}
    return await client.post("/login", data=form, headers=HTML, follow_redirects=False)


def plain(answer: httpx.Response) -> str:
    """The page without what differs at each visit anyway."""
    return re.sub(r'value="[^"]*@[^"]*"', "", answer.text)


async def test_signing_in_by_the_form_leads_to_where_the_person_wanted(client: Client, settings: Settings) -> None:
    anna = await an_account(Role.EVALUATOR)
    page = await client.get("/login?next=/account%3Fa%3Db", headers=HTML)
    assert 'value="/account?a=b"' in page.text
    answer = await log_in(client, anna.email, next="/account?a=b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?a=b")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(sessions.session_cookie(settings))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert anna.name in (await client.get("/account", headers=HTML)).text


async def test_signing_in_works_with_json_too(client: Client) -> None:
    anna = await an_account()
    answer = await client.post("/login", json={"email": anna.email, "password": PASSWORD}, headers=JSON)
    assert answer.status_code == 201
    assert PASSWORD not in answer.text
    assert (await client.get("/account", headers=JSON)).json()["id"] == anna.id


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\tevil"])
async def test_signing_in_never_leads_elsewhere(client: Client, wanted: str) -> None:
    anna = await an_account()
    assert "evil" not in (await client.get("/login", params={"next": wanted}, headers=HTML)).text
    assert (await log_in(client, anna.email, next=wanted)).headers["location"] == "/"


async def test_whoever_is_signed_in_needs_no_form(client: Client) -> None:
    await signed_in(client, await an_account())
    answer = await client.get("/login?next=/organisations", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/organisations")


async def test_a_session_id_fixed_before_signing_in_is_dead_after_it(client: Client, settings: Settings) -> None:
    anna, mallory = await an_account(), await an_account()
    planted = await signed_in(client, mallory)
    name = sessions.session_cookie(settings)
    answer = await log_in(client, anna.email)
    given = answer.cookies[name]
    assert given != planted
    client.cookies.clear()
    assert (await client.get("/account", headers={**JSON, "cookie": f"{name}={planted}"})).status_code == 401
    assert (await client.get("/account", headers={**JSON, "cookie": f"{name}={given}"})).status_code == 200


async def test_an_invented_session_id_is_not_adopted(client: Client, settings: Settings) -> None:
    anna = await an_account()
    name = sessions.session_cookie(settings)
    client.cookies.set(name, "chosen-by-mallory")
    assert (await log_in(client, anna.email)).cookies[name] != "chosen-by-mallory"
    assert await sessions.find("chosen-by-mallory", settings) is None


async def test_a_wrong_password_keeps_the_address_and_never_shows_the_password(client: Client) -> None:
    anna = await an_account()
    answer = await log_in(client, anna.email, "not the right one", next="/account")
    assert answer.status_code == 422
    assert anna.email in answer.text
    assert 'value="/account"' in answer.text
    assert "not the right one" not in answer.text
    assert "set-cookie" not in answer.headers or "session" not in answer.headers["set-cookie"]


async def test_an_unknown_address_gets_the_page_of_a_wrong_password(client: Client) -> None:
    anna = await an_account()
    known, unknown = await log_in(client, anna.email, "wrong"), await log_in(client, "nobody@example.dk", "wrong")
    assert (known.status_code, plain(known)) == (unknown.status_code, plain(unknown))


async def test_too_many_attempts_are_429_and_say_when_to_come_back(client: Client) -> None:
    anna = await an_account()
    for _ in range(PER_ADDRESS):
        await log_in(client, anna.email, "wrong")
    answer = await log_in(client, anna.email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW.total_seconds()


async def test_one_of_many_who_knock_at_once_is_let_in(client: Client) -> None:
    anna = await an_account()
    forms = [
        {"email": anna.email if not number else f"nobody{number}@example.dk", "password": PASSWORD}
        for number in range(12)
    ]
    answers = await asyncio.gather(*(client.post("/login", json=form, headers=JSON) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 11


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "", "password": ""}, 422),
        ({"email": "a" * 300, "password": "x"}, 422),
        ({"email": "a@example.dk", "password": "x" * 200}, 422),
        ({"email": "a@example.dk\x00", "password": "x"}, 422),
        ({"email": "a@example.dk", "password": "x", "role": "administrator"}, 400),
        ({"email": ["a@example.dk"], "password": "x"}, 422),
        ({"email": "010101-1234@example.dk", "password": "x"}, 422),
    ],
)
async def test_an_odd_form_is_refused_before_anything_is_looked_up(client: Client, body: Any, status: int) -> None:
    answer = await client.post("/login", json=body, headers=JSON)
    assert answer.status_code == status
    assert "010101" not in answer.text


async def test_another_site_cannot_sign_a_person_in_or_out(client: Client) -> None:
    anna = await an_account()
    await signed_in(client, anna)
    for path in ("/login", "/logout"):
        answer = await client.post(path, data={}, headers={**HTML, "x-csrf-token": "guessed"})
        assert answer.status_code == 403
    assert (await client.get("/account", headers=JSON)).status_code == 200


async def test_signing_out_kills_the_session_and_forgets_the_cookie(client: Client, settings: Settings) -> None:
    token = await signed_in(client, await an_account())
    answer = await client.post("/logout", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    client.cookies.set(sessions.session_cookie(settings), token)
    assert (await client.get("/account", headers=JSON)).status_code == 401


async def test_signing_out_twice_is_harmless(client: Client) -> None:
    answer = await client.post("/logout", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/login"


async def test_the_account_page_tells_who_has_no_role_whom_to_ask(client: Client) -> None:
    await signed_in(client, await an_account())
    assert "You hold no role yet" in (await client.get("/account", headers=HTML)).text


async def test_the_language_of_the_account_follows_at_once(client: Client) -> None:
    await signed_in(client, await an_account(language="en"))
    client.cookies.set("language", "en")
    answer = await client.post("/account/language", data={"language": "da"}, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    client.cookies.delete("language")
    assert '<html lang="da">' in (await client.get("/account", headers=HTML)).text


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client: Client, settings: Settings) -> None:
    anna = await an_account()
    elsewhere = await sessions.start(anna.id, settings)
    await signed_in(client, anna)
    form = {"current": PASSWORD, "password": "four words in a row", "repeated": "four words in a row"}
    answer = await client.post("/account/password", data=form, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await sessions.find(elsewhere, settings) is None
    client.cookies.delete(sessions.session_cookie(settings))
    client.cookies.set(sessions.session_cookie(settings), answer.cookies[sessions.session_cookie(settings)])
    assert (await client.get("/account", headers=JSON)).status_code == 200


async def test_a_weak_new_password_is_refused_with_every_reason_and_not_shown(client: Client) -> None:
    await signed_in(client, await an_account())
    form = {"current": PASSWORD, "password": "zzzz", "repeated": "yyyy"}
    answer = await client.post("/account/password", data=form, headers=HTML)
    assert answer.status_code == 422
    assert answer.text.count('href="#f-') == 3
    assert "zzzz" not in answer.text


async def test_the_login_page_of_a_demonstration_names_no_account(client: Client) -> None:
    anna = await an_account()
    text = (await client.get("/login", headers=HTML)).text
    assert anna.email not in text
    assert PASSWORD not in text
