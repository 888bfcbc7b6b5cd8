import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.case import Case
from effects.codes import Better, Claim, Domain, Kind, Role
from effects.recommendation import Recommendation, Unknown, recommend, standing
from effects.rules.indicator import Indicator, Study
from effects.rules.verdicts import Verdict
from tests.effects.sound_case import (
    guardrail,
    guardrails,
    indicator,
    primaries,
    sound_case,
    telecare_nord,
    with_economy,
    with_gate,
    with_portfolio,
)

GOLDEN = telecare_nord()
SATISFACTION = Indicator(
    name="feels more secure",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    design="satisfaction_survey",
    in_plan=True,
)
HARM = {"estimate": -2.0, "low": -3.0, "high": -1.5, "p_value": 0.0001}
NOTHING = {"estimate": 0.0, "low": -0.4, "high": 0.4, "p_value": 0.9}
UNCLEAR = {"estimate": 0.3, "low": -0.7, "high": 1.3, "p_value": 0.5}
PAYS = {"extension_feasible": True, "evsi": 2.0, "extension_cost": 1.0, "extension_assurance": 0.9}
GUARDED = {Kind.STOP, Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES}


def advice(case: Case) -> tuple[str, str]:
    return standing(case)[:2]


def binding(found: Recommendation) -> list[str]:
    return [unknown.input for unknown in found.unknowns if unknown.binding]


# ---- the golden case: TeleCare Nord ----------------------------------------------------------------------------------


def test_satisfaction_alone_is_not_enough_evidence() -> None:
    found = recommend(replace(GOLDEN, indicators=(SATISFACTION,)))
    assert (found.kind, found.rule) == (Kind.NOT_ENOUGH_EVIDENCE, "R0")
    assert [reason.id for reason in found.reasons] == ["G7"]
    assert found.certainties["feels more secure"].level == 0


def test_the_trial_stops_for_its_expected_net_value() -> None:
    found = recommend(GOLDEN)
    assert (found.kind, found.rule) == (Kind.STOP, "R6")
    assert {reason.id: reason.state for reason in found.reasons} == {"value_negative": True, "nothing_better": True}


def test_a_stated_net_value_gives_the_same() -> None:
    stated = with_economy(GOLDEN, value_per_unit=None, expected_net_value=-450.0)
    assert advice(stated) == (Kind.STOP, "R6")


def test_the_failing_roll_out_gates_are_listed_with_their_remedies() -> None:
    found = recommend(GOLDEN)
    assert [gate.id for gate in found.gates if gate.state is False] == ["G2", "G5"]
    assert len(found.remedies) == 2


def test_a_higher_value_of_a_qaly_leaves_too_little_evidence() -> None:
    assert advice(with_economy(GOLDEN, value_per_unit=60000.0)) == (Kind.NOT_ENOUGH_EVIDENCE, "R7")


@pytest.mark.parametrize("value", [21068.0, 60000.0])
def test_an_extension_that_pays_extends(value: float) -> None:
    assert advice(with_portfolio(with_economy(GOLDEN, value_per_unit=value), **PAYS)) == (Kind.EXTEND, "R5")


def test_without_the_economics_it_does_not_stop() -> None:
    found = recommend(with_economy(GOLDEN, value_per_unit=None))
    assert (found.kind, found.rule) == (Kind.NOT_ENOUGH_EVIDENCE, "R7")
    assert binding(found) == ["value_per_unit"]


def test_not_knowing_whether_an_extension_exists_does_not_stop() -> None:
    found = recommend(with_portfolio(GOLDEN, extension_feasible=None))
    assert (found.kind, found.rule) == (Kind.NOT_ENOUGH_EVIDENCE, "R7")
    assert "extension_feasible" in binding(found)
    assert next(rule for rule in found.rules if rule.rule == "R6").waits_for == ("R5",)


# ---- the ladder ------------------------------------------------------------------------------------------------------


def test_everything_known_and_good_is_rolled_out() -> None:
    found = recommend(sound_case())
    assert (found.kind, found.rule) == (Kind.ROLL_OUT, "R2")
    assert found.unknowns == ()
    assert all(reason.state for reason in found.reasons)


