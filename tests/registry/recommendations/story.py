"""Issued recommendations for the tests of this slice and all later ones."""

from pathlib import Path
from typing import Any

from registry.evidence.actions import approve
from registry.recommendations.actions import issue
from registry.recommendations.tables import Recommendation
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import a_published_assessment, a_second_evaluator, an_approved_assessment
from tests.registry.plans.story import Cast, a_cast


async def issued(state: Path, cast: Cast, assessment_id: int) -> int:
    """The recommendation of an approved assessment, issued by the cast's evaluator."""
    await issue(assessment_id, by=cast.evaluator)
    await work_off(state)
    row = await Recommendation.select(Recommendation.id).where(Recommendation.assessment == assessment_id).first()
    assert row is not None, "the recommendation was not drawn up"
    return int(row["id"])


async def an_issued_recommendation(state: Path, **about: Any) -> tuple[Cast, int]:
    """Advice that follows from a run (`a_written_analysis`): not enough evidence, for want of economics."""
    cast, assessment_id = await an_approved_assessment(state, **about)
    return cast, await issued(state, cast, assessment_id)


async def telecare_recommended(state: Path, **about: Any) -> tuple[Cast, int]:
    """The advice on TeleCare Nord: stop."""
    cast = await a_cast(**about)
    assessment_id = await a_published_assessment(state, cast)
    await approve(assessment_id, by=await a_second_evaluator(cast))
    return cast, await issued(state, cast, assessment_id)
