"""The words of a pilot, who may do what with it, and its phase, which is derived from what has happened."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role, StakeholderGroup


class Kind(StrEnum):
    """What is being tried."""

    WELFARE_TECHNOLOGY = "welfare_technology"
    IT_IN_SCHOOLS = "it_in_schools"


class Dpia(StrEnum):
    """How far the data protection impact assessment is; `unknown` is what nobody has stated."""

    UNKNOWN = "unknown"
    NOT_NEEDED = "not_needed"
    PLANNED = "planned"
    DONE = "done"


class Visibility(StrEnum):
    """Who sees the pilot: those with a role for it, or everybody in the programme."""

    PRIVATE = "private"
    PROGRAMME = "programme"


class Part(StrEnum):
    """What a site is for."""

    INTERVENTION = "intervention"
    COMPARISON = "comparison"


class Weight(StrEnum):
    """How much an amendment changes what was promised."""

    MINOR = "minor"
    MAJOR = "major"


VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; `queries.visible_pilot` answers with what they may see."""

REGISTER: Final = Permission("pilots.register", frozenset({Role.PROJECT_LEAD}))
AMEND: Final = Permission("pilots.amend", frozenset({Role.PROJECT_LEAD}))

GRANT_MUNICIPALITIES: Final = 6
GRANT_REGIONS: Final = 2
"""A programme grant asked for at least so many municipalities or regions (initiative 3.3, 2014-2016)."""

MAJOR_FIELDS: Final = frozenset({"technology", "sites", "comparison_sites"})
"""A change of one of these changes what is evaluated, so it is never minor."""