@pytest.mark.parametrize("gate", ["G1", "G3", "G4", "G7"])
def test_a_failing_validity_gate_ends_it(gate: str) -> None:
    found = recommend(with_gate(sound_case(), gate, False))
    assert (found.kind, found.rule) == (Kind.NOT_ENOUGH_EVIDENCE, "R0")
    assert [reason.id for reason in found.reasons] == [gate]


@pytest.mark.parametrize("gate", ["G1", "G3", "G4"])
@pytest.mark.parametrize("case", [sound_case(), sound_case(*primaries(**HARM)), sound_case(*primaries(**NOTHING))])
def test_an_unknown_validity_gate_neither_stops_nor_rolls_out(case: Case, gate: str) -> None:
    found = recommend(with_gate(case, gate, None))
    assert found.kind not in GUARDED
    assert gate in binding(found)


@pytest.mark.parametrize("gate", ["G2", "G5", "G6"])
def test_a_failing_roll_out_gate_bars_roll_out_only(gate: str) -> None:
    assert advice(with_gate(sound_case(), gate, False)) == (Kind.NOT_ENOUGH_EVIDENCE, "R7")
    assert advice(with_gate(sound_case(*primaries(**NOTHING)), gate, False)) == (Kind.STOP, "R4")
    unclear = with_portfolio(sound_case(*primaries(**UNCLEAR)), **PAYS)
    assert advice(with_gate(unclear, gate, False)) == (Kind.EXTEND, "R5")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (Kind.STOP, "R1")),
        ({"blinded": False, "self_report": True, "dose": 0.5}, (Kind.STOP, "R1")),
        ({"design": "before_after"}, (Kind.PAUSE_AND_REVIEW, "R1")),
        ({"dose": None}, (Kind.STOP, "R1")),
        ({"blinded": None, "self_report": None, "dose": None, "contamination": None}, (Kind.PAUSE_AND_REVIEW, "R1")),
        ({"in_plan": None}, (Kind.PAUSE_AND_REVIEW, "R1")),
    ],
)
def test_important_harm_stops_or_pauses(facts: dict[str, Any], expected: tuple[Kind, str]) -> None:
    assert advice(sound_case(indicator(), indicator(name="strain", **(HARM | facts)))) == expected


def test_harm_that_only_pauses_says_what_is_missing() -> None:
    facts = {"blinded": None, "self_report": None, "dose": None, "contamination": None}
    found = recommend(sound_case(indicator(), indicator(name="strain", **(HARM | facts))))
    waiting = {unknown.input for unknown in found.unknowns if unknown.indicator == "strain"}
    assert waiting == set(facts)


def test_harm_on_a_guardrail_beyond_its_margin_stops() -> None:
    unsafe = guardrail(Domain.SAFETY, margin=0.5, estimate=-0.7, low=-0.9, high=-0.5)
    case = replace(sound_case(), indicators=(*primaries(), *guardrails()[1:], unsafe))
    found = recommend(case)
    assert (found.kind, found.rule) == (Kind.STOP, "R1")
    assert {str(reason.message) for reason in found.reasons} == {
        "guard safety: important harm at certainty 1 or more",
        "guard safety: important harm at certainty 2 or more",
    }


def test_harm_on_what_did_not_stand_in_the_plan_does_not_count() -> None:
    late = indicator(name="late", in_plan=False, **HARM)
    assert advice(sound_case(*primaries(), late)) == (Kind.ROLL_OUT, "R2")


@pytest.mark.parametrize(
    "case",
    [
        sound_case(*primaries(dose=0.5, contamination=0.5)),
        with_portfolio(sound_case(), municipalities_with_comparison=3, regions_with_comparison=1),
        with_portfolio(sound_case(), strata_covered=False),
        with_economy(sound_case(), share_positive_by_size_class={"small": 0.5, "large": 1.0}),
        with_economy(sound_case(), expected_net_value=-1.0, value_in_named_segments=True),
        with_economy(sound_case(), probability_positive=0.5, value_in_named_segments=True),
        with_portfolio(sound_case(), strata_covered=None),
        with_economy(sound_case(), share_positive_by_size_class={}),
    ],
)
def test_less_than_all_is_rolled_out_in_stages(case: Case) -> None:
    assert advice(case) == (Kind.ROLL_OUT_IN_STAGES, "R3")


