import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from effects.case import SCHEMA, Case, CaseError, Economy, GateFact, Portfolio, case_from_mapping, to_mapping
from effects.codes import Better, Domain, Role
from effects.errors import EffectsError
from effects.rules.indicator import Indicator
from tests.effects.sound_case import indicator, sound_case, telecare_nord

INDICATOR = {"name": "falls", "role": "guardrail", "domain": "safety", "better": "lower"}
SMALLEST = {"case": {"technology": "Sensor floor 1"}, "indicator": [INDICATOR]}
FLAGS = st.sampled_from([True, False, None])
SHARES = st.none() | st.floats(0, 1)
NUMBERS = st.none() | st.floats(-1e6, 1e6)


def refused(table: Mapping[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(CaseError) as error:
        case_from_mapping(table)
    return [(finding.where, finding.code) for finding in error.value.findings]


def test_the_smallest_case_states_a_technology_and_an_indicator() -> None:
    falls = Indicator("falls", Role.GUARDRAIL, Domain.SAFETY, Better.LOWER)
    assert case_from_mapping(SMALLEST) == Case("Sensor floor 1", (falls,))


def test_what_is_not_stated_is_not_known() -> None:
    case = case_from_mapping(SMALLEST)
    assert set(_values(case.portfolio)) == {None}
    assert case.economy == Economy()
    assert case.gates == {}
    assert case.analysed_by_supplier_or_owner is None


def test_the_golden_case_is_read_whole() -> None:
    case = telecare_nord()
    assert [(item.estimate, item.low, item.high) for item in case.indicators] == [
        (0.1, -1.4, 1.7),
        (0.4, -1.7, 2.4),
        (0.0132, -0.0083, 0.0346),
    ]
    assert case.portfolio.pilots == 1
    assert case.economy.net_value == pytest.approx(-449.9, abs=0.01)
    assert case.gates["G5"].holds is False


def test_a_gate_is_a_flag_or_a_flag_with_its_ground() -> None:
    case = case_from_mapping(SMALLEST | {"gates": {"G1": True, "G5": {"holds": False, "why": "no vote"}}})
    assert case.gates == {"G1": GateFact(True), "G5": GateFact(False, "no vote")}


def test_a_gate_may_have_a_ground_without_an_answer() -> None:
    case = case_from_mapping(SMALLEST | {"gates": {"G6": {"why": "asked the municipality"}}})
    assert case.gates == {"G6": GateFact(None, "asked the municipality")}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, [("case", "missing_key"), ("case.technology", "missing_key"), ("indicator", "no_indicator")]),
        (SMALLEST | {"case": {"technology": " "}}, [("case.technology", "not_text")]),
        (SMALLEST | {"indicator": []}, [("indicator", "no_indicator")]),
        (SMALLEST | {"indicator": "falls"}, [("indicator", "not_tables"), ("indicator", "no_indicator")]),
        (SMALLEST | {"economy": 3}, [("economy", "not_a_table")]),
        (SMALLEST | {"economics": {}}, [("economics", "unknown_key")]),
        (SMALLEST | {"gates": {"G8": True}}, [("gates.G8", "unknown_key")]),
        (SMALLEST | {"gates": {"G1": "yes"}}, [("gates.G1", "not_a_gate")]),
        (SMALLEST | {"gates": {"G1": {"hold": True}}}, [("gates.G1.hold", "unknown_key")]),
        (SMALLEST | {"portfolio": {"pilots": -1}}, [("portfolio.pilots", "not_a_count")]),
        (SMALLEST | {"portfolio": {"share_silent": 20}}, [("portfolio.share_silent", "not_a_share")]),
        (SMALLEST | {"indicator": [INDICATOR, INDICATOR]}, [("indicator[1].name", "repeated_name")]),
        (
            SMALLEST | {"indicator": [INDICATOR | {"design": "guess"}]},
            [("indicator[0].design", "unknown_code")],
        ),
        (
            SMALLEST | {"case": {"technology": "x", "claims_required": 0}},
            [("case.claims_required", "no_claims_required")],
        ),
        (
            SMALLEST | {"case": {"technology": "x", "information": [1.0, 0.5]}},
            [("case.information", "not_increasing")],
        ),
        (
            SMALLEST | {"case": {"technology": "x", "information": [0.0, 0.5]}},
            [("case.information", "not_increasing")],
        ),
    ],
)
def test_a_case_that_cannot_be_read(table: Mapping[str, object], expected: list[tuple[str, str]]) -> None:
    assert refused(table) == expected


def test_all_findings_come_at_once() -> None:
    wrong = {
        "case": {"technolgy": "x"},
        "indicator": [INDICATOR | {"dose": 3}, INDICATOR | {"blinded": "no"}],
        "economy": {"probability_positive": 80},
        "gates": {"G1": 1},
        "portfolio": {"pilot": 3},
    }
    places = {where for where, _ in refused(wrong)}
    assert places == {
        "case.technology",
        "case.technolgy",
        "indicator[0].dose",
        "indicator[1].blinded",
        "economy.probability_positive",
        "gates.G1",
        "portfolio.pilot",
    }


