from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Design, Estimand
from effects.errors import PlanError
from effects.plan import AnalysisPlan
from effects.planning.checks import contradictions
from effects.planning.rules import RULES
from tests.effects.designs import ROLES, outcome, plan_for

Mapping = dict[str, object]
Stated = Callable[..., Mapping]
Indicator = Callable[..., Mapping]

DESIGNS = (
    "individual_randomised",
    "cluster_randomised",
    "stepped_wedge",
    "two_period_did",
    "staggered_adoption",
    "interrupted_time_series",
    "controlled_interrupted_time_series",
    "matched_comparison",
    "synthetic_control",
    "before_after",
)


def found(mapping: Mapping) -> set[tuple[str, str]]:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping(mapping)
    assert all(finding.text() for finding in raised.value.findings)
    return {(finding.where, finding.code) for finding in raised.value.findings}


@pytest.mark.parametrize("design", [*DESIGNS, "survey_before_after"])
def test_a_plan_with_what_its_design_needs_contradicts_nothing(
    plan_for: Callable[..., AnalysisPlan], design: str
) -> None:
    assert contradictions(plan_for(design)) == []


@pytest.mark.parametrize("design", DESIGNS)
def test_a_design_without_its_columns_says_each_that_is_missing(stated: Stated, design: str) -> None:
    needed = found(stated(design, data={"weight": "w"}))
    assert needed
    assert all(where.startswith("data.") and code == "missing_role" for where, code in needed)


def test_a_survey_needs_to_know_its_waves(stated: Stated) -> None:
    assert found(stated("survey_before_after", survey={})) == {("survey.wave", "missing_role")}


@pytest.mark.parametrize(
    ("design", "estimand"),
    [("individual_randomised", "att"), ("staggered_adoption", "ate"), ("matched_comparison", "itt")],
)
def test_an_estimand_that_the_design_does_not_identify_is_refused(stated: Stated, design: str, estimand: str) -> None:
    assert found(stated(design, estimand=estimand)) == {("estimand", "estimand_not_identified")}


def test_the_complier_effect_needs_what_was_received(stated: Stated) -> None:
    assert found(stated(estimand="cace")) == {("data.received", "missing_role")}
    data = {"treated": "treated", "received": "used"}
    assert AnalysisPlan.from_mapping(stated(estimand="cace", data=data)).data.received == "used"


def test_a_column_plays_one_part_only(stated: Stated, indicator: Indicator) -> None:
    mapping = stated("stepped_wedge", outcome=[indicator("treated")])
    assert found(mapping) == {("outcome[0].column", "column_has_two_roles")}
    data = {"unit": "t", "period": "p", "treated": "t"}
    assert found(stated("stepped_wedge", data=data)) == {("data.unit", "column_has_two_roles")}


def test_an_outcome_is_stated_once(stated: Stated, indicator: Indicator) -> None:
    mapping = stated(outcome=[indicator("y"), indicator("x"), indicator("y")])
    assert found(mapping) == {("outcome[2].column", "repeated_outcome")}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"minimal_important": None}, ("outcome[0].minimal_important", "missing_key")),
        ({"minimal_important": 0}, ("outcome[0].minimal_important", "not_positive")),
        ({"minimal_important": -1.0}, ("outcome[0].minimal_important", "not_positive")),
        ({"margin": -0.1}, ("outcome[0].margin", "not_positive")),
        ({"margin": 0.6}, ("outcome[0].margin", "margin_exceeds_importance")),
        ({"role": "guardrail", "minimal_important": None}, ("outcome[0].minimal_important", "missing_key")),
        (
            {"role": "secondary", "minimal_important": None, "claim": "not_worse"},
            ("outcome[0].margin", "missing_key"),
        ),
        ({"covariates": ["a*b"]}, ("outcome[0].covariates[0]", "unknown_term")),
        ({"covariates": ["x", "log(y)"]}, ("outcome[0].covariates[1]", "column_has_two_roles")),
        ({"covariates": ["treated"]}, ("outcome[0].covariates[0]", "column_has_two_roles")),
        ({"family": "binomial", "offset": "o"}, ("outcome[0].offset", "offset_without_count_model")),
    ],
)
def test_an_outcome_that_contradicts_itself_is_found(
    stated: Stated, indicator: Indicator, keys: Mapping, expected: tuple[str, str]
) -> None:
    assert found(stated(outcome=[indicator("y", **keys)])) == {expected}


