"""From a plan, its result and what is known about the pilot to a case that the rules can read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from effects.case import Case, GateFact, Portfolio
from effects.codes import AnalysisRole, Claim, Design, StandardError
from effects.indicator import Indicator
from effects.plan_sections import Outcome, PlanSections
from registry.evidence.rules import GateId
from registry.evidence.schemas import Facts
from registry.people.rules import StakeholderGroup
from registry.pilots.rules import Dpia
from registry.pilots.schemas import PilotView

CLUSTERS: Final = "clusters_per_arm"  # the diagnostic that counts the clusters of the smaller arm
INDEPENDENT_ROWS: Final = {StandardError.IID, StandardError.HC1, StandardError.HC2, StandardError.HC3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the registry itself knows about a run: when things happened and who took part."""

    pilot: PilotView
    locked_at: datetime
    first_upload_at: datetime
    approved_at: datetime | None
    groups_voted: frozenset[StakeholderGroup]


def case_of(plan: PlanSections, result: Mapping[str, Any], about: Circumstances, facts: Facts) -> Case:
    """The case of a single pilot: every outcome of the plan is an indicator, every unknown stays unknown."""
    main = {entry["outcome"]: entry for entry in result["estimates"] if _asked_for(entry)}
    arms = {check["outcome"]: check["statistic"] for check in result["diagnostics"] if check["name"] == CLUSTERS}
    return Case(
        technology=about.pilot.technology_name,
        major_version=about.pilot.major_version,
        indicators=tuple(_indicator(plan, outcome, main[outcome.column], arms, facts) for outcome in plan.outcomes),
        portfolio=Portfolio(pilots=1),
        gates={gate.value: fact for gate, fact in _gates(plan, main.values(), about)},
        analysed_by_supplier_or_owner=facts.analysed_by_supplier_or_owner.flag,
    )


def _asked_for(entry: Mapping[str, Any]) -> bool:
    return entry["analysis"] == AnalysisRole.PRIMARY and not entry.get("subgroup")


def _indicator(
    plan: PlanSections, outcome: Outcome, entry: Mapping[str, Any], arms: Mapping[str, float | None], facts: Facts
) -> Indicator:
    clusters = _clusters_per_arm(plan.design, entry, arms.get(outcome.column))
    return Indicator(
        name=outcome.name or outcome.column,
        role=outcome.role,
        domain=outcome.domain,
        better=outcome.better,
        claim=outcome.claim or Claim.BETTER,
        minimal_important=outcome.minimal_important,
        margin=outcome.margin,
        design=plan.design.value,
        diagnostics_passed=facts.diagnostics_passed.flag,
        attrition_treated=facts.attrition_treated,
        attrition_control=facts.attrition_control,
        dose=facts.dose,
        contamination=facts.contamination,
        blinded=facts.blinded.flag,
        self_report=facts.self_report.flag,
        instruments_differ=facts.instruments_differ.flag,
        changed_after_data=facts.changed_after_data.flag,
        clusters_treated=clusters,
        clusters_control=clusters,
        in_plan=True,
        promoted_with_reason=False,
        **_numbers(entry),
    )


def _clusters_per_arm(design: Design, entry: Mapping[str, Any], smaller_arm: float | None) -> int | None:
    """Clusters of the smaller arm; in a stepped wedge every cluster stands in both."""
    if design is Design.STEPPED_WEDGE:
        return entry.get("clusters")
    return None if smaller_arm is None else round(smaller_arm)


def _numbers(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["kind"] == "not_estimable":
        return {}
    interval = entry["interval"]
    return {
        "estimate": entry["estimate"],
        "low": interval["low"],
        "high": interval["high"],
        "level": interval["level"],
        "p_value": entry["p_value"],
        "standard_error": entry["standard_error"],
        "df": entry["df"],
    }


def _gates(
    plan: PlanSections, entries: Iterable[Mapping[str, Any]], about: Circumstances
) -> Iterable[tuple[GateId, GateFact]]:
    locked, uploaded = (
        about.locked_at.isoformat(timespec="seconds"),
        about.first_upload_at.isoformat(timespec="seconds"),
    )
    yield (
        GateId.PLAN_BEFORE_ROWS,
        GateFact(about.locked_at < about.first_upload_at, f"locked {locked}, first upload {uploaded}"),
    )
    approved = about.approved_at.isoformat(timespec="seconds") if about.approved_at else "never"
    yield GateId.APPROVED_ROWS, GateFact(about.approved_at is not None, f"approved {approved}")
    yield GateId.ERRORS_BY_ASSIGNMENT, _errors_by_assignment(plan, entries)
    silent = [group.value for group in StakeholderGroup if group not in about.groups_voted]
    why = f"without a vote: {', '.join(silent)}" if silent else "every group has voted"
    yield GateId.ALL_GROUPS_VOTED, GateFact(not silent, why)
    recorded = bool(about.pilot.legal_basis) and about.pilot.dpia is not Dpia.UNKNOWN
    why = f"legal basis {'stated' if about.pilot.legal_basis else 'not stated'}, DPIA {about.pilot.dpia.value}"
    yield GateId.LEGAL_STATE_RECORDED, GateFact(recorded, why)


def _errors_by_assignment(plan: PlanSections, entries: Iterable[Mapping[str, Any]]) -> GateFact:
    """Individually assigned rows may be independent; otherwise the errors have to be those of clusters."""
    kinds = {entry["standard_error_kind"] for entry in entries if entry["kind"] == "estimate"}
    if not kinds:
        return GateFact(None)
    level = plan.data.assignment or "row"
    clustered = plan.design is Design.INDIVIDUAL_RANDOMISED or not kinds & INDEPENDENT_ROWS
    return GateFact(clustered, f"{', '.join(sorted(kinds))} by {level}")
