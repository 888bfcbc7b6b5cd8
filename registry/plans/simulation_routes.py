"""Pages and JSON of simulations: what is assumed, and what a plan would probably lead to."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.errors import Conflict, Invalid
from registry.kit.forms import again, read
from registry.kit.language import language_of
from registry.kit.pages import done, page
from registry.kit.request import Request
from registry.people.rules import allows, require
from registry.pilots.queries import visible_pilot
from registry.plans import assumptions, queries, simulating, simulations, words
from registry.plans.forecasts import told
from registry.plans.rules import NEVER_CHANGES, SIMULATE, VIEW, State
from registry.plans.simulation_schemas import Simulating

STARTED: Final = Message("The simulation is started. Its result appears on this page.")


@get("/plans/{plan_id:int}/simulate", opt=allow(SIMULATE))
async def simulate_page(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """The form of what the plan cannot know, and the simulations made so far."""
    return await _form(plan_id, request, {}, ())


@post("/plans/{plan_id:int}/simulate", opt=allow(SIMULATE))
async def simulate(request: Request, plan_id: FromPath[int]) -> Response[Any]:
    """Have a draft simulated, or say everything that is missing."""
    try:
        simulation_id = await simulating.simulate(plan_id, await read(request, Simulating), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, plan_id))
    found = await simulations.simulation(request.user, simulation_id)
    return done(request, f"/simulations/{simulation_id}", found, STARTED)


@get("/simulations/{simulation_id:int}", opt=allow(VIEW))
async def simulation(request: Request, simulation_id: FromPath[int]) -> Response[Any]:
    """One simulation: how far it is, or what the plan would probably lead to."""
    found = await simulations.simulation(request.user, simulation_id)
    plan = await queries.plan(request.user, found.plan)
    pilot = await visible_pilot(request.user, found.pilot)
    return page(
        request,
        "plans/simulation.html",
        found,
        pilot=pilot,
        plan=plan,
        told=None if found.result is None else told(found.result),
        names={one.column: one.name or one.column for one in assumptions.decisive(queries.parsed(plan))},
        may_simulate=allows(request.user, SIMULATE, organisation=pilot.organisation, pilot=pilot.id),
        worker_alive=await jobs.worker_alive(),
    )


async def _form(
    plan_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await queries.plan(request.user, plan_id)
    pilot = await visible_pilot(request.user, found.pilot)
    require(request.user, SIMULATE, organisation=pilot.organisation, pilot=pilot.id)
    if found.state != State.DRAFT:
        raise Conflict(NEVER_CHANGES)
    language, stated = language_of(request), queries.parsed(found)
    made = await simulations.simulations_of(found)
    last = await simulations.simulation(request.user, made.simulations[0].id) if made.simulations else None
    before = None if last is None else last.request
    return page(
        request,
        "plans/simulate.html",
        made,
        plan=found,
        pilot=pilot,
        stated=stated,
        truths=assumptions.truths(stated),
        rows=assumptions.rows(values, stated, language, before),
        values=dict(values) or assumptions.typed(stated, language, before),
        findings=words.spoken(findings, language),
    )


HANDLERS: Final = (simulate_page, simulate, simulation)
