import csv
import json
from itertools import permutations
from pathlib import Path
from typing import Any

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


def times(factor: float, *lines: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines with their amounts in another currency."""
    ends = ("low", "likely", "high")
    return [{key: one * factor if key in ends else one for key, one in line.items()} for line in lines]


@pytest.mark.parametrize("factor", [0.01, 7.45])
def test_another_currency_scales_the_money_and_no_probability(factor: float) -> None:
    one, other = valued(), valued(with_lines(*times(factor, TENDER, TRAINING, MINUTES)))
    for name in ("expected_net_value", "sd", "evpi"):
        assert getattr(other, name) == pytest.approx(factor * getattr(one, name)), name
    assert other.probability_positive == pytest.approx(one.probability_positive)
    assert (other.payback_year, other.tornado) == (one.payback_year, one.tornado)
    assert other.share_positive_by_size_class == one.share_positive_by_size_class
    for mine, theirs in zip(one.by_place, other.by_place, strict=True):
        assert theirs.probability_positive == pytest.approx(mine.probability_positive)


@pytest.mark.parametrize("order", list(permutations([TENDER, TRAINING, MINUTES]))[1:])
def test_the_order_of_the_lines_is_the_order_of_the_answer_and_nothing_else(order: tuple[dict[str, Any], ...]) -> None:
    one, other = valued(), valued(with_lines(*order))
    assert [line.title for line in other.lines] == [str(line["title"]) for line in order]
    assert other.expected_net_value == pytest.approx(one.expected_net_value)
    assert other.sd == pytest.approx(one.sd)
    assert other.tornado == one.tornado, "the largest share of the variance first"


def test_the_order_of_the_places_changes_nothing_but_their_order() -> None:
    turned = value(hand_case(), EFFECTS, PLACES[::-1], draws=100)
    one = value(hand_case(), EFFECTS, PLACES, draws=100)
    assert turned.expected_net_value == pytest.approx(one.expected_net_value)
    assert {place.code: place.mean for place in turned.by_place} == {
        place.code: pytest.approx(place.mean) for place in one.by_place
    }
    assert turned.share_positive_by_size_class == one.share_positive_by_size_class


def test_a_benefit_split_in_two_halves_is_worth_the_same_and_as_uncertain() -> None:
    """Both halves hang on the same effect, so that its error is not averaged away; the amounts are certain here."""
    sure = MINUTES | {"low": 20, "likely": 20, "high": 20}
    half = MINUTES | {"low": 10, "likely": 10, "high": 10}
    whole, halves = valued(with_lines(sure)), valued(with_lines(half, half | {"title": "The other half"}))
    assert halves.expected_net_value == pytest.approx(whole.expected_net_value)
    assert halves.sd == pytest.approx(whole.sd)
    assert [line.variance_share for line in halves.lines] == pytest.approx([0.5, 0.5])


def test_costs_are_as_negative_as_benefits_of_the_same_amount_are_positive() -> None:
    cost = valued(with_lines(TENDER)).expected_net_value
    gain = valued(with_lines(TENDER | {"kind": "benefit"})).expected_net_value
    assert cost is not None and gain == pytest.approx(-cost)


def test_twice_the_inhabitants_are_twice_the_benefit_and_no_more_training() -> None:
    doubled = tuple(Place(p.code, p.name, p.region, p.size_class, 2 * (p.population or 0)) for p in PLACES)
    one, other = valued(), value(hand_case(), EFFECTS, doubled, draws=100)
    means = [(mine.mean, theirs.mean) for mine, theirs in zip(one.lines, other.lines, strict=True)]
    assert [theirs / mine for mine, theirs in means if mine and theirs] == pytest.approx([1, 1, 2])


def test_a_municipality_that_joins_another_costs_one_training_less() -> None:
    """Training is paid for each municipality; the citizens and their minutes are the same. 350 less is paid, once."""
    joined = (Place("0101", "Large town", "1084", "large", 2600), PLACES[2])
    one, other = valued(), value(hand_case(), EFFECTS, joined, draws=100)
    assert one.expected_net_value is not None
    assert other.expected_net_value == pytest.approx(one.expected_net_value + 350.0)


@pytest.mark.parametrize("years", [1, 2, 3, 10])
def test_without_discounting_the_net_value_is_the_plain_sum_of_the_years(years: int) -> None:
    """1,200 a year for 30 citizens; 1,000 and 3 x 350 once."""
    answer = valued(hand_case(discount_rate=0.0, horizon_years=years))
    assert answer.expected_net_value == pytest.approx(1200.0 * years - 2050.0)


def test_a_higher_rate_is_worth_less_where_costs_come_first() -> None:
    worth = [valued(hand_case(discount_rate=rate)).expected_net_value or 0.0 for rate in (0.0, 0.03, 0.1, 0.5)]
    assert worth == sorted(worth, reverse=True)
    assert len(set(worth)) == 4


def test_variance_shares_add_to_one_and_order_the_tornado() -> None:
    answer = valued()
    shares = {line.title: line.variance_share or 0.0 for line in answer.lines}
    assert sum(shares.values()) == pytest.approx(1)
    assert list(answer.tornado) == sorted(shares, key=lambda title: -shares[title])


def test_a_line_drills_down_to_its_factors() -> None:
    """units x amount x effect x multiplier x haircut x years is the line's mean, the sign that of a cost or benefit."""
    cut = BusinessCase.from_mapping(stated() | {"optimism": {"working_time": 0.7}})
    for line in valued(cut).lines:
        assert line.units is not None and line.amount is not None and line.years is not None
        product = line.units * line.amount * (1.0 if line.effect is None else line.effect)
        product *= line.multiplier * line.haircut * line.years
        assert line.mean == pytest.approx(-product if line.kind == "cost" else product), line.title


@pytest.mark.parametrize("sd", [0.0, 0.5, 3.0])
def test_knowing_more_of_an_effect_is_worth_more_the_less_is_known(sd: float) -> None:
    less, more = (value(hand_case(), {"minutes": Effect(-1.7, one, one)}, PLACES, draws=50) for one in (sd, sd + 1))
    assert less.evpi is not None and more.evpi is not None
    assert more.evpi > less.evpi


@given(st.floats(-8, 8), st.floats(0.01, 5), st.floats(0.2, 1.0))
@settings(max_examples=30)
def test_a_haircut_never_makes_a_good_effect_worth_more(mean: float, sd: float, factor: float) -> None:
    cut = BusinessCase.from_mapping(stated() | {"optimism": {"working_time": factor}})
    effects = {"minutes": Effect(mean, sd, sd)}
    plain, less = (value(case, effects, PLACES, draws=10).expected_net_value for case in (hand_case(), cut))
    assert plain is not None and less is not None
    assert (less <= plain + 1e-9) if mean <= 0 else (less >= plain - 1e-9)
