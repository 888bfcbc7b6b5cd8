"""A pilot carried through the whole chain by its people, without a worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.analyses import actions as analyses
from registry.analyses.compute import result_of
from registry.datasets.actions import approve
from registry.datasets.files import versions
from registry.datasets.jobs import run as check_upload
from registry.datasets.queries import upload, version
from registry.decisions.actions import decide
from registry.decisions.rules import Choice
from registry.decisions.schemas import Deciding
from registry.evidence import actions as evidence
from registry.evidence.jobs import grade_of
from registry.evidence.queries import assessment
from registry.evidence.schemas import Facts
from registry.indicators.tables import Indicator
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.tables import Job
from registry.kit.work import Work
from registry.people.actions import grant_role
from registry.people.rules import Person, Role, StakeholderGroup
from registry.people.schemas import NewGrant
from registry.pilots.queries import visible_pilot
from registry.pilots.tables import Milestone
from registry.plans.tables import Simulation
from registry.recommendations import actions as recommendations
from registry.recommendations.compute import advice_on
from registry.recommendations.tables import Recommendation
from tests.registry.benefits.story import a_promise
from tests.registry.datasets.story import an_upload
from tests.registry.deliveries.story import a_written_delivery
from tests.registry.people.story import an_account, an_organisation, known
from tests.registry.plans.story import PLAN, Cast, a_cast, a_locked_plan, agree

TITLE = "Quietly tried night sensors"


@dataclass(frozen=True)
class Chain:
    """A private pilot with something of every kind, the ids by the names that addresses give them, and its people."""

    ids: Mapping[str, int]
    cast: Cast
    second_evaluator: Person
    decider: Person


async def somebody_with_every_role(organisation: int | None = None, *, everywhere: bool = False) -> Person:
    """A person with all roles in one organisation (a new one by default), or everywhere."""
    home = organisation or await an_organisation()
    person = await an_account(organisation=home)
    for role in Role:
        group = StakeholderGroup.CITIZENS if role is Role.STAKEHOLDER else None
        grant = NewGrant(role=role, organisation=None if everywhere else home, group=group)
        await grant_role(person.id, grant, by=None)
    return await known(person.id)


async def a_chain(state: Path) -> Chain:
    """Every step from the registered pilot to the decision."""
    cast = await a_cast(title=TITLE)
    second = await an_account(Role.EVALUATOR, organisation=cast.lead.organisation)
    decider = await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation)
    await agree(cast.pilot)
    plan_id = await a_locked_plan(cast)
    version_id = await approved_rows(cast, state)
    analysis_id = await analysed(cast.evaluator, cast.pilot, version_id, state)
    assessment_id = await graded(analysis_id, cast.evaluator)
    await evidence.approve(assessment_id, by=second)
    recommendation_id = await advised(assessment_id, second)
    deciding = Deciding(choice=Choice.EXTEND, reason="More has to be known")
    decision_id = await decide(recommendation_id, deciding, by=decider)
    ids = {
        "pilot_id": cast.pilot,
        "milestone_id": await _first(Milestone),
        "indicator_id": await _first(Indicator),
        "plan_id": plan_id,
        "simulation_id": await _first(Simulation),
        "upload_id": (await version(cast.lead, version_id)).upload,
        "version_id": version_id,
        "analysis_id": analysis_id,
        "assessment_id": assessment_id,
        "recommendation_id": recommendation_id,
        "decision_id": decision_id,
        "benefit_id": await a_promise(cast),
        **await a_written_delivery(cast, plan_id),
        "technology_id": (await visible_pilot(cast.lead, cast.pilot)).technology,
        "organisation_id": cast.lead.organisation,
        "account_id": cast.lead.id,
        "grant_id": 1,
    }
    return Chain(ids, cast, second, decider)


class Here(Work):
    """Work that computes where it stands: for rows of our own a test needs no process with limits."""

    async def limited(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Any:
        """The function's value."""
        return function(*arguments)


async def approved_rows(cast: Cast, state: Path) -> int:
    """A version that the lead sent and the second lead approved."""
    upload_id = await an_upload(cast, state)
    lease = await claim("worker of a test")
    assert lease is not None
    await check_upload(Here(lease, Pool(1), state))
    version_id = (await upload(cast.lead, upload_id)).version
    assert version_id is not None
    await approve(version_id, by=cast.second)
    return version_id


async def analysed(by: Person, pilot: int, version_id: int, state: Path) -> int:
    """A finished run of the locked plan on an approved version."""
    analysis_id = await analyses.request(pilot, by=by)
    rows = versions(state) / (await version(by, version_id)).stored
    async with transaction():
        await analyses.store(analysis_id, result_of(PLAN, rows, 1), {"en": "<svg/>"})
    return analysis_id


async def graded(analysis_id: int, by: Person) -> int:
    """A graded assessment of a finished run."""
    await _jobs_are_done()
    assessment_id = await evidence.assess(analysis_id, Facts(), by=by)
    async with transaction():
        await evidence.store_grade(assessment_id, grade_of((await assessment(by, assessment_id)).case))
    return assessment_id


async def advised(assessment_id: int, by: Person) -> int:
    """The recommendation that an approved assessment leads to."""
    await recommendations.issue(assessment_id, by=by)
    about = await assessment(by, assessment_id)
    technology = (await visible_pilot(by, about.assessment.pilot_id)).technology
    payload = {"assessment": assessment_id, "technology": technology, "by": by.id}
    async with transaction():
        await recommendations.store(payload, advice_on(about.case))
    await _jobs_are_done()
    return await _first(Recommendation)


async def _jobs_are_done() -> None:
    await Job.update({Job.state: JobState.DONE}).where(Job.id > 0)


async def _first(table: Any) -> int:
    row = await table.select(table.id).order_by(table.id).first()
    return int(row["id"])
