"""What a design is asked about one outcome, and how it answers."""

from dataclasses import dataclass

from effects.codes import Aggregation, AnalysisRole, StandardError
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, Interval
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One outcome with all that its design may read; `sample` holds the rows that can be used."""

    outcome: OutcomeColumns
    roles: Roles
    plan: PlanSections
    settings: Settings
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which effect: over what it is averaged, for whom and when, and its standing."""

    aggregation: Aggregation = Aggregation.OVERALL
    cohort: float | str | None = None
    period: float | str | None = None
    event_time: int | None = None
    analysis: AnalysisRole = AnalysisRole.PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One estimated effect in the outcome's unit.

    Interval and two-sided p-value follow from t with `df`, or from the normal where it is None, unless they are
    given. Rows, units and clusters are those of the sample unless given; `people` are those behind the untreated and
    the treated arm, for disclosure.
    """

    place: Place = Place()
    estimate: float
    standard_error: float
    kind: StandardError
    df: float | None
    estimator: str
    p_value: float | None = None
    interval: Interval | None = None
    p_permutation: float | None = None
    p_bootstrap: float | None = None
    rows: int | None = None
    units: int | None = None
    clusters: int | None = None
    people: tuple[float, float] | None = None
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEffect:
    """One effect that was asked for and has no answer."""

    place: Place = Place()
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class DesignAnswer:
    """The effects of one outcome in the order in which the result shows them, and what was checked on the way."""

    effects: tuple[Effect | NoEffect, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


def refused(obstacle: Obstacle, *places: Place) -> DesignAnswer:
    """The same obstacle to every effect that was asked for."""
    return DesignAnswer(tuple(NoEffect(place=place, obstacle=obstacle) for place in places or (Place(),)))
