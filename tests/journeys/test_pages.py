"""Every page of every role, in both languages and two widths: accessible, within the screen, sound and telling."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.journeys.crawling import Seen, crawl, pattern
from tests.journeys.looking import WIDTHS, shown
from tests.journeys.service import Service, User, signed_in

pytestmark = pytest.mark.browser

READS = {
    "admin": "en",
    "decision": "da",
    "evaluator": "en",
    "evaluator2": "da",
    "lead": "en",
    "lead2": "da",
    "citizens": "da",
}
"""The language in which somebody of each role looks at the pages: what two roles see is looked at in both."""
ALONE = ("/admin", "/audit", "/pilots/0/rate")
"""Where pages begin that one of the roles alone sees, who looks at them in both languages."""
SHAPES = {"en": 1, "da": 2}
"""Pages of one address pattern, built of different parts, that are looked at in each language."""


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, str], set[object]]:
    """The kinds of pages that were looked at, by address pattern and language, whoever saw them first."""
    return defaultdict(set)


@pytest.mark.parametrize("role", READS)
def test_every_page_of_a_role_holds(
    ready: Service,
    window: Browser,
    known: dict[tuple[str, str], set[object]],
    axe: Callable[[Page], list[str]],
    role: str,
) -> None:
    faults: list[str] = []
    with signed_in(window, ready, role) as user:
        for seen in crawl(user):
            if seen.status != 200:
                faults.append(f"a link leads to {seen.path}: {seen.status}")
                continue
            faults += [f"{seen.path}: {fault}" for fault in said(seen)]
            for language in WIDTHS if pattern(seen.path).startswith(ALONE) else [READS[role]]:
                alike = known[pattern(seen.path), language]
                if seen.key not in alike and len(alike) < SHAPES[language]:
                    alike.add(seen.key)
                    faults += [f"{seen.path}: {fault}" for fault in looked_at(user, seen, axe, language)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", WIDTHS)
@pytest.mark.parametrize("path", ["/nowhere", "/pilots/999999", "/admin/accounts"])
def test_a_refusal_is_a_page_as_well(
    ready: Service, window: Browser, axe: Callable[[Page], list[str]], path: str, language: str
) -> None:
    with signed_in(window, ready, "lead", language) as user:
        answer = user.page.goto(path)
        assert answer is not None
        assert answer.status in (403, 404)
        assert user.page.locator("h1").count() == 1
        assert list(shown(user.page, language, axe)) == []


@pytest.mark.parametrize("language", WIDTHS)
@pytest.mark.parametrize("path", ["/login", "/was"])
def test_pages_for_anyone_hold(
    ready: Service, window: Browser, axe: Callable[[Page], list[str]], path: str, language: str
) -> None:
    context = window.new_context(base_url=ready.address)
    context.add_cookies([{"name": "language", "value": language, "url": ready.address}])
    page = context.new_page()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    assert list(shown(page, language, axe)) == []
    context.close()


def said(seen: Seen) -> Iterator[str]:
    """What the markup lacks."""
    if seen.headings != 1:
        yield f"{seen.headings} main headings"
    if len(seen.title) < len("x – Virkning"):
        yield f"title «{seen.title}»"
    if not seen.guides:
        yield "says neither a next step nor how it fills"


def looked_at(user: User, seen: Seen, axe: Callable[[Page], list[str]], language: str) -> Iterator[str]:
    """What is wrong with the page in a language, and with what answers its form when nothing is filled in."""
    user.reads(language)
    page = user.goto(seen.path)
    yield from shown(page, language, axe)
    if seen.form_to_fill:
        yield from refused(page, language, axe)


def refused(page: Page, language: str, axe: Callable[[Page], list[str]]) -> Iterator[str]:
    """What is wrong with the page that answers a form sent as it stands."""
    page.locator("main form:has([required]) button:not([disabled])").last.click()
    try:
        page.wait_for_selector("#error-summary", timeout=90_000)
    except NotInTime:
        yield f"an empty form is not refused ({pattern(page.url)})"
        return
    yield from shown(page, language, axe)
