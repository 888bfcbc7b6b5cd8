"""The order of a roll-out in stages: what is asked for, and what was drawn."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """An order about to be drawn: how many stages, when the first begins, how far apart they are, and who takes part.

    Places are municipalities by code.
    """

    stages: Annotated[int, Meta(ge=2, le=20)]
    first_period: date
    months_between: Annotated[int, Meta(ge=1, le=36)] = 3
    places: Annotated[tuple[str, ...], Meta(max_length=500)] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality that can take part; `has_it` where a pilot of the technology runs that the reader may see."""

    code: str
    name: str
    region: str
    size_class: str | None
    population: int | None
    has_it: bool


class Stage(msgspec.Struct, frozen=True):
    """Who starts on a day: places by name, each with its stratum of the draw."""

    number: int
    starts: date
    places: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """How many places start."""
        return len(self.places)


class Balance(msgspec.Struct, frozen=True):
    """How many places of a group start in each stage; they may differ by the tolerance at most."""

    kind: str
    name: str
    places: tuple[int, ...]
    tolerance: int

    @property
    def within(self) -> bool:
        """Whether the tolerance is kept."""
        return max(self.places) - min(self.places) <= self.tolerance


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it was drawn."""

    stages: tuple[Stage, ...]
    balance: tuple[Balance, ...]

    @property
    def balanced(self) -> bool:
        """Whether every group keeps its tolerance."""
        return all(one.within for one in self.balance)


class RolloutSummary(msgspec.Struct, frozen=True, kw_only=True):
    """That an order was drawn."""

    seed: int
    drawn_by: str
    drawn_at: datetime


class RolloutView(msgspec.Struct, frozen=True, kw_only=True):
    """The roll-out of a decision: the order once it is drawn and who has no place in it, else who could take part."""

    decision_id: int
    technology: str
    summary: RolloutSummary | None = None
    drawn: Drawn | None = None
    left_out: tuple[Candidate, ...] = ()
    candidates: tuple[Candidate, ...] = ()
