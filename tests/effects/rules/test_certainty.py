import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.case import Case
from effects.rules.certainty import Certainty, certainty, design_of
from effects.rules.indicator import Indicator
from effects.rules.ruleset import load_ruleset
from effects.rules.steps import bounds_of, level_of
from effects.rules.tristate import Tristate
from tests.effects.sound_case import indicator, sound_case, with_portfolio

RULES = load_ruleset()
FLAGS = st.sampled_from([True, False, None])
SHARES = st.none() | st.floats(0, 1)
COUNTS = st.none() | st.integers(0, 12)
FACTS = st.fixed_dictionaries(
    {
        "design": st.sampled_from([None, *RULES.designs]),
        "attrition_treated": SHARES,
        "attrition_control": SHARES,
        "baseline_g": st.none() | st.floats(-1, 1),
        "baseline_adjusted": FLAGS,
        "diagnostics_passed": FLAGS,
        "pre_periods": COUNTS,
        "breakdown": st.none() | st.floats(0, 2),
        "observed_violation": st.none() | st.floats(0, 2),
        "confounders_unmeasured": COUNTS,
        "placebos_enumerated": FLAGS,
        "dose": SHARES,
        "contamination": SHARES,
        "blinded": FLAGS,
        "self_report": FLAGS,
        "instruments_differ": FLAGS,
        "in_plan": FLAGS,
        "promoted_with_reason": FLAGS,
        "changed_after_data": FLAGS,
        "clusters_treated": COUNTS,
        "clusters_control": COUNTS,
        "permutation_floor": SHARES,
        "dose_response": FLAGS,
        "predictive_low": st.none() | st.floats(-3, 3),
        "intervals_barely_overlap": FLAGS,
        "subgroup_explains": FLAGS,
    }
)
DID = {
    "design": "two_period_did",
    "baseline_g": 0.0,
    "baseline_adjusted": True,
    "confounders_unmeasured": 0,
    "pre_periods": 4,
    "breakdown": 1.5,
    "observed_violation": 1.0,
    "dose_response": False,
}


def graded(case: Case | None = None, **facts: object) -> Certainty:
    seen = indicator(**facts)
    return certainty(case or sound_case(seen), seen, RULES)


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, 4),
        ({"design": "individual_randomised"}, 4),
        ({"design": "stepped_wedge", "diagnostics_passed": True, "confounders_unmeasured": 0}, 4),
        ({"design": "stepped_wedge", "diagnostics_passed": False, "confounders_unmeasured": 0}, 3),
        ({"design": "stepped_wedge", "diagnostics_passed": None, "confounders_unmeasured": 0}, 3),
        ({"design": "regression_discontinuity", "diagnostics_passed": True}, 4),
        (DID, 3),
        (DID | {"pre_periods": 3}, 3),
        (DID | {"pre_periods": 2}, 2),
        (DID | {"breakdown": 1.0}, 2),
        (DID | {"breakdown": None}, 2),
        (DID | {"design": "synthetic_control", "placebos_enumerated": True}, 3),
        (DID | {"design": "synthetic_control", "placebos_enumerated": False}, 2),
        ({"design": "matched_comparison", "baseline_g": 0.0, "confounders_unmeasured": 0}, 2),
        ({"design": "interrupted_time_series", "confounders_unmeasured": 0}, 2),
        ({"design": "before_after"}, 1),
        ({"design": "survey_before_after"}, 1),
        ({"design": "satisfaction_survey"}, 0),
        ({"design": "after_only"}, 0),
        ({"design": None}, 0),
    ],
)
def test_the_start_by_design(facts: dict[str, object], level: int) -> None:
    assert graded(**facts).level == level


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"blinded": False, "self_report": True}, 3),
        ({"attrition_treated": 1 - 258 / 578, "attrition_control": 1 - 316 / 647}, 3),
        ({"attrition_treated": 0.3, "attrition_control": 0.1}, 2),
        ({"attrition_treated": 0.3, "attrition_control": 0.1, "dose": 0.5, "contamination": 0.3}, 1),
        ({"in_plan": False}, 2),
        ({"clusters_treated": 1, "permutation_floor": 0.01}, 1),
        (DID | {"baseline_g": 0.3}, 1),
        (DID | {"baseline_g": 0.1, "baseline_adjusted": False}, 2),
        (DID | {"confounders_unmeasured": 3}, 1),
    ],
)
def test_what_lowers_it(facts: dict[str, object], level: int) -> None:
    assert graded(**facts).level == level


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        (DID | {"estimate": 2.5, "low": 2.0, "high": 3.0}, 4),
        (DID | {"estimate": 2.5, "low": 1.9, "high": 3.0}, 3),
        (DID | {"dose_response": True}, 4),
        (DID | {"dose_response": None}, 3),
        (DID | {"dose_response": True, "dose": 0.5}, 2),
        (DID | {"dose_response": True, "dose": None}, 3),
        (DID | {"pre_periods": 1, "dose_response": True}, 3),
        ({"design": "before_after", "dose_response": True}, 1),
    ],
)
def test_what_raises_it(facts: dict[str, object], level: int) -> None:
    assert graded(**facts).level == level


@pytest.mark.parametrize(
    ("facts", "bounds"),
    [
        ({}, (4, 4)),
        ({"dose": None}, (3, 4)),
        ({"dose": None, "contamination": None}, (2, 4)),
        ({"in_plan": None}, (2, 4)),
        ({"design": None}, (0, 4)),
        ({"design": "satisfaction_survey"}, (0, 0)),
        ({"design": "stepped_wedge", "confounders_unmeasured": 0}, (3, 4)),
        (DID | {"dose_response": None}, (3, 4)),
        (DID | {"breakdown": None}, (1, 3)),
    ],
)
def test_what_is_not_known_bounds_it(facts: dict[str, object], bounds: tuple[int, int]) -> None:
    found = graded(**facts)
    assert (found.lowest, found.highest) == bounds


