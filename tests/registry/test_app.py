"""The whole application from outside: doors, headers, errors, odd requests."""

import json
from collections.abc import Callable

import httpx
import pytest
from litestar import get
from litestar.exceptions import ImproperlyConfiguredException
from playwright.sync_api import Page, expect

from registry.app import Registry, create_app
from registry.kit import access, logs
from registry.kit.headers import POLICY
from registry.kit.pages import asset
from registry.settings import Settings

Client = httpx.AsyncClient


@pytest.fixture
def slices() -> tuple[str, ...]:
    return ()


HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def test_every_route_states_who_may_call_it(settings: Settings) -> None:
    access.refuse_unstated(create_app(settings, connect=False).routes)


async def test_a_route_without_permission_stops_the_start() -> None:
    @get("/open-to-all")
    async def careless() -> None: ...

    with pytest.raises(ImproperlyConfiguredException, match="/open-to-all"):
        access.refuse_unstated(Registry([careless]).routes)


@pytest.mark.parametrize("path", ["/was", "/no-such-page", "/static/app.css"])
async def test_head_is_get_without_the_body(front: Client, path: str) -> None:
    full, head = await front.get(path), await front.head(path)
    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers["content-type"] == full.headers["content-type"]


@pytest.mark.parametrize("path", ["/was", "/no-such-page", "/static/app.css", "/schema/openapi.json"])
async def test_every_answer_is_protected_by_headers(front: Client, path: str) -> None:
    headers = (await front.get(path, follow_redirects=False)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers


async def test_a_wrong_method_is_405_and_names_the_right_one(front: Client) -> None:
    answer = await front.post("/was", headers=JSON)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["type"] == "/problems/method_not_allowed"


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"[" * 200_000, "application/json", 400),
        (b'{"language": "\xff\xfe"}', "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"language": "da", "admin": true}', "application/json", 400),
        (b'{"language": "da"}', "text/plain", 415),
        (b'{"language": "da"}', "", 415),
        (b'{"language": NaN}', "application/json", 400),
        (b'{"language": 1e999}', "application/json", 400),
        (b'{"language": "fr"}', "application/json", 422),
        (b'{"language": "da", "back": "a\\u0000b"}', "application/json", 422),
        (b'{"language": "da", "back": "\\ud800"}', "application/json", 400),
        (b'{"language": "da", "back": "' + b"x" * 1_000_000 + b'"}', "application/json", 422),
        (b"x" * 3_000_000, "application/json", 413),
        (b"--x", "multipart/form-data", 400),
        (b"garbage", "multipart/form-data; boundary=x", 400),
        (b"language=%ff%fe", "application/x-www-form-urlencoded", 422),
        (b"language=da&" + b"&".join(b"a%d=1" % i for i in range(2000)), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_a_hostile_body_is_the_senders_fault(front: Client, body: bytes, media_type: str, status: int) -> None:
    answer = await front.post("/language", content=body, headers={**JSON, "content-type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        *("/%00", "/%ff", "/%ed%a0%80", "/" + "9" * 5000, "//elsewhere.example"),
        *("/was/../../etc/passwd", "/static/../app.py", "/static/%2e%2e/app.py"),
        *("/was?page=" + "9" * 400, "/was?format=json&format=%ff"),
    ],
)
async def test_an_odd_address_is_never_our_fault(front: Client, path: str) -> None:
    answer = await front.get(path, headers=HTML)
    assert answer.status_code in {200, 400, 404}
    assert "def create_app" not in answer.text


@pytest.mark.parametrize(
    "header", [{"cookie": "language=\xff; visit=\xe6; notice=\xff"}, {"x-csrf-token": "\xe6"}, {"accept": "\xff"}]
)
async def test_odd_headers_are_never_our_fault(front: Client, header: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in header.items()}
    assert (await front.get("/was", headers=raw)).status_code == 200  # type: ignore[arg-type]
    assert (
        await front.post("/language", data={"language": "da"}, headers=raw, follow_redirects=False)
    ).status_code in {303, 403}  # type: ignore[arg-type]


async def test_the_host_decides_nothing(front: Client) -> None:
    elsewhere = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    answer = await front.get("/was", headers=elsewhere)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


async def test_the_description_of_the_api_is_for_those_signed_in(front: Client) -> None:
    assert (await front.get("/schema/openapi.json", headers=JSON)).status_code == 401


async def test_assets_are_kept_by_the_browser(front: Client) -> None:
    assert "max-age=86400" in (await front.get("/static/app.css")).headers["cache-control"]
    assert "immutable" in (await front.get(asset("app.css"))).headers["cache-control"]
    assert (await front.get("/static/none.css?v=1")).headers["cache-control"] == "no-store"


async def test_a_request_is_one_line_without_values(front: Client, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    await front.get("/was?cpr=0101011234", headers=HTML)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [("GET", "/was", 200)]
    assert "0101011234" not in json.dumps(lines)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_and_are_accessible(visit: Page, axe: Callable[[Page], list[str]], width: int) -> None:
    visit.set_viewport_size({"width": width, "height": 800})
    for path in ("/was", "/no-such-page"):
        visit.goto(path)
        assert axe(visit) == []
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_reader_changes_the_language_and_stays_on_the_page(visit: Page) -> None:
    visit.goto("/was")
    visit.get_by_role("button", name="Dansk").first.click()
    expect(visit.locator("h1")).to_have_text("Tilgængelighedserklæring")
    assert visit.url.endswith("/was")
