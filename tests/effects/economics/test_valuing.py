import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.economics import BusinessCase, Effect, Place, Valuation
from effects.economics.codes import Payer
from effects.economics.valuing import value
from tests.effects.economics.cases import (
    CITIZENS,
    EFFECTS,
    MINUTES,
    PLACES,
    TENDER,
    TRAINING,
    hand_case,
    stated,
    with_lines,
)

SEEDS = Path(__file__).parents[3] / "seeds"


def valued(case: BusinessCase | None = None, **effects: Effect) -> Valuation:
    return value(case or hand_case(), EFFECTS | effects, PLACES, draws=2_000)


def without(line: dict[str, object], *keys: str) -> dict[str, object]:
    return {key: stated for key, stated in line.items() if key not in keys}


UNSTATED = without(TRAINING, "low", "likely", "high", "status")


def test_the_hand_worked_case() -> None:
    # test_sums.py works out mean 1232.64 and sd 905.50.
    # z = 1232.645 / 905.504 = 1.361280; Phi = 0.913288.
    # EVPI = 905.504 x (phi(z) - z x Phi(-z)) = 905.504 x (0.157949 - 1.361280 x 0.086712) = 905.504 x 0.039910 = 36.14
    answer = valued()
    assert answer.expected_net_value == pytest.approx(1232.64, abs=0.01)
    assert answer.sd == pytest.approx(905.50, abs=0.01)
    assert answer.probability_positive == pytest.approx(0.913288, abs=1e-5)
    assert answer.evpi == pytest.approx(36.14, abs=0.02)
    assert answer.unknown == ()


def test_the_years_by_hand() -> None:
    # -850; 1200 / 1.1 = 1090.91 -> 240.91; 1200 / 1.21 = 991.74 -> 1232.64. Paid back in the second year.
    answer = valued()
    assert [year.year for year in answer.by_year] == [2027, 2028, 2029]
    assert [year.cumulative for year in answer.by_year] == pytest.approx([-850, 240.91, 1232.64], abs=0.01)
    assert answer.payback_year == 2028


def test_what_is_never_paid_back_has_no_year() -> None:
    answer = valued(with_lines(TENDER))
    assert (answer.payback_year, answer.probability_positive) == (None, pytest.approx(0, abs=1e-12))


def test_what_pays_from_the_start_is_paid_back_in_the_first_year() -> None:
    assert valued(with_lines(MINUTES)).payback_year == 2027


def test_years_and_lines_add_up_to_the_net_value() -> None:
    answer = valued()
    assert sum(line.mean or 0 for line in answer.lines) == pytest.approx(answer.expected_net_value)
    assert answer.by_year[-1].cumulative == pytest.approx(answer.expected_net_value)
    assert sum(answer.by_payer.values()) == pytest.approx(answer.expected_net_value)


def test_a_missing_amount_is_named_and_leaves_the_rest_of_the_lines_valued() -> None:
    answer = valued(with_lines(TENDER, UNSTATED, MINUTES))
    assert answer.expected_net_value is answer.sd is answer.evpi is answer.simulated is None
    assert [str(message) for message in answer.unknown] == ["Training: its amount is not stated."]
    assert [line.mean is None for line in answer.lines] == [False, True, False]
    assert {place.mean for place in answer.by_place} == {None}
    assert answer.share_positive_by_size_class == {}


def test_a_missing_amount_of_a_payer_who_does_not_count_leaves_the_net_value_known() -> None:
    answer = valued(with_lines(TENDER, UNSTATED | {"payer": "citizen"}, MINUTES, payers=["municipality"]))
    assert answer.expected_net_value == pytest.approx(2282.64, abs=0.01)
    assert len(answer.unknown) == 1
    assert list(answer.by_payer) == [Payer.MUNICIPALITY]


def test_a_missing_national_amount_leaves_the_local_values_known() -> None:
    answer = valued(with_lines(without(TENDER, "low", "likely", "high", "status"), MINUTES))
    assert answer.expected_net_value is None
    assert answer.share_positive_by_size_class == {"large": 1, "medium": 1, "small": 1}


def test_a_missing_effect_is_named() -> None:
    answer = value(hand_case(), {}, PLACES, draws=100)
    assert [str(message) for message in answer.unknown] == ["Minutes saved: no effect on minutes is known."]
    assert answer.expected_net_value is None


def test_a_missing_volume_is_named() -> None:
    case = BusinessCase.from_mapping(stated() | {"volume": [without(CITIZENS, "amount", "status")]})
    assert [str(message) for message in valued(case).unknown] == [
        "Minutes saved: how many there are of Citizens is not stated."
    ]


def test_a_place_without_inhabitants_leaves_the_nation_unknown_and_the_others_known() -> None:
    places = (*PLACES, Place("0999", "Newtown", None, "small", None))
    answer = value(hand_case(), EFFECTS, places, draws=100)
    assert answer.expected_net_value is None
    assert "Newtown" in str(answer.unknown[0])
    assert [place.mean is None for place in answer.by_place] == [False, False, False, True]
    assert answer.share_positive_by_size_class == {"large": 1, "medium": 1}


def test_many_unknown_places_are_counted_and_a_few_named() -> None:
    places = tuple(Place(f"{code}", f"Town {code}", None, "small", None) for code in range(5))
    message = value(hand_case(), EFFECTS, places, draws=100).unknown[0]
    assert message.params["count"] == 5
    assert message.params["names"] == "Town 0, Town 1, Town 2, ..."


