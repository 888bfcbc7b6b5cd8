"""From a finished analysis to a decision: the evaluators' and the decision-maker's part of the demo."""

from datetime import timedelta

from effects.codes import Kind
from registry.analyses import queries as analyses
from registry.decisions.actions import decide
from registry.decisions.queries import decided
from registry.decisions.rules import ADVISED
from registry.decisions.schemas import Deciding, NewCondition
from registry.evidence import actions as evidence
from registry.evidence.queries import assessments_of
from registry.evidence.schemas import AssessmentSummary, Published
from registry.kit.clock import today
from registry.people.rules import Role
from registry.recommendations import actions as recommendations
from registry.recommendations.queries import SUBJECT, issuing, recommendation
from registry.seeding import files
from registry.seeding.carriage import Carriage, waiting_for
from registry.seeding.cast import Cast
from registry.seeding.files import PublishedSeed


async def assess(carriage: Carriage) -> bool:
    """The evaluator states the facts about the result."""
    if await _assessed(carriage.cast, carriage.pilot) is None:
        run = (await analyses.finished(carriage.pilot))[0]
        await evidence.assess(run.id, carriage.seed.facts, by=carriage.cast.first(Role.EVALUATOR))
    return True


async def advise(carriage: Carriage) -> bool:
    """A second evaluator approves the graded assessment, and the recommendation is issued."""
    return await _advised(carriage.cast, carriage.pilot, "")


async def conclude(carriage: Carriage) -> bool:
    """The decision-maker follows the advice, with conditions."""
    seed, decider = carriage.seed, carriage.cast.first(Role.DECISION_MAKER)
    found = await _recommended(carriage.cast, carriage.pilot)
    if found is None or await decided(found) is not None:
        return found is not None
    kind = Kind((await recommendation(decider, found)).recommendation.kind)
    deciding = Deciding(
        choice=ADVISED[kind],
        reason=seed.decision_reason,
        review_on=today() + timedelta(days=seed.review_in),
        conditions=[NewCondition(one.text, one.owner, today() + timedelta(days=one.due_in)) for one in seed.conditions],
    )
    await decide(found, deciding, by=decider)
    return True


async def carry_published(seed: PublishedSeed, cast: Cast, pilot_id: int) -> bool:
    """The evaluator enters published figures; they are advised on, or wait for the second evaluator."""
    if await _assessed(cast, pilot_id, seed.source) is None:
        published = Published(case=files.text(seed.case), source=seed.source, remark=seed.remark)
        await evidence.assess_published(pilot_id, published, by=cast.first(Role.EVALUATOR))
    return seed.until == "assessed" or await _advised(cast, pilot_id, seed.source)


async def _advised(cast: Cast, pilot_id: int, source: str) -> bool:
    """Approve and issue as far as the jobs have come; True once there is a recommendation."""
    about = await _assessed(cast, pilot_id, source)
    assert about is not None, "it is assessed first"
    if not about.graded:
        return await waiting_for(f"assessment:{about.id}")
    if about.approved_at is None:
        await evidence.approve(about.id, by=cast.second(Role.EVALUATOR))
    evaluator = cast.first(Role.EVALUATOR)
    state = await issuing(evaluator, about.id)
    if state.recommendation_id is not None:
        return True
    if state.job is None:
        await recommendations.issue(about.id, by=evaluator)
    return await waiting_for(SUBJECT.format(about.id))


async def _assessed(cast: Cast, pilot_id: int, source: str = "") -> AssessmentSummary | None:
    """The newest assessment of a pilot's own result, or of the figures with that source."""
    found = (await assessments_of(cast.first(Role.EVALUATOR), pilot_id)).assessments
    return next((one for one in found if one.source == source), None)


async def _recommended(cast: Cast, pilot_id: int) -> int | None:
    about = await _assessed(cast, pilot_id)
    return (await issuing(cast.first(Role.EVALUATOR), about.id)).recommendation_id if about else None
