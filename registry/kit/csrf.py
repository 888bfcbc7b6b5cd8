"""No other site can act in a person's name: a token tied to the visit stands in every form and script call.

The token is an HMAC over a random cookie and the session cookie. Another site can read neither; a neighbour that
manages to plant a cookie of its own still does not know the session.
"""

import hashlib
import hmac
import secrets
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from registry.kit.errors import Forbidden
from registry.kit.request import Request, settings_of
from registry.kit.sessions import session_cookie
from registry.settings import Settings

FIELD = "csrf_token"
HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def cookie_name(settings: Settings) -> str:
    """Behind TLS the prefix makes the browser refuse a cookie planted by a neighbouring host."""
    return "__Host-visit" if settings.secure_cookies else "visit"


def token_for(settings: Settings, visit: str, session: str) -> str:
    """The token that belongs to a visit cookie and a session cookie (empty when nobody is signed in)."""
    text = f"csrf\n{visit}\n{session}".encode("utf-8", "surrogateescape")
    return hmac.new(settings.secret.encode(), text, hashlib.sha256).hexdigest()


def token_of(request: Request) -> str:
    """The token for the forms of the page being made; a first visit gets its cookie by `new_cookie`."""
    settings = settings_of(request)
    visit = request.cookies.get(cookie_name(settings)) or request.scope["state"].setdefault(
        "visit", secrets.token_urlsafe(24)
    )
    return token_for(settings, visit, request.cookies.get(session_cookie(settings), ""))


def new_cookie(request: Request) -> Cookie | None:
    """The visit cookie to set with the answer, when `token_of` had to make one."""
    visit = request.scope["state"].get("visit")
    if visit is None:
        return None
    settings = settings_of(request)
    return Cookie(cookie_name(settings), value=visit, httponly=True, samesite="lax", secure=settings.secure_cookies)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Litestar guard of every route that changes something; the header is looked at before a form is read.

    Raises Forbidden when the token is missing, belongs to another visit, or the browser says another site asks.
    """
    request = cast(Request, connection)  # every route of ours is an HTTP route
    if request.method in SAFE:
        return
    settings = settings_of(request)
    visit = request.cookies.get(cookie_name(settings))
    sent = request.headers.get(HEADER)
    form = await request.form() if sent is None and visit and request.content_type[0] in FORMS else None
    if form is not None:
        sent = str(form.get(FIELD, ""))
    expected = token_for(settings, visit or "", request.cookies.get(session_cookie(settings), ""))
    genuine = bool(visit) and hmac.compare_digest((sent or "").encode("utf-8", "replace"), expected.encode())
    if not genuine or request.headers.get("sec-fetch-site") == "cross-site":
        if form is not None:
            await form.close()  # nobody else will: the framework closes files only behind the guards
        raise Forbidden("This page was open too long or came from elsewhere. Go back, reload it and try again.")
