"""Pages and JSON of a roll-out in stages: the order that is drawn, and the plan that measures it."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.decisions import drawing, rollouts
from registry.decisions.rollout_schemas import Candidate, Drawing
from registry.decisions.rules import DRAW, VIEW
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, download, page
from registry.kit.request import Request
from registry.kit.tabular import CSV, csv_file
from registry.people.rules import allows
from registry.pilots.queries import visible_pilot

DRAWN: Final = Message("The order is drawn. It stands from now on, and the plan that measures it is below.")
ORDER_COLUMNS: Final = ("stage", "starts", "code", "municipality", "group_of_the_draw")
BEGINNING: Final = {"stages": "4", "months_between": "3"}


@get("/decisions/{decision_id:int}/rollout", opt=allow(VIEW))
async def rollout(request: Request, decision_id: FromPath[int]) -> Response[Any]:
    """The order in which the municipalities start, or the form that has it drawn."""
    return await _page(decision_id, request, {}, ())


@post("/decisions/{decision_id:int}/rollout", opt=allow(DRAW))
async def draw(request: Request, decision_id: FromPath[int]) -> Response[Any]:
    """Draw the order, or say everything that is missing."""
    try:
        await drawing.draw(decision_id, await read(request, Drawing), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, decision_id))
    found = await rollouts.rollout(request.user, decision_id)
    return done(request, f"/decisions/{decision_id}/rollout", found, DRAWN)


@get("/decisions/{decision_id:int}/rollout/plan.toml", opt=allow(VIEW))
async def rollout_plan(request: Request, decision_id: FromPath[int]) -> Response[bytes]:
    """The plan file that measures the roll-out, as `virkning analyse` reads it."""
    text = await rollouts.plan_text(request.user, decision_id)
    return download(text.encode(), f"rollout-{decision_id}.toml", "application/toml")


@get("/decisions/{decision_id:int}/rollout/order.csv", opt=allow(VIEW))
async def rollout_order(request: Request, decision_id: FromPath[int]) -> Response[bytes]:
    """The order that was drawn as a table, a row for each place."""
    rows = await rollouts.order_rows(request.user, decision_id)
    return download(csv_file(ORDER_COLUMNS, rows), f"rollout-{decision_id}-order.csv", CSV)


async def _page(
    decision_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    found = await rollouts.rollout(request.user, decision_id)
    decision = (await rollouts.staged(request.user, decision_id)).decision
    pilot = await visible_pilot(request.user, decision.pilot_id)
    ticked = _many(values.get("places", [])) if values else [one.code for one in found.candidates if not one.has_it]
    return page(
        request,
        "decisions/rollout.html",
        found,
        pilot=pilot,
        regions=by_region(found.candidates),
        ticked=frozenset(ticked),
        may_draw=allows(request.user, DRAW, organisation=pilot.organisation, pilot=pilot.id),
        values=values or BEGINNING,
        findings=findings,
    )


def by_region(candidates: Sequence[Candidate]) -> list[tuple[str, list[Candidate]]]:
    """The candidates of each region, both by name."""
    ordered = sorted(candidates, key=lambda one: (one.region, one.name))
    return [(region, list(members)) for region, members in groupby(ordered, key=lambda one: one.region)]


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


HANDLERS: Final = (rollout, draw, rollout_plan, rollout_order)
