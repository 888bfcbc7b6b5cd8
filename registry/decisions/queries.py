"""Reading decisions; a person sees those whose pilot they see."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from effects.message import Message
from registry.decisions.duties import next_duty, urgency
from registry.decisions.rollout_schemas import RolloutSummary
from registry.decisions.schemas import AdviceView, ConditionView, DecisionList, DecisionSummary, DecisionView
from registry.decisions.tables import Condition, Decision, StagedRollout
from registry.kit.clock import today
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot, visible_to
from registry.pilots.tables import Pilot
from registry.recommendations.queries import recommendation
from registry.recommendations.standing import outdated

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
    """Every decision the person may see, what is due first."""
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    rows = await Decision.select(*_SUMMARY).where(Decision.recommendation._.assessment._.pilot.is_in(seen))
    found = await _summaries(rows)
    return DecisionList(sorted(found, key=lambda one: urgency(one.duty, one.id)))


async def decision(person: Person, decision_id: int) -> DecisionView:
    """A decision with its conditions. Raises NotFound when there is none that the person may see."""
    technology = Decision.recommendation._.technology.as_alias("technology")
    row = await Decision.select(*_SUMMARY, Decision.reason, technology).where(Decision.id == decision_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    conditions = await Condition.select().where(Condition.decision == decision_id).order_by(Condition.id)
    return DecisionView(
        decision=(await _summaries([row]))[0],
        technology_id=row["technology"],
        reason=row["reason"],
        conditions=[ConditionView(one["text"], one["owner"], one["due"], one["due"] < today()) for one in conditions],
        rollout=await _rollout(decision_id),
    )


async def _rollout(decision_id: int) -> RolloutSummary | None:
    shown = (StagedRollout.seed, StagedRollout.drawn_by._.name.as_alias("drawn_by"), StagedRollout.drawn_at)
    row = await StagedRollout.select(*shown).where(StagedRollout.decision == decision_id).first()
    return None if row is None else msgspec.convert(row, RolloutSummary)


async def advice(person: Person, recommendation_id: int) -> AdviceView:
    """A recommendation and what was decided on it. Raises NotFound when there is none that the person may see."""
    found = await recommendation(person, recommendation_id)
    return AdviceView(**msgspec.structs.asdict(found), decision=await decided(recommendation_id))


async def decided(recommendation_id: int) -> DecisionSummary | None:
    """The decision on a recommendation that the reader may see, or None."""
    row = await Decision.select(*_SUMMARY).where(Decision.recommendation == recommendation_id).first()
    return None if row is None else (await _summaries([row]))[0]


async def _summaries(rows: Sequence[Mapping[str, Any]]) -> list[DecisionSummary]:
    """The decisions with their next duty, what replaced them and whether their evidence still counts."""
    if not rows:
        return []
    conditions = await _days([row["id"] for row in rows])
    later = await _newest({row["pilot_id"] for row in rows})
    old = await outdated({row["recommendation_id"] for row in rows})
    return [
        _summary(row, conditions[row["id"]], later[row["pilot_id"]], old.get(row["recommendation_id"])) for row in rows
    ]


def _summary(row: Mapping[str, Any], conditions: Sequence[date], newest: int, old: Message | None) -> DecisionSummary:
    later = None if newest == row["id"] else newest
    shown = {name: row[name] for name in DecisionSummary.__struct_fields__ if name in row}
    duty = next_duty(row["review_on"], conditions, today(), replaced=later is not None)
    return msgspec.convert({**shown, "duty": duty, "later": later, "outdated": old}, DecisionSummary)


async def _days(decided_ids: Sequence[int]) -> defaultdict[int, list[date]]:
    rows = await Condition.select(Condition.decision, Condition.due).where(Condition.decision.is_in(list(decided_ids)))
    days: defaultdict[int, list[date]] = defaultdict(list)
    for row in rows:
        days[row["decision"]].append(row["due"])
    return days


async def _newest(pilots: Collection[int]) -> dict[int, int]:
    """The newest decision on each pilot's evidence."""
    pilot = Decision.recommendation._.assessment._.pilot
    query = Decision.select(Decision.id, pilot.as_alias("pilot")).where(pilot.is_in(list(pilots)))
    return {row["pilot"]: row["id"] for row in await query.order_by(Decision.id)}
