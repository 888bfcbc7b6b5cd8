import math

import numpy as np
import pytest

from effects.codes import Better
from effects.economics.business_case import BusinessCase
from effects.economics.discounting import flat
from effects.economics.facts import Effect, Place
from effects.economics.sums import Sums, shares_by_year, sums, turned, units_at
from tests.effects.economics.cases import (
    CITIZENS,
    EFFECTS,
    MINUTES,
    PLACES,
    TENDER,
    TRAINING,
    hand_case,
    hand_sums,
    stated,
    with_lines,
)

YEARS = 1 + 1 / 1.1 + 1 / 1.21
"""2.735537 discounted years of three at 10 %."""


def of(case: BusinessCase) -> Sums:
    return sums(case, case.lines, EFFECTS, PLACES, flat(0.1))


def test_the_nation_by_hand() -> None:
    # Tender -1000. Training 3 x (200 + 4 x 300 + 700) / 6 = 3 x 350 = -1050.
    # Minutes: 30 citizens x 0.5 x 4 minutes x 20 = 1200 a year, x 2.735537 = 3282.64. Together 1232.64.
    # Variances: 66.667^2 = 4444; (3 x 83.333)^2 = 62,500;
    # 20 (sd 5/3) x 4 (sd 1): 400 + 16 x 2.7778 + 2.7778 = 447.222, x (30 x 0.5 x 2.735537)^2 = 1683.71 -> 752,993
    # sqrt(4444 + 62,500 + 752,993) = 905.50
    found = hand_sums()
    mean, sd = found.terms.total(found.net_weights)
    assert mean == pytest.approx(1232.64, abs=0.01)
    assert sd == pytest.approx(905.50, abs=0.01)


def test_a_place_has_its_own_units_and_the_predictive_effect() -> None:
    # Island: 0.4 thousand x 10 x 0.5 x 4 x 20 x 2.735537 - 350 = 437.69 - 350 = 87.69
    # 20 (sd 5/3) x 4 (sd 2): 1600 + 44.444 + 11.111 = 1655.556, x 5.471074^2 = 49,555; + 83.333^2 = 6944; root 237.70
    found = hand_sums()
    mean, sd = found.local_terms.total(found.sign * found.worth * found.units[2])
    assert (mean, sd) == (pytest.approx(87.69, abs=0.01), pytest.approx(237.70, abs=0.01))


def test_each_year_by_hand() -> None:
    # Year 0: 1200 - 1000 - 1050 = -850; then 1200 each.
    assert hand_sums().yearly.tolist() == pytest.approx([-850, 1200, 1200])


def test_discounted_years_of_what_falls_once_and_yearly() -> None:
    assert hand_sums().worth.tolist() == pytest.approx([1, 1, YEARS])


def test_a_phase_in_delays_what_a_municipality_takes_up_and_not_what_is_national() -> None:
    # Once: 0.5 in year 0, 0.5 in year 1: 0.5 + 0.5 / 1.1 = 0.954545. Yearly: 0.5 + 1 / 1.1 + 1 / 1.21 = 2.235537.
    found = of(hand_case(phase_in=[0.5, 1.0]))
    assert found.worth.tolist() == pytest.approx([1, 0.954545, 2.235537], abs=1e-6)


def test_the_last_share_of_a_phase_in_holds_and_later_shares_than_the_horizon_do_not_count() -> None:
    case = hand_case(phase_in=[0.1, 0.2, 0.3, 0.4])
    training, minutes = case.lines[1:]
    assert shares_by_year(case, minutes) == (0.1, 0.2, 0.3)
    assert shares_by_year(case, training) == pytest.approx((0.1, 0.1, 0.1))


def test_a_yearly_national_line_runs_from_the_first_year() -> None:
    case = with_lines(TENDER | {"timing": "yearly"}, phase_in=[0.0, 1.0])
    assert shares_by_year(case, case.lines[0]) == (1, 1, 1)


def test_a_haircut_and_a_multiplier_scale_a_benefit() -> None:
    case = BusinessCase.from_mapping(stated() | {"optimism": {"working_time": 0.6}})
    assert of(case).sign.tolist() == pytest.approx([-1, -1, 0.3])


def test_lines_of_other_payers_have_no_weight_in_the_net_value() -> None:
    case = with_lines(TENDER | {"payer": "state"}, TRAINING, MINUTES, payers=["municipality"])
    found = of(case)
    assert found.net_weights[0] == 0
    assert found.weights[0] == -1
    assert found.yearly.tolist() == pytest.approx([150, 1200, 1200])


def test_an_uncertain_volume_is_shared_by_its_lines() -> None:
    table = stated() | {"volume": [CITIZENS | {"amount": None, "low": 4, "likely": 10, "high": 16}]}
    table["line"] = [MINUTES, MINUTES | {"title": "Licence", "kind": "cost", "indicator": None, "better": None}]
    case = BusinessCase.from_mapping(table)
    found = of(case)
    # Amounts and effect aside both lines are V (10, sd 2): the covariance of V x 20 and V x 20 x 4 is 20 x 80 x 4.
    shared = found.terms.covariance[0, 1]
    assert shared == pytest.approx(20 * 80 * 4)


def test_effects_on_two_indicators_correlate_as_stated() -> None:
    effects = EFFECTS | {"share": Effect(2.0, 0.5, 0.5)}
    other = MINUTES | {"title": "Share", "indicator": "share", "better": "higher"}
    case = with_lines(MINUTES, other, effect_correlation=0.3)
    found = sums(case, case.lines, effects, PLACES, flat(0.1))
    assert found.effect.covariance[0, 1] == pytest.approx(0.3 * 1.0 * 0.5)
    assert found.effect.mean.tolist() == [4.0, 2.0]


def test_effects_are_turned_so_that_more_is_good() -> None:
    assert turned(Effect(-4, 1, 1), Better.LOWER) == 4
    assert turned(Effect(-4, 1, 1), Better.HIGHER) == -4


def test_units_of_a_place() -> None:
    case = hand_case()
    assert [units_at(case, line, PLACES[1]) for line in case.lines] == [0, 1, 0.6]


def test_a_count_by_place_needs_no_inhabitants() -> None:
    counts = {"0101": 15, "0151": 6}
    table = stated() | {"volume": [CITIZENS | {"amount": None, "by_place": counts}]}
    case = BusinessCase.from_mapping(table)
    found = of(case)
    assert found.units[:2, 2].tolist() == [15, 6]
    assert math.isnan(found.units[2, 2])
    assert found.volume.mean.tolist() == [1, 1, 1]


def test_a_place_without_inhabitants_known_is_not_counted_as_empty() -> None:
    case = hand_case()
    unknown = Place("0999", "New", None, None, None)
    assert math.isnan(units_at(case, case.lines[2], unknown))
    assert units_at(case, case.lines[1], unknown) == 1


def test_without_places_only_what_is_national_adds_up() -> None:
    case = hand_case()
    found = sums(case, case.lines, EFFECTS, (), flat(0.1))
    assert found.nation.tolist() == [1, 0, 0]
    assert found.units.shape == (0, 3)


def test_without_lines_there_is_nothing_to_sum() -> None:
    case = hand_case()
    found = sums(case, (), EFFECTS, PLACES, flat(0.1))
    assert found.terms.total(found.net_weights) == (0, 0)
    assert np.array_equal(found.yearly, np.zeros(3))
