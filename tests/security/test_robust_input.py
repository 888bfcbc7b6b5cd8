"""Nothing a client sends is our fault, on any route, and nothing malformed is taken half."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from argon2 import PasswordHasher

from registry.audit.tables import AuditEntry
from registry.kit import csrf
from registry.people import passwords
from registry.settings import Settings
from tests.registry.indicators.story import some_indicators
from tests.registry.people.story import CHEAP_HASH, signed_in
from tests.registry.plans.story import a_cast, a_draft
from tests.security.routes import BODIES, OPEN_BODIES, UPLOADS, Call
from tests.security.story import a_chain, somebody_with_every_role

JSON = {"accept": "application/json"}
FORM = {**JSON, "content-type": "application/x-www-form-urlencoded"}
AS_JSON = {**JSON, "content-type": "application/json"}

MALFORMED: Mapping[str, tuple[bytes, str, int]] = {
    "nested": (b"[" * 100_000, "application/json", 400),
    "nested_object": (b'{"a":' * 50_000, "application/json", 400),
    "bad_utf_8": (b'{"reason": "\xff\xfe"}', "application/json", 400),
    "surrogate": (b'{"reason": "\\ud800"}', "application/json", 400),
    "cut_off": (b'{"reason": "', "application/json", 400),
    "no_object": (b"[]", "application/json", 400),
    "null": (b"null", "application/json", 400),
    "unknown_field": (b'{"is_admin": true}', "application/json", 400),
    "unknown_form_field": (b"is_admin=1", "application/x-www-form-urlencoded", 400),
    "not_a_number": (b'{"version": NaN}', "application/json", 400),
    "endless_number": (b'{"version": ' + b"9" * 6000 + b"}", "application/json", 400),
    "json_as_text": (b"{}", "text/plain", 415),
    "of_no_kind": (b"{}", "", 415),
    "multipart_without_boundary": (b"--x", "multipart/form-data", 400),
    "broken_multipart": (b"garbage", "multipart/form-data; boundary=x", 400),
    "endless_fields": (b"a=&" * 20_000, "application/x-www-form-urlencoded", 400),
    "too_large": (b"x" * 2_100_000, "application/json", 413),
}
HOSTILE: Sequence[Any] = (
    *("a\x00b", "\u202egnp.exe", "²", 10**400, -1, 1.5e308),
    *(None, [[["deep"]]], {"a": {"b": 1}}),
)
LARGE: Sequence[Any] = ("x" * 1_000_000, "e" + "\u0301\u0323" * 5_000, ["x"] * 2_000)
QUERIES = (
    *("page=-1", "page=99999999999999999999", "page=1e3", "page=%00", "size=0", "size=100000", "sort=password_hash"),
    *("sort=%27%3B--", "q=%00%ff", "kind=%00", "technology=9999999999999", "on=0000-00-00", "format=%ff", "by=%00"),
    "a=" + "x" * 8_000,
)
NUMBERS = (0, 2**31 - 1, 2**63)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of attempts to sign in shall not cost what they cost an attacker."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "DECOY", CHEAP_HASH)


async def everyones_ids(client: httpx.AsyncClient, settings: Settings) -> Mapping[str, int]:
    """Signs in somebody who may do everything to a pilot that went all the way; the answer is its ids."""
    chain = await a_chain(settings.state)
    await signed_in(client, await somebody_with_every_role(everywhere=True))
    return chain.ids


def takes_a_body(call: Call) -> bool:
    """Whether the route reads what is sent to it."""
    return call.method == "POST" and (BODIES | OPEN_BODIES).get(call.path, {}) != {} and call.path not in UPLOADS


async def test_a_malformed_body_is_the_senders_fault_on_every_route(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    ids = await everyones_ids(client, settings)
    written = await AuditEntry.count()
    for call in filter(takes_a_body, calls):
        for name, (body, media_type, status) in MALFORMED.items():
            headers = {**JSON, "content-type": media_type}
            answer = await client.post(call.address(ids), content=body, headers=headers)
            assert (str(call), name, answer.status_code) == (str(call), name, status)
            assert answer.headers["content-type"].startswith("application/problem+json")
    assert await AuditEntry.count() == written


async def test_a_body_where_none_is_read_does_no_harm(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    ids = await everyones_ids(client, settings)
    for call in calls:
        if call.method == "POST" and not takes_a_body(call) and call.path != "/logout":
            for name in ("cut_off", "unknown_field", "broken_multipart", "json_as_text"):
                body, media_type, _ = MALFORMED[name]
                headers = {**JSON, "content-type": media_type}
                answer = await client.post(call.address(ids), content=body, headers=headers)
                assert answer.status_code < 500, f"{call} {name}"


@pytest.mark.parametrize("stage", ["at the end", "at the beginning"])
async def test_no_hostile_value_in_any_field_is_our_fault(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call], stage: str
) -> None:
    at_the_end = stage == "at the end"
    ids = await everyones_ids(client, settings) if at_the_end else await ids_of_a_beginning(client)
    for call in filter(takes_a_body, calls):
        if not at_the_end and "pilot_id" not in call.parameters and "plan_id" not in call.parameters:
            continue
        for body in spoilt((BODIES | OPEN_BODIES)[call.path]):
            sent = await client.post(call.address(ids), content=encoded(body), headers=AS_JSON)
            assert sent.status_code < 500, f"{call} {str(body)[:300]}"
            if not all(isinstance(value, str | int) for value in body.values()):
                continue  # a form says nothing else
            typed = await client.post(call.address(ids), content=urlencode(body, doseq=True), headers=FORM)
            assert typed.status_code < 500, f"{call} {str(body)[:300]}"


async def ids_of_a_beginning(client: httpx.AsyncClient) -> Mapping[str, int]:
    """Signs in the same person to a pilot with a proposed indicator and a drafted plan."""
    cast = await a_cast()
    indicator, *_ = await some_indicators(cast.pilot, cast.lead)
    ids = {"pilot_id": cast.pilot, "indicator_id": indicator, "plan_id": await a_draft(cast)}
    await signed_in(client, await somebody_with_every_role(everywhere=True))
    return ids


def spoilt(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The body with each field in turn made hostile."""
    for place, name in enumerate(body):
        for value in (*HOSTILE, *(LARGE if place == 0 else ())):
            yield {**body, name: value}


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


