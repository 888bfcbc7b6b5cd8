from typing import Any

import pytest

from effects.case import Case
from effects.codes import Better, Claim, Role
from effects.rules.certainty_rules import CHECKS, Check, Context
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.sound_case import indicator, sound_case, with_portfolio

RULES = load_ruleset()
States = tuple[Tristate, Tristate, Tristate]
NO: States = (False, False, False)
ONE: States = (True, False, False)
TWO: States = (True, True, False)


def check(rule: str, seen: Indicator, case: Case | None = None) -> Check:
    case = case or sound_case(seen)
    assert seen.design is not None
    return CHECKS[rule](Context(case, seen, RULES.designs[seen.design], RULES, RULES.steps[rule]))


def states(found: Check) -> States:
    return found.one, found.two, found.cap


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"attrition_treated": 0.0, "attrition_control": 0.0}, NO),
        ({"attrition_treated": 0.3, "attrition_control": 0.3}, NO),
        ({"attrition_treated": 0.2, "attrition_control": 0.1}, ONE),
        ({"attrition_treated": 0.1, "attrition_control": 0.2}, ONE),
        ({"attrition_treated": 1 - 258 / 578, "attrition_control": 1 - 316 / 647}, ONE),
        ({"attrition_treated": 0.3, "attrition_control": 0.1}, TWO),
        ({"attrition_treated": 1.0, "attrition_control": 0.0}, TWO),
        ({"attrition_treated": None}, (None, None, False)),
        ({"attrition_control": None}, (None, None, False)),
        ({"design": "interrupted_time_series", "attrition_treated": None}, NO),
    ],
)
def test_attrition(facts: dict[str, object], expected: States) -> None:
    assert states(check("A", indicator(**facts))) == expected


def test_attrition_shows_the_bias_it_found() -> None:
    found = check("A", indicator(attrition_treated=1 - 258 / 578, attrition_control=1 - 316 / 647))
    assert found.found["potential_bias"] == pytest.approx(0.080, abs=0.0005)
    assert check("A", indicator(attrition_treated=1.0)).found == {}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"baseline_g": 0.05, "baseline_adjusted": False}, NO),
        ({"baseline_g": 0.06, "baseline_adjusted": False}, ONE),
        ({"baseline_g": -0.06, "baseline_adjusted": False}, ONE),
        ({"baseline_g": 0.25, "baseline_adjusted": True}, NO),
        ({"baseline_g": 0.26, "baseline_adjusted": True}, (False, False, True)),
        ({"baseline_g": -0.3, "baseline_adjusted": False}, (True, False, True)),
        ({"baseline_g": 0.1, "baseline_adjusted": None}, (None, False, False)),
        ({"baseline_g": None, "baseline_adjusted": True}, (False, False, None)),
        ({"baseline_g": None, "baseline_adjusted": False}, (None, False, None)),
    ],
)
def test_baseline(facts: dict[str, object], expected: States) -> None:
    assert states(check("B", indicator(design="two_period_did", **facts))) == expected


def test_a_draw_needs_no_baseline() -> None:
    assert states(check("B", indicator(baseline_g=0.4, baseline_adjusted=False))) == NO


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"confounders_unmeasured": 0, "breakdown": 1.2, "observed_violation": 1.0}, NO),
        ({"confounders_unmeasured": 1, "breakdown": 1.2, "observed_violation": 1.0}, ONE),
        ({"confounders_unmeasured": 2, "breakdown": 1.2, "observed_violation": 1.0}, TWO),
        ({"confounders_unmeasured": 0, "breakdown": 1.0, "observed_violation": 1.0}, NO),
        ({"confounders_unmeasured": 0, "breakdown": 0.9, "observed_violation": 1.0}, (False, True, False)),
        ({"confounders_unmeasured": 0, "breakdown": None, "observed_violation": 1.0}, (False, None, False)),
        ({"confounders_unmeasured": 2, "breakdown": None, "observed_violation": None}, TWO),
        ({"confounders_unmeasured": None, "breakdown": 1.2, "observed_violation": 1.0}, (None, None, False)),
    ],
)
def test_confounding_under_parallel_trends(facts: dict[str, object], expected: States) -> None:
    assert states(check("C", indicator(design="two_period_did", **facts))) == expected


