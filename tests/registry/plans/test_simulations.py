"""Reading simulations, and what stands against a lock, on both databases."""

from typing import Any

import pytest

from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.plans.actions import edit
from registry.plans.queries import plan
from registry.plans.schemas import Drafting
from registry.plans.simulations import locked_with, newest, objections, simulation, simulations_of, under_way
from tests.registry.people.story import an_account
from tests.registry.plans.story import PLAN, Cast, a_cast, a_draft, a_locked_plan, a_simulation, agree

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    return await a_cast()


async def against(cast: Cast, plan_id: int, simulation_id: int | None, reason: str = "") -> list[str]:
    return [found.code for found in await objections(await plan(cast.lead, plan_id), simulation_id, reason)]


async def test_whoever_sees_the_pilot_reads_its_simulations_and_nobody_else(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    made = [await a_simulation(plan_id, cast.evaluator) for _ in range(2)]
    listed = (await simulations_of(await plan(cast.lead, plan_id))).simulations
    assert [one.id for one in listed] == made[::-1]
    stranger = await an_account(Role.EVALUATOR)
    for somebody, number in ((stranger, made[0]), (cast.lead, 999)):
        with pytest.raises(NotFound):
            await simulation(somebody, number)


async def test_the_newest_finished_simulation_of_the_plan_as_it_stands_is_the_one_to_lock_with(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    assert await newest(await plan(cast.lead, plan_id)) is None
    await a_simulation(plan_id, cast.evaluator, 0.2)
    second = await a_simulation(plan_id, cast.evaluator, 0.6)
    await a_simulation(plan_id, cast.evaluator, result=None)
    found = await newest(await plan(cast.lead, plan_id))
    assert found is not None and (found.id, found.settled) == (second, 0.6)
    await edit(plan_id, Drafting(toml=PLAN.replace("Two", "Both"), version=1), by=cast.evaluator)
    assert await newest(await plan(cast.lead, plan_id)) is None
    assert not (await simulation(cast.lead, second)).of_the_plan


async def test_a_lock_needs_a_finished_simulation_of_this_very_plan(cast: Cast) -> None:
    plan_id, other = await a_draft(cast), await a_draft(cast)
    assert await against(cast, plan_id, None) == ["not_simulated"]
    assert await against(cast, plan_id, 999) == ["not_simulated"]
    assert await against(cast, plan_id, await a_simulation(other, cast.evaluator)) == ["not_simulated"]
    unfinished = await a_simulation(plan_id, cast.evaluator, result=None)
    assert await against(cast, plan_id, unfinished) == ["simulation_not_finished"]
    whole = await a_simulation(plan_id, cast.evaluator)
    assert await against(cast, plan_id, whole) == []
    await edit(plan_id, Drafting(toml=PLAN.replace("Two", "Both"), version=1), by=cast.evaluator)
    assert await against(cast, plan_id, whole, "A reason does not mend it.") == ["simulation_outdated"]


@pytest.mark.parametrize(
    ("settled", "reason", "expected"),
    [
        (0.5, "", []),
        (0.499, "", ["unsettled_without_reason"]),
        (0.1, "too short", ["unsettled_without_reason"]),
        (0.1, "Long enough to say something.", []),
    ],
)
async def test_a_plan_that_will_probably_settle_nothing_needs_a_reason(
    cast: Cast, settled: float, reason: str, expected: list[str]
) -> None:
    plan_id = await a_draft(cast)
    assert await against(cast, plan_id, await a_simulation(plan_id, cast.evaluator, settled), reason) == expected


async def test_a_locked_plan_tells_with_which_simulation_it_was_locked(cast: Cast) -> None:
    await agree(cast.pilot)
    plan_id = await a_locked_plan(cast)
    found: Any = await locked_with(await plan(cast.lead, plan_id))
    assert (found.plan, found.seen_by, found.settled) == (plan_id, cast.evaluator.name, 0.75)
    assert await locked_with(await plan(cast.lead, await a_draft(cast))) is None
    assert not await under_way(plan_id)
