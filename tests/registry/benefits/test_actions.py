"""Promising and entering: once, by those who may, on record, and never over what stands."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.benefits.actions import measure, promisable_places, promise, realise, revise
from registry.benefits.measuring import effects_of
from registry.benefits.queries import benefit
from registry.benefits.schemas import Measuring
from registry.benefits.tables import Benefit, Measurement, Realisation, Revision
from registry.kit.clock import today
from registry.kit.errors import Forbidden, Invalid, NotFound, RegistryError
from registry.people.rules import OrganisationKind, Role
from tests.registry.analyses.story import a_written_analysis
from tests.registry.benefits.story import a_kept_promise, a_promise, measuring, promising, realising, revising
from tests.registry.people.story import an_account, an_organisation
from tests.registry.plans.story import LANGUAGE, a_cast, agree

pytestmark = pytest.mark.usefixtures("database")


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_a_first_promise_stands_whatever_is_entered_beside_it() -> None:
    cast = await a_cast()
    await agree(cast.pilot, [LANGUAGE])
    made = await a_promise(cast, organisation=cast.lead.organisation, indicator="language")
    before = (await benefit(cast.lead, made)).promise
    await revise(made, revising(due=today() + timedelta(days=500)), by=cast.lead)
    await revise(made, revising(expected=320.0), by=cast.lead)
    await measure(made, measuring(), by=cast.evaluator)
    await realise(made, realising(), by=cast.lead)
    after = await benefit(cast.lead, made)
    kept = ("title", "promised", "due", "assumptions", "owner", "promiser", "promised_at", "indicator")
    assert [getattr(after.promise, name) for name in kept] == [getattr(before, name) for name in kept]
    assert [(one.expected, one.due) for one in after.promise.revisions] == [
        (320.0, today() + timedelta(days=500)),
        (350.0, today() + timedelta(days=500)),
    ]
    assert (after.promise.measurements[0].low, after.promise.realisations[0].realised) == (250.0, 280.0)
    assert after.promise.measurements[0].by == cast.evaluator.name


async def test_every_entry_is_on_record() -> None:
    cast = await a_cast()
    made = await a_kept_promise(cast)
    rows = await AuditEntry.select().where(AuditEntry.object_kind == "benefit").order_by(AuditEntry.id)
    assert [(row["action"], row["object_id"]) for row in rows] == [
        (f"benefits.{action}", made) for action in ("promise", "revise", "measure", "realise")
    ]
    assert [row["actor"] for row in rows] == [cast.lead.id, cast.lead.id, cast.evaluator.id, cast.lead.id]
    assert await verify_chain() is None


async def test_an_effect_is_taken_over_with_its_interval_and_turned_by_what_it_is_multiplied_by() -> None:
    cast, analysis = await a_written_analysis()
    made = await a_promise(cast, promised=-50.0)
    (language, strain) = await effects_of(cast.lead, cast.pilot)
    assert (language.analysis_id, language.outcome, strain.outcome) == (analysis, "language", "strain")
    entry = Measuring(effect=language.key, times=-250.0, source="250 citizens, counted as a decrease")
    await measure(made, entry, by=cast.evaluator)
    found = (await benefit(cast.lead, made)).promise.measurements[0]
    assert (found.analysis, found.outcome, found.times) == (analysis, "language", -250.0)
    assert found.measured == pytest.approx(-50.0)
    assert found.low == pytest.approx(-62.5)
    assert found.high == pytest.approx(-37.5)
    assert found.measured_on == today()


async def test_what_is_wrong_is_refused_whole() -> None:
    cast = await a_cast()
    wrong = promising(promised=0.0, due=today(), organisation=9999, indicator="nobody")
    error = await refused(Invalid, promise(cast.pilot, wrong, by=cast.lead))
    assert [one.where for one in error.findings] == ["promised", "due", "organisation", "indicator"]
    made = await a_promise(cast)
    written = await AuditEntry.count()
    await refused(Invalid, revise(made, revising(expected=400.0), by=cast.lead))
    await refused(Invalid, measure(made, measuring(effect="1:overall:falls"), by=cast.lead))
    await refused(Invalid, realise(made, realising(realised_on=today() + timedelta(days=1)), by=cast.lead))
    assert (await Revision.count(), await Measurement.count(), await Realisation.count()) == (0, 0, 0)
    assert await AuditEntry.count() == written


async def test_leads_promise_and_evaluators_only_measure() -> None:
    cast = await a_cast()
    made = await a_promise(cast)
    await refused(Forbidden, promise(cast.pilot, promising(), by=cast.evaluator))
    await refused(Forbidden, revise(made, revising(), by=cast.evaluator))
    await refused(Forbidden, realise(made, realising(), by=cast.evaluator))
    decider = await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation)
    await refused(Forbidden, measure(made, measuring(), by=decider))
    await measure(made, measuring(), by=cast.evaluator)
    await measure(made, measuring(), by=cast.second)
    assert await Benefit.count() == 1


async def test_strangers_do_not_learn_of_it() -> None:
    cast = await a_cast()
    made = await a_promise(cast)
    stranger = await an_account(Role.PROJECT_LEAD)
    await refused(NotFound, promise(cast.pilot, promising(), by=stranger))
    await refused(NotFound, revise(made, revising(), by=stranger))
    await refused(NotFound, measure(made, measuring(), by=stranger))
    await refused(NotFound, realise(999, realising(), by=cast.lead))


async def test_municipalities_and_regions_can_be_promised_for_and_schools_cannot() -> None:
    region = await an_organisation("1099", name="Region Test", kind=OrganisationKind.REGION, population=None)
    school = await an_organisation("299999", name="A school", kind=OrganisationKind.SCHOOL, population=None)
    allowed = {place.id for place in await promisable_places()}
    assert region in allowed
    assert school not in allowed
