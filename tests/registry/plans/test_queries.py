"""Reading plans."""

import pytest

from registry.kit.errors import NotFound
from registry.plans import queries
from registry.plans.actions import supersede
from registry.plans.schemas import Superseding
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import PLAN, a_cast, a_draft, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")


async def test_a_pilot_without_plans_has_an_empty_list() -> None:
    cast = await a_cast()
    listed = await queries.plans_of(cast.lead, cast.pilot)
    assert (listed.plans, listed.current, listed.agreed) == ((), None, 0)
    assert await queries.current_plan(cast.pilot) is None


async def test_the_list_shows_the_newest_first_and_the_one_that_counts() -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    locked = await a_locked_plan(cast)
    successor = await supersede(locked, Superseding("A longer reason is here."), by=cast.evaluator)
    listed = await queries.plans_of(cast.lead, cast.pilot)
    assert [(plan.id, plan.number, plan.state) for plan in listed.plans] == [
        (successor, 2, "draft"),
        (locked, 1, "locked"),
    ]
    assert (listed.current, listed.agreed) == (locked, 2)
    assert listed.plans[0].drafted_by == cast.evaluator.name


async def test_who_may_not_see_the_pilot_sees_none_of_its_plans() -> None:
    cast = await a_cast()
    plan_id = await a_draft(cast)
    stranger = await a_lead()
    for attempt in (queries.plans_of(stranger, cast.pilot), queries.plan(stranger, plan_id)):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await queries.plan(cast.lead, plan_id + 1_000)


async def test_a_draft_shows_what_stands_against_it() -> None:
    cast = await a_cast()
    before = await queries.plan(cast.lead, await a_draft(cast))
    assert [finding.code for finding in before.findings] == ["nothing_agreed"]
    await agree(cast.pilot)
    assert (await queries.plan(cast.lead, before.id)).findings == ()


async def test_a_file_that_cannot_be_read_any_more_is_a_finding() -> None:
    assert [finding.code for finding in queries.findings_of("design = [", ())] == ["not_toml"]
    assert [finding.code for finding in queries.findings_of(PLAN, ())] == ["nothing_agreed"]


async def test_a_draft_that_another_plan_has_overtaken_can_no_longer_be_locked() -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    old = await a_draft(cast)
    locked = await a_locked_plan(cast)
    found = await queries.plan(cast.evaluator, old)
    assert [one.code for one in found.findings if one.severity == "error"] == ["overtaken"]
    assert found.current == locked
    assert (await queries.plan(cast.evaluator, locked)).findings == ()


async def test_one_plan_tells_what_authorities_may_answer_with_moments_and_a_list_does_not() -> None:
    cast = await a_cast()
    plan_id = await a_draft(cast)
    found = await queries.plan(cast.lead, plan_id)
    assert found.moments is not None and not found.moments.on_moments
    assert all(one.remedy is not None for one in found.moments.answers if not one.on_moments)
    await agree(cast.pilot)
    await a_locked_plan(cast)
    current = await queries.current_plan(cast.pilot)
    assert current is not None and current.moments is None
