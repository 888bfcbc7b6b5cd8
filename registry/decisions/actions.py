"""Recording a decision; it stands beside the advice and is never overwritten."""

from effects.codes import Kind
from registry.audit.actions import record
from registry.decisions import queries
from registry.decisions.checks import problems
from registry.decisions.rules import DECIDE, DECIDED_ALREADY, OWN_ADVICE, deviates
from registry.decisions.schemas import Deciding
from registry.decisions.tables import Condition, Decision
from registry.kit.clock import now, today
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, Forbidden, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.recommendations.queries import recommendation
from registry.recommendations.tables import Recommendation


async def decide(recommendation_id: int, deciding: Deciding, *, by: Person) -> int:
    """Record a decision with its conditions; returns it.

    Raises NotFound, Forbidden (also for whoever issued the advice), Conflict when one is recorded already, and Invalid
    with every finding.
    """
    about = (await recommendation(by, recommendation_id)).recommendation
    pilot = await visible_pilot(by, about.pilot_id)
    require(by, DECIDE, organisation=pilot.organisation, pilot=pilot.id)
    if about.issued_by == by.id:
        raise Forbidden(OWN_ADVICE)
    kind = Kind(about.kind)
    found = list(problems(deciding, kind, today()))
    if found:
        raise Invalid(found)
    async with transaction():
        await take_turn(Recommendation, recommendation_id)
        if await queries.decided(recommendation_id) is not None:
            raise Conflict(DECIDED_ALREADY)
        row = Decision(
            recommendation=recommendation_id,
            choice=deciding.choice,
            deviates=deviates(kind, deciding.choice),
            reason=deciding.reason,
            review_on=deciding.review_on,
            decided_by=by.id,
            decided_at=now(),
        )
        await row.save()
        conditions = [
            Condition(decision=row.id, text=one.text, owner=one.owner, due=one.due) for one in deciding.conditions
        ]
        if conditions:
            await Condition.insert(*conditions)
        content = {"recommendation": recommendation_id, "choice": deciding.choice, "conditions": len(conditions)}
        await record(action="decisions.decide", object_kind="decision", object_id=row.id, content=content, by=by.id)
    return row.id
