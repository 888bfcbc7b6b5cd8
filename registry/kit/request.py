"""What a request says about itself: who asks, in which form the answer is wanted, and its reference number."""

import secrets
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qsl

import litestar
from litestar.datastructures import FormMultiDict, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import InternalServerException
from litestar.types import Scope

from registry.kit.access import Visitor
from registry.kit.errors import BadRequest
from registry.settings import Settings

JSON = "application/json"
MOST_FIELDS = 10_000


class Request(litestar.Request[Any, Any, State]):
    """Litestar's request, but for forms: the framework remembers the last thousand it parsed, passwords and all."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes in. Raises BadRequest when the sender goes away before its end."""
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException:
            raise BadRequest("The request was cut off.") from None

    async def form(self) -> FormMultiDict:
        """The form that was sent, parsed once. Raises BadRequest for more fields than any form of ours has."""
        if self.content_type[0] != RequestEncodingType.URL_ENCODED:
            return await super().form()
        kept: FormMultiDict | None = self.scope["state"].get("form")
        if kept is None:
            text = (await self.body()).decode("utf-8", "replace")
            try:
                pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
            except ValueError:
                raise BadRequest("There are too many entries.") from None
            kept = self.scope["state"]["form"] = FormMultiDict(pairs)
        return kept


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