@pytest.mark.parametrize(
    "case",
    [
        sound_case(indicator()),
        sound_case(*primaries(**UNCLEAR)),
        sound_case(*primaries(design="before_after")),
        sound_case(*primaries(claim=Claim.NOT_WORSE)),
        sound_case(*primaries(), indicator(name="third", **(UNCLEAR | {"low": -1.2}))),
        replace(sound_case(), indicators=(*primaries(), *guardrails(low=-1.2, high=1.2))),
        replace(sound_case(), indicators=(*primaries(), *guardrails(design="before_after"))),
        with_economy(sound_case(), expected_net_value=-1.0),
        with_economy(sound_case(), probability_positive=0.5),
        with_economy(sound_case(), probability_positive=None),
    ],
)
def test_what_is_lacking_is_never_neutral(case: Case) -> None:
    found = recommend(case)
    assert (found.kind, found.rule) == (Kind.NOT_ENOUGH_EVIDENCE, "R7")
    assert found.reasons
    assert all(reason.state is not True for reason in found.reasons)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (sound_case(*primaries(**NOTHING)), (Kind.STOP, "R4")),
        (sound_case(*primaries(**(HARM | {"high": -0.5}))), (Kind.STOP, "R4")),
        (with_portfolio(sound_case(*primaries(**NOTHING)), pilots=1), (Kind.STOP, "R4")),
        (with_economy(sound_case(*primaries(**NOTHING)), expected_net_value=None), (Kind.STOP, "R4")),
        (sound_case(*primaries(**NOTHING, dose=0.5, contamination=0.5)), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (sound_case(*primaries(**NOTHING, dose=None, contamination=None)), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (sound_case(indicator(**NOTHING), indicator(name="other", **UNCLEAR)), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (sound_case(indicator(**NOTHING), indicator(name="other")), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
    ],
)
def test_little_or_no_effect_everywhere_stops(case: Case, expected: tuple[Kind, str]) -> None:
    assert advice(case) == expected


@pytest.mark.parametrize(
    ("facts", "value", "expected"),
    [
        (UNCLEAR, -1.0, (Kind.STOP, "R6")),
        (UNCLEAR, 0.0, (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (UNCLEAR, None, (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        ({}, -1.0, (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
    ],
)
def test_what_costs_more_than_it_gives_stops(
    facts: dict[str, Any], value: float | None, expected: tuple[Kind, str]
) -> None:
    assert advice(with_economy(sound_case(*primaries(**facts)), expected_net_value=value)) == expected


@pytest.mark.parametrize("pilots", [None, 3])
def test_a_single_pilot_stops_only_when_it_is_known_to_be_the_only_one(pilots: int | None) -> None:
    nothing = primaries(**NOTHING, predictive_low=None, intervals_barely_overlap=None)
    assert advice(with_portfolio(sound_case(*nothing), pilots=1)) == (Kind.STOP, "R4")
    assert advice(with_portfolio(sound_case(*nothing), pilots=pilots))[0] is Kind.NOT_ENOUGH_EVIDENCE


# ---- what is not known -----------------------------------------------------------------------------------------------


def test_unknowns_say_who_can_supply_them() -> None:
    found = recommend(with_economy(with_gate(sound_case(), "G6", None), probability_positive=None))
    told = {unknown.input: (str(unknown.title), str(unknown.supplier)) for unknown in found.unknowns}
    assert told["G6"] == ("gate G6", "the project lead")
    assert told["probability_positive"] == ("probability that net value is positive", "the economist")


def test_an_unknown_names_every_rule_that_waits_and_binding_ones_come_first() -> None:
    found = recommend(with_gate(with_portfolio(sound_case(), evsi=None), "G6", None))
    first, *others = found.unknowns
    assert isinstance(first, Unknown)
    assert (first.input, first.rules, first.binding) == ("G6", ("R2", "R3"), True)
    assert [(unknown.input, unknown.binding) for unknown in others] == [("evsi", False)]


FACTS = st.fixed_dictionaries(
    {
        "estimate": st.sampled_from([-2.0, 0.0, 1.5]),
        "width": st.sampled_from([0.3, 0.6, 2.0]),
        "design": st.sampled_from(["cluster_randomised", "stepped_wedge", "two_period_did", "before_after"]),
        "dose": st.sampled_from([0.5, 0.9]),
        "self_report": st.booleans(),
        "attrition_treated": st.sampled_from([0.05, 0.3]),
        "in_plan": st.booleans(),
        "claim": st.sampled_from(Claim),
    }
)
BLANKS = st.sampled_from(
    [
        "dose",
        "contamination",
        "blinded",
        "self_report",
        "instruments_differ",
        "attrition_treated",
        "clusters_treated",
        "in_plan",
        "promoted_with_reason",
        "changed_after_data",
        "design",
        "predictive_low",
    ]
)
CASE_BLANKS = st.sampled_from(
    [
        "pilots",
        "share_silent",
        "untested_size_classes",
        "major_version_change",
        "municipalities_with_comparison",
        "strata_covered",
        "extension_feasible",
        "evsi",
        "extension_assurance",
    ]
)


def drawn(facts: dict[str, Any], name: str, domain: Domain) -> Indicator:
    stated = {key: value for key, value in facts.items() if key != "width"}
    ends = {"low": facts["estimate"] - facts["width"], "high": facts["estimate"] + facts["width"]}
    known = {
        "confounders_unmeasured": 0,
        "baseline_g": 0.0,
        "baseline_adjusted": True,
        "pre_periods": 4,
        "breakdown": 2.0,
        "observed_violation": 1.0,
        "dose_response": False,
        "diagnostics_passed": True,
        "blinded": False,
    }
    return indicator(name=name, domain=domain, p_value=None, **(known | stated | ends))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Cases about which everything is known."""
    case = sound_case(
        drawn(draw(FACTS), "control", Domain.CITIZEN),
        drawn(draw(FACTS), "strain", Domain.STAFF),
    )
    case = with_economy(case, expected_net_value=draw(st.sampled_from([-100.0, 100.0])))
    case = with_portfolio(
        case,
        extension_feasible=draw(st.booleans()),
        evsi=draw(st.sampled_from([0.5, 2.0])),
        extension_assurance=draw(st.sampled_from([0.5, 0.9])),
        share_silent=draw(st.sampled_from([0.0, 0.3])),
    )
    return with_gate(case, draw(st.sampled_from(["G1", "G5"])), draw(st.booleans()))


@settings(max_examples=50, deadline=None)
@given(cases(), st.lists(BLANKS, max_size=3), st.lists(CASE_BLANKS, max_size=3), st.booleans(), st.booleans())
def test_not_knowing_never_stops_and_never_rolls_out(
    case: Case, blanks: list[str], case_blanks: list[str], gate: bool, value: bool
) -> None:
    """Whatever is taken away from a known case, no other advice becomes a stop or a roll-out."""
    blind = replace(case, indicators=tuple(replace(item, **dict.fromkeys(blanks)) for item in case.indicators))
    blind = with_portfolio(blind, **dict.fromkeys(case_blanks))
    blind = with_gate(blind, "G3", None) if gate else blind
    blind = with_economy(blind, expected_net_value=None) if value else blind
    known, said = advice(case)[0], advice(blind)[0]
    if said is Kind.STOP:
        assert known is Kind.STOP
    if said in (Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES):
        assert known in (Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES)


@settings(max_examples=3, deadline=None)
@given(cases())
def test_every_advice_is_ready_for_json_and_the_same_each_time(case: Case) -> None:
    first = json.dumps(recommend(case).to_mapping(), allow_nan=False)
    assert first == json.dumps(recommend(case).to_mapping(), allow_nan=False)


# ---- same quality, cheaper -------------------------------------------------------------------------------------------

CHEAPER = {"name": "cost", "domain": Domain.ECONOMY, "better": Better.LOWER}
LESS = {"estimate": -1.5, "low": -1.9, "high": -1.1, "p_value": None, "predictive_high": -0.2}
AS_GOOD = {"claim": Claim.NOT_WORSE, "margin": 0.5, "p_value": None}
EQUAL = {"estimate": 0.0, "low": -0.25, "high": 0.25}


def same_quality(**quality: Any) -> Case:
    facts = AS_GOOD | EQUAL | quality
    return sound_case(
        indicator(**CHEAPER | LESS), indicator(**facts), indicator(name="strain", domain=Domain.STAFF, **facts)
    )


def test_same_quality_and_cheaper_is_rolled_out() -> None:
    found = recommend(same_quality())
    assert (found.kind, found.rule) == (Kind.ROLL_OUT, "R2")
    assert found.verdicts["control"] is Verdict.LITTLE_OR_NO_EFFECT
    assert all(item.test is None or item.test.carried for item in found.grade.indicators)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (same_quality(low=-0.6, high=0.6), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (same_quality(estimate=-0.8, low=-0.9, high=-0.7), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (with_gate(same_quality(), "G6", False), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (same_quality(claim=Claim.BETTER), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
        (same_quality(dose=0.5, contamination=0.5), (Kind.ROLL_OUT_IN_STAGES, "R3")),
    ],
)
def test_cheaper_with_quality_less_sure_is_not_rolled_out_everywhere(case: Case, expected: tuple[Kind, str]) -> None:
    assert advice(case) == expected


def test_as_good_but_not_cheaper_is_rolled_out_by_version_1_for_its_economy_and_not_by_version_2() -> None:
    dear = replace(same_quality().indicators[0], estimate=0.0, low=-0.2, high=0.2)
    case = replace(same_quality(), indicators=(dear, *same_quality().indicators[1:]))
    assert advice(case) == (Kind.ROLL_OUT, "R2")
    assert advice(replace(case, ruleset="2"))[0] is Kind.STOP
    assert advice(replace(same_quality(), ruleset="2")) == (Kind.ROLL_OUT, "R2")


# ---- several pilots --------------------------------------------------------------------------------------------------


def studies(*estimates: float) -> dict[str, Any]:
    return {"studies": tuple(Study(f"pilot {n}", estimate, 0.3) for n, estimate in enumerate(estimates))}


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [
        ((1.4, 1.5, 1.6), (Kind.ROLL_OUT, "R2")),
        ((-1.5, -1.6, -1.7), (Kind.STOP, "R1")),
        ((0.1, 0.2, 0.3), (Kind.STOP, "R4")),
        ((0.3, 0.5, 0.7), (Kind.NOT_ENOUGH_EVIDENCE, "R7")),
    ],
)
def test_the_advice_follows_from_the_pilots_together(estimates: tuple[float, ...], expected: tuple[Kind, str]) -> None:
    """Whatever the figures of the indicator itself say."""
    assert advice(sound_case(*primaries(**studies(*estimates)))) == expected


def test_pilots_that_contradict_each_other_lower_certainty_by_two() -> None:
    apart = sound_case(*primaries(**studies(-1.5, 1.5, 4.5)))
    step = next(step for step in recommend(apart).certainties["control"].steps if step.rule == "I")
    assert (step.change, step.inputs["pilots"], step.inputs["intervals_barely_overlap"]) == (-2, 3, True)


# ---- looks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("information", "stages", "expected"),
    [
        ((), (0.012,), Kind.ROLL_OUT),
        ((0.5,), (0.012,), Kind.NOT_ENOUGH_EVIDENCE),
        ((0.5, 1.0), (0.012, 0.012), Kind.ROLL_OUT),
        ((0.5, 1.0), (0.012, 0.4), Kind.NOT_ENOUGH_EVIDENCE),
        ((0.33, 0.67, 1.0), (0.05, 0.05, 0.05), Kind.ROLL_OUT),
    ],
)
def test_looks_spend_the_error_rate_and_their_stages_are_combined(
    information: tuple[float, ...], stages: tuple[float, ...], expected: Kind
) -> None:
    looked = sound_case(*primaries(stage_p_values=stages), information=information)
    assert advice(looked)[0] is expected


# ---- what is missing is named ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "missing", "rules"),
    [
        (sound_case(*primaries(minimal_important=None, margin=None)), "minimal_important", {"R2", "R3"}),
        (sound_case(*primaries(clusters_treated=None, permutation_floor=None)), "clusters_treated", {"R2", "R3"}),
        (sound_case(*primaries(attrition_treated=None, dose=0.5)), "attrition_treated", {"R2", "R3"}),
        (with_economy(sound_case(), expected_net_value=None), "expected_net_value", {"R2", "R3"}),
        (with_economy(GOLDEN, cost_difference=None, cost_low=None, cost_high=None), "cost_difference", {"R6"}),
        (with_economy(GOLDEN, units_gained=None, units_low=None, units_high=None), "units_gained", {"R6"}),
        (with_portfolio(GOLDEN, extension_feasible=None), "extension_feasible", {"R5"}),
        (with_gate(sound_case(), "G3", None), "G3", {"R0"}),
        (sound_case(*primaries(minimal_important=None, **studies(1.4, 1.6))), "minimal_important", {"R2", "R3"}),
    ],
)
def test_what_is_missing_is_named_with_the_rules_it_leaves_open(case: Case, missing: str, rules: set[str]) -> None:
    found = recommend(case)
    assert found.kind not in GUARDED
    waiting = {rule for unknown in found.unknowns if unknown.input == missing for rule in unknown.rules}
    assert rules <= waiting
    assert all(str(unknown.supplier) for unknown in found.unknowns)


def test_a_missing_margin_is_the_minimal_important_difference_and_costs_nothing() -> None:
    case = replace(sound_case(), indicators=tuple(replace(item, margin=None) for item in sound_case().indicators))
    assert advice(case) == (Kind.ROLL_OUT, "R2")


def test_without_cost_intervals_the_probability_waits_for_them_by_name() -> None:
    parts = {"value_per_unit": 100.0, "units_gained": 3.0, "cost_difference": 50.0}
    case = with_economy(sound_case(), expected_net_value=None, probability_positive=None, **parts)
    found = recommend(case)
    assert {"cost_low", "cost_high", "units_low", "units_high"} <= set(binding(found))
    assert found.economy.economy.expected_net_value == 250.0


# ---- the answer ------------------------------------------------------------------------------------------------------


def test_verdicts_and_certainties_by_name() -> None:
    found = recommend(sound_case())
    assert found.verdicts["control"] is Verdict.IMPORTANT_BENEFIT
    assert found.certainties["control"].level == 4


@pytest.mark.parametrize("case", [sound_case(), GOLDEN, sound_case(*primaries(**UNCLEAR))])
def test_the_standing_of_a_case_is_its_recommendation_without_reasons(case: Case) -> None:
    found = recommend(case)
    levels = [(found.verdicts[item.name], found.certainties[item.name].level) for item in case.indicators]
    assert standing(case) == (found.kind, found.rule, tuple(levels))


def test_the_whole_ladder_is_shown() -> None:
    assert [rule.rule for rule in recommend(sound_case()).rules] == ["R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7"]


def test_too_little_evidence_says_what_would_raise_it() -> None:
    found = recommend(sound_case(*primaries(**UNCLEAR, dose=0.5)))
    assert "Deliver the technology to those meant to have it, and keep it from the comparison." in [
        str(remedy) for remedy in found.remedies
    ]


def test_the_mapping_has_what_the_contract_names() -> None:
    mapping = recommend(GOLDEN).to_mapping()
    assert mapping["schema"] == "virkning-grade/1"
    assert mapping["recommendation"] == "STOP"
    assert mapping["rule"] == "R6"
    named = {"verdicts", "certainty", "gates", "reasons", "what_would_change", "unknowns", "remedies", "economy"}
    assert named <= set(mapping)
