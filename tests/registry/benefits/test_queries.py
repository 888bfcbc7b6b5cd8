"""Reading the ledger; what belongs to a private pilot does not exist for others."""

from datetime import timedelta

import pytest

from effects.message import Message
from registry.analyses.queries import analysis
from registry.analyses.tables import Retraction
from registry.benefits.actions import measure
from registry.benefits.measuring import effects_of
from registry.benefits.queries import benefit, ledger, measurable, optimism, portfolio
from registry.benefits.schemas import Measuring
from registry.benefits.tables import Benefit
from registry.business_cases.rules import BenefitKind
from registry.kit.clock import now, today
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_result, a_written_analysis, an_estimate, no_estimate
from tests.registry.benefits.story import a_kept_promise, a_promise
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def test_a_pilots_promises_are_listed_oldest_first_with_their_place() -> None:
    cast = await a_cast()
    first, second = await a_promise(cast), await a_promise(cast, organisation=cast.lead.organisation)
    await a_promise(await a_cast())
    found = (await ledger(cast.lead, cast.pilot)).benefits
    assert [one.promise.id for one in found] == [first, second]
    assert [one.promise.organisation_name is None for one in found] == [True, False]
    assert found[0].promise.pilot_title == "Digital case investigation"


async def test_the_portfolio_begins_with_what_falls_due_first_and_ends_with_what_is_done() -> None:
    cast = await a_cast(visibility=Visibility.PROGRAMME)
    done = await a_kept_promise(cast)
    later = await a_promise(cast, due=today() + timedelta(days=90))
    overdue = await a_promise(cast)
    await Benefit.update({Benefit.due: today() - timedelta(days=9)}).where(Benefit.id == overdue)
    hidden = await a_promise(await a_cast())
    found = (await portfolio(await an_account(Role.DECISION_MAKER))).benefits
    assert [one.promise.id for one in found] == [overdue, later, done]
    assert [one.standing.overdue for one in found] == [True, False, False]
    assert hidden not in {one.promise.id for one in found}


async def test_what_is_private_does_not_exist_for_others() -> None:
    cast = await a_cast()
    made = await a_promise(cast)
    stranger = await an_account(Role.PROJECT_LEAD)
    for reading in (benefit(stranger, made), benefit(cast.lead, 999), ledger(stranger, cast.pilot)):
        with pytest.raises(NotFound):
            await reading


async def test_the_factor_rests_only_on_promises_that_the_reader_may_see() -> None:
    cast = await a_cast()
    for share in (0.5, 0.6, 0.9):
        await a_kept_promise(cast, share)
    own = await optimism(cast.lead)
    assert own[BenefitKind.WORKING_TIME].factor == pytest.approx(0.6)
    assert await optimism(await an_account(Role.PROJECT_LEAD)) == {}


async def test_a_measurement_of_a_retracted_result_is_outdated_and_cannot_be_taken_anew() -> None:
    cast, analysis_id = await a_written_analysis()
    made = await a_promise(cast)
    (language, *_) = await effects_of(cast.lead, cast.pilot)
    await measure(made, Measuring(effect=language.key), by=cast.lead)
    assert (await benefit(cast.lead, made)).measured is not None
    retracted = {"reason": "The columns were swapped", "retracted_by": cast.evaluator.id, "retracted_at": now()}
    await Retraction(analysis=analysis_id, **retracted).save()
    found = await benefit(cast.lead, made)
    assert found.measured is None
    assert isinstance(found.promise.measurements[0].outdated, Message)
    assert "The columns were swapped" in str(found.promise.measurements[0].outdated)
    assert await effects_of(cast.lead, cast.pilot) == []


async def test_only_effects_that_carry_a_claim_and_have_a_figure_can_be_taken_over() -> None:
    entries = (
        an_estimate("language", 0.2, 0.05, 0.001),
        no_estimate("strain"),
        an_estimate("language", 0.3, 0.05, None, analysis="sensitivity"),
    )
    cast, analysis_id = await a_written_analysis(a_result(*entries))
    found = await analysis(cast.lead, analysis_id)
    (only,) = measurable(analysis_id, found.effects, now())
    assert (only.key, only.estimate, only.finished_on) == (f"{analysis_id}:overall:language", 0.2, today())
