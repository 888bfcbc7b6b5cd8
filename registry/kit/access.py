"""Who may call a route: permissions as values, stated on every route, checked before anything is read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, BaseRoute, HTTPRoute, WebSocketRoute

from registry.kit.errors import Forbidden, NotFound, Unauthorised

LARGEST_ID = 2**31 - 1  # the width of a key column on PostgreSQL


class Visitor(Protocol):
    """What the kit needs to know of a signed-in person; `roles` are the names of the roles held anywhere."""

    @property
    def account_id(self) -> int:
        """The key of the account."""

    @property
    def name(self) -> str:
        """What the person is called on the page."""

    @property
    def language(self) -> str:
        """The language of the account, `da` or `en`."""

    @property
    def roles(self) -> frozenset[str]:
        """Names of all roles held, wherever they are held."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A named right and the roles that carry it; `public` needs nobody signed in, no roles means anyone who is."""

    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    public: bool = False


PUBLIC = Permission("public", public=True)
SIGNED_IN = Permission("signed_in")


def allow(permission: Permission) -> dict[str, Any]:
    """The `opt` of a route that anyone with the permission may call."""
    return {"permission": permission}


def demand(permission: Permission, visitor: Visitor | None) -> None:
    """Check a permission by roles alone; the handler still checks the object.

    Raises Unauthorised when nobody is signed in, Forbidden when no role of the visitor carries the permission.
    """
    if permission.public:
        return
    if visitor is None:
        raise Unauthorised
    if permission.roles and not permission.roles & visitor.roles:
        raise Forbidden


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard of every route: the permission stated on the route, and no number too large to be a key.

    Asynchronous although it awaits nothing: the framework would send a plain function to a thread at every request.
    """
    demand(handler.opt["permission"], connection.scope.get("user"))
    for value in connection.path_params.values():
        if isinstance(value, int) and not 0 <= value <= LARGEST_ID:
            raise NotFound


def refuse_unstated(routes: Iterable[BaseRoute]) -> None:
    """Raise ImproperlyConfiguredException naming every route that states no permission.

    The framework's own answers to OPTIONS are left out: they say which methods an address takes and nothing else.
    """
    every = [(route, handler) for route in routes for handler in _handlers(route)]
    unstated = sorted({f"{route.path} ({handler})" for route, handler in every if _unstated(handler)})
    if unstated:
        raise ImproperlyConfiguredException(f"Routes without a stated permission: {', '.join(unstated)}")


def _handlers(route: BaseRoute) -> Iterable[BaseRouteHandler]:
    if isinstance(route, HTTPRoute):
        return [handler for handler in route.route_handlers if handler.http_methods != {"OPTIONS"}]
    return [route.route_handler] if isinstance(route, ASGIRoute | WebSocketRoute) else []


def _unstated(handler: BaseRouteHandler) -> bool:
    return not isinstance(handler.opt.get("permission"), Permission)
