"""The sections of an analysis plan as stated: frozen records in which None means that the plan is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from effects.codes import (
    Adjustment,
    BasePeriod,
    Better,
    BootstrapKind,
    BootstrapWeights,
    Calibration,
    Change,
    Claim,
    Control,
    Design,
    DfMethod,
    Domain,
    Estimand,
    Estimator,
    Family,
    FixedEffect,
    IndexMethod,
    MissingMethod,
    Role,
    Spillover,
    StandardError,
    Strategy,
    WorkingModel,
    WorkingVariance,
)

SCHEMA = "virkning-plan/1"


@dataclass(frozen=True, slots=True)
class DataRoles:
    """Which column plays which part; `start` alone is a period (a number or an ISO date), not a column."""

    unit: str | None = None
    period: str | None = None
    cluster: str | None = None
    treated: str | None = None
    first_treated: str | None = None
    received: str | None = None
    start: int | float | str | None = None
    group: str | None = None
    weight: str | None = None
    strata: str | None = None
    sequence: str | None = None
    persons: str | None = None

    @property
    def assignment(self) -> str | None:
        """Column of the level of assignment: the cluster, or the unit where no cluster is stated."""
        return self.cluster or self.unit


@dataclass(frozen=True, slots=True)
class Outcome:
    """One indicator; `minimal_important` and `margin` are positive and in the outcome's unit."""

    column: str
    role: Role
    domain: Domain
    better: Better
    name: str | None = None
    claim: Claim | None = None
    minimal_important: float | None = None
    margin: float | None = None
    covariates: tuple[str, ...] = ()
    family: Family | None = None
    offset: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """Choices within the design."""

    fixed_effects: tuple[FixedEffect, ...] = ()
    control: Control | None = None
    base_period: BasePeriod | None = None
    anticipation: float | None = None
    working_model: WorkingModel | None = None
    estimator: Estimator | None = None
    harmonics: int | None = None
    period_length: float | None = None
    change: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A resampled second opinion on the p-value."""

    kind: BootstrapKind
    weights: BootstrapWeights | None = None
    draws: int | None = None


@dataclass(frozen=True, slots=True)
class Permutation:
    """A re-randomisation second opinion on the p-value."""

    draws: int | None = None


@dataclass(frozen=True, slots=True)
class Inference:
    """How uncertainty is computed; `level` is a probability, `lag` counts periods."""

    level: float | None = None
    standard_error: StandardError | None = None
    working_variance: WorkingVariance | None = None
    lag: int | None = None
    bootstrap: Bootstrap | None = None
    permutation: Permutation | None = None
    df_method: DfMethod | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """What is done about missing outcomes."""

    method: MissingMethod | None = None
    imputations: int | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """Complex-survey features; `margins` maps column to level to known population total."""

    fpc: str | None = None
    calibration: Calibration | None = None
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    wave: str | None = None


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """Correction within the primary and within the secondary outcomes."""

    primary: Adjustment | None = None
    secondary: Adjustment | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """Several outcomes as one figure, in standard deviations of the untreated and turned so that more is better.

    `outcomes` are columns of the plan's outcomes; `minimal_important` is in standard deviations.
    """

    name: str
    domain: Domain
    method: IndexMethod
    outcomes: tuple[str, ...]
    role: Role
    minimal_important: float | None = None

    @property
    def outcome(self) -> Outcome:
        """The index as an outcome of its own, under its name."""
        return Outcome(
            column=self.name,
            role=self.role,
            domain=self.domain,
            better=Better.HIGHER,
            name=self.name,
            minimal_important=self.minimal_important,
        )


@dataclass(frozen=True, slots=True)
class Subgroup:
    """A pre-specified subgroup column."""

    column: str


@dataclass(frozen=True, slots=True)
class IntercurrentEvent:
    """What may happen after assignment and change what an outcome means, and how the estimand takes it."""

    event: str
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class PlanSections:
    """Everything that a plan states."""

    title: str
    design: Design
    estimand: Estimand
    data: DataRoles
    outcomes: tuple[Outcome, ...]
    model: Model = Model()
    inference: Inference = Inference()
    missing: Missing = Missing()
    survey: Survey = Survey()
    multiplicity: Multiplicity = Multiplicity()
    subgroups: tuple[Subgroup, ...] = ()
    indices: tuple[Index, ...] = ()
    spillover: Spillover | None = None
    intercurrent_events: tuple[IntercurrentEvent, ...] = ()

    @property
    def analysed(self) -> tuple[Outcome, ...]:
        """Every outcome that has an effect of its own: those stated, then the indices made of them."""
        return (*self.outcomes, *(index.outcome for index in self.indices))
