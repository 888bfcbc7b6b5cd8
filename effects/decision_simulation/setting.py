"""What a simulation takes for given: the indicators to be measured, how precisely, in how many pilots, and the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist

from effects.case import Case, Economy, GateFact, Portfolio
from effects.codes import Better, Claim, Domain, Role
from effects.rules.indicator import Indicator


@dataclass(frozen=True, slots=True)
class Expected:
    """One indicator as planned; `minimal_important`, `margin` and `standard_error` are positive, in its own unit.

    `standard_error` is that of one pilot; without a `margin` the minimal important difference is the most harm
    acceptable, as in the rules.
    """

    name: str
    role: Role
    domain: Domain
    better: Better
    minimal_important: float
    standard_error: float
    margin: float | None = None
    claim: Claim = Claim.BETTER

    @property
    def harm_margin(self) -> float:
        """Most harm acceptable."""
        return self.minimal_important if self.margin is None else self.margin


FAITHFUL = Indicator(
    name="",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    has_baseline=True,
    has_comparison=True,
    clusters_treated=20,
    clusters_control=20,
    permutation_floor=0.001,
    attrition_treated=0.0,
    attrition_control=0.0,
    baseline_g=0.0,
    baseline_adjusted=True,
    diagnostics_passed=True,
    pre_periods=12,
    placebos_enumerated=True,
    confounders_unmeasured=0,
    breakdown=2.0,
    observed_violation=1.0,
    dose=1.0,
    contamination=0.0,
    blinded=True,
    self_report=False,
    instruments_differ=False,
    promoted_with_reason=False,
    changed_after_data=False,
    dose_response=False,
    subgroup_explains=False,
)
"""Everything of an indicator but its figures, as in a pilot that went as planned."""

REACHING = Portfolio(
    share_silent=0.0,
    untested_size_classes=0.0,
    untested_target_groups=0.0,
    major_version_change=False,
    municipalities_with_comparison=6,
    regions_with_comparison=2,
    strata_covered=True,
    extension_feasible=False,
)
"""Pilots that reach everyone the roll-out is for; no extension is on offer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules read beside figures and economy: taken to turn out well where nothing else is stated."""

    indicator: Indicator = FAITHFUL
    portfolio: Portfolio = REACHING
    gates: Mapping[str, GateFact] = field(
        default_factory=lambda: {name: GateFact(True) for name in ("G1", "G3", "G4", "G5", "G6")}
    )
    claims_required: int | None = None


def economy_at(probability: float) -> Economy:
    """An economy that is positive with this probability (0 to 1, exclusive), nationally and in as many municipalities.

    The net value is in standard deviations of its own uncertainty: the rules read its sign and its probability.
    """
    return Economy(
        expected_net_value=NormalDist().inv_cdf(probability),
        probability_positive=probability,
        share_positive_by_size_class={"all": probability},
        value_in_named_segments=False,
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """`pilots` alike in precision, of a `design` that the rules know by name.

    `tau` is the standard deviation of the true effect between pilots, in minimal important differences. `correlation`
    (0 to below 1) is between any two indicators of one pilot, in their errors and in what the pilot does to them.
    The economy is held: it does not follow the effects drawn.
    """

    indicators: tuple[Expected, ...]
    design: str
    pilots: int
    tau: float = 0.3
    correlation: float = 0.3
    economy: Economy = field(default_factory=lambda: economy_at(0.9))
    facts: Facts = Facts()

    @property
    def case(self) -> Case:
        """The case of the rules, complete but for the figures that are drawn."""
        return Case(
            technology="",
            indicators=tuple(self._indicator(item) for item in self.indicators),
            portfolio=replace(self.facts.portfolio, pilots=self.pilots),
            economy=self.economy,
            gates=self.facts.gates,
            analysed_by_supplier_or_owner=False,
            claims_required=self.facts.claims_required,
        )

    def _indicator(self, item: Expected) -> Indicator:
        return replace(
            self.facts.indicator,
            name=item.name,
            role=item.role,
            domain=item.domain,
            better=item.better,
            claim=item.claim,
            minimal_important=item.minimal_important,
            margin=item.harm_margin,
            design=self.design,
            in_plan=True,
        )
