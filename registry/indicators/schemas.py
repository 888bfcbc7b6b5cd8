"""What comes in about indicators and their rating, and what is shown of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.codes import Better, Domain, Role
from effects.disclosure import is_small
from effects.message import Message
from registry.indicators.consensus import Counts, median, people
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


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
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
    dissent: tuple[Dissent, ...]
    agreed_at: datetime


class GroupScore(msgspec.Struct, frozen=True):
    """How a group scored. Of a small group only `withheld` is told: among few people the median is somebody's score."""

    people: int | None
    median: float | None
    withheld: Message | None = None


class RatedIndicator(_Outcome, frozen=True, kw_only=True):
    """What readers see of a rated indicator; a group without a vote is not among the scores."""

    scores: Mapping[StakeholderGroup, GroupScore]


class AgreedIndicator(_Outcome, frozen=True, kw_only=True):
    """A rated indicator with everybody's tallies, for the rules. It never leaves the service: see `told`."""

    tallies: Mapping[StakeholderGroup, Counts]

    @property
    def voted(self) -> dict[StakeholderGroup, int]:
        """How many of each group scored it; a group without a vote is not in it."""
        return {group: people(counts) for group, counts in self.tallies.items()}

    def told(self, minimum: int) -> RatedIndicator:
        """What readers may see: a group's median where at least `minimum` people of the group answered."""
        kept = {field: getattr(self, field) for field in _Outcome.__struct_fields__}
        scores = {group: _score(counts, minimum) for group, counts in self.tallies.items() if people(counts)}
        return RatedIndicator(scores=scores, **kept)


def _score(counts: Counts, minimum: int) -> GroupScore:
    if is_small(people(counts), minimum):
        return GroupScore(None, None, Message("fewer than {people} answered", {"people": minimum}))
    return GroupScore(people(counts), median(counts))


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
    results: tuple[RatedIndicator, ...]


class RoundOutlook(msgspec.Struct, frozen=True):
    """What opening (`not_opened`) or closing (`open`) the round makes final.

    `holes` is what the set lacks for gate G2: the list as proposed before the opening, afterwards what the scores
    given so far would take in. `silent` are the groups without a vote (gate G5).
    """

    state: RoundState
    indicators: int
    holes: tuple[Message, ...]
    silent: tuple[StakeholderGroup, ...]


class RatingPage(msgspec.Struct, frozen=True):
    """What a stakeholder rates, and what they gave so far by indicator."""

    group: StakeholderGroup
    indicators: tuple[IndicatorView, ...]
    scores: Mapping[int, OwnScore]
