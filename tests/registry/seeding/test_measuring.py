from pathlib import Path

import pytest

from registry.analyses.queries import finished
from registry.datasets.queries import approved_version, desk
from registry.people.rules import Role
from registry.plans.queries import current_plan, plans_of
from registry.plans.simulations import locked_with, simulations_of
from registry.seeding import agreeing, measuring
from registry.seeding.carriage import Carriage
from tests.registry.analyses.story import work_off
from tests.registry.seeding.story import a_carriage

pytestmark = pytest.mark.usefixtures("database")


async def agreed(key: str, state: Path) -> Carriage:
    carriage = await a_carriage(key, state)
    for step in (agreeing.propose, agreeing.rate, agreeing.close):
        await step(carriage)
    return carriage


async def test_a_draft_is_kept_once_and_not_locked(tmp_path: Path) -> None:
    carriage = await agreed("reading_support", tmp_path)
    assert await measuring.draft(carriage)
    assert await measuring.draft(carriage)
    assert len((await plans_of(carriage.cast.first(Role.EVALUATOR), carriage.pilot)).plans) == 1
    assert await current_plan(carriage.pilot) is None


async def simulated(carriage: Carriage, state: Path) -> None:
    """The draft, and what it would probably lead to."""
    assert await measuring.draft(carriage)
    assert not await measuring.simulate(carriage), "the plan is being simulated"
    await work_off(state)
    assert await measuring.simulate(carriage)


async def test_the_plan_is_simulated_once_with_what_the_seed_states_and_locked_with_that(tmp_path: Path) -> None:
    carriage = await agreed("night_sensors", tmp_path)
    await simulated(carriage, tmp_path)
    for step in (measuring.lock, measuring.lock, measuring.simulate):
        assert await step(carriage)
    plan = await current_plan(carriage.pilot)
    assert plan is not None
    assert len(plan.agreement["indicators"]) == len(carriage.seed.indicators)
    (only,) = (await simulations_of(plan)).simulations
    seen = await locked_with(plan)
    assert seen is not None and seen.id == only.id
    assert seen.settled is not None and seen.settled < 0.5
    assert seen.unsettled_reason == carriage.seed.unsettled_reason


async def test_the_rows_are_sent_by_one_lead_approved_by_another_and_analysed(tmp_path: Path) -> None:
    carriage = await agreed("virtual_visits", tmp_path)
    await simulated(carriage, tmp_path)
    for step in (measuring.lock, measuring.upload, measuring.upload):
        assert await step(carriage)
    assert not await measuring.approve(carriage), "the file is being checked"
    await work_off(tmp_path)
    assert await measuring.approve(carriage)
    version = await approved_version(carriage.pilot)
    assert version is not None
    assert version.uploaded_by == carriage.cast.first(Role.PROJECT_LEAD).id
    assert version.approver == carriage.cast.second(Role.PROJECT_LEAD).name
    assert version.rows == 8 * 24
    assert len((await desk(carriage.cast.first(Role.PROJECT_LEAD), carriage.pilot)).uploads) == 1
    assert not await measuring.analyse(carriage), "the plan is being run"
    await work_off(tmp_path)
    assert await measuring.analyse(carriage)
    assert len(await finished(carriage.pilot)) == 1
