"""Pages that belong to no slice: health, the choice of language, the accessibility statement."""

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.datastructures import Cookie
from msgspec import Meta

from registry.kit import jobs
from registry.kit.access import PUBLIC, allow
from registry.kit.forms import read
from registry.kit.language import COOKIE, Language
from registry.kit.pages import done, json, page
from registry.kit.request import Request, settings_of

A_YEAR = 365 * 24 * 60 * 60


class Health(msgspec.Struct, frozen=True):
    """Whether the parts of the service answer."""

    database: bool
    worker: bool


class ChooseLanguage(msgspec.Struct, frozen=True):
    """The reader's choice, and the page to go back to."""

    language: Language
    back: Annotated[str, Meta(max_length=2000)] = "/"


@get("/health", opt=allow(PUBLIC))
async def health() -> Response[Any]:
    """200 when the database answers (503 comes from the error it raises); the worker's state is told beside it."""
    return json(Health(database=True, worker=await jobs.worker_alive()))


@post("/language", opt=allow(PUBLIC))
async def choose_language(request: Request) -> Response[Any]:
    """Remember the language in a cookie and go back to where the reader was."""
    chosen = await read(request, ChooseLanguage)
    back = chosen.back if chosen.back.startswith("/") and not chosen.back.startswith(("//", "/\\")) else "/"
    response = done(request, back, chosen)
    secure = settings_of(request).secure_cookies
    response.set_cookie(
        Cookie(COOKIE, value=chosen.language, max_age=A_YEAR, httponly=True, samesite="lax", secure=secure)
    )
    return response


@get("/was", opt=allow(PUBLIC))
async def accessibility(request: Request) -> Response[Any]:
    """The accessibility statement."""
    return page(request, "was.html", None)


router = Router("/", route_handlers=[health, choose_language, accessibility])
