"""Asking for simulations, on both databases."""

import asyncio

import msgspec
import pytest

from registry.audit.tables import AuditEntry
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.jobs import latest
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.plans.queries import plan
from registry.plans.simulating import JOB, seen, simulate, store
from registry.plans.simulations import SUBJECT, simulation, simulations_of
from registry.plans.tables import Simulation
from tests.registry.people.story import an_account
from tests.registry.plans.story import (
    A_REQUEST,
    Cast,
    a_cast,
    a_draft,
    a_forecast,
    a_locked_plan,
    a_simulation,
    a_voice,
    agree,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    return await a_cast()


async def test_a_simulation_keeps_what_was_assumed_and_of_which_plan_and_waits_for_the_worker(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    simulation_id = await simulate(plan_id, A_REQUEST, by=cast.evaluator)
    found = await simulation(cast.lead, simulation_id)
    assert (found.request, found.plan, found.requester) == (A_REQUEST, plan_id, cast.evaluator.name)
    assert found.fingerprint == (await plan(cast.lead, plan_id)).fingerprint
    job = await latest(SUBJECT.format(simulation_id))
    assert job is not None and (job.kind, job.state) == (JOB, "queued")
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["object_kind"], entry["object_id"]) == (
        "plans.simulate",
        "simulation",
        simulation_id,
    )


async def test_what_is_missing_is_refused_whole_and_nothing_is_asked_of_the_worker(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    empty = msgspec.structs.replace(A_REQUEST, outcomes=())
    with pytest.raises(Invalid):
        await simulate(plan_id, empty, by=cast.evaluator)
    assert (await Simulation.count(), await Job.count()) == (0, 0)


async def test_one_simulation_of_a_plan_is_made_at_a_time(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    await simulate(plan_id, A_REQUEST, by=cast.evaluator)
    with pytest.raises(Conflict):
        await simulate(plan_id, A_REQUEST, by=cast.evaluator)
    await Job.update({Job.state: "failed"}).where(Job.id > 0)
    await simulate(plan_id, A_REQUEST, by=cast.evaluator)
    listed = await simulations_of(await plan(cast.lead, plan_id))
    assert len(listed.simulations) == 2


async def test_only_an_evaluator_of_the_pilot_has_it_simulated(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    for somebody in (cast.lead, await a_voice(cast)):
        with pytest.raises(Forbidden):
            await simulate(plan_id, A_REQUEST, by=somebody)
    with pytest.raises(NotFound):
        await simulate(plan_id, A_REQUEST, by=await an_account(Role.EVALUATOR))


async def test_a_locked_plan_is_not_simulated_any_more(cast: Cast) -> None:
    await agree(cast.pilot)
    with pytest.raises(Conflict):
        await simulate(await a_locked_plan(cast), A_REQUEST, by=cast.evaluator)


async def test_a_forecast_is_stored_and_who_locked_with_it_is_noted(cast: Cast) -> None:
    simulation_id = await a_simulation(await a_draft(cast), cast.evaluator, result=None)
    assert (await simulation(cast.lead, simulation_id)).settled is None
    await store(simulation_id, a_forecast(0.3))
    await seen(simulation_id, "It tells where to look next.", by=cast.evaluator)
    found = await simulation(cast.lead, simulation_id)
    assert (found.settled, found.seen_by) == (0.3, cast.evaluator.name)
    assert (found.unsettled_reason, found.seen_at is not None) == ("It tells where to look next.", True)


async def test_of_two_who_ask_at_once_one_simulation_is_made(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    asked = (simulate(plan_id, A_REQUEST, by=cast.evaluator) for _ in range(3))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "int"]
    assert (await Simulation.count(), await Job.count()) == (1, 1)
