"""Who is asking: the session cookie becomes a person, at every request anew."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from registry.kit import sessions
from registry.people.queries import signed_in
from registry.settings import Settings


class Authentication(AbstractAuthenticationMiddleware):
    """Litestar middleware: `request.user` is the signed-in Person or None, `request.auth` the session's id or None.

    Roles and the account's state are read at each request, so that a revoked role or a disabled account ends at once.
    """

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Find the session of the cookie and the person it belongs to."""
        settings: Settings = connection.app.state.settings
        token = connection.cookies.get(sessions.session_cookie(settings))
        known = await signed_in(token, settings) if token else None
        return AuthenticationResult(user=known, auth=token if known else None)
