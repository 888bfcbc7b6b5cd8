"""What recommendations look like over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from registry.indicators.schemas import Dissent
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
    issuer: str
    issued_at: datetime


class RecommendationList(msgspec.Struct, frozen=True):
    """Every recommendation that the reader may see, newest first."""

    recommendations: list[RecommendationSummary]


class DissentView(msgspec.Struct, frozen=True):
    """Why stakeholders did not agree on an indicator that was taken in: by group, never by person."""

    indicator: str
    said: tuple[Dissent, ...]


class RecommendationView(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its whole advice: reasons, gates, grade, unknowns and what would change it."""

    recommendation: RecommendationSummary
    advice: Mapping[str, Any]
    dissent: list[DissentView]


class Issuing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the recommendation of an assessment is."""

    assessment_id: int
    pilot_id: int
    approved: bool
    recommendation_id: int | None
    job: JobView | None
