"""What comes in about decisions, and what is shown of them."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.message import Message
from registry.decisions.duties import Duty
from registry.decisions.rollout_schemas import RolloutSummary
from registry.decisions.rules import Choice
from registry.recommendations.schemas import RecommendationView


class NewCondition(msgspec.Struct, frozen=True):
    """Something that must hold; `owner` is an office or a function, not a person."""

    text: Annotated[str, Meta(min_length=3, max_length=1000)]
    owner: Annotated[str, Meta(min_length=2, max_length=120)]
    due: date


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about to be recorded."""

    choice: Choice
    reason: Annotated[str, Meta(max_length=5000)] = ""
    review_on: date | None = None
    conditions: Annotated[list[NewCondition], Meta(max_length=50)] = msgspec.field(default_factory=list)


class ConditionView(msgspec.Struct, frozen=True):
    """A condition of a decision; `passed` once its day has."""

    text: str
    owner: str
    due: date
    passed: bool = False


class DecisionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in a list."""

    id: int
    recommendation_id: int
    technology_name: str
    major_version: str
    pilot_id: int
    advised: str
    choice: Choice
    deviates: bool
    review_on: date | None
    decider: str
    decided_at: datetime
    duty: Duty | None = None
    """What it asks for next."""
    later: int | None = None
    """A later decision on the evidence of the same pilot, which counts in its place."""
    outdated: Message | None = None
    """Why the evidence under it no longer counts."""


class AdviceView(RecommendationView, frozen=True, kw_only=True):
    """A recommendation with the decision on it, None while it is open."""

    decision: DecisionSummary | None


class DecisionList(msgspec.Struct, frozen=True):
    """Every decision that the reader may see, by what it asks for next."""

    decisions: list[DecisionSummary]


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with its reason and conditions, and the order of its roll-out in stages once that is drawn."""

    decision: DecisionSummary
    technology_id: int
    reason: str
    conditions: list[ConditionView]
    rollout: RolloutSummary | None = None
