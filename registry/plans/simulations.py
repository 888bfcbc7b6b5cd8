"""Reading simulations of plans, and what stands against a lock that rests on one."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from effects.errors import Finding
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.kit.jobs import JobState, JobView
from registry.kit.tables import Job
from registry.people.rules import Person
from registry.plans import queries
from registry.plans.forecasts import settled
from registry.plans.schemas import PlanView
from registry.plans.simulation_schemas import Simulating, SimulationList, SimulationSummary, SimulationView
from registry.plans.tables import Simulation

SUBJECT: Final = "simulation:{}"
SETTLED_ENOUGH: Final = 0.5
"""A plan that promises less than this needs a reason to be locked."""
SHORTEST_REASON: Final = 10

_SHOWN: Final = (
    *Simulation.all_columns(exclude=[Simulation.requested_by, Simulation.seen_by]),
    Simulation.plan._.number.as_alias("number"),
    Simulation.plan._.pilot.as_alias("pilot"),
    Simulation.plan._.fingerprint.as_alias("current"),
    Simulation.requested_by._.name.as_alias("requester"),
    Simulation.seen_by._.name.as_alias("seen_by"),
)


async def simulations_of(plan: PlanView) -> SimulationList:
    """The simulations of a plan that the reader sees, the newest first."""
    rows = await Simulation.select(*_SHOWN).where(Simulation.plan == plan.id).order_by(Simulation.id, ascending=False)
    return SimulationList(plan.id, tuple(_summary(row) for row in rows))


async def simulation(person: Person, simulation_id: int) -> SimulationView:
    """A simulation. Raises NotFound when there is none whose plan the person may see."""
    job = await jobs.latest(SUBJECT.format(simulation_id))  # read first: a job that is over has stored its result
    row = await _row(simulation_id)
    if row is None:
        raise NotFound
    await queries.plan(person, row["plan"])
    return _view(row, job)


async def newest(plan: PlanView) -> SimulationView | None:
    """The newest finished simulation of the plan as it stands, which is the one to lock it with."""
    of_it = (Simulation.plan == plan.id) & (Simulation.fingerprint == plan.fingerprint)
    row = (
        await Simulation.select(*_SHOWN)
        .where(of_it & Simulation.result.is_not_null())
        .order_by(Simulation.id, ascending=False)
        .first()
    )
    return None if row is None else _view(row, await jobs.latest(SUBJECT.format(row["id"])))


async def locked_with(plan: PlanView) -> SimulationSummary | None:
    """The simulation that was in sight when the plan was locked; plans of an earlier time have none."""
    of_it = (Simulation.plan == plan.id) & Simulation.seen_at.is_not_null()
    row = await Simulation.select(*_SHOWN).where(of_it).first()
    return None if row is None else _summary(row)


async def under_way(plan_id: int) -> bool:
    """Whether a simulation of the plan waits for the worker or is being made."""
    going = Job.select(Job.id).where(Job.state.is_in([JobState.QUEUED, JobState.RUNNING]))
    return await Simulation.exists().where((Simulation.plan == plan_id) & Simulation.job.is_in(going))


async def objections(plan: PlanView, simulation_id: int | None, reason: str) -> list[Finding]:
    """What stands against locking the plan with this simulation."""
    row = None if simulation_id is None else await _row(simulation_id)
    if row is None or row["plan"] != plan.id:
        return [NOT_SIMULATED]
    return list(_against(_summary(row), reason))


def _against(seen: SimulationSummary, reason: str) -> Iterator[Finding]:
    if not seen.of_the_plan:
        yield OUTDATED
    elif seen.settled is None:
        yield NOT_FINISHED
    elif seen.settled < SETTLED_ENOUGH and len(reason) < SHORTEST_REASON:
        yield Finding(
            where="unsettled_reason",
            code="unsettled_without_reason",
            message="The plan will probably settle nothing: the probability that it does is {settled:.2f}.",
            remedy="Strengthen the plan, or say why it is worth carrying out all the same.",
            params={"settled": seen.settled},
        )


async def _row(simulation_id: int) -> Mapping[str, Any] | None:
    row: Mapping[str, Any] | None = await Simulation.select(*_SHOWN).where(Simulation.id == simulation_id).first()
    return row


def _view(row: Mapping[str, Any], job: JobView | None) -> SimulationView:
    return SimulationView(
        **msgspec.structs.asdict(_summary(row)),
        request=msgspec.json.decode(row["request"], type=Simulating),
        result=msgspec.json.decode(row["result"]) if row["result"] else None,
        job=job,
    )


def _summary(row: Mapping[str, Any]) -> SimulationSummary:
    shown = {name: row[name] for name in SimulationSummary.__struct_fields__ if name in row}
    found = msgspec.json.decode(row["result"]) if row["result"] else None
    return SimulationSummary(
        **shown, of_the_plan=row["fingerprint"] == row["current"], settled=None if found is None else settled(found)
    )


NOT_SIMULATED: Final = Finding(
    where="simulation",
    code="not_simulated",
    message="It has not been simulated what this plan would lead to.",
    remedy="Simulate the plan and read the result first.",
)
OUTDATED: Final = Finding(
    where="simulation",
    code="simulation_outdated",
    message="The plan was changed after it was simulated.",
    remedy="Simulate it again as it stands.",
)
NOT_FINISHED: Final = Finding(
    where="simulation",
    code="simulation_not_finished",
    message="The simulation of this plan is not finished.",
    remedy="Wait for its result and read it first.",
)
