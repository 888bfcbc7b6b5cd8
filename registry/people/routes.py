"""Organisations and regions, and every other route of the slice."""

from datetime import date
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from registry.kit.access import PUBLIC, allow
from registry.kit.clock import today
from registry.kit.errors import BadRequest
from registry.kit.pages import page
from registry.kit.paging import Paging
from registry.kit.request import Request
from registry.people import admin_routes, login_routes, queries
from registry.people.rules import OrganisationKind
from registry.people.schemas import Organisations


@get("/organisations", opt=allow(PUBLIC))
async def organisations_page(request: Request) -> Response[Any]:
    """Organisations of one kind or all (`kind`), and the regions in force on a day (`on`, today by default)."""
    kind, day, paging = _kind(request), _day(request), Paging.of(request)
    found, total = await queries.organisations(kind, paging)
    body = Organisations(found, total, await queries.regions_on(day), day)
    return page(
        request, "people/organisations.html", body, paging=paging, kind=kind or "", kinds=list(OrganisationKind)
    )


@get("/organisations/{organisation_id:int}", opt=allow(PUBLIC))
async def organisation_page(request: Request, organisation_id: FromPath[int]) -> Response[Any]:
    """One organisation."""
    return page(request, "people/organisation.html", await queries.organisation(organisation_id))


def _kind(request: Request) -> OrganisationKind | None:
    written = request.query_params.get("kind", "")
    try:
        return OrganisationKind(written) if written else None
    except ValueError:
        raise BadRequest("There is no such kind of organisation.") from None


def _day(request: Request) -> date:
    written = request.query_params.get("on", "")
    try:
        return date.fromisoformat(written) if written else today()
    except ValueError:
        raise BadRequest("The day has to be written like 2026-12-31.") from None


router = Router(
    "/", route_handlers=[organisations_page, organisation_page, *login_routes.handlers, *admin_routes.handlers]
)
