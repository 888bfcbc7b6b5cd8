"""From a plan, its result and what is known about the pilot to a case that the rules can read. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from effects.case import Case, GateFact, Portfolio
from effects.codes import AnalysisRole, Claim, Design, StandardError
from effects.message import Message
from effects.planning.sections import Outcome, PlanSections
from effects.rules.indicator import Indicator
from registry.evidence.checked import checked
from registry.evidence.rules import GateId
from registry.evidence.schemas import Facts
from registry.people.rules import StakeholderGroup
from registry.pilots.rules import Dpia
from registry.pilots.schemas import PilotView

CLUSTERS: Final = "clusters_per_arm"  # the diagnostic that counts the clusters of the smaller arm
SMALL_SAMPLE: Final = "small_sample_inference"  # the diagnostic that an interval rests on too few clusters
INDEPENDENT: Final = frozenset({StandardError.IID, StandardError.HC1, StandardError.HC2, StandardError.HC3})
"""Standard errors that take every row for itself."""

WHY: Final[Mapping[tuple[GateId, bool], Message]] = {
    (GateId.PLAN_BEFORE_ROWS, True): Message("The plan was locked before the first stored rows were received."),
    (GateId.PLAN_BEFORE_ROWS, False): Message("The first stored rows were received before the plan was locked."),
    (GateId.APPROVED_ROWS, True): Message("A second person approved the rows, and the result states their hash."),
    (GateId.APPROVED_ROWS, False): Message("The result does not rest on rows that a second person approved."),
    (GateId.ERRORS_BY_ASSIGNMENT, True): Message("The standard errors are those of the units that were assigned."),
    (GateId.ERRORS_BY_ASSIGNMENT, False): Message("The standard errors take rows of one assigned unit as independent."),
    (GateId.ALL_GROUPS_VOTED, True): Message("Every stakeholder group has voted."),
    (GateId.ALL_GROUPS_VOTED, False): Message("Not every group has voted; the indicators page shows which have."),
    (GateId.LEGAL_STATE_RECORDED, True): Message("Legal basis and state of the DPIA are registered."),
    (GateId.LEGAL_STATE_RECORDED, False): Message("Legal basis or state of the DPIA is not registered."),
}
"""What each gate rests on; whole sentences, so that they can be said in any language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the registry itself knows about a run.

    `approved_hashes` are those of what was analysed, if it is approved; `untested` is the share of all inhabitants who
    live in municipalities of a size class without a site, None where the sites are no municipalities.
    """

    pilot: PilotView
    untested: float | None
    locked_first: bool
    approved_hashes: Sequence[str]
    groups_voted: Collection[StakeholderGroup]


def case_of(plan: PlanSections, result: Mapping[str, Any], about: Circumstances, facts: Facts) -> Case:
    """The case of a single pilot: every outcome of the plan is an indicator, every unknown stays unknown.

    The advice is about the major version that was tried, so that there is no change of version.
    """
    main = {entry["outcome"]: entry for entry in reversed(result["estimates"]) if _asked_for(entry)}
    unsound = {check["outcome"] for check in result["diagnostics"] if check["name"] == SMALL_SAMPLE}
    arms = {check["outcome"]: check["statistic"] for check in result["diagnostics"] if check["name"] == CLUSTERS}
    indicators = (
        Indicator(
            **_planned(plan, outcome),
            **({} if outcome.column in unsound else _estimated(main[outcome.column])),
            **_clusters(plan.design, main[outcome.column], arms.get(outcome.column)),
            **_stated(facts),
            **checked(plan.design, result, outcome.column),
            promoted_with_reason=False if about.locked_first else None,
        )
        for outcome in plan.analysed
    )
    return Case(
        technology=about.pilot.technology_name,
        major_version=about.pilot.major_version,
        indicators=tuple(indicators),
        portfolio=Portfolio(pilots=1, untested_size_classes=about.untested, major_version_change=False),
        gates={gate.value: fact for gate, fact in _gates(plan, result, list(main.values()), about)},
        analysed_by_supplier_or_owner=facts.analysed_by_supplier_or_owner.flag,
    )


def _asked_for(entry: Mapping[str, Any]) -> bool:
    return entry["analysis"] == AnalysisRole.PRIMARY and not entry.get("subgroup")


def _planned(plan: PlanSections, outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name or outcome.column,
        "role": outcome.role,
        "domain": outcome.domain,
        "better": outcome.better,
        "claim": outcome.claim or Claim.BETTER,
        "minimal_important": outcome.minimal_important,
        "margin": outcome.margin,
        "design": plan.design.value,
        "in_plan": True,
    }


def _estimated(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["kind"] == "not_estimable":
        return {}
    interval = entry["interval"]
    numbers = {name: entry[name] for name in ("estimate", "p_value", "standard_error", "df")}
    return {**numbers, "low": interval["low"], "high": interval["high"], "level": interval["level"]}


def _clusters(design: Design, entry: Mapping[str, Any], smaller_arm: float | None) -> dict[str, Any]:
    """Clusters of the smaller arm, for both arms; in a stepped wedge every cluster stands in both."""
    smaller = None if smaller_arm is None else round(smaller_arm)
    counted = entry.get("clusters") if design is Design.STEPPED_WEDGE else smaller
    return {"clusters_treated": counted, "clusters_control": counted}


def _stated(facts: Facts) -> dict[str, Any]:
    return {
        "diagnostics_passed": facts.diagnostics_passed.flag,
        "confounders_unmeasured": facts.confounders_unmeasured,
        "attrition_treated": facts.attrition_treated,
        "attrition_control": facts.attrition_control,
        "dose": facts.dose,
        "contamination": facts.contamination,
        "blinded": facts.blinded.flag,
        "self_report": facts.self_report.flag,
        "instruments_differ": facts.instruments_differ.flag,
        "changed_after_data": facts.changed_after_data.flag,
    }


def _gates(
    plan: PlanSections, result: Mapping[str, Any], entries: Collection[Mapping[str, Any]], about: Circumstances
) -> Iterator[tuple[GateId, GateFact]]:
    pilot = about.pilot
    states = {
        GateId.PLAN_BEFORE_ROWS: about.locked_first,
        GateId.APPROVED_ROWS: bool(about.approved_hashes) and result["data"]["sha256"] == [*about.approved_hashes],
        GateId.ERRORS_BY_ASSIGNMENT: _errors_by_assignment(plan.design, entries),
        GateId.ALL_GROUPS_VOTED: set(StakeholderGroup) <= set(about.groups_voted),
        GateId.LEGAL_STATE_RECORDED: bool(pilot.legal_basis) and pilot.dpia is not Dpia.UNKNOWN,
    }
    for gate, holds in states.items():
        yield gate, GateFact(holds, None if holds is None else str(WHY[gate, holds]))


def _errors_by_assignment(design: Design, entries: Collection[Mapping[str, Any]]) -> bool | None:
    """Errors of clusters always respect them; independent ones only where each row is a person who was drawn."""
    estimates = [entry for entry in entries if entry["kind"] == "estimate"]
    if not estimates:
        return None
    return all(
        entry["standard_error_kind"] not in INDEPENDENT
        or (design is Design.INDIVIDUAL_RANDOMISED and entry["rows"] == entry["units"])
        for entry in estimates
    )
