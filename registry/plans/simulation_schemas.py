"""What is taken for granted when a plan is simulated, and what is shown of the forecast."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from registry.kit.jobs import JobView
from registry.plans.schemas import Name

Percent = Annotated[float, Meta(ge=0, le=100)]
Positive = Annotated[float, Meta(ge=1e-9, le=1e9)]
Important = Annotated[float, Meta(ge=-10, le=10)]
"""An effect in minimal important differences; a benefit is positive."""

FEWEST: Final = 50
MOST: Final = 5_000
"""Replications of each truth."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What one pilot will know of an outcome: its standard error, or the spread between people that it follows from.

    `effect` is what the outcome shows in the truth that the user adds.
    """

    column: Name
    standard_error: Positive | None = None
    sd: Positive | None = None
    effect: Important | None = None


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each truth is held to be, in percent; 100 together."""

    nothing_helps: Percent = 0
    all_help: Percent = 0
    all_help_more: Percent = 0
    some_help: Percent = 0
    primary_harmed: Percent = 0
    guardrail_harmed: Percent = 0
    own: Percent = 0


OFFERED: Final = Prior(
    nothing_helps=25, all_help=20, all_help_more=15, some_help=25, primary_harmed=10, guardrail_harmed=5
)
"""Where a user may begin: most tried things help a little or not at all."""


class Simulating(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan cannot know.

    `clusters` are those of each arm (of each wave in a stepped wedge), `size` the people of a cluster in a period,
    `tau` the sd of the effect between places in minimal important differences, `correlation` that of the estimates of
    one pilot, `chance_of_value` the probability in percent that a roll-out is worth its cost; None is not known.
    """

    outcomes: Annotated[tuple[Expected, ...], Meta(max_length=200)] = ()
    clusters: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    size: Annotated[float, Meta(ge=1, le=1e7)] | None = None
    icc: Annotated[float, Meta(ge=0, le=0.99)] | None = None
    periods: Annotated[int, Meta(ge=2, le=500)] | None = None
    pilots: Annotated[int, Meta(ge=1, le=50)] = 3
    tau: Annotated[float, Meta(ge=0, le=5)] = 0.3
    correlation: Annotated[float, Meta(ge=0, le=0.95)] = 0.3
    chance_of_value: Annotated[float, Meta(ge=1, le=99)] | None = None
    prior: Prior = OFFERED
    own_truth: Annotated[str, Meta(max_length=120)] = ""
    replications: Annotated[int, Meta(ge=FEWEST, le=MOST)] = 1_000
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 1


class SimulationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation in a list. `settled` is the probability that the advice settles the matter; None until finished."""

    id: int
    plan: int
    number: int
    pilot: int
    fingerprint: str
    of_the_plan: bool
    """Whether the plan still says what was simulated."""
    settled: float | None
    requester: str
    requested_at: datetime
    seen_by: str | None
    seen_at: datetime | None
    unsettled_reason: str


class SimulationView(SimulationSummary, frozen=True, kw_only=True):
    """A simulation with what was assumed, its job, and the forecast once there is one."""

    request: Simulating
    result: Mapping[str, Any] | None
    job: JobView | None


class SimulationList(msgspec.Struct, frozen=True):
    """The simulations of a plan, the newest first."""

    plan: int
    simulations: tuple[SimulationSummary, ...]
