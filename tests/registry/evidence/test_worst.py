"""The worst that is known, fact by fact."""

from typing import Any

import pytest

from effects.codes import Better, Domain, Role
from effects.rules.indicator import Indicator
from registry.evidence.worst import ANYWHERE, OF_DESIGN, worst


def an_indicator(**facts: Any) -> Indicator:
    known: dict[str, Any] = {"name": "Falls", "role": Role.PRIMARY, "domain": Domain.SAFETY, "better": Better.LOWER}
    return Indicator(**{**known, "design": "cluster_randomised", **facts})


def together(*facts: dict[str, Any]) -> dict[str, Any]:
    return worst([an_indicator(**one) for one in facts])[0]


@pytest.mark.parametrize(
    ("name", "first", "second", "found"),
    [
        ("blinded", True, False, False),
        ("blinded", True, None, None),
        ("blinded", False, None, False),
        ("self_report", False, True, True),
        ("self_report", None, True, True),
        ("self_report", None, False, None),
        ("in_plan", True, False, False),
        ("clusters_treated", 13, 5, 5),
        ("clusters_treated", 13, None, None),
        ("dose", 0.9, 0.6, 0.6),
        ("contamination", 0.0, 0.2, 0.2),
        ("confounders_unmeasured", 0, 2, 2),
        ("confounders_unmeasured", 2, None, None),
    ],
)
def test_of_two_pilots_the_worse_fact_counts_and_unknown_is_never_taken_for_good(
    name: str, first: object, second: object, found: object
) -> None:
    assert together({name: first}, {name: second})[name] == found
    assert together({name: second}, {name: first})[name] == found


def test_a_single_pilot_keeps_every_fact() -> None:
    facts: dict[str, Any] = {"blinded": True, "dose": 0.8, "baseline_g": -0.1, "attrition_treated": 0.1}
    alone = an_indicator(**facts, attrition_control=0.2)
    answers, differs = worst([alone])
    assert {name: getattr(alone, name) for name in answers} == answers
    assert differs == ()


def test_the_weakest_design_counts_and_only_its_own_questions_are_asked() -> None:
    answers = together(
        {"design": "cluster_randomised", "diagnostics_passed": None, "pre_periods": None},
        {"design": "staggered_adoption", "diagnostics_passed": True, "pre_periods": 4},
    )
    assert (answers["design"], answers["pre_periods"], answers["diagnostics_passed"]) == ("staggered_adoption", 4, True)


@pytest.mark.parametrize("design", [None, "coin_toss"])
def test_a_design_that_is_not_known_leaves_it_open(design: str | None) -> None:
    assert together({}, {"design": design})["design"] is None


def test_losses_come_as_the_pair_of_the_pilot_with_the_largest_potential_bias() -> None:
    even = {"attrition_treated": 0.3, "attrition_control": 0.3}
    uneven = {"attrition_treated": 0.3, "attrition_control": 0.05}
    answers = together(even, uneven)
    assert (answers["attrition_treated"], answers["attrition_control"]) == (0.3, 0.05)
    unknown = together(even, {"attrition_treated": 0.1})
    assert (unknown["attrition_treated"], unknown["attrition_control"]) == (None, None)


def test_a_breakdown_comes_as_the_pair_that_leaves_the_least_room() -> None:
    answers = together(
        {"breakdown": 2.0, "observed_violation": 1.0},
        {"breakdown": 1.1, "observed_violation": 1.0},
    )
    assert (answers["breakdown"], answers["observed_violation"]) == (1.1, 1.0)


def test_the_largest_difference_at_the_start_keeps_its_sign() -> None:
    assert together({"baseline_g": 0.1}, {"baseline_g": -0.3})["baseline_g"] == -0.3


def test_what_the_pilots_state_differently_is_named() -> None:
    measured = [an_indicator(dose=0.9, minimal_important=1.0), an_indicator(dose=0.8, minimal_important=2.0)]
    assert worst(measured)[1] == ("dose", "minimal_important")


def test_every_fact_of_an_indicator_has_a_way_to_be_put_together() -> None:
    figures = {"estimate", "low", "high", "level", "p_value", "margin_p_value", "standard_error", "df"}
    words = {"name", "role", "domain", "better", "claim", "minimal_important", "margin"}
    own = {"stage_p_values", "predictive_low", "predictive_high", "intervals_barely_overlap", "studies"}
    pairs = {"attrition_treated", "attrition_control", "breakdown", "observed_violation", "design"}
    asked = set(Indicator.__dataclass_fields__) - figures - words - own - pairs - {"subgroup_explains"}
    assert asked == set(ANYWHERE) | set(OF_DESIGN)
