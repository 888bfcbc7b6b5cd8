"""One indicator of a case: its estimate and everything the certainty of its claim depends on."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from effects.codes import Better, Claim, Domain, Role

Number: TypeAlias = Annotated[float | None, "number"]
Positive: TypeAlias = Annotated[float | None, "positive"]
Share: TypeAlias = Annotated[float | None, "share"]
Level: TypeAlias = Annotated[float | None, "level"]
Count: TypeAlias = Annotated[int | None, "count"]
Flag: TypeAlias = Annotated[bool | None, "flag"]
Text: TypeAlias = Annotated[str | None, "text"]
Shares: TypeAlias = Annotated[tuple[float, ...], "shares"]
Date: TypeAlias = Annotated[str | None, "date"]


@dataclass(frozen=True, slots=True)
class Study:
    """What one pilot found about an indicator, in the outcome's unit and as measured.

    `date` is an ISO date, `cluster` what several pilots share (a municipality); the pooling model reads neither.
    """

    pilot: str
    estimate: Annotated[float, "needed"]
    standard_error: Annotated[float, "needed_positive"]
    date: Date = None
    cluster: Text = None


Studies: TypeAlias = Annotated[tuple[Study, ...], "studies"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """The inputs of rules A to L by name; None is not known and is never guessed.

    `estimate`, `low`, `high`, `standard_error`, `minimal_important`, `margin` and the predictive interval are in the
    outcome's unit and as measured (`better` turns them). `p_value` is two-sided, `stage_p_values` are one-sided in the
    good direction. `design` is a name of the rule set's table of designs. Attrition, dose and contamination are shares
    of persons, 0 to 1. `breakdown` and `observed_violation` are on one scale (HonestDiD's relative magnitude: 1 is
    what the pre-periods show).

    `margin_p_value` is two-sided, of the effect against the margin, for a claim of not being worse. With two `studies`
    or more the figures of the effect are those of pooling them; with fewer the indicator's own stand.
    """

    name: str
    role: Role
    domain: Domain
    better: Better
    claim: Claim = Claim.BETTER
    minimal_important: Positive = None
    margin: Positive = None
    design: Text = None
    has_baseline: Flag = None
    has_comparison: Flag = None
    estimate: Number = None
    low: Number = None
    high: Number = None
    level: Level = None
    p_value: Share = None
    margin_p_value: Share = None
    standard_error: Positive = None
    df: Positive = None
    stage_p_values: Shares = ()
    clusters_treated: Count = None
    clusters_control: Count = None
    permutation_floor: Share = None
    attrition_treated: Share = None
    attrition_control: Share = None
    baseline_g: Number = None
    baseline_adjusted: Flag = None
    diagnostics_passed: Flag = None
    pre_periods: Count = None
    placebos_enumerated: Flag = None
    confounders_unmeasured: Count = None
    breakdown: Number = None
    observed_violation: Number = None
    dose: Share = None
    contamination: Share = None
    blinded: Flag = None
    self_report: Flag = None
    instruments_differ: Flag = None
    in_plan: Flag = None
    promoted_with_reason: Flag = None
    changed_after_data: Flag = None
    dose_response: Flag = None
    predictive_low: Number = None
    predictive_high: Number = None
    intervals_barely_overlap: Flag = None
    subgroup_explains: Flag = None
    studies: Studies = ()

    @property
    def harm_margin(self) -> float | None:
        """Most harm acceptable in the outcome's unit: the stated margin, else the minimal important difference."""
        return self.minimal_important if self.margin is None else self.margin

    @property
    def counts(self) -> bool:
        """Whether it may carry or bar a recommendation: what is known not to stand in the plan never does."""
        return self.in_plan is not False and self.role is not Role.SECONDARY