@pytest.mark.parametrize(
    "keys",
    [
        {"role": "secondary", "minimal_important": None},
        {"role": "guardrail", "minimal_important": None, "margin": 0.2},
        {"margin": 0.5},
        {"claim": "not_worse"},
        {"covariates": ["x", "x^2", "log(z)", "factor(z)"]},
        {"family": "poisson", "offset": "o"},
    ],
)
def test_an_outcome_that_can_be_meant_is_accepted(stated: Stated, indicator: Indicator, keys: Mapping) -> None:
    assert AnalysisPlan.from_mapping(stated(outcome=[indicator("y", **keys)]))


def test_a_difference_in_means_takes_no_covariates(stated: Stated, indicator: Indicator) -> None:
    mapping = stated(outcome=[indicator("y", covariates=["x"])], model={"estimator": "difference_in_means"})
    assert found(mapping) == {("outcome[0].covariates", "key_not_for_estimator")}


@pytest.mark.parametrize("column", ["y", "treated"])
def test_a_subgroup_cannot_follow_from_the_treatment(stated: Stated, column: str) -> None:
    assert found(stated(subgroup=[{"column": column}])) == {("subgroup[0].column", "column_has_two_roles")}


def test_a_subgroup_is_stated_once(stated: Stated) -> None:
    mapping = stated(subgroup=[{"column": "size"}, {"column": "size"}])
    assert found(mapping) == {("subgroup[1].column", "repeated_subgroup")}


def test_all_contradictions_are_found_at_once(stated: Stated, indicator: Indicator) -> None:
    mapping = stated(
        estimand="att",
        outcome=[indicator("y", margin=9), indicator("y", covariates=["("])],
        inference={"level": 95},
        subgroup=[{"column": "y"}],
    )
    assert {where for where, _ in found(mapping)} == {
        "estimand",
        "outcome[0].margin",
        "outcome[1].column",
        "outcome[1].covariates[0]",
        "inference.level",
        "subgroup[0].column",
    }


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("estimand", Estimand)
def test_an_estimand_is_refused_by_every_design_that_does_not_identify_it(
    stated: Stated, design: Design, estimand: Estimand
) -> None:
    data = {**ROLES[design.value], "received": "used"}
    mapping = stated(design.value, estimand=estimand.value, data=data)
    if estimand in RULES[design].estimands:
        assert AnalysisPlan.from_mapping(mapping).estimand is estimand
    else:
        assert found(mapping) == {("estimand", "estimand_not_identified")}


# The columns that each design cannot do without, one set for each way of giving them.
NEEDED = {
    "individual_randomised": ["treated"],
    "cluster_randomised": ["treated", "cluster"],
    "stepped_wedge": ["unit", "period", "treated"],
    "two_period_did": ["period", "treated", "unit"],
    "staggered_adoption": ["unit", "period", "first_treated"],
    "interrupted_time_series": ["period", "start"],
    "controlled_interrupted_time_series": ["period", "start", "group"],
    "matched_comparison": ["treated"],
    "synthetic_control": ["unit", "period", "treated"],
    "before_after": ["unit", "treated"],
}


@pytest.mark.parametrize(("design", "role"), [(design, role) for design, roles in NEEDED.items() for role in roles])
def test_each_needed_column_is_missed_by_itself(stated: Stated, design: str, role: str) -> None:
    data: Mapping = {name: f"c_{name}" for name in NEEDED[design]}
    assert AnalysisPlan.from_mapping(stated(design, data=data))
    del data[role]
    assert {code for _, code in found(stated(design, data=data))} == {"missing_role"}


@given(least=st.floats(-2, 2), margin=st.none() | st.floats(-2, 2))
def test_thresholds_are_positive_and_the_margin_is_the_smaller(least: float, margin: float | None) -> None:
    outcomes = [outcome("y", minimal_important=least, **({} if margin is None else {"margin": margin}))]
    sound = least > 0 and (margin is None or 0 < margin <= least)
    mapping = {**plan_for().to_mapping(), "outcome": outcomes}
    assert sound == (not _contradicting(mapping))


def _contradicting(mapping: Mapping) -> bool:
    try:
        AnalysisPlan.from_mapping(mapping)
    except PlanError as error:
        assert {finding.where for finding in error.findings} <= {"outcome[0].minimal_important", "outcome[0].margin"}
        return True
    return False


def test_a_start_is_asked_for_as_a_moment_and_not_as_a_column(stated: Callable[..., dict[str, object]]) -> None:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping(stated("interrupted_time_series", data={"period": "month"}))
    (found,) = raised.value.findings
    assert found.where == "data.start"
    assert "not a column" in found.remedy


def test_several_columns_that_would_do_are_all_named(stated: Callable[..., dict[str, object]]) -> None:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping(stated("cluster_randomised", data={"treated": "t"}))
    assert [finding.params["choices"] for finding in raised.value.findings if finding.code == "missing_role"] == [
        "cluster, unit"
    ]
