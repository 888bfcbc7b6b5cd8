"""What people and programs send becomes a command, or a list of everything that is wrong with it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from litestar import Response, post
from litestar.datastructures import UploadFile
from msgspec import Meta

from effects.errors import Finding
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import json
from registry.kit.request import Request
from tests.registry.kit.conftest import Serve


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Milestone(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    due: dt.date | None = None


class Place(msgspec.Struct, frozen=True):
    city: Annotated[str, Meta(min_length=1)]
    inhabitants: Annotated[int, Meta(ge=0)]


class Register(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(min_length=3, max_length=10)]
    cost: Annotated[float, Meta(ge=0.5, le=1e9)]
    count: int = 1
    price: Decimal | None = None
    due: dt.date | None = None
    seen: dt.datetime | None = None
    size: Size = Size.SMALL
    agreed: bool = False
    note: str | None = None
    sites: list[int] = []
    tags: frozenset[str] = frozenset()
    milestones: list[Milestone] = []
    place: Place | None = None
    extra: dict[str, float] = {}


GOOD = {"title": "Screens", "cost": "12"}


@post("/", status_code=200)
async def register(request: Request) -> Response[Any]:
    return json(await read(request, Register))


async def sent(serve: Serve, language: str = "da", **body: Any) -> dict[str, Any]:
    """What a form becomes; the findings by place when it does not."""
    client = await serve(register)
    answer = await client.post("/", data={**GOOD, **body}, headers={"cookie": f"language={language}", **JSON})
    return by_place(answer)


JSON = {"accept": "application/json"}


def by_place(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    if "findings" not in body:
        return body
    return {finding["where"]: finding["code"] for finding in body["findings"]} or {"": body["status"]}


@pytest.mark.parametrize(
    ("language", "written", "number"),
    [
        ("da", "1.234,5", 1234.5),
        ("da", "12,5", 12.5),
        ("da", "12.5", 12.5),
        ("da", "1.234", 1234.0),
        ("da", " 1 234,50 ", 1234.5),
        ("da", "1\u00a0234", 1234.0),
        ("en", "1,234.5", 1234.5),
        ("en", "12.5", 12.5),
        ("en", "1,234", 1234.0),
    ],
)
async def test_numbers_are_read_as_the_language_writes_them(
    serve: Serve, language: str, written: str, number: float
) -> None:
    assert (await sent(serve, language, cost=written))["cost"] == number


@pytest.mark.parametrize("written", ["nan", "inf", "1e5", "1e999", "0x10", "12,5,5", "twelve", "١٢", "--1", "1_000"])
async def test_what_is_no_number_is_refused(serve: Serve, written: str) -> None:
    assert await sent(serve, cost=written) == {"cost": "not_number"}


@pytest.mark.parametrize("written", ["0", "1000000001", "-3"])
async def test_numbers_stay_within_their_bounds(serve: Serve, written: str) -> None:
    assert await sent(serve, cost=written) == {"cost": "out_of_range"}


async def test_whole_numbers_fit_a_column(serve: Serve) -> None:
    assert (await sent(serve, count="2.147.483.647"))["count"] == 2**31 - 1
    assert await sent(serve, count="2147483648") == {"count": "out_of_range"}
    assert await sent(serve, count="9" * 5000) == {"count": "not_whole"}


@pytest.mark.parametrize("written", ["2026-12-31", "31-12-2026", "31.12.2026", "31/12/2026"])
async def test_dates_are_read_as_people_write_them(serve: Serve, written: str) -> None:
    assert (await sent(serve, due=written))["due"] == "2026-12-31"


@pytest.mark.parametrize("written", ["31-02-2026", "2026-13-01", "tomorrow", "0000-00-00", "٣١-١٢-٢٠٢٦"])
async def test_what_is_no_date_is_refused(serve: Serve, written: str) -> None:
    assert await sent(serve, due=written) == {"due": "not_date"}


async def test_moments_come_back_in_utc(serve: Serve) -> None:
    assert (await sent(serve, seen="2026-06-01T12:00+02:00"))["seen"] == "2026-06-01T10:00:00Z"
    assert await sent(serve, seen="noon") == {"seen": "not_moment"}


async def test_text_is_tidied(serve: Serve) -> None:
    assert (await sent(serve, title="  Ska\u030arm \r\n"))["title"] == "Sk\u00e5rm"


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u202e", "\u2066", "\u200f", "\uffff"])
async def test_signs_that_deceive_are_refused(serve: Serve, sign: str) -> None:
    assert await sent(serve, title=f"Scre{sign}ens") == {"title": "hidden_characters"}


async def test_lone_surrogates_are_refused(serve: Serve) -> None:
    client = await serve(register)
    raw = b"title=%ed%a0%80abc&cost=1"
    answer = await client.post("/", content=raw, headers={**JSON, "content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code in {200, 422}  # the decoder may replace them; they never arrive
    assert "\ud800" not in answer.text


async def test_everything_wrong_is_said_at_once(serve: Serve) -> None:
    found = await sent(serve, title="", cost="x", due="y", size="huge", sites=["1", "b"], agreed="maybe")
    assert found == {
        "title": "missing",
        "cost": "not_number",
        "due": "not_date",
        "size": "not_a_choice",
        "sites.1": "not_whole",
        "agreed": "not_truth",
    }


async def test_an_empty_field_is_its_default(serve: Serve) -> None:
    made = await sent(serve, count="", note=" ", due="", size="", sites="")
    assert (made["count"], made["note"], made["due"], made["size"], made["sites"]) == (1, None, None, "small", [])


async def test_boxes_and_repeated_keys(serve: Serve) -> None:
    made = await sent(serve, agreed="true", sites=["3", "4"], tags=["a", "b", "a"])
    assert (made["agreed"], made["sites"], sorted(made["tags"])) == (True, [3, 4], ["a", "b"])
    assert (await sent(serve))["agreed"] is False


async def test_rows_are_zipped_and_empty_ones_dropped(serve: Serve) -> None:
    rows = {"milestones.title": ["Start", "", "End"], "milestones.due": ["1-2-2026", "", ""]}
    made = await sent(serve, **rows)
    assert made["milestones"] == [{"title": "Start", "due": "2026-02-01"}, {"title": "End", "due": None}]


async def test_a_wrong_row_is_named_by_its_place(serve: Serve) -> None:
    rows = {"milestones.title": ["Start", ""], "milestones.due": ["1-2-2026", "soon"]}
    assert await sent(serve, **rows) == {"milestones.1.title": "missing", "milestones.1.due": "not_date"}


async def test_torn_rows_are_a_bad_request(serve: Serve) -> None:
    assert await sent(serve, **{"milestones.title": ["A", "B"], "milestones.due": ["1-2-2026"]}) == {"": 400}


async def test_dotted_keys_fill_a_nested_struct(serve: Serve) -> None:
    made = await sent(serve, **{"place.city": "Aarhus", "place.inhabitants": "367.095"})
    assert made["place"] == {"city": "Aarhus", "inhabitants": 367095}


async def test_dotted_keys_fill_a_mapping(serve: Serve) -> None:
    made = await sent(serve, **{"extra.a": "1,5", "extra.b": "2"})
    assert made["extra"] == {"a": 1.5, "b": 2.0}
    assert await sent(serve, **{"extra.a": "many"}) == {"extra.a": "not_number"}


async def test_a_field_sent_both_whole_and_in_parts_is_a_bad_request(serve: Serve) -> None:
    assert await sent(serve, **{"milestones": "x", "milestones.title": "A"}) == {"": 400}
    assert await sent(serve, **{"place": "x", "place.city": "A"}) in ({"": 400}, {"place": "not_an_object"})


@pytest.mark.parametrize("name", ["admin", "title.x", "milestones.admin", "place.x"])
async def test_an_unknown_field_is_never_applied(serve: Serve, name: str) -> None:
    assert await sent(serve, **{name: "1"}) == {"": 400}


async def test_a_single_field_sent_twice_is_a_bad_request(serve: Serve) -> None:
    assert await sent(serve, title=["Screens", "Other"]) == {"": 400}


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"title": 3}, {"title": "not_text"}),
        ({"title": None}, {"title": "not_text"}),
        ({"cost": "12"}, {"cost": "not_number"}),
        ({"cost": True}, {"cost": "not_number"}),
        ({"count": 1.5}, {"count": "not_whole"}),
        ({"count": True}, {"count": "not_whole"}),
        ({"count": 2**40}, {"count": "out_of_range"}),
        ({"agreed": "true"}, {"agreed": "not_truth"}),
        ({"due": "31-12-2026"}, {"due": "not_date"}),
        ({"sites": "3"}, {"sites": "not_a_list"}),
        ({"sites": [[1]]}, {"sites.0": "not_single"}),
        ({"sites": [1] * 1001}, {"sites": "too_many"}),
        ({"milestones": [{"due": "2026-01-01"}]}, {"milestones.0.title": "missing"}),
        ({"milestones": [3]}, {"milestones.0": "not_an_object"}),
        ({"place": []}, {"place": "not_an_object"}),
        ({"extra": {"a": "b"}}, {"extra.a": "not_number"}),
        ({"extra": []}, {"extra": "not_an_object"}),
        ({"title": "Sc\x00reens"}, {"title": "hidden_characters"}),
    ],
)
async def test_json_is_taken_at_its_word(serve: Serve, part: dict[str, Any], found: dict[str, str]) -> None:
    client = await serve(register)
    assert by_place(await client.post("/", json={"title": "Screens", "cost": 12, **part})) == found


async def test_good_json_is_the_command(serve: Serve) -> None:
    client = await serve(register)
    made = (
        await client.post("/", json={"title": "Screens", "cost": 12, "due": "2026-12-31", "extra": {"a": 1}})
    ).json()
    assert (made["title"], made["cost"], made["due"], made["extra"]) == ("Screens", 12, "2026-12-31", {"a": 1})


async def test_a_wrong_form_comes_again_with_what_was_typed(serve: Serve) -> None:
    async def form_page(_: Request, typed: Mapping[str, Any], findings: tuple[Finding, ...]) -> Response[Any]:
        return Response({"typed": dict(typed), "places": [finding.where for finding in findings]})

    @post("/again")
    async def handler(request: Request) -> Response[Any]:
        try:
            return json(await read(request, Register))
        except Invalid as invalid:
            return await again(request, invalid, form_page)

    client = await serve(handler)
    answer = await client.post("/again", data={"title": "x", "cost": "12,", "csrf_token": "t"})
    assert answer.status_code == 422
    assert answer.json() == {"typed": {"title": "x", "cost": "12,"}, "places": ["title"]}
    refused = await client.post("/again", json={"title": "x", "cost": 1})
    assert refused.headers["content-type"].startswith("application/problem+json")


async def test_a_file_is_handed_over_as_it_came(serve: Serve) -> None:
    class Upload(msgspec.Struct):
        file: UploadFile
        note: str = ""

    @post("/file")
    async def handler(request: Request) -> Response[Any]:
        upload = await read(request, Upload)
        return json((upload.file.filename, len(await upload.file.read()), upload.note))

    client = await serve(handler)
    answer = await client.post("/file", files={"file": ("a.csv", b"1,2,3")}, data={"note": "n"})
    assert answer.json() == ["a.csv", 5, "n"]
    assert by_place(await client.post("/file", data={"note": "n", "file": ""}, headers=JSON)) == {"file": "missing"}
