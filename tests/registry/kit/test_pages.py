"""Pages, redirects with a notice, downloads."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from litestar import Response, get, post
from playwright.sync_api import Page

from effects.errors import Finding
from effects.message import Message
from registry.kit import language, pages
from registry.kit.paging import Paging
from registry.kit.request import Request
from tests.registry.kit.conftest import Serve


@pytest.fixture
def slices() -> tuple[str, ...]:
    return ()


@get("/page")
async def show(request: Request) -> Response[Any]:
    return pages.page(request, "was.html", {"answer": 42})


@get("/quiet")
async def quiet(request: Request) -> Response[Any]:
    return pages.page(request, "was.html", None, worker_alive=False)


@post("/save")
async def save(request: Request) -> Response[Any]:
    notice = Message("{name} was saved.", {"name": "<b>Åse</b>"})
    return pages.done(request, "/page?x=æ", {"id": 1}, notice)


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/page", "text/html,application/json;q=0.9", "text/html"),
        ("/page", "*/*", "text/html"),
        ("/page", "application/json", "application/json"),
        ("/page?format=json", "text/html", "application/json"),
        ("/page?format=html", "application/json", "text/html"),
    ],
)
async def test_one_address_serves_the_page_and_its_json(serve: Serve, path: str, accept: str, media_type: str) -> None:
    answer = await (await serve(show)).get(path, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["cache-control"] == "no-store"
    if media_type == "application/json":
        assert answer.json() == {"answer": 42}


async def test_a_page_is_danish_unless_chosen_otherwise(serve: Serve) -> None:
    client = await serve(show)
    assert '<html lang="da">' in (await client.get("/page")).text
    english = (await client.get("/page", headers={"cookie": "language=en"})).text
    assert '<html lang="en">' in english
    assert "Skip to the content" in english


async def test_a_page_loads_nothing_from_elsewhere_and_has_nothing_inline(serve: Serve) -> None:
    text = (await (await serve(show)).get("/page")).text
    for trace in ("http://", "https://", " style=", " onclick=", "<style", "<script>"):
        assert trace not in text.replace("http://www.w3.org/2000/svg", "")


async def test_a_page_says_when_background_work_stands_still(serve: Serve) -> None:
    client = await serve(show, quiet)
    assert "Baggrundsarbejdet står stille" in (await client.get("/quiet")).text
    assert "Baggrundsarbejdet står stille" not in (await client.get("/page")).text


async def test_done_sends_a_browser_on_with_a_notice_shown_once(serve: Serve) -> None:
    client: httpx.AsyncClient = await serve(show, save)
    sent = await client.post("/save", data={}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/page?x=%C3%A6")
    assert "&lt;b&gt;Åse&lt;/b&gt; was saved." in (await client.get("/page")).text
    assert "was saved" not in (await client.get("/page")).text


async def test_done_answers_a_program_with_the_body(serve: Serve) -> None:
    answer = await (await serve(save)).post("/save", json={})
    assert (answer.status_code, answer.json(), answer.headers["location"]) == (201, {"id": 1}, "/page?x=%C3%A6")


@pytest.mark.parametrize("forged", ["x", "é", "YWJj", "A" * 80, ""])
async def test_a_notice_that_is_not_ours_is_not_shown(serve: Serve, forged: str) -> None:
    client = await serve(show)
    answer = await client.get("/page", headers={"cookie": f"notice={forged}".encode()})
    assert answer.status_code == 200
    assert 'class="alert alert-success"' not in answer.text


@pytest.mark.parametrize("location", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "page"])
async def test_done_goes_nowhere_else(serve: Serve, location: str) -> None:
    @post("/leave")
    async def leave(request: Request) -> Response[Any]:
        with pytest.raises(ValueError, match="not an address of this site"):
            pages.done(request, location)
        return Response("stayed")

    assert (await (await serve(leave)).post("/leave")).text == "stayed"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plan.csv", 'filename="plan.csv"'),
        ('a"; x="\r\nSet-Cookie: y', 'filename="a-- x----Set-Cookie- y"'),
        ("../../etc/passwd", 'filename="-..-etc-passwd"'),
        ("Ærø.xlsx", "filename*=UTF-8''%C3%86r%C3%B8.xlsx"),
        ("", 'filename="file"'),
    ],
)
def test_a_download_has_a_harmless_name(name: str, shown: str) -> None:
    disposition = pages.download(b"1", name, "text/csv").headers["content-disposition"]
    assert shown in disposition
    assert "\n" not in disposition


def test_words_of_a_template_are_put_into_the_language_and_stay_text() -> None:
    given = """{{ _("Previous page") }}|{{ _("Previous" ~ " page") }}|{{ _(name) }}|{{ _("A <b> & more") }}"""
    for spoken in ("da", "en"):
        said = language.text("Previous page", spoken)
        shown = pages.environment(spoken).from_string(given).render(name="Previous page")
        assert shown == f"{said}|{said}|{said}|A &lt;b&gt; &amp; more"


def test_what_a_call_gives_is_written_as_the_language_does_and_escaped() -> None:
    given = """{{ number(1234.5, digits=1) }}|{{ number(*figures) }}|{{ term("<b>_x") }}|{{ say(name) }}"""
    shown = pages.environment("da").from_string(given).render(name="<i>", figures=[3])
    assert shown == "1.234,5|3|&lt;b&gt; x|&lt;i&gt;"


def test_an_asset_has_its_content_in_the_address() -> None:
    assert pages.asset("no-such.css") == "/static/no-such.css?v=missing"


PARTS = """
{% extends "layout.html" %}{% import "components.html" as c with context %}
{% block title %}Parts{% endblock %}
{% block content %}
{% call c.heading("Pilots", "All of them", above="Programme") %}
{{ c.link_button("New", "/new", "primary") }}{% endcall %}
{{ c.next_step("Send the data.", "/data", "Go to the data") }}{{ c.back_link("/") }}
{{ c.tabs([("Overview", "/a", true), ("Data", "/b", false)], "Pages of the pilot") }}
{{ c.steps([("Technology", "/1"), ("Target group", "/2"), ("Economy", "")], 2) }}
{% for kind in ("info", "success", "warning", "error") %}
{% call c.alert(kind, "Heading") %}Text{% endcall %}{% endfor %}
{% call c.table("Pilots", [(c.sorter("Name", "name", paging), ""), ("Cost", "align-text-right")]) %}
<tr><th scope="row">{{ c.status("Late", "warning") }}</th><td class="align-text-right">{{ number(1234.5) }}</td></tr>
{% endcall %}{{ c.pagination(paging, 230) }}
{{ c.facts([("Technology", "Screens"), ("Due", date(none), "/change")]) }}{{ c.figure("Effect", "−0,02", "per visit") }}
<ul class="cards"><li>{% call c.card("Advice", "/advice", "Pilot") %}<p>Roll out.</p>{% endcall %}</li></ul>
{{ c.progress("/work", 0.4) }}{{ c.act("/lock", "Lock the plan") }}{{ c.empty("None", "Add one.", "/new", "Add") }}
{% call c.form("/save", files=true) %}
{{ c.text("title", "Title", "At most 120 signs") }}{{ c.number_field("cost", "Cost", suffix="kr.") }}
{{ c.date_field("due", "Due") }}{{ c.password("code", "Password") }}{{ c.textarea("why", "Why", required=false) }}
{{ c.select("kind", "Kind", [("a", "A"), ("b", "B")]) }}
{{ c.radios("size", "Size", [("s", "Small", "few"), ("l", "Large")]) }}
{{ c.checkboxes("sites", "Sites", [(1, "Aarhus"), (2, "Odense")]) }}{{ c.checkbox("agreed", "I agree") }}
{{ c.upload("file", "File", "CSV", ".csv") }}{{ c.button("Save") }}
{% endcall %}{% endblock %}
"""


def parts(spoken: language.Language, **given: Any) -> str:
    """A page with every building block on it."""
    context = {
        "visitor": None,
        "csrf_token": "token",
        "path": "/parts",
        "navigation": [pages.Link("/parts", Message("Pilots"), current=True)],
        "notice": None,
        "demo": True,
        "worker_alive": False,
        "values": {"title": '"<b>', "sites": ["2"], "kind": "b", "due": dt.date(2026, 12, 31)},
        "findings": (Finding("cost", "x", "This is missing."), Finding("sites", "y", "This is not a list.")),
        "labels": {},
        "paging": Paging(number=4, sort="name"),
    }
    return pages.environment(spoken).from_string(PARTS).render(context | given)


def test_a_form_shows_what_was_typed_and_what_to_mend() -> None:
    text = parts("da")
    assert 'value="&#34;&lt;b&gt;"' in text
    assert 'value="31-12-2026"' in text
    assert '<option value="b" selected>' in text
    assert 'value="2" checked' in text
    assert 'value="1" checked' not in text
    assert '<a class="function-link" href="#f-cost">Cost: Dette mangler.</a>' in text
    assert 'aria-describedby="f-cost-error" aria-invalid="true"' in text
    assert "Dette mangler." not in parts("da", findings=())


def test_a_password_is_never_shown_again() -> None:
    assert "hunter2" not in parts("en", values={"code": "hunter2"})


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("spoken", ["da", "en"])
def test_every_building_block_is_accessible(
    visit: Page, axe: Callable[[Page], list[str]], spoken: language.Language, width: int
) -> None:
    for path in ("**/parts", "**/work"):  # work that goes on is asked for every two seconds
        visit.route(path, lambda route: route.fulfill(body=parts(spoken), content_type="text/html; charset=utf-8"))
    visit.set_viewport_size({"width": width, "height": 900})
    visit.goto("/parts")
    assert axe(visit) == []
    assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
