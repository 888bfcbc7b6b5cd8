"""What a request says about itself."""

import pytest
from litestar import get, post

from registry.kit.request import Request, reference_of, visitor_of, wants_json
from tests.registry.kit.conftest import Serve


@post("/kind", status_code=200)
async def kind(request: Request) -> str:
    return "json" if wants_json(request) else "page"


@get("/who")
async def who(request: Request) -> list[str | bool]:
    return [reference_of(request.scope), reference_of(request.scope), visitor_of(request) is None]


@pytest.mark.parametrize(
    ("headers", "query", "wanted"),
    [
        ({}, "", "page"),
        ({"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, "", "page"),
        ({"accept": "application/json"}, "", "json"),
        ({"accept": "application/problem+json"}, "", "json"),
        ({"accept": "*/*", "content-type": "application/json; charset=utf-8"}, "", "json"),
        ({"content-type": "application/x-www-form-urlencoded"}, "", "page"),
        ({"accept": "text/html"}, "?format=json", "json"),
        ({"accept": "application/json"}, "?format=xml", "page"),
    ],
)
async def test_json_is_given_to_who_asks_for_it(serve: Serve, headers: dict[str, str], query: str, wanted: str) -> None:
    assert (await (await serve(kind)).post(f"/kind{query}", headers=headers)).text == wanted


async def test_a_request_has_one_reference(serve: Serve) -> None:
    client = await serve(who)
    first, again, nobody = (await client.get("/who")).json()
    other, *_ = (await client.get("/who")).json()
    assert first == again != other
    assert nobody