def test_confounding_without_parallel_trends_asks_for_no_breakdown() -> None:
    seen = indicator(design="matched_comparison", confounders_unmeasured=0)
    assert states(check("C", seen)) == NO
    assert set(check("C", seen).inputs) == {"confounders_unmeasured"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"dose": 0.7, "contamination": 0.1}, NO),
        ({"dose": 0.69, "contamination": 0.1}, ONE),
        ({"dose": 0.7, "contamination": 0.11}, ONE),
        ({"dose": 0.69, "contamination": 0.11}, TWO),
        ({"dose": None, "contamination": 0.0}, (None, False, False)),
        ({"dose": None, "contamination": 0.2}, (True, None, False)),
        ({"dose": 0.5, "contamination": None}, (True, None, False)),
        ({"design": "before_after", "dose": 0.5, "contamination": None}, ONE),
    ],
)
def test_delivery(facts: dict[str, object], expected: States) -> None:
    assert states(check("D", indicator(**facts))) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"blinded": True, "self_report": True}, NO),
        ({"blinded": False, "self_report": False}, NO),
        ({"blinded": False, "self_report": True}, ONE),
        ({"blinded": None, "self_report": True}, (None, False, False)),
        ({"blinded": None, "self_report": False}, NO),
        ({"instruments_differ": True}, (False, True, False)),
        ({"instruments_differ": None}, (False, None, False)),
        ({"design": "before_after", "instruments_differ": None}, NO),
    ],
)
def test_measurement(facts: dict[str, object], expected: States) -> None:
    assert states(check("E", indicator(**facts))) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, NO),
        ({"promoted_with_reason": True}, ONE),
        ({"changed_after_data": True}, (False, True, False)),
        ({"in_plan": False}, (False, False, True)),
        ({"in_plan": None}, (False, False, None)),
        ({"promoted_with_reason": None, "changed_after_data": None}, (None, None, False)),
    ],
)
def test_reporting(facts: dict[str, object], expected: States) -> None:
    assert states(check("F", indicator(**facts))) == expected


@pytest.mark.parametrize(
    ("facts", "low", "high", "expected"),
    [
        ({}, 1.0, 2.0, NO),
        ({}, -0.9, 0.9, NO),
        ({}, -2.0, -1.5, NO),
        ({}, 0.1, 5.0, NO),
        ({}, -0.5, 2.0, ONE),
        ({}, -1.0, 2.0, ONE),
        ({}, -1.1, 2.0, TWO),
        ({"claim": Claim.NOT_WORSE, "margin": 0.5}, -0.4, 2.0, NO),
        ({"claim": Claim.NOT_WORSE, "margin": 0.5}, -0.6, 2.0, ONE),
        ({"claim": Claim.NOT_WORSE, "margin": 0.5}, -1.1, 2.0, TWO),
        ({"role": Role.GUARDRAIL, "margin": 0.5}, -0.4, 2.0, NO),
        ({"role": Role.GUARDRAIL, "margin": 0.5}, -0.6, 2.0, ONE),
        ({"minimal_important": None}, -0.5, 2.0, (None, None, False)),
    ],
)
def test_imprecision(facts: dict[str, object], low: float, high: float, expected: States) -> None:
    seen = indicator(estimate=(low + high) / 2, low=low, high=high, **facts)
    assert states(check("G", seen)) == expected


def test_no_interval_leaves_precision_open() -> None:
    assert states(check("G", indicator(estimate=None, low=None, high=None))) == (None, None, False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"clusters_treated": 6, "clusters_control": 6}, NO),
        ({"clusters_treated": 5, "clusters_control": 6}, (None, False, False)),
        ({"clusters_treated": 5, "clusters_control": 6, "permutation_floor": 0.05}, ONE),
        ({"clusters_treated": 5, "clusters_control": 6, "permutation_floor": 0.02}, NO),
        ({"clusters_treated": 1, "clusters_control": 9, "permutation_floor": 0.02}, (False, False, True)),
        ({"clusters_treated": None, "clusters_control": 9}, (None, False, None)),
        ({"clusters_treated": None, "clusters_control": 9, "permutation_floor": 0.02}, (False, False, None)),
        ({"design": "individual_randomised", "clusters_treated": 1}, NO),
    ],
)
def test_few_clusters_with_two_primaries(facts: dict[str, object], expected: States) -> None:
    seen = indicator(**facts)
    case = sound_case(seen, indicator(name="strain"))
    assert states(check("H", seen, case)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"placebos_enumerated": True, "permutation_floor": 0.02}, NO),
        ({"placebos_enumerated": False, "permutation_floor": 0.02}, (False, False, True)),
        ({"placebos_enumerated": True, "permutation_floor": 0.06}, (True, False, True)),
        ({"placebos_enumerated": None, "permutation_floor": 0.02}, (False, False, None)),
    ],
)
def test_placebos_answer_for_the_one_treated_site(facts: dict[str, object], expected: States) -> None:
    seen = indicator(design="synthetic_control", clusters_treated=1, clusters_control=38, **facts)
    assert states(check("H", seen)) == expected


@pytest.mark.parametrize(
    ("pilots", "facts", "expected"),
    [
        (3, {"predictive_low": -0.9}, NO),
        (3, {"predictive_low": -1.0}, ONE),
        (3, {"predictive_low": -1.0, "intervals_barely_overlap": True}, TWO),
        (
            3,
            {"predictive_low": -1.0, "intervals_barely_overlap": True, "subgroup_explains": True},
            ONE,
        ),
        (3, {"predictive_low": -0.9, "intervals_barely_overlap": True}, NO),
        (3, {"predictive_low": None}, (None, False, False)),
        (3, {"predictive_low": None, "intervals_barely_overlap": True}, (None, None, False)),
        (1, {"predictive_low": None, "intervals_barely_overlap": None}, NO),
        (None, {"predictive_low": -1.0}, (None, False, False)),
        (None, {"predictive_low": -0.9}, NO),
    ],
)
def test_inconsistency(pilots: int | None, facts: dict[str, object], expected: States) -> None:
    seen = indicator(**facts)
    assert states(check("I", seen, with_portfolio(sound_case(seen), pilots=pilots))) == expected


