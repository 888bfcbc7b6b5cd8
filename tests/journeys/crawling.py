"""Finding every page that a person can reach by links, and telling which of them look alike."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag

from tests.journeys.service import User

PAGE = {"accept": "text/html"}
OF_A_KIND = 8
"""Pages of one address pattern that are fetched for a person: as many as there are pilots on a desk of the demo."""


@dataclass
class Seen(HTMLParser):
    """What the markup of a page says about it."""

    path: str
    status: int
    links: list[str] = field(default_factory=list)
    shape: set[str] = field(default_factory=set)
    headings: int = 0
    title: str = ""
    form_to_fill: bool = False
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if tag in ("main", "title", "form"):
            self._open.append(tag)
        if tag == "a" and (stated.get("href") or "").startswith("/"):
            self.links.append(str(stated["href"]))
        if tag == "form" and stated.get("method") == "get":  # a button that only leads somewhere
            self.links.append(str(stated["action"]))
        self.headings += tag == "h1"
        if "main" in self._open and tag not in ("svg", "use"):
            self.shape.add(f"{tag}.{re.sub('badge-[a-z]+', '', stated.get('class') or '')}")
            if tag == "input" and "form" in self._open and "required" in stated and not stated.get("value"):
                self.form_to_fill = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data

    @property
    def key(self) -> tuple[str, frozenset[str]]:
        """Pages with the same key are built of the same parts."""
        return pattern(self.path), frozenset(self.shape)

    @property
    def guides(self) -> bool:
        """Whether the page says what to do: a next step, how it fills, or a form to fill in."""
        parts = {"aside.next-step d-print-none", "div.empty-state"}
        return bool(parts & self.shape) or self.form_to_fill or "form." in self.shape


def pattern(path: str) -> str:
    """The address without what is special about one object or one list."""
    return re.sub(r"\d+", "0", path.split("?")[0]) + ("?by=file" if "by=file" in path else "")


def crawl(user: User) -> list[Seen]:
    """Every page reached from the desk, a few of each address pattern; also what a link led to in vain."""
    waiting, known, kinds, pages = ["/"], {"/"}, Counter[str](), []
    while waiting:
        path = waiting.pop(0)
        answer = user.context.request.get(path, headers=PAGE)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Seen(path, answer.status)
        page.feed(answer.text())
        pages.append(page)
        for link in page.links:
            target = urldefrag(link).url
            if target and target not in known and kinds[pattern(target)] < OF_A_KIND:
                known.add(target)
                kinds[pattern(target)] += 1
                waiting.append(target)
    return pages