async def test_no_question_and_no_number_is_our_fault(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    ids = await everyones_ids(client, settings)
    for call in calls:
        if call.method != "GET":
            continue
        for query in ("&".join(QUERIES),) if call.parameters else QUERIES:
            answer = await client.get(f"{call.address(ids)}?{query}", headers=JSON)
            assert answer.status_code < 500, f"{call} {query}"
        for number in NUMBERS if call.parameters else ():
            answer = await client.get(call.address(dict.fromkeys(call.parameters, number)), headers=JSON)
            assert answer.status_code in {400, 403, 404}, f"{call} {number}"


async def test_head_tells_what_get_would_and_sends_no_body(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    ids = await everyones_ids(client, settings)
    for call in calls:
        if call.method == "GET":
            shown, told = await client.get(call.address(ids)), await client.head(call.address(ids))
            assert (str(call), told.status_code, told.content) == (str(call), shown.status_code, b"")
            assert told.headers.get("content-type") == shown.headers.get("content-type")


async def test_every_write_without_the_token_of_the_visit_is_403(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    ids = await everyones_ids(client, settings)
    written = await AuditEntry.count()
    strange = ({csrf.HEADER: ""}, {csrf.HEADER: "0" * 64}, {csrf.HEADER: "", "authorization": "Bearer x"})
    for call in calls:
        for header in strange if call.method != "GET" else ():
            answer = await client.request(call.method, call.address(ids), json={}, headers={**JSON, **header})
            assert (str(call), answer.status_code) == (str(call), 403)
    assert await AuditEntry.count() == written
