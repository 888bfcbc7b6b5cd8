"""A running demo: where it answers, who may sign in, and how far it is, read as any caller reads it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page

from registry.seeding import files
from tests.conftest import troubles_of

Found = TypeVar("Found")
JSON = {"accept": "application/json"}
PHASES = {"rating": "rating", "drafted": "indicators_agreed", "plan_locked": "plan_locked", "decided": "decided"}
"""The phase a demo pilot shows when it was carried as far as the programme says."""
ADVISED = ("recommended", "decided")
"""How far published figures are carried that show on the wall of a decision-maker."""


@dataclass(frozen=True)
class Service:
    """The processes of one demo."""

    address: str
    state: Path
    password: str
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class User:
    """Somebody signed in, in a browser of their own."""

    page: Page
    context: BrowserContext
    troubles: list[str]

    def goto(self, path: str) -> Page:
        """The page at a path of the service; asked for again where the page before it renewed itself just then."""
        answer = None
        with suppress(Error):  # interrupted by the page that renewed itself
            answer = self.page.goto(path)
        answer = answer or self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def reads(self, language: str) -> None:
        """Have the pages in a language from here on."""
        address = self.context.cookies()[0]["domain"]
        self.context.add_cookies([{"name": "language", "value": language, "domain": address, "path": "/"}])

    def press(self, name: str) -> Page:
        """Press the button of that name and wait for what follows."""
        return self.follow(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, target: Locator) -> Page:
        """Click the first of them and wait until the page it leads to is there."""
        with self.page.expect_navigation():
            target.first.click()
        return self.page

    def read(self, path: str) -> Any:
        """The JSON of a page."""
        answer = self.context.request.get(path, headers=JSON)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.json()


@contextmanager
def demo(state: Path, **environment: str) -> Iterator[Service]:
    """`virkning demo` on a free port, from its greeting until it is told to stop."""
    port = free_port()
    call = [sys.executable, "-m", "registry.cli", "demo", "--port", str(port), "--data", str(state)]
    settings = {**os.environ, "LOG_LEVEL": "error", **environment}
    said = state / "said.txt"
    with said.open("w") as output:
        process = subprocess.Popen(call, env=settings, stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: "Stop with Ctrl-C" in said.read_text() or process.poll() is not None, "the greeting")
        found = re.search(r"lead@demo\.invalid\s+(\S+)", said.read_text())
        assert found, said.read_text()
        yield Service(f"http://127.0.0.1:{port}", state, found.group(1), process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(90)


@contextmanager
def signed_in(
    window: Browser, service: Service, who: str, language: str = "en", *, scripts: bool = True, by_form: bool = False
) -> Iterator[User]:
    """Somebody with a demo account, signed in; fails on a script error, a breach of policy and a foreign request."""
    context = window.new_context(
        base_url=service.address, viewport={"width": 1280, "height": 900}, java_script_enabled=scripts
    )
    context.add_cookies([{"name": "language", "value": language, "url": service.address}])
    context.set_default_timeout(90_000)  # other tests share the machine
    page = context.new_page()
    user = User(page, context, troubles_of(page, service.address))
    if by_form:
        user.goto("/login")
        page.fill("[name=email]", f"{who}@demo.invalid")
        page.fill("[name=password]", service.password)
        with page.expect_navigation():
            page.locator("main form button").click()
        assert page.url == f"{service.address}/", page.locator("main").inner_text()
    else:
        form = log_in_form(context.request.get("/login").text(), service, who)
        assert context.request.post("/login", form=form, max_redirects=0).status == 303
    yield user
    context.close()
    assert user.troubles == []


@dataclass(frozen=True)
class Caller:
    """Somebody signed in without a browser."""

    client: httpx.Client

    def read(self, path: str) -> Any:
        """The JSON of a page."""
        answer = self.client.get(path, headers=JSON)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.json()


@contextmanager
def caller(service: Service, who: str) -> Iterator[Caller]:
    """Somebody with a demo account, signed in as a programme would."""
    with httpx.Client(base_url=service.address, timeout=60) as client:
        form = log_in_form(client.get("/login").text, service, who)
        assert client.post("/login", data=form).status_code == 303
        yield Caller(client)


def log_in_form(login_page: str, service: Service, who: str) -> dict[str, str | float | bool]:
    """What the login page sends."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', login_page)
    assert token, "the login page carries a token"
    return {"csrf_token": token.group(1), "email": f"{who}@demo.invalid", "password": service.password}


def until(found: Callable[[], Found], what: str, seconds: float = 180) -> Found:
    """What is found as soon as there is something."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, f"not in {seconds:.0f} s: {what}"
        time.sleep(0.1)
    return answer


def programme_is_ready(read: Callable[[str], Any]) -> bool:
    """Whether the worker has carried the demo programme to its end, as the desk of a decision-maker shows it."""
    desk = read("/")
    programme = files.programme()
    phases = {pilot["title"]: pilot["phase"] for pilot in desk["waiting"] + desk["following"]}
    expected = {pilot.title: PHASES[pilot.until] for pilot in programme.pilot if pilot.until in PHASES}
    staged = [published.entry for published in programme.published if published.stages]
    decided = {row["pilot_title"]: row["decision_id"] for row in desk["wall"]}
    return (
        expected.items() <= phases.items()
        and {one.entry for one in programme.published if one.until in ADVISED} <= decided.keys()
        and all(decided[entry] and read(f"/decisions/{decided[entry]}/rollout")["drawn"] for entry in staged)
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
