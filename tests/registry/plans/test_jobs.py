"""The worker simulates a plan, on both databases."""

from pathlib import Path

import pytest

from registry.kit.errors import Conflict
from registry.plans.actions import edit
from registry.plans.jobs import CHANGED
from registry.plans.schemas import Drafting
from registry.plans.simulating import simulate
from registry.plans.simulations import simulation
from tests.registry.analyses.story import ends_while_read, work_off
from tests.registry.plans.story import A_REQUEST, PLAN, a_cast, a_draft

pytestmark = pytest.mark.usefixtures("database")


async def test_a_simulation_that_was_asked_for_has_its_forecast_when_the_worker_is_done(tmp_path: Path) -> None:
    cast = await a_cast()
    simulation_id = await simulate(await a_draft(cast), A_REQUEST, by=cast.evaluator)
    assert (await simulation(cast.lead, simulation_id)).settled is None
    await work_off(tmp_path)
    found = await simulation(cast.lead, simulation_id)
    assert found.settled is not None
    assert (found.job.state if found.job else None, found.of_the_plan) == ("done", True)
    assert found.result is not None
    assert found.result["forecast"]["replications"] == A_REQUEST.replications


async def test_a_plan_that_was_changed_meanwhile_is_not_simulated_under_the_old_name(tmp_path: Path) -> None:
    cast = await a_cast()
    plan_id = await a_draft(cast)
    simulation_id = await simulate(plan_id, A_REQUEST, by=cast.evaluator)
    await edit(plan_id, Drafting(toml=PLAN.replace("Two", "Both"), version=1), by=cast.evaluator)
    with pytest.raises(Conflict) as refused:
        await work_off(tmp_path)
    assert refused.value.message == CHANGED
    assert (await simulation(cast.lead, simulation_id)).result is None


async def test_who_reads_while_it_is_made_sees_no_simulation_that_ended_without_a_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await a_cast()
    simulation_id = await simulate(await a_draft(cast), A_REQUEST, by=cast.evaluator)
    ends_while_read(monkeypatch, tmp_path)
    found = await simulation(cast.lead, simulation_id)
    assert found.job is not None and found.job.over and found.result is not None