def test_the_unfavourable_end_is_named_as_stated() -> None:
    seen = indicator(better=Better.LOWER, estimate=-1.5, low=-1.9, high=-1.1, predictive_high=1.0)
    found = check("I", seen)
    assert found.inputs["predictive_high"] == 1.0
    assert states(found) == ONE


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, NO),
        ({"untested_size_classes": 0.2}, NO),
        ({"untested_size_classes": 0.21}, ONE),
        ({"untested_target_groups": 0.21}, ONE),
        ({"major_version_change": True}, ONE),
        ({"untested_size_classes": 0.3, "major_version_change": True}, TWO),
        ({"untested_size_classes": 0.3, "untested_target_groups": 0.3}, TWO),
        ({"untested_size_classes": None}, (None, False, False)),
        ({"untested_size_classes": None, "major_version_change": True}, (True, None, False)),
        ({"untested_size_classes": None, "untested_target_groups": None}, (None, None, False)),
    ],
)
def test_transfer(facts: dict[str, object], expected: States) -> None:
    seen = indicator()
    assert states(check("J", seen, with_portfolio(sound_case(seen), **facts))) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.19, NO),
        (0.2, ONE),
        (0.39, ONE),
        (0.4, TWO),
        (None, (None, None, False)),
    ],
)
def test_silence(share: float | None, expected: States) -> None:
    seen = indicator()
    assert states(check("K", seen, with_portfolio(sound_case(seen), share_silent=share))) == expected


@pytest.mark.parametrize(
    ("interested", "expected"),
    [(False, NO), (True, ONE), (None, (None, False, False))],
)
def test_independence(interested: bool | None, expected: States) -> None:
    seen = indicator()
    case = sound_case(seen, analysed_by_supplier_or_owner=interested)
    assert states(check("L", seen, case)) == expected


@pytest.mark.parametrize("design", RULES.designs)
@pytest.mark.parametrize("rule", CHECKS)
def test_every_input_that_a_rule_waits_for_is_known_to_the_rule_set(rule: str, design: str) -> None:
    assert set(check(rule, indicator(design=design)).inputs) <= set(RULES.inputs)


def by_version_2(rule: str, seen: Indicator) -> Check:
    two = load_ruleset("2")
    assert seen.design is not None
    return CHECKS[rule](Context(sound_case(seen), seen, two.designs[seen.design], two, two.steps[rule]))


@pytest.mark.parametrize(
    ("facts", "version_1", "version_2"),
    [
        ({"low": -1.5, "high": 0.4}, TWO, NO),
        ({"low": -0.8, "high": 1.4}, ONE, ONE),
        ({"low": -1.5, "high": 0.4, "claim": Claim.NOT_WORSE, "margin": 0.5}, TWO, TWO),
        ({"low": -1.5, "high": 0.4, "role": Role.GUARDRAIL, "margin": 0.5}, TWO, TWO),
    ],
)
def test_version_2_takes_nothing_off_a_statement_that_the_interval_makes(
    facts: dict[str, Any], version_1: States, version_2: States
) -> None:
    seen = indicator(estimate=None, **facts)
    assert (states(check("G", seen)), states(by_version_2("G", seen))) == (version_1, version_2)


@pytest.mark.parametrize(
    ("predictive", "version_1", "version_2"),
    [((-1.2, 0.9), ONE, NO), ((-0.9, 1.2), NO, ONE), ((-0.9, 0.9), NO, NO), ((-1.2, 1.2), ONE, ONE)],
)
@pytest.mark.parametrize("better", Better)
def test_version_2_asks_whether_another_place_could_gain_where_nothing_is_gained(
    better: Better, predictive: tuple[float, float], version_1: States, version_2: States
) -> None:
    low, high = predictive if better is Better.HIGHER else (-predictive[1], -predictive[0])
    facts = {"estimate": 0.0, "low": -0.4, "high": 0.4, "predictive_low": low, "predictive_high": high}
    seen = indicator(better=better, **facts)
    assert (states(check("I", seen)), states(by_version_2("I", seen))) == (version_1, version_2)
    assert by_version_2("I", indicator(**facts | {"minimal_important": None, "margin": None})).one is None


def test_pilots_are_counted_by_the_studies_of_the_indicator() -> None:
    seen = indicator(studies=(Study("Skive", 1.0, 0.3), Study("Morsø", 2.0, 0.3)), predictive_low=-1.0)
    assert check("I", seen, with_portfolio(sound_case(seen), pilots=None)).inputs["pilots"] == 2


def test_few_clusters_are_held_against_the_error_rate_of_this_look() -> None:
    seen = indicator(clusters_treated=5, permutation_floor=0.02)
    assert states(check("H", seen, sound_case(seen, information=(1.0,)))) == NO
    assert states(check("H", seen, sound_case(seen, information=(0.5,)))) == ONE
