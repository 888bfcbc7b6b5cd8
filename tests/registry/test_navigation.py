"""The main menu shows what a visitor may use, and where they are."""

from dataclasses import dataclass

import pytest

from effects.message import Message
from registry import navigation
from registry.kit.access import SIGNED_IN, Permission
from registry.navigation import Place, links


@dataclass(frozen=True)
class Someone:
    roles: frozenset[str] = frozenset()
    account_id: int = 1
    name: str = "Mette"
    language: str = "da"


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> None:
    menu = (
        Place("/", Message("Front page")),
        Place("/pilots", Message("Pilots"), SIGNED_IN),
        Place("/pilots/queue", Message("Queue"), Permission("queue", frozenset({"evaluator"}))),
    )
    monkeypatch.setattr(navigation, "PLACES", menu)


def test_each_sees_what_they_may_use() -> None:
    seen = [
        [link.href for link in links(visitor, "/")] for visitor in (None, Someone(), Someone(frozenset({"evaluator"})))
    ]
    assert seen == [["/"], ["/", "/pilots"], ["/", "/pilots", "/pilots/queue"]]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "/"),
        ("/pilots", "/pilots"),
        ("/pilots/3", "/pilots"),
        ("/pilots/queue", "/pilots/queue"),
        ("/pilotsx", None),
    ],
)
def test_the_longest_place_is_where_the_reader_is(path: str, current: str | None) -> None:
    marked = [link.href for link in links(Someone(frozenset({"evaluator"})), path) if link.current]
    assert marked == ([current] if current else [])
