"""A case about which everything is known and which is rolled out; tests change one thing at a time."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from effects.case import Case, Economy, GateFact, Portfolio, case_from_mapping
from effects.codes import Better, Domain, Role
from effects.rules.indicator import Indicator

TELECARE_NORD = Path(__file__).parents[2] / "seeds" / "telecare_nord.toml"
"""The golden case: the published figures of the trial, as the registry is seeded with them."""

SOUND = Indicator(
    name="control",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    minimal_important=1.0,
    margin=1.0,
    design="cluster_randomised",
    has_baseline=True,
    has_comparison=True,
    estimate=1.5,
    low=1.1,
    high=1.9,
    p_value=0.0001,
    clusters_treated=10,
    clusters_control=10,
    attrition_treated=0.05,
    attrition_control=0.05,
    dose=0.9,
    contamination=0.0,
    blinded=True,
    self_report=False,
    instruments_differ=False,
    in_plan=True,
    promoted_with_reason=False,
    changed_after_data=False,
    predictive_low=0.2,
    predictive_high=2.8,
    intervals_barely_overlap=False,
    subgroup_explains=False,
)


def telecare_nord() -> Case:
    return case_from_mapping(tomllib.loads(TELECARE_NORD.read_text("utf-8")))


def indicator(**changes: Any) -> Indicator:
    return replace(SOUND, **changes)


def guardrail(domain: Domain, **changes: Any) -> Indicator:
    unharmed = {"name": f"guard {domain.value}", "role": Role.GUARDRAIL, "domain": domain}
    return replace(SOUND, **({"estimate": 0.0, "low": -0.4, "high": 0.4, "p_value": 1.0} | unharmed | changes))


def primaries(**changes: Any) -> tuple[Indicator, Indicator]:
    return indicator(**changes), indicator(name="strain", domain=Domain.STAFF, **changes)


def guardrails(**changes: Any) -> tuple[Indicator, ...]:
    return tuple(guardrail(domain, **changes) for domain in (Domain.SAFETY, Domain.STAFF, Domain.EQUITY))


def sound_case(*indicators: Indicator, **changes: Any) -> Case:
    """The roll-out case; indicators given stand in for its primaries, guardrails stay."""
    case = Case(
        technology="TeleCare 1",
        indicators=(*(indicators or primaries()), *guardrails()),
        portfolio=Portfolio(
            pilots=3,
            share_silent=0.0,
            untested_size_classes=0.0,
            untested_target_groups=0.0,
            major_version_change=False,
            municipalities_with_comparison=8,
            regions_with_comparison=3,
            strata_covered=True,
            extension_feasible=False,
            evsi=0.0,
            extension_cost=1.0,
            extension_assurance=0.0,
        ),
        economy=Economy(
            expected_net_value=100.0,
            probability_positive=0.9,
            share_positive_by_size_class={"small": 0.9, "medium": 0.9, "large": 1.0},
            value_in_named_segments=False,
        ),
        gates={name: GateFact(True) for name in ("G1", "G3", "G4", "G5", "G6")},
        analysed_by_supplier_or_owner=False,
    )
    return replace(case, **changes)


def with_portfolio(case: Case, **changes: Any) -> Case:
    return replace(case, portfolio=replace(case.portfolio, **changes))


def with_economy(case: Case, **changes: Any) -> Case:
    return replace(case, economy=replace(case.economy, **changes))


def with_gate(case: Case, name: str, holds: bool | None) -> Case:
    return replace(case, gates={**case.gates, name: GateFact(holds)})
