"""Asking what a plan would probably lead to, keeping the answer, and noting who locked the plan with it in sight."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from registry.audit.actions import record
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.plans import queries, simulations
from registry.plans.assumptions import problems
from registry.plans.rules import NEVER_CHANGES, SIMULATE, State
from registry.plans.simulation_schemas import Simulating
from registry.plans.tables import Plan, Simulation

JOB: Final = "plan.simulate"


async def simulate(plan_id: int, command: Simulating, *, by: Person) -> int:
    """Have the worker simulate a draft as it stands; the answer is the simulation's id.

    Raises NotFound, Forbidden, Conflict when the plan is locked or is being simulated, and Invalid with everything
    that is missing.
    """
    async with transaction():
        plan = await queries.plan(by, plan_id)
        pilot = await visible_pilot(by, plan.pilot)
        require(by, SIMULATE, organisation=pilot.organisation, pilot=pilot.id)
        if plan.state != State.DRAFT:
            raise Conflict(NEVER_CHANGES)
        wrong = list(problems(command, queries.parsed(plan)))
        if wrong:
            raise Invalid(wrong)
        await take_turn(Plan, plan_id)
        if await simulations.under_way(plan_id):
            raise Conflict("This plan is being simulated just now. Wait for the result, then simulate again.")
        row = Simulation(
            plan=plan_id,
            fingerprint=plan.fingerprint,
            request=msgspec.json.encode(command).decode(),
            requested_by=by.id,
            requested_at=now(),
        )
        await row.save()
        simulation_id = int(row.id)
        subject = simulations.SUBJECT.format(simulation_id)
        job = await jobs.enqueue(JOB, subject=subject, payload={"simulation": simulation_id})
        await Simulation.update({Simulation.job: job}).where(Simulation.id == simulation_id)
        content = {"plan": plan_id, "fingerprint": plan.fingerprint}
        await _record("plans.simulate", simulation_id, content, by)
    return simulation_id


async def store(simulation_id: int, result: Mapping[str, Any]) -> None:
    """Keep the forecast; inside the job's transaction."""
    kept: dict[Any, Any] = {Simulation.result: msgspec.json.encode(result).decode()}
    await Simulation.update(kept).where(Simulation.id == simulation_id)


async def seen(simulation_id: int, unsettled_reason: str, *, by: Person) -> None:
    """Note who locked the plan with this simulation on the page; inside the transaction that locks."""
    noted: dict[Any, Any] = {
        Simulation.seen_by: by.id,
        Simulation.seen_at: now(),
        Simulation.unsettled_reason: unsettled_reason,
    }
    await Simulation.update(noted).where(Simulation.id == simulation_id)


async def _record(action: str, simulation_id: int, content: Mapping[str, object], by: Person) -> None:
    await record(action=action, object_kind="simulation", object_id=simulation_id, content=content, by=by.id)
