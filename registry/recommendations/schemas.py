"""What recommendations look like over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from effects.economics.facts import Place
from effects.message import Message
from registry.evidence.statements import graded
from registry.evidence.wording import Said
from registry.indicators.schemas import Dissent
from registry.kit.jobs import JobView


class RecommendationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation in a list; `outdated` says why it no longer counts."""

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
    outdated: Message | None = None


class RecommendationList(msgspec.Struct, frozen=True):
    """Every recommendation that the reader may see, newest first."""

    recommendations: list[RecommendationSummary]


class DissentView(msgspec.Struct, frozen=True):
    """Why stakeholders did not agree on an indicator that was taken in: by group, never by person."""

    indicator: str
    said: tuple[Dissent, ...]


class Resting(msgspec.Struct, frozen=True, kw_only=True):
    """What a recommendation rests on beyond its assessment.

    `look` is the number of the look at all `pilots` of its technology, `business_case` the version that was valued
    with these effects; `valuation` is what it came to, and `units` are those of the indicators by name. `whole` where
    the reader may see every pilot behind it, `simulated` where any of them is made up.
    """

    look: int | None = None
    pilots: int = 1
    whole: bool = True
    simulated: bool = False
    business_case: int | None = None
    valuation: Mapping[str, Any] | None = None
    units: Mapping[str, str] = {}


class RecommendationView(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its whole advice: reasons, gates, grade, unknowns and what would change it.

    `replaced_by` is a newer one about the technology, where the reader may see it.
    """

    recommendation: RecommendationSummary
    advice: Mapping[str, Any]
    dissent: list[DissentView]
    resting: Resting
    replaced_by: int | None

    @property
    def said(self) -> Mapping[str, Said | None]:
        """The effects in words, by the name of the indicator."""
        return graded(self.advice, self.resting.units)


class Expected(msgspec.Struct, frozen=True):
    """What a new place may expect of an indicator, in words, and how probable it is that it is better off."""

    indicator: str
    interval: Message | None
    probability: float | None


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """The local net value over the horizon, with its interval of 95 %."""

    mean: float
    low: float
    high: float
    probability_positive: float | None
    currency: str
    perspective: str
    horizon_years: int


class Each(msgspec.Struct, frozen=True, kw_only=True):
    """The net value of one unit of a roll-out, such as a citizen; `icer` is the extra cost of a unit gained."""

    net_value: float
    probability_positive: float | None
    icer: float | None
    currency: str


class LocalView(msgspec.Struct, frozen=True, kw_only=True):
    """What a recommendation means for one municipality; `lacking` says what is not known and who can supply it.

    `each` is the value for a citizen where there is none for the municipality; `business_case` the version behind it.
    """

    recommendation: RecommendationSummary
    places: list[Place]
    place: Place | None
    expected: list[Expected]
    worth: Worth | None
    each: Each | None
    lacking: list[Message]
    business_case: int | None


class Issuing(msgspec.Struct, frozen=True, kw_only=True):
    """How far the recommendation of an assessment is."""

    assessment_id: int
    pilot_id: int
    approved: bool
    recommendation_id: int | None
    job: JobView | None