def test_counts_of_codes_nobody_knows_are_said_to_be_left_out() -> None:
    counts = {"0101": 20, "0151": 6, "0825": 4, "825": 40}
    case = BusinessCase.from_mapping(stated() | {"volume": [without(CITIZENS, "amount") | {"by_place": counts}]})
    answer = valued(case)
    assert answer.expected_net_value == pytest.approx(1232.64, abs=0.01)
    assert "left out: 825." in str(answer.assumptions[-1])


def test_without_places_only_what_is_national_can_be_valued() -> None:
    answer = value(hand_case(), EFFECTS, (), draws=100)
    assert [str(message) for message in answer.unknown] == [
        "Training: no municipality is given.",
        "Minutes saved: no municipality is given.",
    ]
    assert value(with_lines(TENDER), {}, (), draws=100).expected_net_value == pytest.approx(-1000)


def test_a_day_without_a_known_rate_is_refused() -> None:
    case = BusinessCase(
        **{
            **{name: getattr(hand_case(), name) for name in hand_case().__slots__},
            "discount_rate": None,
            "stated_on": "1999-01-01",
        }
    )
    with pytest.raises(ValueError, match="discount rate"):
        value(case, EFFECTS, PLACES)


def test_without_a_stated_rate_that_of_the_day_is_used() -> None:
    # 3.5 %: 1200 x (1 + 0.966184 + 0.933511) - 2050 = 1200 x 2.899694 - 2050 = 1429.63
    answer = valued(hand_case(discount_rate=None))
    assert answer.expected_net_value == pytest.approx(1429.63, abs=0.01)
    assert answer.discount.from_day == "2021-01-07"


def test_a_benefit_that_stays_in_its_own_unit_is_never_added() -> None:
    kept = [{"title": "Calm", "indicator": "calm", "unit": "points"}, {"title": "Pride"}]
    answer = valued(BusinessCase.from_mapping(stated() | {"unquantified": kept}), calm=Effect(2.0, 0.5, 1.0))
    calm, pride = answer.unquantified
    # 2 -+ 1.959964 x 0.5
    assert (calm.mean, calm.low, calm.high) == (2.0, pytest.approx(1.0200, abs=1e-4), pytest.approx(2.9800, abs=1e-4))
    assert (pride.mean, pride.low) == (None, None)
    assert "not measured" in str(pride.unknown)
    assert answer.expected_net_value == pytest.approx(1232.64, abs=0.01)


def test_a_guess_widens_nothing() -> None:
    guessed = valued(with_lines(TENDER | {"status": "guessed"}, TRAINING, MINUTES | {"status": "guessed"}))
    assert guessed.sd == valued().sd
    assert (guessed.guessed_share, valued().guessed_share) == (1, pytest.approx(1050 / 5332.64, abs=1e-5))


def test_equal_input_gives_equal_bytes() -> None:
    assert json.dumps(valued().to_mapping()) == json.dumps(valued().to_mapping())


def test_the_seed_pays_probably_and_not_surely() -> None:
    with (SEEDS / "municipalities.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    places = [
        Place(row["code"], row["name"], row["region_code"], row["size_class_2016"], int(row["population_2016"]))
        for row in rows
    ]
    effects = {
        "home_care_minutes": Effect(-9.5, 0.6, 1.8),
        "self_reliance_share": Effect(4.2, 0.3, 0.9),
        "planned_visits_kept": Effect(0.8, 0.3, 0.9),
    }
    case = BusinessCase.from_toml((SEEDS / "business_cases" / "virtual_visits.toml").read_text("utf-8"))
    answer = value(case, effects, places)
    assert len(answer.by_place) == 98
    assert answer.unknown == ()
    assert answer.expected_net_value is not None
    assert answer.probability_positive is not None
    assert 1e8 < answer.expected_net_value < 2e8
    assert 0.85 < answer.probability_positive < 0.98
    assert all(share >= 0.8 for share in answer.share_positive_by_size_class.values())
    assert any((place.mean or 0) < 0 for place in answer.by_place)
    assert answer.simulated is not None
    assert answer.simulated.agrees
    assert answer.extension is not None
    assert answer.extension.evsi > 0


EFFECT = st.builds(Effect, st.floats(-50, 50), st.floats(0, 10), st.floats(0, 10))


@given(EFFECT)
@settings(max_examples=30)
def test_whatever_the_effect_every_figure_is_finite_and_every_probability_one(effect: Effect) -> None:
    answer = value(hand_case(), {"minutes": effect}, PLACES, draws=50)
    json.dumps(answer.to_mapping(), allow_nan=False)
    chances = [answer.probability_positive, *(place.probability_positive for place in answer.by_place)]
    assert all(chance is not None and 0 <= chance <= 1 for chance in chances)


@given(st.floats(-20, 20), st.floats(0, 10))
@settings(max_examples=30)
def test_a_better_effect_is_never_worth_less(mean: float, gain: float) -> None:
    worse = value(hand_case(), {"minutes": Effect(mean + gain, 1, 2)}, PLACES, draws=10).expected_net_value
    better = value(hand_case(), {"minutes": Effect(mean, 1, 2)}, PLACES, draws=10).expected_net_value
    assert better is not None
    assert worse is not None
    assert better >= worse - 1e-9
