"""What the worker does for plans: it simulates what they would lead to."""

from typing import Final

from effects.message import Message
from registry.kit.errors import Conflict
from registry.kit.work import Work
from registry.plans.forecasting import forecast_of
from registry.plans.simulating import store
from registry.plans.tables import Simulation

SIMULATING: Final = Message("The pilots are being simulated.")
CHANGED: Final = Message("The plan was changed after the simulation was asked for. Simulate it again.")


async def run(work: Work) -> None:
    """Simulate a plan. Done again after a crash it comes to the same: only the last step writes.

    Raises Conflict when the plan was changed meanwhile, SettingError with everything that is missing.
    """
    simulation_id: int = work.payload["simulation"]
    row = (
        await Simulation.select(
            Simulation.request,
            Simulation.fingerprint,
            Simulation.plan._.toml.as_alias("toml"),
            Simulation.plan._.fingerprint.as_alias("current"),
        )
        .where(Simulation.id == simulation_id)
        .first()
    )
    assert row is not None, "a simulation is never deleted"
    if row["fingerprint"] != row["current"]:
        raise Conflict(CHANGED)
    await work.progress(0.1, SIMULATING)
    result = await work.compute(forecast_of, row["toml"], row["request"].encode())
    async with work.finishing():
        await store(simulation_id, result)
