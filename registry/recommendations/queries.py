"""Reading recommendations; a person sees those that rest on a pilot they see."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from registry.evidence import queries as evidence
from registry.evidence.grounds import heard_of
from registry.evidence.withheld import graded
from registry.indicators import queries as indicators
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot, visible_to
from registry.pilots.tables import Pilot
from registry.recommendations.schemas import (
    DissentView,
    Issuing,
    RecommendationList,
    RecommendationSummary,
    RecommendationView,
    Resting,
)
from registry.recommendations.standing import outdated, replaced_by
from registry.recommendations.tables import Basis, Recommendation

SUBJECT: Final = "recommendation_of:{}"
_SUMMARY: Final = (
    Recommendation.id,
    Recommendation.technology.as_alias("technology_id"),
    Recommendation.technology._.name.as_alias("technology_name"),
    Recommendation.technology._.major_version.as_alias("major_version"),
    Recommendation.assessment._.pilot.as_alias("pilot_id"),
    Recommendation.assessment._.pilot._.title.as_alias("pilot_title"),
    Recommendation.assessment._.pilot._.simulated.as_alias("simulated"),
    Recommendation.assessment.as_alias("assessment_id"),
    Recommendation.ruleset,
    Recommendation.kind,
    Recommendation.rule,
    Recommendation.issued_by,
    Recommendation.issued_by._.name.as_alias("issuer"),
    Recommendation.issued_at,
)


async def recommendations(person: Person) -> RecommendationList:
    """Every recommendation the person may see, newest first."""
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    query = Recommendation.select(*_SUMMARY).where(Recommendation.assessment._.pilot.is_in(seen))
    rows = await query.order_by(Recommendation.id, ascending=False)
    return RecommendationList(await _summaries(rows))


async def recommendation(person: Person, recommendation_id: int) -> RecommendationView:
    """A recommendation with its advice. Raises NotFound when there is none that the person may see."""
    row = (
        await Recommendation.select(*_SUMMARY, Recommendation.advice)
        .where(Recommendation.id == recommendation_id)
        .first()
    )
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    resting = await resting_on(person, recommendation_id, row["assessment_id"])
    advice = msgspec.json.decode(row["advice"])
    return RecommendationView(
        recommendation=(await _summaries([row]))[0],
        advice=advice if resting.whole else graded(advice),
        dissent=await _dissent(row["pilot_id"]),
        resting=resting,
        replaced_by=await replaced_by(person, recommendation_id),
    )


async def resting_on(person: Person, recommendation_id: int, assessment_id: int) -> Resting:
    """What a recommendation rests on; for one that the reader may see."""
    units = (await heard_of(assessment_id)).units
    columns = (Basis.business_case, Basis.valuation, Basis.synthesis._.number.as_alias("look"))
    looked = Basis.synthesis._.assessments.as_alias("assessments")
    row = await Basis.select(*columns, looked).where(Basis.recommendation == recommendation_id).first()
    if row is None:
        return Resting(units=units)
    pooled = msgspec.json.decode(row["assessments"]) if row["assessments"] else [assessment_id]
    whole = await evidence.all_visible(person, pooled)
    return Resting(
        look=row["look"],
        pilots=len(pooled),
        whole=whole,
        simulated=await evidence.any_simulated(pooled),
        business_case=row["business_case"],
        valuation=msgspec.json.decode(row["valuation"]) if row["valuation"] and whole else None,
        units=units,
    )


async def issuing(person: Person, assessment_id: int) -> Issuing:
    """How far the recommendation of an assessment is. Raises NotFound."""
    job = await jobs.latest(SUBJECT.format(assessment_id))  # read first: a job that is over has stored its advice
    about = (await evidence.assessment(person, assessment_id)).assessment
    issued = await Recommendation.select(Recommendation.id).where(Recommendation.assessment == assessment_id).first()
    return Issuing(
        assessment_id=assessment_id,
        pilot_id=about.pilot_id,
        approved=about.approved_at is not None,
        recommendation_id=issued["id"] if issued else None,
        job=job,
    )


async def _summaries(rows: Sequence[Mapping[str, Any]]) -> list[RecommendationSummary]:
    old = await outdated([row["id"] for row in rows])
    return [msgspec.convert({**row, "outdated": old.get(row["id"])}, RecommendationSummary) for row in rows]


async def _dissent(pilot_id: int) -> list[DissentView]:
    agreed = await indicators.agreed_set(pilot_id)
    return [DissentView(item.name, item.dissent) for item in agreed if item.dissent]
