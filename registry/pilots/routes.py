"""Pages and JSON of pilots and technologies."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.kit.access import allow
from registry.kit.errors import BadRequest, Conflict, Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, html, page
from registry.kit.paging import Paging
from registry.kit.request import Request
from registry.people.rules import Person, allows, require
from registry.pilots import actions, forms, queries
from registry.pilots.rules import AMEND, REGISTER, VIEW, Kind
from registry.pilots.schemas import Amending, PilotFilter, PilotView, Registration

LONGEST_SEARCH = 200

REGISTERED = Message("The pilot is registered. What comes next stands below.")
AMENDED = Message("The change is saved, and what was there before is kept beside it.")
REACHED = Message("The milestone is marked as reached today.")


@get("/pilots", opt=allow(VIEW))
async def pilots_page(request: Request) -> Response[Any]:
    """The pilots the reader may see; `q` searches titles, `kind` and `technology` narrow the list."""
    wanted, paging = _wanted(request), Paging.of(request, queries.SORTABLE)
    found = await queries.visible_pilots(request.user, paging, wanted)
    return page(
        request,
        "pilots/list.html",
        found,
        paging=paging,
        wanted=wanted,
        kinds=list(Kind),
        may_register=allows(request.user, REGISTER),
    )


@get("/pilots/new", opt=allow(REGISTER))
async def new_pilot_page(request: Request) -> Response[Any]:
    """The form for a new pilot; `technology` in the address chooses one beforehand."""
    return await _registration_form(request, {"technology": request.query_params.get("technology", "")}, ())


@post("/pilots", opt=allow(REGISTER))
async def register(request: Request) -> Response[Any]:
    """Register a pilot; the next thing is its indicators."""
    try:
        pilot_id = await actions.register(await read(request, Registration), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, _registration_form)
    return done(request, f"/pilots/{pilot_id}/facts", await queries.pilot_facts(request.user, pilot_id), REGISTERED)


@get("/pilots/{pilot_id:int}/facts", opt=allow(VIEW))
async def facts_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """What is registered about a pilot, and how it was amended."""
    facts = await queries.pilot_facts(request.user, pilot_id)
    return page(request, "pilots/facts.html", facts, may_amend=_may_amend(request.user, facts.pilot))


@get("/pilots/{pilot_id:int}/amend", opt=allow(AMEND))
async def amend_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The form to amend a pilot, filled with what is registered."""
    return await _amendment_form(pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/amend", opt=allow(AMEND))
async def amend(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Save a change with its reason; when somebody else was quicker, the form shows what they changed."""
    try:
        await actions.amend(pilot_id, await read(request, Amending), by=request.user)
    except (Invalid, Conflict) as refused:
        return await again(request, refused, partial(_amendment_form, pilot_id))
    return done(request, f"/pilots/{pilot_id}/facts", await queries.pilot_facts(request.user, pilot_id), AMENDED)


@post("/pilots/{pilot_id:int}/milestones/{milestone_id:int}/done", opt=allow(AMEND))
async def keep_milestone(request: Request, pilot_id: FromPath[int], milestone_id: FromPath[int]) -> Response[Any]:
    """Mark a milestone as reached."""
    await actions.keep_milestone(pilot_id, milestone_id, by=request.user)
    return done(request, f"/pilots/{pilot_id}/facts", await queries.pilot_facts(request.user, pilot_id), REACHED)


@get("/technologies", opt=allow(VIEW))
async def technologies_page(request: Request) -> Response[Any]:
    """The technologies of the programme, with the pilots the reader may see."""
    found = await queries.technologies(request.user)
    return page(request, "pilots/technologies.html", found, may_register=allows(request.user, REGISTER))


@get("/technologies/{technology_id:int}", opt=allow(VIEW))
async def technology_page(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """One technology with the pilots the reader may see."""
    found = await queries.technology(request.user, technology_id)
    paging = Paging.of(request, queries.SORTABLE)
    its_pilots = await queries.visible_pilots(request.user, paging, PilotFilter(technology=technology_id))
    return page(
        request,
        "pilots/technology.html",
        found,
        pilots=its_pilots,
        paging=paging,
        may_register=allows(request.user, REGISTER),
    )


def _wanted(request: Request) -> PilotFilter:
    query = request.query_params
    kind, technology = query.get("kind", ""), query.get("technology", "")
    if kind not in ("", *Kind):
        raise BadRequest("There is no such kind of pilot.")
    if technology and not (technology.isascii() and technology.isdigit() and len(technology) < 10):
        raise BadRequest("There is no such technology.")
    return PilotFilter(
        search=query.get("q", "").strip().replace("\x00", "")[:LONGEST_SEARCH],
        kind=Kind(kind) if kind else None,
        technology=int(technology) if technology else None,
    )


def _may_amend(person: Person, pilot: PilotView) -> bool:
    return allows(person, AMEND, organisation=pilot.organisation, pilot=pilot.id)


async def _registration_form(
    request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    owners = await queries.owners(request.user)
    return html(
        request, "pilots/new.html", {**await _parts(request.user, values), "owners": owners, "findings": findings}
    )


async def _amendment_form(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    """The form with what stands or what was typed; changes by others since then are shown above it."""
    facts = await queries.pilot_facts(request.user, pilot_id)
    require(request.user, AMEND, organisation=facts.pilot.organisation, pilot=pilot_id)
    stands = forms.from_facts(facts)
    typed_from = str(values.get("version", facts.pilot.version))
    behind = facts.pilot.version - int(typed_from) if re.fullmatch("[0-9]{1,9}", typed_from) else 0
    filled = {**(dict(values) or stands), "version": facts.pilot.version}
    context = {**await _parts(request.user, filled), "findings": findings}
    return html(
        request, "pilots/amend.html", {**context, "facts": facts, "meanwhile": facts.amendments[: max(behind, 0)]}
    )


async def _parts(person: Person, values: Mapping[str, Any]) -> dict[str, Any]:
    """What both forms show: choices, ticked places and milestone rows."""
    return {
        "values": values,
        "technologies": await queries.technologies(person),
        "groups": forms.grouped(await queries.places()),
        "sites": forms.chosen(values, "sites"),
        "comparison_sites": forms.chosen(values, "comparison_sites"),
        "milestones": forms.milestone_rows(values),
    }


router = Router(
    "/",
    route_handlers=[
        pilots_page,
        new_pilot_page,
        register,
        facts_page,
        amend_page,
        amend,
        keep_milestone,
        technologies_page,
        technology_page,
    ],
)
