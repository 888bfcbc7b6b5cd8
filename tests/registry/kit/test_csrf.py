"""No other site can act in a person's name."""

import re
from typing import Any

import httpx
import pytest
from litestar import Response, get, post

from registry.kit import csrf
from registry.kit.pages import page
from registry.kit.request import Request
from registry.settings import Settings
from tests.registry.kit.conftest import Serve


@get("/form")
async def form(request: Request) -> Response[Any]:
    return page(request, "was.html", None)


@post("/act")
async def act() -> str:
    return "done"


@pytest.fixture
async def visitor(serve: Serve) -> httpx.AsyncClient:
    return await serve(form, act, guards=[csrf.guard])  # type: ignore[no-any-return]


async def token(visitor: httpx.AsyncClient) -> str:
    """Visits the form and reads its hidden field, as a browser would."""
    text = (await visitor.get("/form")).text
    fields = set(re.findall(r'name="csrf_token" value="([0-9a-f]+)"', text))
    assert len(fields) == 1
    assert f'name="csrf-token" content="{min(fields)}"' in text
    return min(fields)


async def test_a_form_of_ours_is_taken(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/act", data={"csrf_token": await token(visitor)})).text == "done"


async def test_a_script_of_ours_sends_the_header(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/act", json={}, headers={"x-csrf-token": await token(visitor)})).text == "done"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": {"csrf_token": "0" * 64}},
        {"data": {"csrf_token": "é"}},
        {"json": {"csrf_token": "0"}},
        {"headers": {"x-csrf-token": "0" * 64}},
        {"content": b"{}", "headers": {"content-type": "text/plain"}},
    ],
)
async def test_what_lacks_the_token_is_refused(visitor: httpx.AsyncClient, sent: dict[str, Any]) -> None:
    await token(visitor)
    assert (await visitor.post("/act", **sent)).status_code == 403


async def test_a_token_without_its_cookie_is_refused(visitor: httpx.AsyncClient) -> None:
    taken = await token(visitor)
    visitor.cookies.clear()
    assert (await visitor.post("/act", headers={"x-csrf-token": taken})).status_code == 403


async def test_a_token_from_before_signing_in_is_dead(visitor: httpx.AsyncClient) -> None:
    old = await token(visitor)
    visitor.cookies.set("session", "now-signed-in")
    assert (await visitor.post("/act", headers={"x-csrf-token": old})).status_code == 403
    assert (await visitor.post("/act", headers={"x-csrf-token": await token(visitor)})).text == "done"


async def test_the_browsers_word_that_another_site_asks_is_believed(visitor: httpx.AsyncClient) -> None:
    headers = {"x-csrf-token": await token(visitor), "sec-fetch-site": "cross-site"}
    assert (await visitor.post("/act", headers=headers)).status_code == 403


async def test_an_authorization_header_takes_the_place_of_no_token(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/act", headers={"authorization": "Bearer x"})).status_code == 403


async def test_with_the_header_a_refusal_comes_before_the_body_is_read(visitor: httpx.AsyncClient) -> None:
    read = 0

    async def large() -> Any:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 1000

    headers = {"x-csrf-token": "wrong", "content-type": "multipart/form-data; boundary=b"}
    answer: httpx.Response = await visitor.post("/act", content=large(), headers=headers)
    assert answer.status_code == 403


def test_behind_tls_a_neighbour_cannot_plant_the_cookie() -> None:
    assert csrf.cookie_name(Settings(secure_cookies=True)).startswith("__Host-")
    assert csrf.cookie_name(Settings()) == "visit"
