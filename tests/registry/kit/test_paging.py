"""Pages of a list from what an address says."""

from typing import Any

import pytest
from litestar import Response, get

from registry.kit.pages import json
from registry.kit.paging import Paging
from registry.kit.request import Request
from tests.registry.kit.conftest import Serve


@get("/list")
async def listed(request: Request) -> Response[Any]:
    paging = Paging.of(request, ("name", "cost"))
    return json({"asked": paging, "offset": paging.offset, "next": paging.link(2), "by_name": paging.sorted_by("name")})


async def test_an_address_says_page_size_and_order(serve: Serve) -> None:
    body = (await (await serve(listed)).get("/list?page=3&size=10&sort=-cost&phase=running")).json()
    assert body["asked"] | {"query": None} == {
        "number": 3,
        "size": 10,
        "sort": "cost",
        "descending": True,
        "query": None,
    }
    assert body["offset"] == 20
    assert body["next"] == "?size=10&sort=-cost&phase=running&page=2"
    assert body["by_name"] == "?size=10&sort=name&phase=running"


async def test_asking_again_for_the_same_order_turns_it(serve: Serve) -> None:
    assert (await (await serve(listed)).get("/list?sort=name")).json()["by_name"] == "?sort=-name"


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=1e3", "page=" + "9" * 400, "page=١", "size=0", "size=201", "page=100001",
     "sort=password_hash", "sort=name;drop", "sort=--name", "sort=%00"],
)  # fmt: skip
async def test_anything_else_is_a_bad_request(serve: Serve, query: str) -> None:
    answer = await (await serve(listed)).get(f"/list?{query}", headers={"accept": "application/json"})
    assert answer.status_code == 400


def test_a_list_has_at_least_one_page() -> None:
    assert [Paging(size=25).pages(total) for total in (0, 1, 25, 26, 230)] == [1, 1, 1, 2, 10]