def test_a_case_error_is_an_error_of_the_library() -> None:
    assert issubclass(CaseError, EffectsError)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"expected_net_value": -450.0}, -450.0),
        ({"value_per_unit": 21068.0, "units_gained": 0.0132, "cost_difference": 728.0}, -449.9024),
        ({"value_per_unit": 60000.0, "units_gained": 0.0132, "cost_difference": 728.0}, 64.0),
        ({"value_per_unit": 60000.0, "units_gained": 0.0132}, None),
        (
            {
                "expected_net_value": 5.0,
                "value_per_unit": 1.0,
                "units_gained": 1.0,
                "cost_difference": 0.0,
            },
            5.0,
        ),
        ({}, None),
    ],
)
def test_expected_net_value_is_stated_or_worked_out(facts: dict[str, float], expected: float | None) -> None:
    assert Economy(**facts).net_value == (None if expected is None else pytest.approx(expected))


def test_a_case_leaves_out_what_is_not_known() -> None:
    assert to_mapping(case_from_mapping(SMALLEST)) == {
        "schema": SCHEMA,
        "case": {"technology": "Sensor floor 1"},
        "indicator": [INDICATOR | {"claim": "better"}],
    }


def test_false_and_zero_are_facts() -> None:
    mapping = to_mapping(sound_case())
    portfolio = mapping["portfolio"]
    assert isinstance(portfolio, dict)
    assert portfolio["share_silent"] == 0.0
    assert portfolio["major_version_change"] is False


def test_a_case_comes_back_equal_through_its_file() -> None:
    text = tomli_w.dumps(to_mapping(sound_case()))
    assert case_from_mapping(tomllib.loads(text)) == sound_case()


@given(
    st.fixed_dictionaries({"dose": SHARES, "p_value": SHARES, "baseline_g": NUMBERS, "blinded": FLAGS}),
    st.fixed_dictionaries({"share_silent": SHARES, "strata_covered": FLAGS, "evsi": NUMBERS}),
    st.fixed_dictionaries({"expected_net_value": NUMBERS, "probability_positive": SHARES}),
    FLAGS,
)
def test_every_case_comes_back_equal(
    facts: dict[str, object], reach: dict[str, object], value: dict[str, object], gate: bool | None
) -> None:
    case = replace(
        sound_case(indicator(**facts)),
        portfolio=replace(Portfolio(), **reach),
        economy=replace(Economy(), **value),
        gates={"G1": GateFact(gate, "a ground")},
    )
    assert case_from_mapping(to_mapping(case)) == case


def _values(record: object) -> list[object]:
    return [getattr(record, name) for name in type(record).__dataclass_fields__]


STATED: dict[str, Any] = to_mapping(telecare_nord())
TABLES = ["case", "indicator", "portfolio", "economy", "gates"]


def first_of(mapping: dict[str, Any], table: str) -> dict[str, Any]:
    held: Any = mapping[table]
    return dict(held[0]) if table == "indicator" else dict(held)


def changed(*changes: tuple[str, str, object]) -> dict[str, Any]:
    """The golden case with keys of its tables (of the first indicator) changed."""
    mapping = deepcopy(STATED)
    for table, key, value in changes:
        (mapping[table][0] if table == "indicator" else mapping[table])[key] = value
    return mapping


KEYS = [(table, key) for table in TABLES for key in sorted(first_of(STATED, table))]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_wrong_value_of_any_key_is_found_there(table: str, key: str) -> None:
    where = f"indicator[0].{key}" if table == "indicator" else f"{table}.{key}"
    for wrong in ([[]], float("nan"), {"a": [1]}):
        found = {place for place, _ in refused(changed((table, key, wrong)))}
        assert all(place.startswith(where) for place in found), (wrong, found)


@pytest.mark.parametrize("table", TABLES)
def test_an_unknown_key_of_any_table_is_found(table: str) -> None:
    where = "indicator[0].nonsense" if table == "indicator" else f"{table}.nonsense"
    assert refused(changed((table, "nonsense", 1))) == [(where, "unknown_key")]


STUDY = {"pilot": "Skive", "estimate": 1.2, "standard_error": 0.4}


def test_studies_stand_below_their_indicator_and_come_back_equal() -> None:
    table = {
        **SMALLEST,
        "indicator": [INDICATOR | {"study": [STUDY, STUDY | {"pilot": "Morsø", "date": "2026-03-01"}]}],
    }
    case = case_from_mapping(table)
    assert [study.pilot for study in case.indicators[0].studies] == ["Skive", "Morsø"]
    assert case_from_mapping(tomllib.loads(tomli_w.dumps(to_mapping(case)))) == case


def test_more_studies_than_pilots_contradict() -> None:
    table = {**SMALLEST, "indicator": [INDICATOR | {"study": [STUDY, STUDY | {"pilot": "Morsø"}]}]}
    assert refused({**table, "portfolio": {"pilots": 1}}) == [("indicator[0].study", "more_studies_than_pilots")]
    assert case_from_mapping({**table, "portfolio": {"pilots": 2}}).portfolio.pilots == 2


def test_a_stated_value_that_its_parts_contradict_is_found() -> None:
    wrong = changed(("economy", "expected_net_value", 450.0))
    assert refused(wrong) == [("economy.expected_net_value", "contradicts_its_parts")]


def test_a_case_may_ask_for_a_version_of_the_rules() -> None:
    table = {**SMALLEST, "case": {"technology": "x", "ruleset": "1"}}
    assert case_from_mapping(table).ruleset == "1"
    assert refused({**table, "case": {"technology": "x", "ruleset": "0"}}) == [("case.ruleset", "unknown_code")]


def test_everything_wrong_at_once_is_found_at_once() -> None:
    every = changed(*((table, key, [[]]) for table, key in KEYS))
    assert len({place for place, _ in refused(every)}) >= len(KEYS)
