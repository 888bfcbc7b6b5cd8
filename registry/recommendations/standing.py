"""Which recommendations no longer count, why, and what took their place; the old ones stay readable."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from effects.message import Message
from registry.business_cases.tables import BusinessCase
from registry.evidence import queries as evidence
from registry.evidence.tables import Assessment
from registry.people.rules import Person
from registry.pilots.queries import visible_to
from registry.pilots.tables import Pilot
from registry.recommendations.tables import Basis, Recommendation

REPLACED: Final = Message("A newer recommendation about the technology is issued.")
VALUED_ANEW: Final = Message("The business case was stated anew since: version {number} holds now.")
FIRST_VALUED: Final = Message("A business case was stated since; this recommendation does not know it.")


async def outdated(recommendations: Collection[int]) -> dict[int, Message]:
    """Why a recommendation no longer counts (evidence, a newer one, a newer business case); others are left out."""
    if not recommendations:
        return {}
    rows = await Recommendation.select(Recommendation.id, Recommendation.technology, Recommendation.assessment).where(
        Recommendation.id.is_in(sorted(recommendations))
    )
    technologies = sorted({row["technology"] for row in rows})
    resting = await _resting([row["id"] for row in rows])
    used = {row["id"]: {row["assessment"], *resting.get(row["id"], {}).get("assessments", ())} for row in rows}
    old = await evidence.outdated(set().union(*used.values()))
    newest = await _newest(technologies)
    cases = await _business_cases(technologies)
    found = {}
    for row in rows:
        evidence_gone = next((old[one] for one in sorted(used[row["id"]]) if one in old), None)
        newer = REPLACED if newest[row["technology"]] != row["id"] else None
        case = resting.get(row["id"], {}).get("business_case")
        why = evidence_gone or newer or _valued_since(case, cases.get(row["technology"]))
        if why:
            found[row["id"]] = why
    return found


async def resting_on(pilots: Collection[int]) -> dict[int, frozenset[int]]:
    """The recommendations that rest on an assessment of one of these pilots, each with those of them it rests on."""
    rows = await Assessment.select(Assessment.id, Assessment.pilot).where(Assessment.pilot.is_in(list(pilots)))
    of_pilot = {row["id"]: row["pilot"] for row in rows}
    technologies = Pilot.select(Pilot.technology).where(Pilot.id.is_in(list(pilots)))
    about = Recommendation.technology.is_in(technologies)
    issued = await Recommendation.select(Recommendation.id, Recommendation.assessment).where(about)
    resting = await _resting([row["id"] for row in issued] or [0])
    found = {}
    for row in issued:
        used = {row["assessment"], *resting.get(row["id"], {}).get("assessments", ())}
        if on := frozenset(of_pilot[one] for one in used if one in of_pilot):
            found[row["id"]] = on
    return found


async def partly_hidden(person: Person, recommendations: Collection[int]) -> frozenset[int]:
    """Those of the recommendations that rest on a pilot which is not open to the person."""
    resting = await _resting(list(recommendations) or [0])
    used = {one: set(about["assessments"]) for one, about in resting.items()}
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    pooled = Assessment.id.is_in(sorted(set().union(*used.values())) or [0])
    rows = await Assessment.select(Assessment.id).where(pooled & Assessment.pilot.not_in(seen))
    hidden = {row["id"] for row in rows}
    return frozenset(one for one, assessments in used.items() if assessments & hidden)


async def replaced_by(person: Person, recommendation_id: int) -> int | None:
    """The newest recommendation about the same technology, where it is another one that the person may see."""
    about = await Recommendation.select(Recommendation.technology).where(Recommendation.id == recommendation_id).first()
    if about is None:
        return None
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    row = (
        await Recommendation.select(Recommendation.id)
        .where(Recommendation.technology == about["technology"])
        .where(Recommendation.assessment._.pilot.is_in(seen))
        .order_by(Recommendation.id, ascending=False)
        .first()
    )
    return int(row["id"]) if row and row["id"] > recommendation_id else None


def _valued_since(used: int | None, newest: Mapping[str, Any] | None) -> Message | None:
    if newest is None or newest["id"] == used:
        return None
    return FIRST_VALUED if used is None else Message(VALUED_ANEW.template, {"number": newest["number"]})


async def _resting(recommendations: Collection[int]) -> dict[int, dict[str, Any]]:
    rows = await Basis.select(
        Basis.recommendation, Basis.business_case, Basis.synthesis._.assessments.as_alias("assessments")
    ).where(Basis.recommendation.is_in(list(recommendations)))
    return {
        row["recommendation"]: {
            "business_case": row["business_case"],
            "assessments": msgspec.json.decode(row["assessments"]) if row["assessments"] else [],
        }
        for row in rows
    }


async def _newest(technologies: Collection[int]) -> dict[int, int]:
    """The newest recommendation of each technology."""
    about = Recommendation.technology.is_in(list(technologies))
    rows = await Recommendation.select(Recommendation.id, Recommendation.technology).where(about).order_by("id")
    return {row["technology"]: row["id"] for row in rows}


async def _business_cases(technologies: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """The business case of each technology that holds."""
    query = BusinessCase.select(BusinessCase.id, BusinessCase.number, BusinessCase.technology)
    rows = await query.where(BusinessCase.technology.is_in(list(technologies))).order_by("number")
    return {row["technology"]: row for row in rows}
