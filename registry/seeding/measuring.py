"""From the agreed indicators to a finished analysis: plan, rows and run of the demo."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from registry.analyses import actions as analyses
from registry.analyses.queries import analyses_of
from registry.datasets import actions as datasets
from registry.datasets import files as stored
from registry.datasets.queries import approved_version, desk
from registry.datasets.rules import VersionState
from registry.datasets.schemas import Statement
from registry.kit.clock import today
from registry.people.rules import Role
from registry.plans import actions as plans
from registry.plans import simulating, simulations
from registry.plans.queries import current_plan, plan, plans_of
from registry.plans.schemas import Drafting, Locking, PlanView
from registry.seeding import files
from registry.seeding.carriage import Carriage, waiting_for

FILENAME: Final = "skaermbesoeg-simuleret.csv"
LARGEST: Final = 50_000_000  # bytes


async def draft(carriage: Carriage) -> bool:
    """The evaluator keeps the plan file as a draft."""
    evaluator = carriage.cast.first(Role.EVALUATOR)
    if not (await plans_of(evaluator, carriage.pilot)).plans:
        await plans.draft(carriage.pilot, Drafting(toml=files.text(carriage.seed.plan)), by=evaluator)
    return True


async def simulate(carriage: Carriage) -> bool:
    """The evaluator asks what the newest draft would lead to, and waits for the answer."""
    evaluator, stated = carriage.cast.first(Role.EVALUATOR), carriage.seed.expected
    if stated is None or await current_plan(carriage.pilot) is not None:
        return True
    draft = await _newest_draft(carriage)
    made = (await simulations.simulations_of(draft)).simulations
    if any(one.settled is not None for one in made):
        return True
    asked = made[0].id if made else await simulating.simulate(draft.id, stated, by=evaluator)
    return await waiting_for(simulations.SUBJECT.format(asked))


async def lock(carriage: Carriage) -> bool:
    """The evaluator locks the newest draft with its simulation in sight."""
    evaluator = carriage.cast.first(Role.EVALUATOR)
    if await current_plan(carriage.pilot) is None:
        draft = await _newest_draft(carriage)
        seen = await simulations.newest(draft)
        locking = Locking(draft.version, None if seen is None else seen.id, carriage.seed.unsettled_reason)
        await plans.lock(draft.id, locking, by=evaluator)
    return True


async def upload(carriage: Carriage) -> bool:
    """The lead sends the simulated file."""
    seed, lead = carriage.seed, carriage.cast.first(Role.PROJECT_LEAD)
    if not (await desk(lead, carriage.pilot)).uploads:
        file = await stored.receive(_whole(await carriage.rows()), carriage.state, LARGEST)
        statement = Statement(
            purpose=seed.purpose_of_use,
            legal_basis=seed.legal_basis,
            retain_until=today() + timedelta(days=seed.retain_days),
        )
        await datasets.receive(carriage.pilot, statement, file, FILENAME, state=carriage.state, by=lead)
    return True


async def approve(carriage: Carriage) -> bool:
    """Another lead approves the version that the file became."""
    lead = carriage.cast.first(Role.PROJECT_LEAD)
    if await approved_version(carriage.pilot) is not None:
        return True
    found = await desk(lead, carriage.pilot)
    waiting = [version for version in found.versions if version.state is VersionState.WAITING]
    if not waiting:
        return await waiting_for(f"upload:{found.uploads[0].id}")
    await datasets.approve(waiting[0].id, by=carriage.cast.second(Role.PROJECT_LEAD))
    return True


async def analyse(carriage: Carriage) -> bool:
    """The evaluator runs the plan and waits for the result."""
    evaluator = carriage.cast.first(Role.EVALUATOR)
    runs = (await analyses_of(evaluator, carriage.pilot)).analyses
    if any(run.finished_at for run in runs):
        return True
    analysis = runs[0].id if runs else await analyses.request(carriage.pilot, by=evaluator)
    return await waiting_for(f"analysis:{analysis}")


async def _newest_draft(carriage: Carriage) -> PlanView:
    evaluator = carriage.cast.first(Role.EVALUATOR)
    newest = (await plans_of(evaluator, carriage.pilot)).plans[0]
    return await plan(evaluator, newest.id)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
