import json
from dataclasses import replace
from typing import Any

import pytest

from effects.case import Economy, case_from_mapping
from effects.economics import BusinessCase, Effect, Place, Valuation
from effects.economics.valuation import SCHEMA
from effects.economics.valuing import value
from tests.effects.economics.cases import EFFECTS, PLACES, hand_case, stated


def valued(places: tuple[Place, ...] = PLACES) -> Valuation:
    return value(hand_case(), EFFECTS, places, draws=200)


def test_economy_gives_fields_that_a_case_reads() -> None:
    economy = valued().economy()
    table: dict[str, Any] = {
        "case": {"technology": "Screens"},
        "economy": economy,
        "indicator": [{"name": "minutes", "role": "primary", "domain": "economy", "better": "lower"}],
    }
    read = case_from_mapping(table).economy
    assert read.net_value == pytest.approx(1232.64, abs=0.01)
    assert read.probability_positive == pytest.approx(0.9133, abs=1e-4)
    assert (read.currency, read.horizon_years, read.discount_rate) == ("DKK", 3, 0.1)
    assert read.share_positive_by_size_class == {"large": 1, "medium": 1, "small": 1}


def test_every_field_of_the_economy_is_one_of_the_case() -> None:
    assert set(valued().economy()) <= set(Economy.__slots__)


def test_what_is_not_known_is_left_out_of_the_economy() -> None:
    economy = value(hand_case(), {}, PLACES, draws=10).economy()
    assert set(economy) == {"currency", "perspective", "horizon_years", "discount_rate"}


def test_a_class_that_is_not_known_keeps_all_classes_out_of_the_economy() -> None:
    places = (*PLACES, Place("0999", "New", None, "tiny", None))
    answer = valued(places)
    assert answer.share_positive_by_size_class == {"large": 1, "medium": 1, "small": 1}
    assert "share_positive_by_size_class" not in answer.economy()


def test_a_place_without_a_class_keeps_the_classes_out_of_the_economy() -> None:
    places = (*PLACES, Place("0999", "New", None, None, 900))
    assert "share_positive_by_size_class" not in valued(places).economy()


def test_the_mapping_is_finite_json_with_sentences() -> None:
    table = valued().to_mapping()
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    assert table["schema"] == SCHEMA
    assert table["economy"] == valued().economy()
    assumptions = table["assumptions"]
    assert isinstance(assumptions, list)
    assert set(assumptions[0]) == {"text", "template", "params"}


def test_the_mapping_keeps_the_stated_inputs_beside_the_result() -> None:
    table = valued().to_mapping()
    for name, expected in {
        "technology": "Screens",
        "currency": "DKK",
        "perspective": "The municipalities",
        "price_year": 2026,
        "start_year": 2027,
        "horizon_years": 3,
        "phase_in": [1.0],
        "payers": [],
    }.items():
        assert table[name] == expected
    assert table["discount"] == {"steps": [[0, 0.1]], "from_day": None, "source": ""}


def test_the_mapping_of_a_case_full_of_gaps_is_json_too() -> None:
    table = stated()
    table["line"][1] = {key: table["line"][1][key] for key in ("title", "kind", "payer", "timing", "scope")}
    table["unquantified"] = [{"title": "Calm", "indicator": "calm"}]
    table["extension"] = {"cost": 5}
    answer = value(BusinessCase.from_mapping(table), {}, (*PLACES, Place("9", "New", None, None, None)), draws=10)
    text = json.dumps(answer.to_mapping(), allow_nan=False)
    assert json.loads(text)["expected_net_value"] is None
    assert len(answer.unknown) == 2


def test_an_effect_that_is_certain_gives_a_valuation() -> None:
    answer = value(hand_case(), {"minutes": Effect(-4, 0, 0)}, PLACES, draws=200)
    assert answer.expected_net_value == pytest.approx(1232.64, abs=0.01)


def test_where_the_simulation_disagrees_the_lower_probability_is_advised_on() -> None:
    answer = valued()
    assert answer.simulated is not None
    assert answer.simulated.agrees
    assert answer.economy()["probability_positive"] == answer.probability_positive
    for simulated_one, advised in ((0.7, 0.7), (0.99, answer.probability_positive)):
        apart = replace(answer.simulated, agrees=False, probability_positive=simulated_one)
        assert replace(answer, simulated=apart).economy()["probability_positive"] == advised
