"""Where each role can go from anywhere: the main menu."""

from dataclasses import dataclass

from effects.message import Message
from registry.audit.rules import READ
from registry.desks.routes import WALL
from registry.kit.access import PUBLIC, SIGNED_IN, Permission, Visitor
from registry.kit.pages import Link
from registry.people.rules import ADMINISTER


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the main menu and who sees it."""

    href: str
    label: Message
    permission: Permission = PUBLIC


PLACES: tuple[Place, ...] = (
    Place("/", Message("My desk"), SIGNED_IN),
    Place("/pilots", Message("Pilots"), SIGNED_IN),
    Place("/technologies", Message("Technologies"), SIGNED_IN),
    Place("/portfolio", Message("Portfolio"), WALL),
    Place("/recommendations", Message("Recommendations"), SIGNED_IN),
    Place("/decisions", Message("Decisions"), SIGNED_IN),
    Place("/benefits", Message("Benefits"), SIGNED_IN),
    Place("/organisations", Message("Organisations"), SIGNED_IN),
    Place("/admin/accounts", Message("Accounts"), ADMINISTER),
    Place("/audit", Message("Audit"), READ),
)


def links(visitor: Visitor | None, path: str) -> list[Link]:
    """The menu of a visitor on the page at `path`; the longest matching place is the current one."""
    seen = [place for place in PLACES if _sees(visitor, place.permission)]
    here = max((place.href for place in seen if _within(path, place.href)), key=len, default="")
    return [Link(place.href, place.label, current=place.href == here) for place in seen]


def _sees(visitor: Visitor | None, permission: Permission) -> bool:
    if permission.public:
        return True
    return visitor is not None and (not permission.roles or bool(permission.roles & visitor.roles))


def _within(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
