"""What comes in about indicators and their rating, and what is shown of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.codes import Better, Domain, Role
from effects.message import Message
from registry.indicators.consensus import Counts, high, low, median, people
from registry.indicators.rules import Outcome, Perspective, RoundState
from registry.people.rules import StakeholderGroup

Code = Annotated[str, Meta(min_length=1, max_length=60)]
Name = Annotated[str, Meta(min_length=2, max_length=200)]
Wording = Annotated[str, Meta(max_length=2000)]
Score = Annotated[int, Meta(ge=0, le=9)]


class NewIndicator(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator in one's own words; `code` is its column in the rows that will be uploaded."""

    code: Code
    name: Name
    wording: Wording = ""
    domain: Domain
    role: Role
    better: Better
    unit: Annotated[str, Meta(max_length=80)] = ""
    minimal_important: float | None = None
    margin: float | None = None


class LibraryChoice(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of the library by its code; without a role it is not chosen."""

    library: Code
    role: Role | None = None
    minimal_important: float | None = None
    margin: float | None = None


class FromLibrary(msgspec.Struct, frozen=True):
    """Indicators proposed from the library."""

    choices: tuple[LibraryChoice, ...] = ()


class Several(msgspec.Struct, frozen=True):
    """Indicators one a line: code;name;domain;role;better;minimal_important (the last may be left out)."""

    lines: Annotated[str, Meta(min_length=1, max_length=50_000)]


class FromPlan(msgspec.Struct, frozen=True):
    """A plan file (TOML) whose outcomes are proposed as indicators."""

    plan: Annotated[str, Meta(min_length=1, max_length=200_000)]


class Rewording(msgspec.Struct, frozen=True):
    """A better name and wording; `was` is the wording that the change was made from."""

    name: Name
    wording: Annotated[str, Meta(min_length=2, max_length=2000)]
    was: Wording


class Rating(msgspec.Struct, frozen=True):
    """One person's scores by the id of the indicator (0 = no opinion), and why they dissent where they do."""

    scores: dict[str, Score] = {}
    dissent: dict[str, Annotated[str, Meta(max_length=1000)]] = {}


class LibraryView(msgspec.Struct, frozen=True):
    """An indicator of the library in the reader's language."""

    id: int
    code: str
    name: str
    wording: str
    perspective: Perspective
    domain: Domain
    better: Better
    unit: str
    source: str


class IndicatorView(msgspec.Struct, frozen=True):
    """An indicator proposed for a pilot."""

    id: int
    pilot: int
    code: str
    name: str
    wording: str
    domain: Domain
    role: Role
    better: Better
    unit: str
    minimal_important: float | None
    margin: float | None
    proposed_by: int


class RoundView(msgspec.Struct, frozen=True):
    """A rating round."""

    id: int
    number: int
    opened_at: datetime
    closed_at: datetime | None

    @property
    def state(self) -> RoundState:
        """Open or closed."""
        return RoundState.OPEN if self.closed_at is None else RoundState.CLOSED


class Dissent(msgspec.Struct, frozen=True):
    """Why somebody of a group does not agree; never who."""

    group: StakeholderGroup
    text: str


class AgreedIndicator(msgspec.Struct, frozen=True):
    """An indicator with what the closed round made of it and the wording that was rated."""

    id: int
    code: str
    name: str
    wording: str
    domain: Domain
    role: Role
    better: Better
    unit: str
    minimal_important: float | None
    margin: float | None
    outcome: Outcome
    tallies: Mapping[StakeholderGroup, Counts]
    dissent: tuple[Dissent, ...]
    agreed_at: datetime

    @property
    def voted(self) -> dict[StakeholderGroup, int]:
        """How many of each group scored it; a group without a vote is not in it."""
        return {group: people(counts) for group, counts in self.tallies.items()}

    @property
    def summary(self) -> dict[StakeholderGroup, "GroupScore"]:
        """The scores of each group in three figures."""
        return {
            group: GroupScore(
                people(counts), median(counts), high(counts) / people(counts), low(counts) / people(counts)
            )
            for group, counts in self.tallies.items()
        }


class GroupScore(msgspec.Struct, frozen=True):
    """How a group scored: people, median, and the shares that scored 7-9 and 1-3."""

    people: int
    median: float
    high: float
    low: float


class IndicatorCounts(msgspec.Struct, frozen=True):
    """How far a pilot is with its indicators, for its phase."""

    indicators: int = 0
    round_open: bool = False
    round_closed: bool = False
    agreed: int = 0


class OpenRating(msgspec.Struct, frozen=True):
    """A round in which a person may rate: how many indicators there are, and how many they have scored."""

    pilot: int
    title: str
    indicators: int
    rated: int


class OwnScore(msgspec.Struct, frozen=True):
    """What one person gave an indicator."""

    score: int
    dissent: str


class IndicatorPage(msgspec.Struct, frozen=True):
    """The indicators of a pilot, what the set lacks, and how far their rating is."""

    state: RoundState
    indicators: tuple[IndicatorView, ...]
    holes: tuple[Message, ...]
    groups: Mapping[StakeholderGroup, int]
    round: RoundView | None
    results: tuple[AgreedIndicator, ...]


class RatingPage(msgspec.Struct, frozen=True):
    """What a stakeholder rates, and what they gave so far by indicator."""

    group: StakeholderGroup
    indicators: tuple[IndicatorView, ...]
    scores: Mapping[int, OwnScore]
