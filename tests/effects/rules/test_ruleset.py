from itertools import chain

import pytest

from effects.case import Economy, Portfolio
from effects.codes import Design, Domain, Kind
from effects.rules.certainty_rules import CHECKS
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Rule, load_ruleset, ruleset_from_mapping, shipped
from effects.rules.verdicts import Verdict

RULES = load_ruleset()
EVERY_RULE = list(
    chain(RULES.starts.values(), RULES.steps.values(), RULES.gates.values(), RULES.recommendations.values())
)

# The constants marked + in the design of rule set v1: our own calibration.
CALIBRATED = {
    ("D3", "pre_periods", 3),
    ("D", "dose", 0.70),
    ("D", "contamination", 0.10),
    ("H", "clusters", 6),
    ("J", "untested", 0.20),
    ("K", "silent_one", 0.20),
    ("K", "silent_two", 0.40),
    ("R2", "probability_positive", 0.80),
    ("R2", "class_share", 0.80),
    ("R3", "probability_positive", 0.80),
    ("R5", "assurance", 0.80),
}

OTHERS = {
    ("A", "alpha_more_lost", 0.45),
    ("A", "alpha_less_lost", 0.39),
    ("A", "bias_one", 0.05),
    ("A", "bias_two", 0.10),
    ("B", "small", 0.05),
    ("B", "large", 0.25),
    ("B", "cap", 1),
    ("F", "cap", 2),
    ("H", "cap", 1),
    ("UP", "times_important", 2),
    ("G2", "primaries", 2),
    ("G2", "domains", 2),
    ("R1", "stop_certainty", 2),
    ("R1", "pause_certainty", 1),
    ("R2", "certainty", 3),
    ("R2", "guardrail_certainty", 2),
    ("R2", "municipalities", 6),
    ("R2", "regions", 2),
    ("R3", "certainty", 2),
    ("R4", "certainty", 3),
    ("R6", "net_value", 0),
}


def _constants(calibrated: bool) -> set[tuple[str, str, float]]:
    return {
        (rule.id, name, constant.value)
        for rule in EVERY_RULE
        for name, constant in rule.thresholds.items()
        if constant.calibrated is calibrated
    }


def test_our_own_calibration_is_marked_and_nothing_else_is() -> None:
    assert _constants(calibrated=True) == CALIBRATED


def test_the_constants_taken_from_elsewhere() -> None:
    assert _constants(calibrated=False) >= OTHERS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", 0.05),
        ("claims_required", 2),
        ("domains_required", 2),
        ("secondary_fdr", 0.10),
        ("level", 0.95),
        ("floor", 1),
        ("ceiling", 4),
    ],
)
def test_constants_of_no_single_rule(name: str, value: float) -> None:
    assert RULES.constant(name) == value
    assert RULES.constants[name].source


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_every_rule_says_what_it_is_and_where_it_comes_from(rule: Rule) -> None:
    assert rule.title
    assert rule.source


@pytest.mark.parametrize("rule", [*RULES.steps.values(), *RULES.gates.values()], ids=lambda rule: rule.id)
def test_every_step_and_gate_says_how_to_mend_it(rule: Rule) -> None:
    assert rule.remedy.endswith(".")


def test_the_ladders_are_in_their_order() -> None:
    assert list(RULES.starts) == ["D5", "D4", "D3", "D2", "D1", "D0"]
    assert list(RULES.steps) == [*"ABCDEFGHIJKL", "UP"]
    assert list(RULES.gates) == ["G1", "G2", "G3", "G4", "G5", "G6", "G7"]
    assert list(RULES.recommendations) == ["R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7"]
    assert list(RULES.verdicts) == [verdict.value for verdict in Verdict]


@pytest.mark.parametrize(
    ("rung", "start", "otherwise"),
    [
        ("D5", 4, 4),
        ("D4", 4, 3),
        ("D3", 3, 2),
        ("D2", 2, 2),
        ("D1", 1, 1),
        ("D0", 0, 0),
    ],
)
def test_where_certainty_starts(rung: str, start: int, otherwise: int) -> None:
    assert (RULES.starts[rung].start, RULES.starts[rung].otherwise) == (start, otherwise)


def test_every_lowering_step_has_its_function() -> None:
    assert set(CHECKS) | {"UP"} == set(RULES.steps)


@pytest.mark.parametrize("design", Design)
def test_every_design_of_a_plan_has_a_rung(design: Design) -> None:
    assert RULES.designs[design.value].start in RULES.starts


@pytest.mark.parametrize("name", RULES.designs)
def test_every_design_stands_on_a_rung_that_exists(name: str) -> None:
    assert RULES.designs[name].start in RULES.starts


@pytest.mark.parametrize("rule", RULES.recommendations.values(), ids=lambda rule: rule.id)
def test_every_recommendation_gives_known_advice(rule: Rule) -> None:
    assert {Kind(kind) for kind in rule.kinds}


def test_validity_gates_and_roll_out_gates() -> None:
    kinds = {name: rule.kind for name, rule in RULES.gates.items()}
    assert [name for name, kind in kinds.items() if kind == "validity"] == ["G1", "G3", "G4", "G7"]
    assert [name for name, kind in kinds.items() if kind == "roll_out"] == ["G2", "G5", "G6"]


def test_guardrails_are_asked_of_known_domains() -> None:
    assert [Domain(name) for name in RULES.gates["G2"].guardrail_domains] == [
        Domain.SAFETY,
        Domain.STAFF,
        Domain.EQUITY,
    ]


@pytest.mark.parametrize("name", RULES.inputs)
def test_every_input_is_a_fact_of_the_case_that_somebody_can_supply(name: str) -> None:
    facts = {"analysed_by_supplier_or_owner", *RULES.gates}
    for record in (Indicator, Portfolio, Economy):
        facts |= set(record.__dataclass_fields__)
    assert name in facts
    assert RULES.supplier(name) in RULES.suppliers.values()


def test_levels_of_certainty_have_names() -> None:
    assert RULES.certainty == {0: "Ungraded", 1: "Very low", 2: "Low", 3: "Moderate", 4: "High"}


def test_a_rule_set_is_loaded_once() -> None:
    assert load_ruleset() is load_ruleset()


def test_a_version_that_is_not_shipped() -> None:
    with pytest.raises(FileNotFoundError):
        load_ruleset("0")


def test_a_file_that_is_no_rule_set() -> None:
    with pytest.raises(KeyError):
        ruleset_from_mapping({"version": "2"})


def test_an_unknown_threshold_is_a_fault_of_the_code() -> None:
    with pytest.raises(KeyError):
        RULES.steps["A"].at("no such")


def test_every_version_that_is_shipped_can_be_loaded() -> None:
    assert shipped() == ("1", "2")
    assert [load_ruleset(version).version for version in shipped()] == ["1", "2"]


def test_version_2_states_only_what_differs_from_version_1() -> None:
    one, two = load_ruleset("1"), load_ruleset("2")
    assert (one.constants, one.gates, one.starts, one.designs) == (two.constants, two.gates, two.starts, two.designs)
    assert [name for name in one.steps if one.steps[name] != two.steps[name]] == ["G", "I"]
    changed = [name for name, rule in one.recommendations.items() if rule != two.recommendations[name]]
    assert changed == ["R2", "R3", "R4"]
    assert list(two.steps) == list(one.steps)


def test_the_scale_of_the_prior_is_our_own_calibration() -> None:
    assert RULES.constants["prior_scale"].calibrated
    assert RULES.constant("prior_scale") == 0.3
