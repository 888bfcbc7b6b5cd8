"""What a business case is made of: volumes, lines, what stays in its own unit, and the study that could follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from effects.codes import Better
from effects.economics.codes import LineKind, Payer, Scope, Status, Timing
from effects.economics.three_points import ThreePoints


@dataclass(frozen=True, slots=True)
class Volume:
    """How many there are of what an amount is for: per 1,000 inhabitants (`amount`), or counted by code of place."""

    name: str
    title: str
    amount: ThreePoints | None = None
    by_place: Mapping[str, float] = field(default_factory=dict)
    status: Status | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One cost or benefit; its amount is for one (`scope`): the nation, a municipality or a unit of `volume`.

    With an `indicator` the amount is what one unit of it in the direction of `better` is worth, times `multiplier`
    (52 for minutes a week, 0.01 for percentage points of a count), and the line is worth the measured effect times it.
    `benefit_kind` is the key of its haircut in `BusinessCase.optimism`.
    """

    title: str
    kind: LineKind
    payer: Payer
    timing: Timing
    scope: Scope
    amount: ThreePoints | None = None
    status: Status | None = None
    volume: str | None = None
    benefit_kind: str | None = None
    indicator: str | None = None
    better: Better | None = None
    multiplier: float = 1.0
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Unquantified:
    """A benefit or drawback that stays in its own unit; `indicator` is what measures it, if anything does."""

    title: str
    indicator: str | None = None
    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """One more study: the standard error it would measure each effect with, and its cost in the case's currency."""

    standard_error: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
