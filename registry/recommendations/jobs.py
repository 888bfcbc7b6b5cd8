"""What the worker does for recommendations: it applies the rules."""

from registry.business_cases import queries as business_cases
from registry.evidence.grounds import ground_of
from registry.evidence.looks import keep
from registry.evidence.tables import Assessment
from registry.kit.errors import Conflict
from registry.kit.work import Work
from registry.recommendations.actions import store
from registry.recommendations.compute import Business, drawn_up
from registry.recommendations.rules import OVERTAKEN


async def issue(work: Work) -> None:
    """Draw up the advice on a technology that follows from an assessment and from what its other pilots say.

    Raises Conflict where the assessment does not count any more.
    """
    assessment, technology = work.payload["assessment"], work.payload["technology"]
    row = await Assessment.select(Assessment.case).where(Assessment.id == assessment).first()
    assert row is not None, "an assessment is never deleted"
    ground = await ground_of(technology)
    if assessment not in {one.assessment for one in ground.heard}:
        raise Conflict(OVERTAKEN)
    current = await business_cases.current(technology)
    business = None if current is None else Business(current.stated, await business_cases.places())
    drawn = await work.compute(drawn_up, row["case"], ground, business)
    async with work.finishing():
        look = await keep(ground, drawn.look, job=work.job_id, decides=True, by=work.payload["by"])
        case = None if current is None else current.id
        await store(work.payload, drawn.advice, look=look, business_case=case, valuation=drawn.valuation)
