"""Pages and JSON of the promise ledger."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from effects.errors import Finding
from effects.message import Message
from registry.benefits import actions, measuring, queries
from registry.benefits.rules import FEW, MEASURE, PROMISE, REALISE, REVISE, VIEW
from registry.benefits.schemas import BenefitView, Measuring, Promising, Realising, Revising
from registry.business_cases.actions import require_may_state
from registry.business_cases.rules import STATE, BenefitKind
from registry.indicators.queries import indicators_of
from registry.kit.access import Permission, allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, page
from registry.kit.request import Request
from registry.people.rules import allows, require
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView

PROMISED = Message("The promise is kept as it was first made. What becomes of it is entered beside it.")
REVISED = Message("The revision stands beside the first promise.")
MEASURED = Message("The measurement is entered.")
TAKEN_HOME = Message("What is realised is entered.")


@get("/benefits", opt=allow(VIEW))
async def portfolio(request: Request) -> Response[Any]:
    """Every promise the reader may see, realised against predicted, and how optimistic promises of a kind were."""
    return page(request, "benefits/portfolio.html", await queries.portfolio(request.user), few=FEW)


@get("/pilots/{pilot_id:int}/benefits", opt=allow(VIEW))
async def ledger(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The promises of a pilot."""
    pilot = await visible_pilot(request.user, pilot_id)
    found = await queries.ledger(request.user, pilot_id)
    return page(request, "benefits/ledger.html", found, pilot=pilot, may_promise=_may(request, PROMISE, pilot))


@get("/pilots/{pilot_id:int}/benefits/new", opt=allow(PROMISE))
async def promise_form(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Where a benefit is promised."""
    return await _promise_page(pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/benefits", opt=allow(PROMISE))
async def promise(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Promise a benefit."""
    try:
        benefit_id = await actions.promise(pilot_id, await read(request, Promising), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_promise_page, pilot_id))
    return await _entered(request, benefit_id, PROMISED)


@get("/benefits/{benefit_id:int}", opt=allow(VIEW))
async def benefit(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """One promise with everything entered about it."""
    found, pilot = await _found(request, benefit_id)
    may = {name: _may(request, permission, pilot) for name, (permission, _) in CORNERS.items()}
    names = {one.code: one.name for one in await indicators_of(pilot.id)}
    return page(request, "benefits/benefit.html", found, pilot=pilot, may=may, indicators=names)


@get("/benefits/{benefit_id:int}/revise", opt=allow(REVISE))
async def revise_form(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Where a promise is revised."""
    return await _entry_page("revise", benefit_id, request, {}, ())


@post("/benefits/{benefit_id:int}/revise", opt=allow(REVISE))
async def revise(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Revise a promise."""
    try:
        await actions.revise(benefit_id, await read(request, Revising), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_entry_page, "revise", benefit_id))
    return await _entered(request, benefit_id, REVISED)


@get("/benefits/{benefit_id:int}/measure", opt=allow(MEASURE))
async def measure_form(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Where a measurement is entered."""
    return await _entry_page("measure", benefit_id, request, {}, ())


@post("/benefits/{benefit_id:int}/measure", opt=allow(MEASURE))
async def measure(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Enter a measurement."""
    try:
        await actions.measure(benefit_id, await read(request, Measuring), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_entry_page, "measure", benefit_id))
    return await _entered(request, benefit_id, MEASURED)


@get("/benefits/{benefit_id:int}/realise", opt=allow(REALISE))
async def realise_form(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Where it is entered what was taken home."""
    return await _entry_page("realise", benefit_id, request, {}, ())


@post("/benefits/{benefit_id:int}/realise", opt=allow(REALISE))
async def realise(request: Request, benefit_id: FromPath[int]) -> Response[Any]:
    """Enter what was taken home."""
    try:
        await actions.realise(benefit_id, await read(request, Realising), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_entry_page, "realise", benefit_id))
    return await _entered(request, benefit_id, TAKEN_HOME)


@get("/technologies/{technology_id:int}/business-case/with-factors", opt=allow(STATE))
async def with_factors(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """On to the form of a business case, filled with the factors of the ledger as far as the reader may know them."""
    await require_may_state(request.user, technology_id)
    known = (await queries.optimism(request.user)).values()
    asked = {f"optimism.{one.kind}": f"{min(max(one.factor, 0), 1):.2f}" for one in known if one.factor is not None}
    query = urlencode(asked)
    return Redirect(f"/technologies/{technology_id}/business-case/new{'?' if query else ''}{query}")


CORNERS: Mapping[str, tuple[Permission, str]] = {
    "revise": (REVISE, "benefits/revise.html"),
    "measure": (MEASURE, "benefits/measure.html"),
    "realise": (REALISE, "benefits/realise.html"),
}
"""What can be entered about a promise, by the last part of the address: who may, and the page with the form."""


async def _found(request: Request, benefit_id: int) -> tuple[BenefitView, PilotView]:
    found = await queries.benefit(request.user, benefit_id)
    return found, await visible_pilot(request.user, found.promise.pilot_id)


def _may(request: Request, permission: Permission, pilot: PilotView) -> bool:
    return allows(request.user, permission, organisation=pilot.organisation, pilot=pilot.id)


async def _entered(request: Request, benefit_id: int, notice: Message) -> Response[Any]:
    return done(request, f"/benefits/{benefit_id}", await queries.benefit(request.user, benefit_id), notice)


async def _promise_page(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, PROMISE, organisation=pilot.organisation, pilot=pilot_id)
    return page(
        request,
        "benefits/promise.html",
        await queries.ledger(request.user, pilot_id),
        pilot=pilot,
        kinds=list(BenefitKind),
        places=await actions.promisable_places(),
        indicators=await indicators_of(pilot_id),
        values=values,
        findings=findings,
    )


async def _entry_page(
    corner: str, benefit_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    """The form of one corner, with what can be taken over where something is measured."""
    permission, template = CORNERS[corner]
    found, pilot = await _found(request, benefit_id)
    require(request.user, permission, organisation=pilot.organisation, pilot=pilot.id)
    effects = await measuring.effects_of(request.user, pilot.id) if corner == "measure" else []
    return page(request, template, found, pilot=pilot, effects=effects, values=values, findings=findings)


router = Router(
    "/",
    route_handlers=[
        *(portfolio, ledger, promise_form, promise, benefit),
        *(revise_form, revise, measure_form, measure, realise_form, realise, with_factors),
    ],
)
