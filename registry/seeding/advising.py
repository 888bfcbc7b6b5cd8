"""From a finished analysis to a decision: the evaluators' and the decision-maker's part of the demo."""

from datetime import timedelta

from effects.codes import Kind
from registry.analyses import queries as analyses
from registry.decisions.actions import decide
from registry.decisions.drawing import draw
from registry.decisions.queries import decided
from registry.decisions.rollout_schemas import Drawing
from registry.decisions.rollouts import rollout
from registry.decisions.rules import ADVISED
from registry.decisions.schemas import Deciding, NewCondition
from registry.evidence import actions as evidence
from registry.evidence.queries import assessments_of
from registry.evidence.schemas import AssessmentSummary, Published
from registry.kit.clock import today
from registry.people.rules import Person, Role
from registry.recommendations import actions as recommendations
from registry.recommendations.queries import SUBJECT, issuing, recommendation
from registry.seeding import files
from registry.seeding.carriage import Carriage, waiting_for
from registry.seeding.cast import Cast
from registry.seeding.files import DemoPilotSeed, PublishedSeed, StagesSeed


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
    return await _concluded(carriage.seed, carriage.cast, carriage.pilot, "")


async def carry_published(seed: PublishedSeed, cast: Cast, pilot_id: int) -> bool:
    """The evaluator enters published figures; they wait for the second evaluator, are approved, advised on, decided."""
    if await _assessed(cast, pilot_id, seed.source) is None:
        published = Published(case=files.text(seed.case), source=seed.source, remark=seed.remark)
        await evidence.assess_published(pilot_id, published, by=cast.first(Role.EVALUATOR))
    if seed.until == "assessed":
        return True
    if seed.until == "approved":
        return await _approved(cast, pilot_id, seed.source) is not None
    if not await _advised(cast, pilot_id, seed.source) or seed.until == "recommended":
        return (await _recommended(cast, pilot_id, seed.source)) is not None
    return await _concluded(seed, cast, pilot_id, seed.source, seed.stages)


async def _concluded(
    seed: DemoPilotSeed | PublishedSeed, cast: Cast, pilot_id: int, source: str, stages: StagesSeed | None = None
) -> bool:
    """The advice is followed, and the order of a roll-out in stages is drawn."""
    decider = cast.first(Role.DECISION_MAKER)
    found = await _recommended(cast, pilot_id, source)
    if found is None:
        return False
    made = await decided(found)
    if made is not None:
        if stages is not None:
            await _drawn(made.id, stages, decider)
        return True
    kind = Kind((await recommendation(decider, found)).recommendation.kind)
    deciding = Deciding(
        choice=ADVISED[kind],
        reason=seed.decision_reason,
        review_on=today() + timedelta(days=seed.review_in),
        conditions=[NewCondition(one.text, one.owner, today() + timedelta(days=one.due_in)) for one in seed.conditions],
    )
    decision = await decide(found, deciding, by=decider)
    if stages is not None:
        await _drawn(decision, stages, decider)
    return True


async def _drawn(decision: int, seed: StagesSeed, decider: Person) -> None:
    """Every municipality that does not have the technology yet takes part."""
    state = await rollout(decider, decision)
    if state.drawn is None:
        places = tuple(one.code for one in state.candidates if not one.has_it)
        first = today() + timedelta(days=seed.starts_in)
        drawing = Drawing(stages=seed.stages, first_period=first, months_between=seed.months_between, places=places)
        await draw(decision, drawing, by=decider)


async def _approved(cast: Cast, pilot_id: int, source: str) -> AssessmentSummary | None:
    """The approved assessment; None while it is being graded."""
    about = await _assessed(cast, pilot_id, source)
    assert about is not None, "it is assessed first"
    if not about.graded:
        await waiting_for(f"assessment:{about.id}")
        return None
    if about.approved_at is None:
        await evidence.approve(about.id, by=cast.second(Role.EVALUATOR))
    return about


async def _advised(cast: Cast, pilot_id: int, source: str) -> bool:
    """Approve and issue as far as the jobs have come; True once there is a recommendation."""
    about = await _approved(cast, pilot_id, source)
    if about is None:
        return False
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


async def _recommended(cast: Cast, pilot_id: int, source: str) -> int | None:
    about = await _assessed(cast, pilot_id, source)
    return (await issuing(cast.first(Role.EVALUATOR), about.id)).recommendation_id if about else None
