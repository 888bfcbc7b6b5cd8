"""The web application: the only module that knows every route."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

from litestar import Litestar, Router
from litestar.datastructures import MutableScopeHeaders, State
from litestar.enums import HttpMethod, ScopeType
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import (
    HTTPScope,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)

from effects.version import EFFECTS_VERSION
from registry import front, navigation
from registry.analyses.routes import router as analyses
from registry.audit.routes import router as audit
from registry.benefits.routes import router as benefits
from registry.business_cases.routes import router as business_cases
from registry.datasets.routes import router as datasets
from registry.decisions.routes import router as decisions
from registry.deliveries.routes import router as deliveries
from registry.desks.routes import router as desks
from registry.evidence.routes import router as evidence
from registry.indicators.routes import router as indicators
from registry.kit import access, csrf, headers, logs, problems
from registry.kit.access import PUBLIC, SIGNED_IN, allow
from registry.kit.database import begin, connected
from registry.kit.request import Request
from registry.kit.resources import static
from registry.people.access import Authentication
from registry.people.routes import router as people
from registry.pilots.routes import router as pilots
from registry.plans.routes import router as plans
from registry.publishing.routes import router as publishing
from registry.recommendations.routes import router as recommendations
from registry.settings import Settings

ROUTERS: Mapping[str, Router] = {
    "people": people,
    "audit": audit,
    "pilots": pilots,
    "indicators": indicators,
    "plans": plans,
    "datasets": datasets,
    "deliveries": deliveries,
    "analyses": analyses,
    "business_cases": business_cases,
    "evidence": evidence,
    "recommendations": recommendations,
    "decisions": decisions,
    "benefits": benefits,
    "publishing": publishing,
    "desks": desks,
}
SLICES = tuple(ROUTERS)
LARGEST_BODY = 2_000_000  # bytes; a route that takes files states its own limit
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class Registry(Litestar):
    """Litestar that answers HEAD wherever it answers GET and knows when a request began."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """The ASGI entry."""
        if scope["type"] == ScopeType.HTTP:
            begin()
            asked = cast(HTTPScope, scope)
            asked["state"] = {**asked.get("state", {}), "started": time.perf_counter(), "method": asked["method"]}
            if asked["method"] == "HEAD":
                asked["method"] = HttpMethod.GET
                send = _without_body(cast(Send, send))
        await super().__call__(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def quiet(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return quiet


def create_app(settings: Settings, *, connect: bool = True, slices: Sequence[str] = SLICES) -> Registry:
    """Every slice's routes behind one door. Raises ImproperlyConfiguredException for a route without permission.

    `connect=False` leaves the database to the caller, who has bound one already; fewer `slices` make a smaller service.
    """
    logs.configure(settings.log_level)

    @asynccontextmanager
    async def database(_: Litestar) -> AsyncIterator[None]:
        async with connected(settings.database_url):
            yield

    app = Registry(
        route_handlers=[front.router, _assets(), *(ROUTERS[name] for name in slices)],
        guards=[access.guard, csrf.guard],
        middleware=[DefineMiddleware(Authentication, exclude="^/static/")],
        exception_handlers=problems.HANDLERS,
        before_send=[headers.protect, _keep, logs.request_line],
        lifespan=[database] if connect else [],
        openapi_config=_description(),
        request_class=Request,
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        state=State({"settings": settings, "navigation": navigation.links}),
    )
    access.refuse_unstated(app.routes)
    return app


def _assets() -> Router:
    folder = static()
    folder.mkdir(exist_ok=True)
    return create_static_files_router("/static", [folder], opt=allow(PUBLIC))


async def _keep(message: Message, scope: Scope) -> None:
    """An asset asked for by its version never changes; any other may be kept for a day."""
    if message["type"] == "http.response.start" and scope["path"].startswith("/static/") and message["status"] == 200:
        versioned = scope["query_string"].startswith(b"v=")
        MutableScopeHeaders.from_message(message)["cache-control"] = FOREVER if versioned else A_DAY


def _description() -> OpenAPIConfig:
    """The description of the API as JSON for whoever is signed in; no page that loads scripts from elsewhere."""
    router = Router("/schema", route_handlers=[], opt=allow(SIGNED_IN), include_in_schema=False)
    return OpenAPIConfig(
        title="Virkning",
        version=EFFECTS_VERSION,
        openapi_router=router,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    )
