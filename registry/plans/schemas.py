"""What comes in about plans, and what is shown of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from effects.codes import (
    Adjustment,
    BootstrapWeights,
    Change,
    Claim,
    Control,
    Design,
    Estimand,
    Estimator,
    FixedEffect,
    MissingMethod,
    Role,
    StandardError,
    WorkingModel,
    WorkingVariance,
)
from effects.errors import Finding
from effects.federation.answering import Readiness

Name = Annotated[str, Meta(max_length=120)]
Toml = Annotated[str, Meta(max_length=200_000)]
Draws = Annotated[int, Meta(ge=99, le=1_000_000)]
Reason = Annotated[str, Meta(min_length=10, max_length=2_000)]


class OutcomeRow(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome as typed; without a role it is left out of the plan. `covariates` are separated by commas."""

    column: Name
    role: Role | None = None
    claim: Claim | None = None
    minimal_important: float | None = None
    margin: float | None = None
    covariates: Annotated[str, Meta(max_length=500)] = ""


class PlanForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form: what most plans state. What it has no field for stays as it is in the plan that is edited."""

    title: Annotated[str, Meta(min_length=3, max_length=200)]
    design: Design
    estimand: Estimand
    unit: Name = ""
    period: Name = ""
    cluster: Name = ""
    treated: Name = ""
    first_treated: Name = ""
    received: Name = ""
    start: Name = ""
    group: Name = ""
    weight: Name = ""
    strata: Name = ""
    sequence: Name = ""
    persons: Name = ""
    wave: Name = ""
    fpc: Name = ""
    estimator: Estimator | None = None
    control: Control | None = None
    change: tuple[Change, ...] = ()
    harmonics: Annotated[int, Meta(ge=1, le=20)] | None = None
    period_length: float | None = None
    working_model: WorkingModel | None = None
    fixed_effects: tuple[FixedEffect, ...] = ()
    standard_error: StandardError | None = None
    working_variance: WorkingVariance | None = None
    level: float | None = None
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    permutation: Draws | None = None
    bootstrap: BootstrapWeights | None = None
    method: MissingMethod | None = None
    primary: Adjustment | None = None
    secondary: Adjustment | None = None
    outcomes: tuple[OutcomeRow, ...] = ()


class Drafting(msgspec.Struct, frozen=True, kw_only=True):
    """A plan in one of three ways: the file, its text, or the form. `version` is that of the draft being edited."""

    file: UploadFile | None = None
    toml: Toml = ""
    form: PlanForm | None = None
    version: int = 0


class Locking(msgspec.Struct, frozen=True):
    """The version of the draft and the simulation of it that were read before locking.

    `unsettled_reason` says why to lock a plan that will probably settle nothing.
    """

    version: int
    simulation: int | None = None
    unsettled_reason: Annotated[str, Meta(max_length=2_000)] = ""


class Superseding(msgspec.Struct, frozen=True):
    """Why a locked plan needs another one."""

    reason: Reason


class PlanSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A plan in a list. `state` is draft, locked or superseded."""

    id: int
    pilot: int
    number: int
    title: str
    state: str
    fingerprint: str
    drafted_by: str
    drafted_at: datetime
    locked_by: str | None
    locked_at: datetime | None
    supersedes: int | None
    superseded_reason: str
    superseded_by: int | None
    version: int


class PlanView(PlanSummary, frozen=True, kw_only=True):
    """A plan with its file, what was agreed when it was locked, and everything that is noteworthy about it."""

    toml: str
    agreement: Mapping[str, Any]
    findings: tuple[Finding, ...]
    current: int | None
    """The locked plan of the pilot that counts, if there is one."""

    moments: Readiness | None = None
    """For one plan: what authorities may answer with moments, and for which of its answers they must give rows."""


class PlanList(msgspec.Struct, frozen=True, kw_only=True):
    """The plans of a pilot, the newest first, the one that counts, and how many indicators are agreed."""

    pilot: int
    plans: tuple[PlanSummary, ...]
    current: int | None
    agreed: int
