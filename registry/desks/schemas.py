"""What a desk shows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.codes import Kind
from effects.message import Message
from registry.decisions.duties import Duty
from registry.people.rules import Role
from registry.pilots.rules import Phase
from registry.pilots.schemas import PilotView


class Step(msgspec.Struct, frozen=True):
    """Who does what next in a pilot, and where."""

    role: Role
    message: Message
    href: str


class Lit(StrEnum):
    """The colour of a traffic light."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Light(msgspec.Struct, frozen=True):
    """How a pilot stands against what was promised at the start, and why."""

    lit: Lit
    why: Message


class DeskPilot(msgspec.Struct, frozen=True, kw_only=True):
    """A pilot on a desk; `mine` when its next step waits for the reader."""

    id: int
    title: str
    technology: str
    organisation: str
    simulated: bool
    phase: Phase
    step: Step
    mine: bool
    light: Light | None = None
    """For whoever leads pilots; None also where no day was ever promised, and once it is decided."""


class Levels(msgspec.Struct, frozen=True):
    """The levels of certainty, 0 to 4, that the facts stated so far leave open."""

    lowest: int
    highest: int


class Money(msgspec.Struct, frozen=True):
    """Expected net value of a roll-out: for the whole country, else for a citizen or a site."""

    value: float
    currency: str
    nationwide: bool


class WallState(StrEnum):
    """What a row of the wall waits for, the most urgent first."""

    UNDECIDED = "undecided"
    DUE = "due"
    DECIDED = "decided"
    REPLACED = "replaced"


class WallFilter(msgspec.Struct, frozen=True):
    """Which rows of the wall are wanted; None is any."""

    technology: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    advice: Kind | None = None
    state: WallState | None = None


class WallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A pilot's advice on the portfolio wall: how certain it is, what is at stake, and what was decided."""

    recommendation_id: int
    pilot_id: int
    pilot_title: str
    technology_id: int
    technology: str
    simulated: bool
    advised: str
    certainty: Levels | None
    """That of the least certain primary indicator; None when there is none."""
    money: Money | None
    """None while the economy is not known."""
    issued_at: datetime
    outdated: bool
    """Whether the evidence under it no longer counts."""
    state: WallState
    decision_id: int | None
    choice: str | None
    deviates: bool
    decided_at: datetime | None
    review_on: date | None
    duty: Duty | None
    later: int | None


class Portfolio(msgspec.Struct, frozen=True, kw_only=True):
    """The wall, as it was asked for, beside the pilots that have no advice yet."""

    wall: list[WallRow]
    total: int
    """Rows before they were narrowed."""
    unadvised: list[DeskPilot]


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What the administrator keeps an eye on."""

    worker_alive: bool
    jobs_waiting: int
    audit_entries: int
    accounts: int


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """The start page of a person: what waits for them, and what else they follow."""

    roles: list[Role]
    waiting: list[DeskPilot]
    following: list[DeskPilot]
    more: int
    """Pilots that the person may see beyond those listed."""
    wall: list[WallRow]
    upkeep: Upkeep | None


class PilotHome(msgspec.Struct, frozen=True, kw_only=True):
    """A pilot at a glance: how far it is, and what comes next."""

    pilot: PilotView
    phase: Phase
    step: Step
    mine: bool
    counts: dict[str, int]
