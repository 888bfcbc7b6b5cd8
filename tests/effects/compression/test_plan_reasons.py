import subprocess
import sys

import pytest

from effects.codes import Design, Estimator, StandardError
from effects.compression.plan_reasons import ANSWERED, PlanReason, plan_needs_rows, plan_reasons, rows_say_more
from effects.plan import AnalysisPlan
from tests.effects.compression.panels import plan, settings_of
from tests.effects.designs import outcome, plan_for

ROLES: dict[str, object] = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}


@pytest.mark.parametrize(
    ("stated", "word"),
    [
        (plan_for("synthetic_control"), "design"),
        (plan("stepped_wedge", "cr1", data={**ROLES, "weight": "z"}), "weights"),
        (plan("stepped_wedge", "cr1", data={**ROLES, "received": "x"}), "received"),
        (plan("stepped_wedge", "cr1", subgroup=[{"column": "stratum"}]), "subgroups"),
        (plan("stepped_wedge", "cr1", ["factor(stratum)"]), "factor"),
        (
            plan("stepped_wedge", "cr2", inference={"standard_error": "cr2", "working_variance": "inverse_weight"}),
            "weights",
        ),
        (
            plan(
                "stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": ["unit", "cluster"]}
            ),
            "determine",
        ),
        (plan_for("individual_randomised", outcome=[outcome("y", covariates=["x"])]), "leverage"),
        (plan("individual_randomised", "hc2"), "leverage"),
        (plan("stepped_wedge", "cr1", model={}), "cr1 around"),
        (plan("individual_randomised", "cr1", outcome=[outcome("y", family="poisson")]), "gaussian"),
        (plan("individual_randomised", "cr1", outcome=[outcome("y", offset="x")]), "offset"),
    ],
)
def test_each_condition_that_fails_is_named(stated: AnalysisPlan, word: str) -> None:
    reason = plan_needs_rows(stated, settings_of(stated))
    assert reason is not None
    assert word in str(reason)


@pytest.mark.parametrize(
    "stated",
    [
        plan("stepped_wedge", "cr2", ["x", "z^2", "log(z)"]),
        plan("stepped_wedge", "iid"),
        plan("cluster_randomised", "cr3", model={"fixed_effects": ["strata"]}, data={**ROLES, "strata": "stratum"}),
        plan("individual_randomised", "cr1", ["x"]),
        plan_for("individual_randomised"),
    ],
)
def test_linear_plans_need_no_rows(stated: AnalysisPlan) -> None:
    assert plan_needs_rows(stated, settings_of(stated)) is None


def test_every_reason_comes_with_its_remedy_and_names_its_outcome() -> None:
    stated = plan(
        "individual_randomised",
        "hc2",
        data={"unit": "unit", "treated": "treated", "weight": "z"},
        outcome=[outcome("y"), outcome("x", covariates=["factor(stratum)"], offset="z")],
    )
    found = list(plan_reasons(stated, settings_of(stated)))
    assert [str(item.reason).split()[0] for item in found] == ["weights", "an", "a", "hc"]
    assert [item.outcome for item in found] == [None, "x", "x", "x"]
    assert all(str(item.remedy) for item in found)


def test_a_page_can_ask_without_the_engine_in_its_process() -> None:
    heavy = "{'duckdb', 'numpy', 'pandas'} & set(sys.modules)"
    asked = f"import sys; import effects.compression.plan_reasons; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


PANEL: dict[str, object] = {"unit": "unit", "cluster": "cluster", "period": "period", "treated": "treated"}
STAGGERED: dict[str, object] = {"unit": "unit", "cluster": "cluster", "period": "period", "first_treated": "start"}


def found(stated: AnalysisPlan) -> list[PlanReason]:
    return list(plan_reasons(stated, settings_of(stated)))


def staggered(**sections: object) -> AnalysisPlan:
    return plan_for("staggered_adoption", **{"data": STAGGERED, **sections})


def two_periods(error: str = "cr1", **sections: object) -> AnalysisPlan:
    return plan("two_period_did", error, **{"data": PANEL, "estimand": "att", **sections})


def test_designs_that_sums_answer_are_those_whose_plans_may_need_no_rows() -> None:
    """A design that is added has to be thought of here: sums answer it, or the plan says that they do not."""
    unanswered = set(Design) - ANSWERED
    for design in unanswered & {Design.SYNTHETIC_CONTROL, Design.BEFORE_AFTER, Design.MATCHED_COMPARISON}:
        named = [one for one in found(plan_for(design.value)) if "needs rows" in str(one.reason)]
        assert any(design.value in str(one.reason) for one in named)
    for stated in (plan("individual_randomised", "cr1"), plan("cluster_randomised", "cr1"), two_periods(), staggered()):
        assert not any("the design" in str(one.reason) for one in found(stated))


@pytest.mark.parametrize("error", [error.value for error in StandardError if error.value.startswith("cr")])
@pytest.mark.parametrize("design", ["individual_randomised", "cluster_randomised", "stepped_wedge"])
def test_every_error_by_cluster_is_answered_by_sums_in_every_randomised_design(design: str, error: str) -> None:
    assert found(plan(design, error)) == []


