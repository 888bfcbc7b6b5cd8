"""What a request says about itself: who asks, in which form the answer is wanted, and its reference number."""

import secrets
from typing import Any

import litestar
from litestar.datastructures import State
from litestar.types import Scope

from registry.kit.access import Visitor
from registry.settings import Settings

JSON = "application/json"
Request = litestar.Request[Any, Any, State]


def visitor_of(request: Request) -> Visitor | None:
    """The signed-in person, or None; also where no session was looked for, as on an unknown address."""
    visitor: Visitor | None = request.scope.get("user")
    return visitor


def settings_of(request: Request) -> Settings:
    """The settings that the application was created with."""
    settings: Settings = request.app.state.settings
    return settings


def wants_json(request: Request) -> bool:
    """Whether the caller asked for JSON: by `?format=json`, by Accept, or by sending JSON."""
    if "format" in request.query_params:
        return str(request.query_params["format"]) == "json"
    accept = request.headers.get("accept", "")
    kind: str = request.content_type[0]
    return kind == JSON or ("text/html" not in accept and "json" in accept)


def reference_of(scope: Scope) -> str:
    """The number that connects an answer with its line in the log; made at the first call for a request."""
    reference: str = scope.setdefault("state", {}).setdefault("reference", secrets.token_hex(5))
    return reference
