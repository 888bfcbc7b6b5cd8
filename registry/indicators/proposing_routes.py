"""The forms that propose indicators: one in one's own words, from the library, several lines, or from a plan file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from effects.codes import Better, Domain, Role
from effects.errors import Finding, PlanError
from effects.message import Message
from registry.indicators import proposing, queries
from registry.indicators.rules import HOLD_ROUND, PROPOSE, must_not_be_rated
from registry.indicators.schemas import FromLibrary, FromPlan, IndicatorView, NewIndicator, Rewording, Several
from registry.kit.access import allow
from registry.kit.errors import Conflict, Invalid, NotFound
from registry.kit.forms import again, read
from registry.kit.language import language_of
from registry.kit.pages import done, html
from registry.kit.request import Request
from registry.people.rules import require
from registry.pilots.queries import visible_pilot

PROPOSED = Message("The indicator is proposed.")
REWORDED = Message("The wording is changed.")


@get("/pilots/{pilot_id:int}/indicators/new", opt=allow(PROPOSE))
async def new_indicator_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The form for an indicator in one's own words."""
    return await _form("indicators/new.html", pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/indicators", opt=allow(PROPOSE))
async def propose(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Propose an indicator."""
    try:
        await proposing.propose(pilot_id, await read(request, NewIndicator), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, "indicators/new.html", pilot_id))
    return await _proposed(request, pilot_id, PROPOSED)


@get("/pilots/{pilot_id:int}/indicators/library", opt=allow(PROPOSE))
async def library_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The library to choose from; what is proposed already is marked."""
    return await _form("indicators/library.html", pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/indicators/library", opt=allow(PROPOSE))
async def propose_from_library(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Propose those that were given a role."""
    try:
        number = await proposing.propose_from_library(pilot_id, await read(request, FromLibrary), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, "indicators/library.html", pilot_id))
    return await _proposed(request, pilot_id, _many(number))


@get("/pilots/{pilot_id:int}/indicators/several", opt=allow(PROPOSE))
async def several_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The form for indicators one a line."""
    return await _form("indicators/several.html", pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/indicators/several", opt=allow(PROPOSE))
async def propose_several(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Propose an indicator for each line."""
    try:
        number = await proposing.propose_several(pilot_id, await read(request, Several), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, "indicators/several.html", pilot_id))
    return await _proposed(request, pilot_id, _many(number))


@get("/pilots/{pilot_id:int}/indicators/plan", opt=allow(PROPOSE))
async def plan_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The form for a plan file."""
    return await _form("indicators/plan.html", pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/indicators/plan", opt=allow(PROPOSE))
async def propose_from_plan(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Propose the outcomes of a plan file that are not proposed yet."""
    try:
        number = await proposing.propose_from_plan(pilot_id, await read(request, FromPlan), by=request.user)
    except (PlanError, Invalid) as refused:
        return await again(request, _in_plan(refused.findings), partial(_form, "indicators/plan.html", pilot_id))
    return await _proposed(request, pilot_id, _many(number))


@get("/pilots/{pilot_id:int}/indicators/{indicator_id:int}/wording", opt=allow(PROPOSE))
async def wording_page(request: Request, pilot_id: FromPath[int], indicator_id: FromPath[int]) -> Response[Any]:
    """The form for a better wording."""
    return await _wording_form(indicator_id, pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/indicators/{indicator_id:int}/wording", opt=allow(PROPOSE))
async def reword(request: Request, pilot_id: FromPath[int], indicator_id: FromPath[int]) -> Response[Any]:
    """Change name and wording."""
    try:
        await proposing.reword(pilot_id, indicator_id, await read(request, Rewording), by=request.user)
    except (Invalid, Conflict) as refused:
        if not refused.findings:
            raise
        return await again(request, refused, partial(_wording_form, indicator_id, pilot_id))
    return await _proposed(request, pilot_id, REWORDED)


def _in_plan(findings: Iterable[Finding]) -> Invalid:
    """Findings belong to the one field of the form; their path in the plan is told beside them."""
    return Invalid(replace(one, where="plan", column=one.where) for one in findings)


def _many(number: int) -> Message:
    return Message("{number} indicators are proposed.", {"number": number}) if number != 1 else PROPOSED


async def _proposed(request: Request, pilot_id: int, notice: Message) -> Response[Any]:
    body: tuple[IndicatorView, ...] = await queries.indicators_of(pilot_id)
    return done(request, f"/pilots/{pilot_id}/indicators", body, notice)


async def _form(
    template: str, pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    """A form that proposes. Raises NotFound, Forbidden, and Conflict once the list stands still."""
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, PROPOSE, organisation=pilot.organisation, pilot=pilot.id)
    must_not_be_rated(await queries.state_of(pilot_id))
    context = {
        "pilot": pilot,
        "values": values,
        "findings": findings,
        "library": await queries.library(language_of(request)) if "library" in template else (),
        "proposed": {one.code for one in await queries.indicators_of(pilot_id)},
        "domains": list(Domain),
        "roles": list(Role),
        "directions": list(Better),
    }
    return html(request, template, context)


async def _wording_form(
    indicator_id: int, pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    """The wording as it stands or as it was typed. Raises NotFound, and Forbidden for what somebody else proposed."""
    pilot = await visible_pilot(request.user, pilot_id)
    found = next((one for one in await queries.indicators_of(pilot_id) if one.id == indicator_id), None)
    if found is None:
        raise NotFound
    if found.proposed_by != request.user.id:
        require(request.user, HOLD_ROUND, organisation=pilot.organisation, pilot=pilot.id)
    must_not_be_rated(await queries.state_of(pilot_id))
    filled = {"name": found.name, "wording": found.wording, **values, "was": found.wording}
    context = {"pilot": pilot, "indicator": found, "values": filled, "findings": findings}
    return html(request, "indicators/wording.html", context)


handlers = [
    new_indicator_page,
    propose,
    library_page,
    propose_from_library,
    several_page,
    propose_several,
    plan_page,
    propose_from_plan,
    wording_page,
    reword,
]
