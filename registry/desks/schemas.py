"""What a desk shows."""

from datetime import date, datetime

import msgspec

from effects.message import Message
from registry.people.rules import Role
from registry.pilots.rules import Phase
from registry.pilots.schemas import PilotView


class Step(msgspec.Struct, frozen=True):
    """Who does what next in a pilot, and where."""

    role: Role
    message: Message
    href: str


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


class Levels(msgspec.Struct, frozen=True):
    """The levels of certainty, 0 to 4, that the facts stated so far leave open."""

    lowest: int
    highest: int


class WallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A technology on the portfolio wall: the advice on it, how certain, and what was decided."""

    recommendation_id: int
    pilot_id: int
    pilot_title: str
    technology: str
    simulated: bool
    advised: str
    certainty: Levels | None
    """That of the least certain primary indicator; None when there is none."""
    issued_at: datetime
    decision_id: int | None
    choice: str | None
    deviates: bool
    review_on: date | None


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
