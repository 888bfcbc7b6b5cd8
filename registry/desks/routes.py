"""The start page of each role, the home of a pilot and the portfolio wall."""

from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath
from litestar.response import Redirect

from effects.codes import Kind
from registry.desks import queries
from registry.desks.schemas import WallFilter
from registry.desks.wall import SORTABLE
from registry.kit import jobs
from registry.kit.access import PUBLIC, SIGNED_IN, Permission, allow
from registry.kit.errors import BadRequest
from registry.kit.pages import page
from registry.kit.paging import Paging
from registry.kit.request import Request, visitor_of
from registry.people.rules import Role
from registry.pilots.queries import technologies
from registry.pilots.rules import Phase

WALL = Permission("desks.wall", frozenset({Role.DECISION_MAKER, Role.EVALUATOR, Role.ADMINISTRATOR}))


@get("/", opt=allow(PUBLIC))
async def desk(request: Request) -> Response[Any]:
    """The reader's desk; who is not signed in is asked to."""
    if visitor_of(request) is None:
        return Redirect("/login")
    alive = await jobs.worker_alive()
    return page(request, "desks/desk.html", await queries.desk(request.user), worker_alive=alive, phases=list(Phase))


@get("/pilots/{pilot_id:int}", opt=allow(SIGNED_IN))
async def pilot_home(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """A pilot at a glance: how far it is and what comes next."""
    return page(request, "desks/pilot.html", await queries.pilot_home(request.user, pilot_id), phases=list(Phase))


@get("/portfolio", opt=allow(WALL))
async def portfolio(request: Request) -> Response[Any]:
    """Every pilot's advice, as narrowed and ordered in the address."""
    paging = Paging.of(request, SORTABLE)
    asked = {name: request.query_params.get(name) or None for name in WallFilter.__struct_fields__}
    try:
        wanted = msgspec.convert(asked, WallFilter, strict=False)
    except msgspec.ValidationError:
        raise BadRequest("The list cannot be narrowed by that.") from None
    found = await queries.portfolio(request.user, wanted, paging)
    return page(
        request,
        "desks/portfolio.html",
        found,
        wanted=wanted,
        paging=paging,
        kinds=list(Kind),
        technologies=await technologies(request.user),
    )


router = Router("/", route_handlers=[desk, pilot_home, portfolio])
