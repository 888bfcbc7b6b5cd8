"""What recommendations look like over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from registry.kit.jobs import JobView


class RecommendationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation in a list."""

    id: int
    technology_id: int
    technology_name: str
    major_version: str
    pilot_id: int
    pilot_title: str
    simulated: bool
    assessment_id: int
    ruleset: str
    kind: str
    rule: str
    issued_by: int
    issued_at: datetime


class RecommendationList(msgspec.Struct, frozen=True):
    """Every recommendation that the reader may see, newest first."""

    recommendations: list[RecommendationSummary]


class Dissent(msgspec.Struct, frozen=True):
    """What the stakeholders did not agree on about one indicator, by group and without names."""

    indicator: str
    outcome: str
    said: list[str]


class RecommendationView(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its whole advice: reasons, gates, grade, unknowns and what would change it."""

    recommendation: RecommendationSummary
    advice: Mapping[str, Any]
    dissent: list[Dissent]


class Issuing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the recommendation of an assessment is."""

    assessment_id: int
    pilot_id: int
    approved: bool
    recommendation_id: int | None
    job: JobView | None
