"""What the registry states about a run before the rules read it."""

from typing import Any

import pytest

from effects.case import Case
from effects.plan import AnalysisPlan
from registry.evidence.cases import WHY, Circumstances, case_of
from registry.evidence.rules import GateId, Known
from registry.evidence.schemas import Facts
from registry.people.rules import StakeholderGroup
from registry.pilots.rules import Dpia
from tests.registry.analyses.story import CONTENT, a_check, a_result, an_estimate, no_estimate, the_result
from tests.registry.evidence.story import facts
from tests.registry.pilots.story import a_view
from tests.registry.plans.story import PLAN


def about(**changes: Any) -> Circumstances:
    known: dict[str, Any] = {
        "pilot": a_view(),
        "untested": 0.0,
        "locked_first": True,
        "approved_hashes": [CONTENT.removeprefix("sha256:")],
        "groups_voted": list(StakeholderGroup),
    }
    return Circumstances(**{**known, **changes})


def case(result: dict[str, Any] | None = None, known: Facts | None = None, plan: str = PLAN, **changes: Any) -> Case:
    return case_of(AnalysisPlan.from_text(plan), result or the_result(), about(**changes), known or facts())


def holds(found: Case, gate: GateId) -> bool | None:
    return found.gates[gate].holds


def test_every_outcome_of_the_plan_is_an_indicator_with_the_plans_words_and_the_results_figures() -> None:
    language, strain = case().indicators
    assert (language.name, language.role, language.design, language.in_plan) == (
        "Language known",
        "primary",
        "stepped_wedge",
        True,
    )
    assert (language.estimate, language.low, language.high, language.level) == (0.2, 0.15000000000000002, 0.25, 0.95)
    assert (language.minimal_important, language.standard_error, language.df) == (0.05, 0.025, 12.5)
    assert (strain.name, strain.role, strain.better) == ("strain", "secondary", "lower")


def test_the_technology_and_its_major_version_are_those_of_the_pilot() -> None:
    found = case(pilot=a_view(technology_name="Robot", major_version="3"))
    assert (found.technology, found.major_version, found.portfolio.pilots) == ("Robot", "3", 1)
    assert found.portfolio.major_version_change is False


@pytest.mark.parametrize("share", [0.4, 0.0, None])
def test_the_reach_of_the_sites_is_stated_where_it_is_known(share: float | None) -> None:
    found = case(untested=share).portfolio
    assert (found.untested_size_classes, found.untested_target_groups, found.share_silent) == (share, None, None)


def test_what_cannot_be_estimated_has_no_figures() -> None:
    language, strain = case(a_result(no_estimate("language"), an_estimate("strain", 0.1, 0.4, 0.6))).indicators
    assert (language.estimate, language.low, language.p_value, language.df) == (None, None, None, None)
    assert strain.estimate == 0.1


def test_an_interval_that_rests_on_too_few_clusters_is_no_fact_for_the_grade() -> None:
    result = the_result()
    result["diagnostics"] = [*result["diagnostics"], a_check("small_sample_inference", "fail", "language")]
    language, strain = case(result).indicators
    assert (language.estimate, language.low, language.p_value, language.df) == (None, None, None, None)
    assert strain.estimate is not None


def test_second_opinions_and_subgroups_are_not_the_indicator() -> None:
    others = (
        an_estimate("language", 9.0, 0.1, None, analysis="sensitivity"),
        an_estimate("language", 8.0, 0.1, None, subgroup={"size": "small"}),
        an_estimate("language", 7.0, 0.1, None, aggregation="dynamic"),
    )
    result = the_result()
    result["estimates"] = [*result["estimates"], *others]
    assert case(result).indicators[0].estimate == 0.2


def test_facts_hold_for_every_indicator_and_unknown_stays_unknown() -> None:
    for indicator in case(known=facts(self_report=Known.YES, dose=None, blinded=Known.UNKNOWN)).indicators:
        assert (indicator.self_report, indicator.blinded, indicator.dose) == (True, None, None)
        assert (indicator.confounders_unmeasured, indicator.attrition_treated) == (0, 0.0)
    silent = case(known=Facts())
    assert silent.analysed_by_supplier_or_owner is None
    assert silent.indicators[0].diagnostics_passed is None


