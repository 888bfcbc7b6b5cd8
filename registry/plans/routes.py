"""Pages and JSON of plans."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.indicators.queries import agreed_set
from registry.kit.access import allow
from registry.kit.errors import Conflict, Invalid
from registry.kit.forms import again, read
from registry.kit.language import language_of
from registry.kit.pages import done, download, html, page
from registry.kit.request import Request
from registry.people.rules import Person, allows, require
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView
from registry.plans import actions, forms, queries, simulation_routes, simulations, words
from registry.plans.assumptions import decisive
from registry.plans.forecasts import told
from registry.plans.rules import DRAFT, LOCK, NEVER_CHANGES, VIEW
from registry.plans.schemas import Drafting, Locking, PlanView, Superseding

DRAFTED = Message("The draft is saved. Read it through, then lock it.")
LOCKED = Message("The plan is locked. The next thing is to upload the data it asks for.")
BEGUN = Message("Here is a new draft with the text of the old plan. Change what has to change, then lock it.")


@get("/pilots/{pilot_id:int}/plans", opt=allow(VIEW))
async def plans_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The plan that counts, the drafts and the history of a pilot's plans."""
    pilot = await visible_pilot(request.user, pilot_id)
    found = await queries.plans_of(request.user, pilot_id)
    return page(request, "plans/list.html", found, pilot=pilot, may_draft=_may(request.user, pilot))


@get("/pilots/{pilot_id:int}/plans/new", opt=allow(DRAFT))
async def new_plan_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The form for a new plan; with `?by=file` the field for a plan file."""
    return await _form(pilot_id, None, request, {}, ())


@post("/pilots/{pilot_id:int}/plans/new", opt=allow(DRAFT))
async def draft(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Save a new draft from the form, a file or its text."""
    try:
        plan_id = await actions.draft(pilot_id, await read(request, Drafting), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, pilot_id, None))
    return done(request, f"/plans/{plan_id}", await queries.plan(request.user, plan_id), DRAFTED)


