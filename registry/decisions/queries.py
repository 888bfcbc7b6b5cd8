"""Reading decisions; a person sees those whose pilot they see."""

from typing import Final

import msgspec

from registry.decisions.schemas import AdviceView, ConditionView, DecisionList, DecisionSummary, DecisionView
from registry.decisions.tables import Condition, Decision
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot, visible_to
from registry.pilots.tables import Pilot
from registry.recommendations.queries import recommendation

_SUMMARY: Final = (
    Decision.id,
    Decision.recommendation.as_alias("recommendation_id"),
    Decision.recommendation._.technology._.name.as_alias("technology_name"),
    Decision.recommendation._.technology._.major_version.as_alias("major_version"),
    Decision.recommendation._.assessment._.pilot.as_alias("pilot_id"),
    Decision.recommendation._.kind.as_alias("advised"),
    Decision.choice,
    Decision.deviates,
    Decision.review_on,
    Decision.decided_by._.name.as_alias("decider"),
    Decision.decided_at,
)


async def decisions(person: Person) -> DecisionList:
    """Every decision the person may see, newest first."""
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    query = Decision.select(*_SUMMARY).where(Decision.recommendation._.assessment._.pilot.is_in(seen))
    rows = await query.order_by(Decision.id, ascending=False)
    return DecisionList([msgspec.convert(row, DecisionSummary) for row in rows])


async def decision(person: Person, decision_id: int) -> DecisionView:
    """A decision with its conditions. Raises NotFound when there is none that the person may see."""
    row = await Decision.select(*_SUMMARY, Decision.reason).where(Decision.id == decision_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    conditions = await Condition.select().where(Condition.decision == decision_id).order_by(Condition.id)
    return DecisionView(
        decision=msgspec.convert(row, DecisionSummary),
        reason=row["reason"],
        conditions=[ConditionView(one["text"], one["owner"], one["due"]) for one in conditions],
    )


async def advice(person: Person, recommendation_id: int) -> AdviceView:
    """A recommendation and what was decided on it. Raises NotFound when there is none that the person may see."""
    found = await recommendation(person, recommendation_id)
    return AdviceView(**msgspec.structs.asdict(found), decision=await decided(recommendation_id))


async def decided(recommendation_id: int) -> DecisionSummary | None:
    """The decision on a recommendation that the reader may see, or None."""
    row = await Decision.select(*_SUMMARY).where(Decision.recommendation == recommendation_id).first()
    return None if row is None else msgspec.convert(row, DecisionSummary)
