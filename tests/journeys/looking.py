"""What is wrong with a page on the screen, at the width of a desk and at that of the narrowest phone."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

WIDTHS = {"en": 1280, "da": 320}
"""The width at which axe looks, by language; that nothing sticks out is looked at in both."""


def shown(page: Page, language: str, axe: Callable[[Page], list[str]]) -> Iterator[str]:
    """What is wrong with the page on the screen; leaves it at the width at which axe looked."""
    for width in sorted(WIDTHS.values(), key=lambda one: one == WIDTHS[language]):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"is {wide} wide on {width}"
    yield from axe(page)