@pytest.mark.parametrize("error", ["hc1", "hc2", "hc3"])
def test_errors_by_row_are_answered_where_an_arm_is_all_there_is(error: str) -> None:
    alone = {"treated": "treated"}
    assert found(plan("individual_randomised", error, data=alone)) == []
    with_covariates = found(plan("individual_randomised", error, ["x"], data=alone))
    assert [(one.outcome, "leverage" in str(one.reason)) for one in with_covariates] == [("y", True)]
    (clustered,) = found(plan("individual_randomised", error, data={**alone, "cluster": "cluster"}))
    assert "leverage" in str(clustered.reason) and "cr0, cr1, cr1s, cr2 or cr3" in str(clustered.remedy)


def test_a_mixed_model_is_answered_with_its_own_error_and_no_other() -> None:
    assert found(plan("stepped_wedge", "model_based", model={})) == []
    (one,) = found(plan("stepped_wedge", "cr2", model={}))
    assert "cr2 around a mixed model" in str(one.reason) and "model_based" in str(one.remedy)


@pytest.mark.parametrize(
    ("sections", "about", "word"),
    [
        ({"subgroup": [{"column": "stratum"}]}, "subgroup", "plan of its own"),
        ({"multiplicity": {"primary": "westfall_young"}}, "together", "holm"),
        ({"multiplicity": {"primary": "romano_wolf"}}, "together", "bonferroni"),
        ({"multiplicity": {"secondary": "romano_wolf"}}, "together", "benjamini_hochberg"),
    ],
)
def test_what_a_plan_wants_beside_its_effects_is_told_apart_from_them(
    sections: dict[str, object], about: str, word: str
) -> None:
    """The effects themselves are still answered: whoever asks can leave out what is beside them."""
    outcomes = [outcome("y"), outcome("x", role="secondary")]
    reasons = found(plan("cluster_randomised", "cr1", outcome=outcomes, **sections))
    assert [(one.about, one.outcome) for one in reasons] == [(about, None)]
    assert word in str(reasons[0].remedy)


@pytest.mark.parametrize("adjustment", ["holm", "bonferroni", "benjamini_hochberg", "none"])
def test_adjustments_that_only_read_p_values_need_no_rows(adjustment: str) -> None:
    outcomes = [outcome("y"), outcome("x", role="secondary")]
    stated = plan("cluster_randomised", "cr1", outcome=outcomes, multiplicity={"primary": adjustment})
    assert found(stated) == []


@pytest.mark.parametrize(
    ("design", "more", "rows"),
    [
        ("cluster_randomised", {}, False),
        ("individual_randomised", {}, True),
        ("cluster_randomised", {"strata": "stratum"}, True),
    ],
)
def test_a_permutation_is_of_sums_where_whole_clusters_are_shuffled_freely(
    design: str, more: dict[str, object], rows: bool
) -> None:
    data = {"unit": "unit", "cluster": "cluster", "treated": "treated", **more}
    inference = {"standard_error": "cr1", "permutation": {"draws": 199}, "seed": 1}
    reasons = found(plan(design, "cr1", data=data, inference=inference))
    assert [one.about for one in reasons] == ["permutation"] * rows


def test_staggered_adoption_is_answered_cohort_by_cohort_and_only_by_its_own_estimator() -> None:
    assert found(staggered()) == []
    for estimator in (Estimator.TWFE, Estimator.IMPUTATION, Estimator.SUN_ABRAHAM):
        reasons = found(staggered(model={"estimator": estimator.value}))
        assert any(estimator.value in str(one.reason) for one in reasons), estimator


def test_units_that_are_their_own_clusters_are_not_summed() -> None:
    unclustered = {key: value for key, value in STAGGERED.items() if key != "cluster"}
    for data in (unclustered, {**STAGGERED, "cluster": "unit"}):
        (one,) = found(staggered(data=data))
        assert "cluster of its own" in str(one.reason)


def test_covariates_of_staggered_adoption_are_named_once_however_many_outcomes_have_them() -> None:
    outcomes = [outcome("y", covariates=["x"]), outcome("x", covariates=["z"])]
    (one,) = found(staggered(outcome=outcomes))
    assert one.outcome is None and "unit by unit" in str(one.reason)


@pytest.mark.parametrize(
    ("effects", "answered"),
    [
        (["unit", "period"], True),
        (["group", "period"], True),
        (["cluster", "period"], True),
        (["unit", "cluster"], False),
    ],
)
def test_effects_of_units_and_of_what_holds_them_determine_each_other(effects: list[str], answered: bool) -> None:
    data = {**PANEL, "group": "group"} if "group" in effects else PANEL
    reasons = found(two_periods(model={"fixed_effects": effects}, data=data))
    assert [one for one in reasons if "determine" in str(one.reason)] == ([] if answered else reasons[:1])
    assert (reasons == []) is answered


@pytest.mark.parametrize(
    ("stated", "more"),
    [
        (two_periods(), True),
        (staggered(), True),
        (plan("stepped_wedge", "model_based", model={}), True),
        (plan("stepped_wedge", "cr2"), False),
        (plan("cluster_randomised", "cr1"), False),
        (plan_for("individual_randomised"), False),
    ],
)
def test_rows_at_hand_are_read_where_they_say_more_than_the_effect(stated: AnalysisPlan, more: bool) -> None:
    said = rows_say_more(settings_of(stated))
    assert (said is not None) is more


def test_reasons_of_the_whole_plan_come_before_those_of_an_outcome() -> None:
    outcomes = [outcome("y", offset="x"), outcome("x", family="poisson")]
    reasons = found(plan("cluster_randomised", "cr1", data={**ROLES, "weight": "z"}, outcome=outcomes))
    assert [one.outcome for one in reasons] == [None, "y", "x"]
