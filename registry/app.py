"""The web application: the only module that knows every route."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from litestar import Litestar, Response, Router
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Message, Receive, Scope, Send

from effects.version import EFFECTS_VERSION
from registry import front, navigation
from registry.kit import access, csrf, headers, logs, problems
from registry.kit.access import PUBLIC, SIGNED_IN, allow
from registry.kit.database import connected
from registry.kit.request import Request
from registry.kit.resources import static
from registry.people.access import Authentication
from registry.settings import Settings

SLICES = (
    "people",
    "audit",
    "pilots",
    "indicators",
    "plans",
    "datasets",
    "analyses",
    "evidence",
    "recommendations",
    "decisions",
    "desks",
)
LARGEST_BODY = 2_000_000  # bytes; a route that takes files states its own limit
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class Registry(Litestar):
    """Litestar that answers HEAD wherever it answers GET and knows when a request began."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """The ASGI entry."""
        if scope["type"] == "http":
            scope["state"] = {**scope.get("state", {}), "started": time.perf_counter(), "method": scope["method"]}
            if scope["method"] == "HEAD":
                scope["method"] = "GET"
                send = _without_body(send)  # type: ignore[arg-type]
        await super().__call__(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def quiet(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return quiet


def create_app(settings: Settings) -> Registry:
    """The application with every slice's routes. Raises ImproperlyConfiguredException for a route without permission."""
    logs.configure(settings.log_level)

    @asynccontextmanager
    async def database(_: Litestar) -> AsyncIterator[None]:
        async with connected(settings.database_url):
            yield

    app = Registry(
        route_handlers=[front.router, _assets(), *_slices()],
        guards=[access.guard, csrf.guard],
        middleware=[DefineMiddleware(Authentication, exclude="^/static/")],
        exception_handlers=dict(problems.HANDLERS),
        before_send=[headers.protect, logs.request_line],
        lifespan=[database],
        openapi_config=_description(),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        state=State({"settings": settings, "navigation": navigation.links}),
    )
    access.refuse_unstated(app.routes)
    return app


def _slices() -> list[Router]:
    return [import_module(f"registry.{name}.routes").router for name in SLICES if find_spec(f"registry.{name}.routes")]


def _assets() -> Router:
    folder = static()
    folder.mkdir(exist_ok=True)
    return create_static_files_router("/static", [folder], opt=allow(PUBLIC), after_request=_keep)


async def _keep(response: Response[Any]) -> Response[Any]:
    response.headers["cache-control"] = A_DAY
    return response


def _description() -> OpenAPIConfig:
    """The description of the API as JSON for whoever is signed in; no page that loads scripts from elsewhere."""
    router = Router("/schema", route_handlers=[], opt=allow(SIGNED_IN), include_in_schema=False)
    return OpenAPIConfig(
        title="Virkning",
        version=EFFECTS_VERSION,
        openapi_router=router,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    )
