"""Every error in one shape, for programs and for people."""

from typing import Any

import pytest
from litestar import get, post

from effects.errors import DataError, Finding
from effects.message import Message
from registry.kit import errors, logs
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.tables import Worker
from tests.registry.kit.conftest import Serve

JSON = {"accept": "application/json", "cookie": "language=en"}
FINDING = Finding("rows.3", "too_big", "This number can be at most {most}.", "Remove some.", {"most": 1.5}, row=3)


def failing(error: Exception) -> Any:
    @get("/fails")
    async def handler() -> None:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.BadRequest(), 400, "bad_request"),
        (errors.Unauthorised(), 401, "unauthorised"),
        (errors.Forbidden(), 403, "forbidden"),
        (errors.NotFound(), 404, "not_found"),
        (errors.Conflict("The plan is locked."), 409, "conflict"),
        (errors.Gone(), 410, "gone"),
        (errors.TooLarge(), 413, "too_large"),
        (errors.WrongMediaType(), 415, "wrong_media_type"),
        (errors.Invalid([FINDING]), 422, "invalid"),
        (errors.TooMany(30), 429, "too_many"),
        (errors.Unavailable(), 503, "unavailable"),
        (DataError([FINDING]), 422, "invalid"),
        (RecursionError(), 400, "bad_request"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), 400, "bad_request"),
    ],
)
async def test_each_situation_has_its_status(serve: Serve, error: Exception, status: int, code: str) -> None:
    client = await serve(failing(error))
    answer = await client.get("/fails", headers=JSON)
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"/problems/{code}")
    assert set(body) == {"type", "title", "status", "detail", "reference", "findings"}
    assert all(body[name] for name in ("title", "detail", "reference"))
    page = await client.get("/fails", headers={"accept": "text/html"}, follow_redirects=False)
    assert page.status_code == (303 if status == 401 else status)


async def test_findings_are_spelled_out_in_the_readers_language(serve: Serve) -> None:
    client = await serve(failing(errors.Invalid([FINDING])))
    body = (await client.get("/fails", headers={**JSON, "cookie": "language=da"})).json()
    assert body["title"] == "Ret venligst dette"
    assert body["findings"] == [
        {
            "where": "rows.3",
            "code": "too_big",
            "message": "Tallet må højst være 1,5.",
            "remedy": "Fjern nogle.",
            "row": 3,
        }
    ]
    assert "Tallet må højst være 1,5." in (await client.get("/fails", headers={"accept": "text/html"})).text


async def test_a_visitor_is_sent_to_sign_in_and_back(serve: Serve) -> None:
    client = await serve(failing(errors.Unauthorised()))
    answer = await client.get("/fails?a=1&b=2", headers={"accept": "text/html"}, follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Ffails%3Fa%3D1%26b%3D2"


@pytest.mark.parametrize("error", [errors.TooMany(30), errors.Unavailable(retry_after=30)])
async def test_who_should_wait_is_told_how_long(serve: Serve, error: Exception) -> None:
    assert (await (await serve(failing(error))).get("/fails")).headers["retry-after"] == "30"


async def test_a_bug_gives_a_reference_and_no_content(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    client = await serve(failing(KeyError("0101011234")))
    logs.configure("info")
    body = (await client.get("/fails", headers=JSON)).json()
    lines = capsys.readouterr().out.splitlines()
    assert body["status"] == 500
    assert len(lines) == 1
    assert body["reference"] in body["detail"]
    assert body["reference"] in lines[0]
    assert "KeyError" in lines[0]
    assert "0101011234" not in lines[0] + str(body)


async def test_hostile_text_is_text_on_the_page(serve: Serve) -> None:
    said = errors.Conflict(Message("{name} is taken.", {"name": "<script>alert(1)</script>"}))
    page = await (await serve(failing(said))).get("/fails", headers={"accept": "text/html"})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.usefixtures("database")
async def test_a_database_that_goes_away_after_something_was_saved_is_not_said_to_have_saved_nothing(
    serve: Serve,
) -> None:
    @post("/saves")
    async def saves() -> None:
        async with transaction():
            await Worker(name="kept", pid=1, seen_at=now()).save()
        raise errors.Unavailable

    @post("/saves_not")
    async def saves_not() -> None:
        async with transaction():
            raise errors.Unavailable

    client = await serve(saves, saves_not)
    answers = [(await client.post(address, headers=JSON)) for address in ("/saves", "/saves_not")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert [answer.json()["type"] for answer in answers] == ["/problems/unsure", "/problems/unavailable"]
    assert "Look whether it is there" in answers[0].json()["detail"]
    assert "Nothing was saved" in answers[1].json()["detail"]
    assert {answer.headers["retry-after"] for answer in answers} == {"5"}
