"""What a request says about itself."""

import pytest
from litestar import get, post
from litestar._parsers import parse_url_encoded_form_data

from registry.kit.request import MOST_FIELDS, Request, reference_of, visitor_of, wants_json
from tests.registry.kit.conftest import Serve


@post("/kind", status_code=200)
async def kind(request: Request) -> str:
    return "json" if wants_json(request) else "page"


@post("/fields", status_code=200)
async def fields(request: Request) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in (await request.form()).multi_items())


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


async def test_a_form_keeps_repeated_and_empty_fields(serve: Serve) -> None:
    client = await serve(fields)
    sent = {"content": b"a=1&b=&a=%C3%A6+%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}}
    assert (await client.post("/fields", **sent)).json() == [["a", "1"], ["a", "æ �"], ["b", ""]]


async def test_a_form_of_endless_fields_is_refused_before_they_are_read(serve: Serve) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    answer = await (await serve(fields)).post("/fields", content=b"a=&" * (MOST_FIELDS + 1), headers=headers)
    assert answer.status_code == 400


async def test_no_form_is_remembered_beyond_its_request(serve: Serve) -> None:
    before = parse_url_encoded_form_data.cache_info().currsize
    await (await serve(fields)).post("/fields", data={"password": "correct horse battery"})
    assert parse_url_encoded_form_data.cache_info().currsize == before


async def test_a_request_has_one_reference(serve: Serve) -> None:
    client = await serve(who)
    first, again, nobody = (await client.get("/who")).json()
    other, *_ = (await client.get("/who")).json()
    assert first == again != other
    assert nobody