@get("/plans/{plan_id:int}", opt=allow(VIEW))
async def plan_page(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """One plan in words and as a file, and what is noteworthy about it."""
    found = await queries.plan(request.user, plan_id)
    return await _plan_page(request, found)


@get("/plans/{plan_id:int}/plan.toml", opt=allow(VIEW))
async def plan_file(request: Request, plan_id: FromPath[int]) -> Response[bytes]:
    """The plan file, as `virkning analyse` reads it."""
    found = await queries.plan(request.user, plan_id)
    return download(found.toml.encode(), f"plan-{found.pilot}-{found.number}.toml", "application/toml")


@get("/plans/{plan_id:int}/edit", opt=allow(DRAFT))
async def edit_page(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """The form of a draft, or with `?by=file` its text."""
    found = await queries.plan(request.user, plan_id)
    return await _form(found.pilot, found, request, {}, ())


@post("/plans/{plan_id:int}", opt=allow(DRAFT))
async def edit(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """Save a changed draft; when somebody else was quicker, say so and keep what was typed."""
    try:
        await actions.edit(plan_id, await read(request, Drafting), by=request.user)
    except Invalid as invalid:
        found = await queries.plan(request.user, plan_id)
        return await again(request, invalid, partial(_form, found.pilot, found))
    return done(request, f"/plans/{plan_id}", await queries.plan(request.user, plan_id), DRAFTED)


@get("/plans/{plan_id:int}/lock", opt=allow(LOCK))
async def lock_page(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """What the plan would probably lead to, what locking makes final and what to be aware of, before it is locked."""
    return await _lock_page(plan_id, request, {}, ())


@post("/plans/{plan_id:int}/lock", opt=allow(LOCK))
async def lock(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """Lock a draft, or say everything that stands against it."""
    try:
        await actions.lock(plan_id, await read(request, Locking), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_lock_page, plan_id))
    return done(request, f"/plans/{plan_id}", await queries.plan(request.user, plan_id), LOCKED)


@get("/plans/{plan_id:int}/supersede", opt=allow(DRAFT))
async def supersede_page(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """The form that asks why a locked plan needs another one."""
    return await _supersede_form(plan_id, request, {}, ())


@post("/plans/{plan_id:int}/supersede", opt=allow(DRAFT))
async def supersede(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """Begin a draft that takes the place of a locked plan."""
    try:
        draft_id = await actions.supersede(plan_id, await read(request, Superseding), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_supersede_form, plan_id))
    return done(request, f"/plans/{draft_id}", await queries.plan(request.user, draft_id), BEGUN)


def _may(person: Person, pilot: PilotView) -> bool:
    return allows(person, DRAFT, organisation=pilot.organisation, pilot=pilot.id)


async def _plan_page(request: Request, found: PlanView) -> Response[Any]:
    pilot = await visible_pilot(request.user, found.pilot)
    return page(
        request,
        "plans/plan.html",
        found,
        pilot=pilot,
        stated=queries.parsed(found),
        settings=words.settings(queries.parsed(found)),
        columns=words.columns(queries.parsed(found)),
        agreed={indicator.code: indicator for indicator in await agreed_set(pilot.id)},
        may_draft=_may(request.user, pilot),
        said=words.spoken(found.findings, language_of(request)),
        locked_with=await simulations.locked_with(found),
        simulated=(await simulations.simulations_of(found)).simulations,
    )


async def _lock_page(
    plan_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.plan(request.user, plan_id)
    pilot = await visible_pilot(request.user, found.pilot)
    require(request.user, LOCK, organisation=pilot.organisation, pilot=pilot.id)
    if found.locked_at is not None:
        raise Conflict(NEVER_CHANGES)
    seen = await simulations.newest(found)
    return page(
        request,
        "plans/lock.html",
        found,
        pilot=pilot,
        stated=queries.parsed(found),
        said=words.spoken(found.findings, language_of(request)),
        simulation=seen,
        told=None if seen is None or seen.result is None else told(seen.result),
        names={one.column: one.name or one.column for one in decisive(queries.parsed(found))},
        enough=simulations.SETTLED_ENOUGH,
        values=values,
        findings=words.spoken(findings, language_of(request)),
    )


async def _form(
    pilot_id: int, found: PlanView | None, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    """The form or the file field, with what was typed, else with what the draft says."""
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, DRAFT, organisation=pilot.organisation, pilot=pilot_id)
    if found is not None and found.locked_at is not None:
        raise Conflict(NEVER_CHANGES)
    mapping = queries.parsed(found).to_mapping() if found else {}
    agreed = await agreed_set(pilot_id)
    language = language_of(request)
    by_file = "toml" in values if values else request.query_params.get("by") == "file"
    filled = dict(values) or {**forms.typed(mapping, language), "toml": found.toml if found else ""}
    context = {
        "pilot": pilot,
        "plan": found,
        "by_file": by_file,
        "values": filled,
        "findings": words.spoken(findings, language),
        "rows": forms.rows(filled, mapping, agreed, language),
        "choices": words.CHOICES,
        "columns": words.PARTS,
    }
    return html(request, "plans/form.html", context)


async def _supersede_form(
    plan_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.plan(request.user, plan_id)
    pilot = await visible_pilot(request.user, found.pilot)
    require(request.user, DRAFT, organisation=pilot.organisation, pilot=pilot.id)
    return html(
        request, "plans/supersede.html", {"plan": found, "pilot": pilot, "values": values, "findings": findings}
    )


router = Router(
    "/",
    route_handlers=[
        plans_page,
        new_plan_page,
        draft,
        plan_page,
        plan_file,
        edit_page,
        edit,
        lock_page,
        lock,
        supersede_page,
        supersede,
        *simulation_routes.HANDLERS,
    ],
)
