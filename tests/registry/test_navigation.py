"""The main menu shows what a visitor may use, and where they are."""

from dataclasses import dataclass

import pytest

from effects.message import Message
from registry import navigation
from registry.app import create_app
from registry.kit.access import SIGNED_IN, Permission
from registry.navigation import Place, links
from registry.people.rules import Role
from registry.settings import Settings


@dataclass(frozen=True)
class Someone:
    roles: frozenset[str] = frozenset()
    account_id: int = 1
    name: str = "Mette"
    language: str = "da"


MENU = navigation.PLACES


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


def test_the_menu_leads_only_to_pages_that_ask_for_the_same_right(settings: Settings) -> None:
    app = create_app(settings, connect=False)
    rights = {place.href: app.route_handler_method_map[place.href]["GET"].opt["permission"] for place in MENU}
    assert {href: right for href, right in rights.items() if not right.public} == {
        place.href: place.permission for place in MENU if not rights[place.href].public
    }
    assert [href for href, right in rights.items() if right.public] == ["/", "/organisations"]


@pytest.mark.parametrize(
    ("role", "only"),
    [(Role.STAKEHOLDER, set()), (Role.DECISION_MAKER, {"/portfolio"}), (Role.PROJECT_LEAD, set())],
)
def test_upkeep_is_in_the_menu_of_administrators_alone(
    role: Role, only: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "PLACES", MENU)
    everybodys = {place.href for place in MENU if place.permission is SIGNED_IN}
    assert {link.href for link in links(Someone(frozenset({role})), "/")} == everybodys | only
    assert {link.href for link in links(Someone(frozenset({Role.ADMINISTRATOR})), "/")} >= {"/admin/accounts", "/audit"}
