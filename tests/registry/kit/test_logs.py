"""One JSON line an event."""

import json

import pytest
from litestar import get
from litestar.params import FromPath

from registry.kit import logs
from tests.registry.kit.conftest import Serve


@get("/things/{name:str}")
async def thing(name: FromPath[str]) -> str:
    return name


async def test_a_request_is_told_by_its_template(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    client = await serve(thing, before_send=[logs.request_line])
    logs.configure("info")
    await client.head("/things/secret-name?token=secret-value")
    await client.get("/unknown/secret-name")
    text = capsys.readouterr().out
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("HEAD", "/things/{name}", 200),
        ("GET", "unknown", 404),
    ]
    assert all(line["ms"] >= 0 and line["reference"] for line in lines)
    assert "secret" not in text


def test_hostile_text_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    logs.log.info("event", said='a\n{"event": "forged"}\u2028\x1b[31m')
    [line] = capsys.readouterr().out.strip().split("\n")
    assert json.loads(line)["event"] == "event"
    assert "\x1b" not in line


def test_a_bug_tells_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    try:
        raise ValueError("0101011234")
    except ValueError as error:
        logs.bug(error, "reference-1", route="/x")
    line = json.loads(capsys.readouterr().out)
    assert (line["error"], line["reference"], line["level"]) == ("ValueError", "reference-1", "error")
    assert "test_logs.py" in line["frames"][-1]
    assert "0101011234" not in str(line)


def test_less_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("error")
    logs.log.info("quiet")
    assert capsys.readouterr().out == ""