class Phase(StrEnum):
    """How far a pilot has come, in the order of the chain."""

    REGISTERED = "registered"
    INDICATORS_PROPOSED = "indicators_proposed"
    RATING = "rating"
    INDICATORS_AGREED = "indicators_agreed"
    PLAN_LOCKED = "plan_locked"
    DATA_RECEIVED = "data_received"
    DATA_APPROVED = "data_approved"
    ANALYSED = "analysed"
    GRADED = "graded"
    RECOMMENDED = "recommended"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What has happened to a pilot. Whoever knows the later nouns fills it in; what is left out has not happened."""

    catalogue: bool = False
    """Entered from publications by the programme; nobody leads it here."""
    sites: int = 0
    """Places that run the pilot."""
    comparison_sites: int = 0
    indicators: int = 0
    """Proposed and not withdrawn."""
    round_open: bool = False
    groups_rated: int = 0
    """Stakeholder groups of which somebody has rated."""
    round_closed: bool = False
    agreed: int = 0
    """Indicators that the closed round took in."""
    plan_drafted: bool = False
    plan_locked: bool = False
    data_checking: bool = False
    """An upload is being checked just now."""
    data_waiting: int = 0
    """Versions that wait for a second person."""
    data_approved: int = 0
    analysis_running: bool = False
    analyses: int = 0
    """Finished ones."""
    assessments_waiting: int = 0
    """Graded, but not yet approved by a second person."""
    assessments: int = 0
    """Approved ones."""
    recommendations: int = 0
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class NextStep:
    """Who does what next, and in which corner of the pilot."""

    role: Role
    message: Message
    corner: str
    by_another: bool = False
    """Whoever did the work before it may not take this step."""

    def path(self, pilot_id: int) -> str:
        """The address at which the step is taken."""
        return f"/pilots/{pilot_id}/{self.corner}"


def phase(facts: Facts) -> Phase:
    """The furthest phase that the facts reach.

    A published trial enters the chain at its assessment, so an earlier fact that is missing holds nothing back.
    """
    reached = (
        (Phase.DECIDED, facts.decisions > 0),
        (Phase.RECOMMENDED, facts.recommendations > 0),
        (Phase.GRADED, facts.assessments + facts.assessments_waiting > 0),
        (Phase.ANALYSED, facts.analyses > 0),
        (Phase.DATA_APPROVED, facts.data_approved > 0),
        (Phase.DATA_RECEIVED, facts.data_waiting > 0 or facts.data_checking),
        (Phase.PLAN_LOCKED, facts.plan_locked),
        (Phase.INDICATORS_AGREED, facts.round_closed),
        (Phase.RATING, facts.round_open),
        (Phase.INDICATORS_PROPOSED, facts.indicators > 0),
    )
    return next((found for found, holds in reached if holds), Phase.REGISTERED)


_STEPS: Final = {
    Phase.REGISTERED: NextStep(
        Role.PROJECT_LEAD, Message("Propose the indicators that the pilot is to be judged by."), "indicators"
    ),
    Phase.INDICATORS_PROPOSED: NextStep(
        Role.PROJECT_LEAD,
        Message("Open the rating round, so that the stakeholder groups can rate the indicators."),
        "indicators",
    ),
    Phase.RATING: NextStep(
        Role.STAKEHOLDER,
        Message("The stakeholder groups rate the indicators. When every group has rated, the round can be closed."),
        "rate",
    ),
    Phase.INDICATORS_AGREED: NextStep(
        Role.EVALUATOR, Message("Draft the analysis plan on the agreed indicators and lock it."), "plans"
    ),
    Phase.PLAN_LOCKED: NextStep(
        Role.PROJECT_LEAD, Message("Upload the indicator data that the locked plan asks for."), "datasets"
    ),
    Phase.DATA_RECEIVED: NextStep(
        Role.PROJECT_LEAD, Message("A second person looks at the data version and approves it."), "datasets", True
    ),
    Phase.DATA_APPROVED: NextStep(Role.EVALUATOR, Message("Run the locked plan on the approved data."), "analyses"),
    Phase.ANALYSED: NextStep(
        Role.EVALUATOR, Message("State what is known about the result and have the evidence graded."), "evidence"
    ),
    Phase.GRADED: NextStep(
        Role.EVALUATOR, Message("Issue the recommendation that follows from the approved assessment."), "evidence"
    ),
    Phase.RECOMMENDED: NextStep(
        Role.DECISION_MAKER, Message("Read the recommendation and record the decision."), "evidence", True
    ),
    Phase.DECIDED: NextStep(
        Role.DECISION_MAKER, Message("The decision is made. Follow its conditions and its review date."), "evidence"
    ),
}


def at_rest(facts: Facts) -> bool:
    """Whether a catalogue entry only stands for what was published, with nothing measured or graded here."""
    return facts.catalogue and phase(facts) is Phase.REGISTERED


def next_step(facts: Facts) -> NextStep:
    """What comes next in the pilot, whoever is looking."""
    now = phase(facts)
    if at_rest(facts):
        return NextStep(Role.EVALUATOR, Message("Read what was published. Nothing more is planned here."), "facts")
    if now is Phase.REGISTERED and facts.sites == 0:
        return NextStep(Role.PROJECT_LEAD, Message("Name the sites where the pilot runs."), "amend")
    if now is Phase.RATING and facts.groups_rated == len(StakeholderGroup):
        message = Message("Somebody of every stakeholder group has rated the indicators. Close the round.")
        return NextStep(Role.PROJECT_LEAD, message, "indicators")
    if now is Phase.INDICATORS_AGREED and facts.agreed == 0:
        message = Message("The round agreed on no indicator. Look at where the groups differ before going on.")
        return NextStep(Role.PROJECT_LEAD, message, "indicators")
    if now is Phase.INDICATORS_AGREED and facts.plan_drafted:
        return NextStep(Role.EVALUATOR, Message("Check the drafted plan and lock it."), "plans")
    if now is Phase.DATA_RECEIVED and facts.data_waiting == 0:
        return NextStep(Role.PROJECT_LEAD, Message("The upload is being checked. Come back in a moment."), "datasets")
    if now is Phase.DATA_APPROVED and facts.analysis_running:
        return NextStep(Role.EVALUATOR, Message("The analysis is running. Its result appears here."), "analyses")
    if now is Phase.GRADED and facts.assessments == 0:
        return NextStep(Role.EVALUATOR, Message("A second person approves the assessment."), "evidence", True)
    return _STEPS[now]
