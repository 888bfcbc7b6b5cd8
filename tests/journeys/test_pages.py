"""Every page of every role, in both languages and two widths: accessible, within the screen, sound and telling."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as NotInTime

from tests.journeys.crawling import Seen, crawl, pattern
from tests.journeys.looking import WIDTHS, shown
from tests.journeys.service import Service, User, signed_in

pytestmark = pytest.mark.browser

ROLES = ("admin", "decision", "evaluator", "evaluator2", "lead", "lead2", "citizens")


SHAPES = 2
"""Pages of one address pattern, built of different parts, that are looked at; the first of them in both languages."""


@pytest.fixture(scope="module")
def known() -> dict[str, set[object]]:
    """The kinds of pages that were looked at, by address pattern, whoever saw them first."""
    return defaultdict(set)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_holds(
    ready: Service, window: Browser, known: dict[str, set[object]], axe: Callable[[Page], list[str]], role: str
) -> None:
    faults: list[str] = []
    with signed_in(window, ready, role) as user:
        for seen in crawl(user):
            if seen.status != 200:
                faults.append(f"a link leads to {seen.path}: {seen.status}")
            else:
                alike = known[pattern(seen.path)]
                if seen.key not in alike:
                    faults += [f"{seen.path}: {fault}" for fault in said(seen)]
                    if len(alike) < SHAPES:
                        languages = ["da"] if alike else list(WIDTHS)
                        faults += [f"{seen.path}: {fault}" for fault in looked_at(user, seen, axe, languages)]
                    alike.add(seen.key)
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


def looked_at(user: User, seen: Seen, axe: Callable[[Page], list[str]], languages: Sequence[str]) -> Iterator[str]:
    """What is wrong with the page in each language, and with what answers its form when nothing is filled in."""
    for language in languages:
        user.reads(language)
        page = user.goto(seen.path)
        yield from shown(page, language, axe)
        if seen.form_to_fill:
            yield from refused(page, language, axe)


def refused(page: Page, language: str, axe: Callable[[Page], list[str]]) -> Iterator[str]:
    """What is wrong with the page that answers a form sent as it stands."""
    page.locator("main form:has([required]) button:not([disabled])").last.click()
    try:
        page.wait_for_selector("#error-summary", timeout=30_000)
    except NotInTime:
        yield f"an empty form is not refused ({pattern(page.url)})"
        return
    yield from shown(page, language, axe)