def test_in_a_stepped_wedge_every_cluster_stands_in_both_arms() -> None:
    indicator = case().indicators[0]
    assert (indicator.clusters_treated, indicator.clusters_control) == (29, 29)


def test_elsewhere_the_smaller_arm_counts_for_both() -> None:
    plan = PLAN.replace('"stepped_wedge"', '"cluster_randomised"').replace("[model]", "").replace("working_model", "# ")
    plan = plan.replace("fixed_effects =", "# ")
    counted = {**a_check("clusters_per_arm", "pass", "language"), "statistic": 4.0}
    language, strain = case(the_result(counted), plan=plan).indicators
    assert (language.clusters_treated, language.clusters_control) == (4, 4)
    assert strain.clusters_treated is None


def test_a_promotion_after_the_data_is_ruled_out_only_where_the_plan_was_locked_first() -> None:
    assert case().indicators[0].promoted_with_reason is False
    assert case(locked_first=False).indicators[0].promoted_with_reason is None


@pytest.mark.parametrize("locked_first", [True, False])
def test_g1_is_whether_the_plan_was_locked_before_the_first_rows(locked_first: bool) -> None:
    assert holds(case(locked_first=locked_first), GateId.PLAN_BEFORE_ROWS) is locked_first


@pytest.mark.parametrize(("hashes", "state"), [(["c" * 64], True), (["other"], False), ([], False)])
def test_g3_asks_for_approved_rows_whose_hash_the_result_states(hashes: list[str], state: bool) -> None:
    assert holds(case(approved_hashes=hashes), GateId.APPROVED_ROWS) is state


@pytest.mark.parametrize(
    ("design", "kind", "units", "state"),
    [
        ("stepped_wedge", "cr2", 29, True),
        ("stepped_wedge", "hc2", 231, False),
        ("individual_randomised", "hc2", 231, True),
        ("individual_randomised", "hc2", 29, False),
        ("individual_randomised", "cr2", 29, True),
    ],
)
def test_g4_asks_that_errors_respect_what_was_assigned(design: str, kind: str, units: int, state: bool) -> None:
    told = {"standard_error_kind": kind, "units": units}
    result = a_result(an_estimate("language", 0.2, 0.1, 0.1, **told), an_estimate("strain", 0.2, 0.1, 0.1, **told))
    plan = PLAN
    if design != "stepped_wedge":
        plan = PLAN.replace('"stepped_wedge"', f'"{design}"').replace('working_model = "fixed_effects"', "")
        plan = plan.replace('fixed_effects = ["unit", "period"]', "").replace("[model]", "")
    assert holds(case(result, plan=plan), GateId.ERRORS_BY_ASSIGNMENT) is state


def test_g4_is_not_known_while_nothing_is_estimated() -> None:
    found = case(a_result(no_estimate("language"), no_estimate("strain")))
    assert found.gates[GateId.ERRORS_BY_ASSIGNMENT].holds is None
    assert found.gates[GateId.ERRORS_BY_ASSIGNMENT].why is None


def test_g5_asks_for_a_vote_of_every_group() -> None:
    assert holds(case(), GateId.ALL_GROUPS_VOTED) is True
    missing = [group for group in StakeholderGroup if group is not StakeholderGroup.STAFF]
    assert holds(case(groups_voted=missing), GateId.ALL_GROUPS_VOTED) is False
    assert holds(case(groups_voted=[]), GateId.ALL_GROUPS_VOTED) is False


@pytest.mark.parametrize(
    ("legal_basis", "dpia", "state"),
    [("Serviceloven § 83", Dpia.DONE, True), ("", Dpia.DONE, False), ("Serviceloven § 83", Dpia.UNKNOWN, False)],
)
def test_g6_asks_for_legal_basis_and_the_state_of_the_dpia(legal_basis: str, dpia: Dpia, state: bool) -> None:
    assert holds(case(pilot=a_view(legal_basis=legal_basis, dpia=dpia)), GateId.LEGAL_STATE_RECORDED) is state


def test_every_gate_says_what_it_rests_on() -> None:
    assert set(WHY) == {(gate, holds) for gate in GateId for holds in (True, False)}
    found = case(groups_voted=[])
    assert found.gates[GateId.ALL_GROUPS_VOTED].why == str(WHY[GateId.ALL_GROUPS_VOTED, False])
