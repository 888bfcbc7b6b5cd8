"""Which recommendations no longer count."""

from pathlib import Path

import pytest

from registry.business_cases.tables import BusinessCase
from registry.evidence.actions import approve, assess
from registry.evidence.queries import assessment, assessments_of
from registry.kit.clock import now
from registry.people.rules import Person, Role
from registry.recommendations.queries import recommendation
from registry.recommendations.standing import FIRST_VALUED, REPLACED, outdated, replaced_by
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import a_second_evaluator, facts, technology_of, two_pilots
from tests.registry.people.story import an_account
from tests.registry.plans.story import Cast
from tests.registry.recommendations.story import an_issued_recommendation, issued

pytestmark = pytest.mark.usefixtures("database")


async def assessed_anew(state: Path, cast: Cast, made: int) -> int:
    """A second approved assessment of the run that a recommendation rests on."""
    about = (await recommendation(cast.lead, made)).recommendation
    run = (await assessment(cast.lead, about.assessment_id)).assessment.analysis_id
    assert run is not None
    again = await assess(run, facts(dose=0.5), by=cast.evaluator)
    await work_off(state)
    await approve(again, by=await a_second_evaluator(cast))
    return again


async def newest_of(cast: Cast) -> int:
    """The newest assessment of the cast's pilot."""
    return (await assessments_of(cast.evaluator, cast.pilot)).assessments[0].id


async def a_business_case(technology: int, by: Person, number: int = 1) -> int:
    row = BusinessCase(technology=technology, number=number, stated="", stated_by=by.id, stated_at=now())
    await row.save()
    return int(row.id)


async def test_a_fresh_recommendation_counts(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    assert await outdated([made, 999]) == {}
    assert await outdated([]) == {}
    found = await recommendation(cast.lead, made)
    assert (found.recommendation.outdated, found.replaced_by) == (None, None)


async def test_newer_evidence_and_then_a_newer_recommendation_outdate_it_and_it_stays_readable(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    again = await assessed_anew(tmp_path, cast, made)
    assert "newer assessment" in str((await outdated([made]))[made])
    newer = await issued(tmp_path, cast, again)
    found = await recommendation(cast.lead, made)
    assert (found.replaced_by, found.advice["recommendation"]) == (newer, "NOT_ENOUGH_EVIDENCE")
    assert await outdated([newer]) == {}


async def test_advice_on_another_pilot_of_the_technology_takes_its_place(tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    assert technology == await technology_of(first)
    everybody = await an_account(Role.EVALUATOR, everywhere=True)
    old, new = [await issued(tmp_path, cast, await newest_of(cast)) for cast in (first, second)]
    assert await outdated([old, new]) == {old: REPLACED}
    assert await replaced_by(everybody, old) == new
    assert await replaced_by(everybody, new) is None
    assert await replaced_by(first.lead, old) is None, "the newer one rests on a pilot that is not open to them"
    assert await replaced_by(everybody, 999) is None


async def test_evidence_of_any_pilot_behind_it_outdates_it(tmp_path: Path) -> None:
    first, second, _ = await two_pilots(tmp_path)
    made = await issued(tmp_path, second, await newest_of(second))
    run = (await assessment(first.lead, await newest_of(first))).assessment.analysis_id
    assert run is not None
    again = await assess(run, facts(dose=0.5), by=first.evaluator)
    await work_off(tmp_path)
    await approve(again, by=await a_second_evaluator(first))
    assert "newer assessment" in str((await outdated([made]))[made])


async def test_a_business_case_stated_since_outdates_it(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    technology = await technology_of(cast)
    await a_business_case(technology, cast.lead)
    assert (await outdated([made]))[made] == FIRST_VALUED
