"""The application as a client and as a browser sees it."""

import os
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx
import hypothesis
import pytest
import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, Page, expect, sync_playwright

from registry.app import SLICES, Registry, create_app
from registry.kit import csrf, logs
from registry.kit.sessions import session_cookie
from registry.settings import Settings

hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
"""Every run draws the same examples, and a slow machine is not a failure: what turns red is due to the change."""
hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).parent.parent
SECRET = "a secret for tests, long enough to be taken"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, secret=SECRET, log_level="error")


@pytest.fixture
async def front(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages that belong to no slice; there is no database behind them."""
    async with visiting(_application(settings, ())) as made:
        yield carrying_token(made, settings)


@pytest.fixture
def slices() -> Sequence[str]:
    """The slices that `client` and `site` serve; a module may override it to stand alone."""
    return SLICES


@pytest.fixture
async def client(database: object, settings: Settings, slices: Sequence[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application that carries the token of its visit, as our pages do."""
    assert database
    async with visiting(_application(settings, slices)) as made:
        yield carrying_token(made, settings)


def _application(settings: Settings, slices: Sequence[str]) -> Registry:
    """An application of these slices: it knows nothing of a test but the settings, and takes long to make."""
    app = _made(tuple(slices))
    app.state.settings = settings
    logs.configure(settings.log_level)
    return app


@cache
def _made(slices: tuple[str, ...]) -> Registry:
    return create_app(Settings(secret=SECRET), connect=False, slices=slices)


def visiting(app: Litestar) -> httpx.AsyncClient:
    """A client on the event loop of the test, where its database is (the framework's own runs on a loop of its own)."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")  # type: ignore[arg-type]


def carrying_token(client: httpx.AsyncClient, settings: Settings) -> httpx.AsyncClient:
    """Adds to every request the token that belongs to its cookies, unless the request states one."""
    client.cookies.set(csrf.cookie_name(settings), "visit-of-a-test")

    async def add(request: httpx.Request) -> None:
        pairs = [pair.partition("=") for pair in request.headers.get("cookie", "").split("; ")]
        cookies = {name: value for name, _, value in pairs}
        visit, session = cookies.get(csrf.cookie_name(settings), ""), cookies.get(session_cookie(settings), "")
        request.headers.setdefault(csrf.HEADER, csrf.token_for(settings, visit, session))

    client.event_hooks = {"request": [add]}
    return client


@pytest.fixture
def site(sqlite_template: Path, settings: Settings, slices: Sequence[str]) -> Iterator[str]:
    """The address of a running service over an empty migrated database, which is `settings.database_url`."""
    shutil.copy(sqlite_template, settings.state / "registry.sqlite")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(settings, slices=slices), log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def browser(site: str) -> Iterator[Browser]:
    """A real Chromium, started after the site, because its driver occupies the event loop."""
    assert site
    with chromium() as made:
        yield made


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real Chromium. Without one the journeys are skipped, which is a failure on the build server."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None or not any((ROOT / "registry" / "static").glob("*.css")):
        reason = "no Chromium or no built assets: the journeys in a browser are NOT checked"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=60_000)  # other tests share the machine
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def visit(site: str, browser: Browser) -> Iterator[Page]:
    """A page of an English-speaking visitor; fails the test on any script error and any request to elsewhere."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "language", "value": "en", "url": site}])
    page = context.new_page()
    troubles = troubles_of(page, site)
    yield page
    context.close()
    assert troubles == []


def troubles_of(page: Page, site: str) -> list[str]:
    """Fills, as the page is used, with script errors, breaches of the content policy and requests to elsewhere."""
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda sent: None if sent.url.startswith(site) else troubles.append(sent.url))
    return troubles


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page: a line for each rule, empty when nothing is."""
    script = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")

    def check(page: Page) -> list[str]:
        page.evaluate(script)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
        return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]

    return check