@pytest.mark.parametrize(
    ("facts", "level", "expected"),
    [
        ({}, 4, True),
        ({"dose": None}, 3, True),
        ({"dose": None}, 4, None),
        ({"dose": 0.5}, 4, False),
        ({"design": None}, 1, None),
        ({"design": "satisfaction_survey"}, 1, False),
    ],
)
def test_a_level_is_relied_on_only_over_its_whole_range(
    facts: dict[str, object], level: int, expected: Tristate
) -> None:
    assert graded(**facts).reaches(level) is expected


def test_unknown_inputs_are_named_by_the_step_that_waits() -> None:
    waiting = {step.rule: step.missing for step in graded(dose=None, blinded=None, self_report=True).steps}
    assert {rule: missing for rule, missing in waiting.items() if missing} == {"D": ("dose",), "E": ("blinded",)}


def test_the_design_that_is_not_known_is_named() -> None:
    assert graded(design=None).steps[0].missing == ("design",)


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        ({}, []),
        ({"dose": 0.5}, ["D"]),
        ({"dose": 0.5, "blinded": False, "self_report": True}, ["D", "E"]),
        ({"attrition_treated": 0.3, "clusters_treated": 1, "permutation_floor": 0.0}, ["H"]),
        (DID | {"pre_periods": 1}, ["D3"]),
        (DID | {"confounders_unmeasured": 2, "baseline_g": 0.3}, ["B", "C"]),
    ],
)
def test_remedies_are_of_the_steps_that_hold_it_down(facts: dict[str, object], rules: list[str]) -> None:
    known = {**RULES.starts, **RULES.steps}
    assert [str(remedy) for remedy in graded(**facts).remedies] == [known[rule].remedy for rule in rules]


def test_facts_about_all_pilots_count_for_every_claim() -> None:
    seen = indicator()
    assert graded(with_portfolio(sound_case(seen), share_silent=0.5)).level == 2
    assert graded(with_portfolio(sound_case(seen), major_version_change=True)).level == 3
    assert graded(sound_case(seen, analysed_by_supplier_or_owner=True)).level == 3


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"design": "stepped_wedge"}, "D4"),
        ({"design": "stepped_wedge", "has_baseline": False, "has_comparison": False}, "D0"),
        ({"design": None, "has_baseline": False, "has_comparison": False}, "D0"),
        ({"design": None, "has_baseline": True, "has_comparison": False}, None),
        ({"design": None, "has_baseline": None, "has_comparison": False}, None),
    ],
)
def test_the_rung_of_a_design(facts: dict[str, object], expected: str | None) -> None:
    found = design_of(indicator(**facts), RULES)
    assert (None if found is None else found.start) == expected


def test_a_step_says_what_it_read_and_held_it_against() -> None:
    step = next(step for step in graded(dose=0.5).steps if step.rule == "D")
    assert step.inputs == {"dose": 0.5, "contamination": 0.0}
    assert step.thresholds == {"dose": 0.7, "contamination": 0.1}
    assert (step.state, step.change, str(step.consequence)) == (True, -1, "-1")
    assert step.source


def test_the_mapping_is_json_with_consequences_in_words() -> None:
    mapping = json.loads(json.dumps(graded(dose=0.5).to_mapping(), allow_nan=False))
    assert mapping["label"]["text"] == "Moderate"
    assert mapping["steps"][0]["rule"] == "D5"
    assert {step["consequence"]["text"] for step in mapping["steps"]} == {"+4", "-1", "no change"}


@given(FACTS)
def test_the_listed_steps_reproduce_the_grade(facts: dict[str, object]) -> None:
    found = graded(**facts)
    assert level_of(found.steps, RULES) == found.level
    assert bounds_of(found.steps, RULES) == (found.lowest, found.highest)
    assert str(found.label) == RULES.certainty[found.level]


@given(
    FACTS, st.sampled_from(sorted(set(Indicator.__dataclass_fields__) & {"dose", "blinded", "in_plan", "breakdown"}))
)
def test_not_knowing_a_fact_only_widens_the_bounds(facts: dict[str, object], blank: str) -> None:
    known, blind = graded(**facts), graded(**(facts | {blank: None}))
    assert blind.lowest <= known.lowest
    assert blind.highest >= known.highest


@given(FACTS, st.floats(0, 1))
def test_worse_attrition_never_raises_certainty(facts: dict[str, object], share: float) -> None:
    lost, lost_control = facts["attrition_treated"], facts["attrition_control"]
    if isinstance(lost, float) and isinstance(lost_control, float):
        worse = max(lost, lost_control, share)
        arm = "attrition_treated" if lost >= lost_control else "attrition_control"
        assert graded(**(facts | {arm: worse})).level <= graded(**facts).level


@given(FACTS, st.floats(0, 1))
def test_a_lower_dose_never_raises_certainty(facts: dict[str, object], dose: float) -> None:
    better = {**facts, "dose": max(dose, 0.9)}
    assert graded(**(facts | {"dose": dose})).level <= graded(**better).level


@given(FACTS)
def test_every_unknown_step_names_what_it_waits_for(facts: dict[str, object]) -> None:
    for step in graded(**facts).steps:
        if step.state is None and step.rule != "UP":
            assert step.missing
        if step.state is False:
            assert not step.missing
