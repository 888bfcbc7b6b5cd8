"""An upload that is too large is refused by its stated length, before anything of it is read."""

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from registry.kit.errors import BadRequest, TooLarge

FORM_BYTES = 1_000_000
"""What the other fields of the form may add to the file."""


class WithinLimit(ASGIMiddleware):
    """Raises TooLarge for a stated length above the operator's limit, BadRequest for a body of unstated length."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """The middleware's entry; only what is posted has a length."""
        if scope.get("method") == "POST":
            lengths = [value for name, value in scope["headers"] if name == b"content-length"]
            if len(lengths) != 1 or not lengths[0].isdigit():
                raise BadRequest("The length of the upload is not stated.")
            if int(lengths[0]) > scope["litestar_app"].state.settings.upload_limit + FORM_BYTES:
                raise TooLarge
        await next_app(scope, receive, send)
