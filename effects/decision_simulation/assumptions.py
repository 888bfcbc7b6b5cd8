"""What is taken for granted of pilots that are planned: how many, how alike, how precise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from effects.codes import Better
from effects.errors import EffectsError
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.power import Planned, read_planned


class SettingError(EffectsError):
    """A plan that cannot be simulated on what is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How precisely one outcome will be known: the standard error of a pilot, or how it spreads between people.

    `sd` is the standard deviation as the design's power calculation takes it, `proportion` the share of the untreated
    of a yes-or-no outcome. A standard error that is stated wins.
    """

    standard_error: float | None = None
    sd: float | None = None
    proportion: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What a plan does not say; clusters (or people drawn one by one), size and periods as in `effects.power.Planned`.

    `outcomes` by column. Without `probability_positive` the economy is not known, and then nothing can be rolled out.
    """

    outcomes: Mapping[str, Expectation] = field(default_factory=dict)
    pilots: int | None = None
    tau: float | None = None
    correlation: float | None = None
    probability_positive: float | None = None
    clusters: tuple[int, ...] = ()
    size: float | None = None
    size_cv: float = 0.0
    periods: int | None = None
    starts: tuple[int, ...] = ()
    never_treated: int = 0
    icc: float | None = None
    cac: float | None = None


def power_of(plan: AnalysisPlan, outcome: Outcome, planned: Assumptions) -> Planned:
    """The pilot as its power would be calculated, for an effect on the outcome that just matters; raises PowerError."""
    told = planned.outcomes.get(outcome.column, Expectation())
    important = outcome.minimal_important or 0.0
    stated = {
        "design": plan.design.value,
        "clusters": list(planned.clusters) or None,
        "size": planned.size,
        "size_cv": planned.size_cv,
        "periods": planned.periods,
        "starts": list(planned.starts) or None,
        "never_treated": planned.never_treated,
        "icc": planned.icc,
        "cac": planned.cac,
        "sd": told.sd,
        "proportions": told.proportion,
        "effect": important if outcome.better is Better.HIGHER else -important,
    }
    return read_planned({key: value for key, value in stated.items() if value is not None})
