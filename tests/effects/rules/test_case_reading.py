from collections.abc import Mapping
from datetime import date, datetime

import pytest

from effects.case import Economy
from effects.codes import Better, Claim, Domain, Role
from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.rules.case_reading import read_fields, read_indicator
from effects.rules.indicator import Indicator, Study

STATED = {"name": "falls", "role": "guardrail", "domain": "safety", "better": "lower"}


def read(**facts: object) -> tuple[Indicator | None, list[Finding]]:
    findings: list[Finding] = []
    return read_indicator(TableReader(STATED | facts, "indicator[0]", findings), findings), findings


def sound(**facts: object) -> Indicator:
    indicator, findings = read(**facts)
    assert not findings
    assert indicator is not None
    return indicator


def codes(**facts: object) -> list[tuple[str, str]]:
    indicator, findings = read(**facts)
    assert indicator is None
    return [(finding.where, finding.code) for finding in findings]


def test_the_four_things_every_indicator_states() -> None:
    indicator = sound()
    assert (indicator.name, indicator.role, indicator.domain, indicator.better, indicator.claim) == (
        "falls",
        Role.GUARDRAIL,
        Domain.SAFETY,
        Better.LOWER,
        Claim.BETTER,
    )


@pytest.mark.parametrize("name", STATED)
def test_each_of_them_is_missed(name: str) -> None:
    assert codes(**{name: None}) == [(f"indicator[0].{name}", "missing_key")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("claim", Claim.NOT_WORSE),
        ("minimal_important", 0.5),
        ("design", "stepped_wedge"),
        ("baseline_g", -0.3),
        ("clusters_treated", 0),
        ("pre_periods", 4),
        ("dose", 0.0),
        ("contamination", 1.0),
        ("p_value", 0.0),
        ("level", 0.9),
        ("blinded", False),
        ("in_plan", True),
    ],
)
def test_a_fact_is_read_as_it_stands(name: str, value: object) -> None:
    assert getattr(sound(**{name: value}), name) == value


def test_whole_numbers_are_numbers() -> None:
    assert sound(minimal_important=3).minimal_important == 3.0


def test_the_stages_of_a_test() -> None:
    assert sound(stage_p_values=[0.02, 0]).stage_p_values == (0.02, 0.0)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("role", "main", "unknown_code"),
        ("domain", "money", "unknown_code"),
        ("better", "more", "unknown_code"),
        ("claim", "best", "unknown_code"),
        ("name", "  ", "not_text"),
        ("design", 3, "not_text"),
        ("estimate", "1.5", "not_a_number"),
        ("estimate", float("nan"), "not_a_number"),
        ("estimate", float("inf"), "not_a_number"),
        ("estimate", True, "not_a_number"),
        ("estimate", 1e200, "too_large"),
        ("minimal_important", 0, "not_positive"),
        ("margin", -0.1, "not_positive"),
        ("standard_error", 0.0, "not_positive"),
        ("df", 0, "not_positive"),
        ("p_value", 1.2, "not_a_share"),
        ("dose", 90, "not_a_share"),
        ("contamination", -0.1, "not_a_share"),
        ("level", 1, "not_a_level"),
        ("level", 0, "not_a_level"),
        ("level", 95, "not_a_level"),
        ("clusters_treated", -1, "not_a_count"),
        ("clusters_treated", 1.5, "not_a_count"),
        ("blinded", "yes", "not_a_flag"),
        ("blinded", 1, "not_a_flag"),
        ("stage_p_values", 0.5, "not_shares"),
        ("stage_p_values", [0.5, 2], "not_shares"),
        ("stage_p_values", [True], "not_shares"),
        ("stage_p_values", ["0.5"], "not_shares"),
    ],
)
def test_a_fact_that_cannot_be_read(name: str, value: object, code: str) -> None:
    assert codes(**{name: value}) == [(f"indicator[0].{name}", code)]


def test_a_key_that_nobody_asks_for_is_a_finding_with_the_nearest_known_one() -> None:
    _, findings = read(atrition_treated=0.1)
    assert [finding.code for finding in findings] == ["unknown_key"]
    assert "attrition_treated" in findings[0].text()


def test_all_findings_come_at_once() -> None:
    assert len(codes(role="main", dose=90, blinded=3, p_valu=0.1, low=2, high=1)) == 5


@pytest.mark.parametrize(
    ("facts", "where", "code"),
    [
        ({"low": 2.0, "high": 1.0}, "low", "interval_order"),
        ({"low": 1.0, "estimate": 3.0, "high": 2.0}, "low", "interval_order"),
        ({"low": 1.0, "estimate": 0.0, "high": 2.0}, "low", "interval_order"),
        ({"low": 1.0}, "high", "half_interval"),
        ({"high": 1.0, "estimate": 0.0}, "low", "half_interval"),
        ({"minimal_important": 1.0, "margin": 1.1}, "margin", "margin_too_wide"),
    ],
)
def test_facts_that_contradict_each_other(facts: Mapping[str, object], where: str, code: str) -> None:
    assert codes(**facts) == [(f"indicator[0].{where}", code)]


@pytest.mark.parametrize(
    "facts",
    [
        {"low": 1.0, "high": 1.0, "estimate": 1.0},
        {"estimate": 1.0},
        {"minimal_important": 1.0, "margin": 1.0},
        {"margin": 1.0},
    ],
)
def test_facts_that_go_together(facts: Mapping[str, object]) -> None:
    sound(**facts)


@pytest.mark.parametrize(
    ("facts", "treated", "control"),
    [
        ({"attrition_treated": 0.2, "attrition_control": 0.1}, 0.2, 0.1),
        ({"randomised_treated": 578, "complete_treated": 258}, 320 / 578, None),
        (
            {
                "randomised_treated": 100,
                "complete_treated": 80,
                "randomised_control": 50,
                "complete_control": 50,
            },
            0.2,
            0.0,
        ),
        ({"attrition": 0.2, "differential_attrition": 0.1}, 0.25, 0.15),
        ({"attrition": 0.2, "differential_attrition": -0.1}, 0.15, 0.25),
        ({"attrition": 0.2}, None, None),
        ({"attrition_treated": 0.3, "attrition": 0.2, "differential_attrition": 0.1}, 0.3, 0.15),
        ({"randomised_treated": 100}, None, None),
    ],
)
def test_attrition_by_arm(facts: Mapping[str, object], treated: float | None, control: float | None) -> None:
    indicator = sound(**facts)
    assert indicator.attrition_treated == (None if treated is None else pytest.approx(treated))
    assert indicator.attrition_control == (None if control is None else pytest.approx(control))


@pytest.mark.parametrize(
    "facts",
    [
        {"randomised_treated": 10, "complete_treated": 11},
        {"attrition": 0.1, "differential_attrition": 0.4},
    ],
)
def test_attrition_outside_0_to_1(facts: Mapping[str, object]) -> None:
    assert [code for _, code in codes(**facts)] == ["not_a_share"]


def test_a_table_of_shares_names_the_wrong_one() -> None:
    findings: list[Finding] = []
    table = {"share_positive_by_size_class": {"small": 0.8, "large": 80}}
    read_fields(Economy, TableReader(table, "economy", findings), findings)
    assert [finding.where for finding in findings] == ["economy.share_positive_by_size_class.large"]


def test_fields_left_out_stay_at_their_default() -> None:
    findings: list[Finding] = []
    assert read_fields(Economy, TableReader({"currency": "EUR"}, "economy", findings), findings) == {"currency": "EUR"}


STUDY = {"pilot": "Skive", "estimate": 1.2, "standard_error": 0.4}


def test_studies_are_read_in_their_order() -> None:
    stated = [
        STUDY | {"date": date(2026, 3, 1), "cluster": "0779"},
        {"pilot": "Morsø", "estimate": 1, "standard_error": 1},
    ]
    assert sound(study=stated).studies == (
        Study("Skive", 1.2, 0.4, "2026-03-01", "0779"),
        Study("Morsø", 1.0, 1.0),
    )


def test_without_studies_there_are_none() -> None:
    assert sound().studies == sound(study=[]).studies == ()


@pytest.mark.parametrize(
    ("wrong", "where", "code"),
    [
        ({"pilot": None}, "pilot", "missing_key"),
        ({"estimate": None}, "estimate", "missing_key"),
        ({"standard_error": None}, "standard_error", "missing_key"),
        ({"standard_error": 0}, "standard_error", "not_positive"),
        ({"estimate": 1e200}, "estimate", "too_large"),
        ({"estimate": "1.2"}, "estimate", "not_a_number"),
        ({"date": "spring"}, "date", "not_a_date"),
        ({"date": 2026}, "date", "not_a_date"),
        ({"date": datetime(2026, 3, 1)}, "date", "not_a_date"),
        ({"low": 1}, "low", "unknown_key"),
    ],
)
def test_a_study_with_something_wrong(wrong: dict[str, object], where: str, code: str) -> None:
    assert codes(study=[STUDY, STUDY | {"pilot": "Morsø"} | wrong]) == [(f"indicator[0].study[1].{where}", code)]


def test_a_pilot_has_one_study_of_an_indicator() -> None:
    assert codes(study=[STUDY, STUDY]) == [("indicator[0].study[1].pilot", "repeated_name")]


def test_studies_are_tables() -> None:
    assert codes(study="Skive") == [("indicator[0].study", "not_tables")]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"correlation": 1.2}, "not_a_correlation"),
        ({"correlation": "high"}, "not_a_number"),
        ({"cost_low": 1e31}, "too_large"),
        ({"level": 95}, "not_a_level"),
    ],
)
def test_a_fact_of_the_economy_that_cannot_be_read(facts: dict[str, object], code: str) -> None:
    findings: list[Finding] = []
    assert read_fields(Economy, TableReader(facts, "economy", findings), findings) == {}
    assert [finding.code for finding in findings] == [code]


@pytest.mark.parametrize("other", [{"standard_error": 1e-9}, {"standard_error": 1e9}, {"estimate": 1e12}])
def test_studies_that_no_arithmetic_can_weigh_together(other: dict[str, object]) -> None:
    assert codes(study=[STUDY, STUDY | {"pilot": "Morsø"} | other]) == [("indicator[0].study", "too_far_apart")]
