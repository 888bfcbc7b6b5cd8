import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.economics.codes import Ratio
from effects.economics.cost_effectiveness import CostEffectiveness, cost_effectiveness
from effects.economics.estimate import Estimate
from effects.serialize import plain

COST = Estimate(728, -754, 2211)
QALY = Estimate(0.0132, -0.0083, 0.0346)
"""TeleCare Nord: Witt Udsen et al., ClinicoEconomics and Outcomes Research 2017;9:391."""


def golden(**stated: float) -> CostEffectiveness:
    return cost_effectiveness(COST, QALY, **{"value_per_unit": 21_068.0, **stated})


def test_the_ratio_of_the_golden_case() -> None:
    # 728 / 0.0132 = 55,151.5 EUR per QALY
    answer = golden()
    assert answer.icer == pytest.approx(55_152, abs=1)
    assert answer.ratio is Ratio.UNCERTAIN
    assert (answer.icer_low, answer.icer_high) == (None, None)


def test_the_probability_of_saving_in_the_golden_case() -> None:
    # z = 728 / 756.39 = 0.96247; Phi(-0.96247) = 0.168
    assert golden().probability_cost_saving == pytest.approx(0.168, abs=0.002)


def test_the_net_value_of_the_golden_case() -> None:
    # Stinnett and Mullahy 1998: 21,068 x 0.0132 - 728 = 278.10 - 728 = -449.90
    # se of the QALYs: 0.0429 / 3.919928 = 0.0109441; x 21,068 = 230.57; sqrt(230.57^2 + 756.39^2) = 790.75
    # P(> 0) = Phi(-449.90 / 790.75) = Phi(-0.56896) = 0.28469
    answer = golden()
    assert answer.expected_net_value == pytest.approx(-449.90, abs=0.01)
    assert answer.net_value_sd == pytest.approx(790.75, abs=0.01)
    assert answer.probability_positive == pytest.approx(0.2847, abs=0.0001)
    # EVPI: z = 0.56896, phi = 0.339324; 790.75 x (0.339324 - 0.56896 x 0.284691) = 790.75 x 0.177346 = 140.24
    assert answer.evpi == pytest.approx(140.24, abs=0.02)


def test_acceptability_at_three_thresholds_by_hand() -> None:
    # van Hout et al. 1994; Fenwick, Claxton and Sculpher 2001.
    # P = Phi((t x 0.0132 - 728) / sqrt((t x 0.0109441)^2 + 756.39^2))
    # t = 0:      -728 / 756.39                                = -0.96247 -> 0.16791
    # t = 30,000: (396 - 728) / sqrt(328.32^2 + 756.39^2)      = -332 / 824.57  = -0.40263 -> 0.34361
    # t = 60,000: (792 - 728) / sqrt(656.65^2 + 756.39^2)      =   64 / 1001.67 =  0.06389 -> 0.52547
    curve = cost_effectiveness(COST, QALY, value_per_unit=None, thresholds=(0, 30_000, 60_000)).acceptability
    assert [point.threshold for point in curve] == [0, 30_000, 60_000]
    assert [point.probability for point in curve] == pytest.approx([0.16791, 0.34361, 0.52547], abs=2e-5)


def test_without_thresholds_the_curve_stands_around_the_stated_value() -> None:
    assert [point.threshold for point in golden().acceptability] == [0, 10_534, 21_068, 42_136]


def test_the_shares_of_the_quadrants_agree_with_simulation() -> None:
    answer = golden(correlation=0.4)
    assert answer.quadrants is not None
    errors = [estimate.standard_error or 0.0 for estimate in (COST, QALY)]
    shared = 0.4 * errors[0] * errors[1]
    draws = np.random.default_rng(3).multivariate_normal(
        [COST.mean, QALY.mean], [[errors[0] ** 2, shared], [shared, errors[1] ** 2]], 100_000
    )
    costs, gains = draws[:, 0] > 0, draws[:, 1] > 0
    simulated = [(costs & gains).mean(), (costs & ~gains).mean(), (~costs & gains).mean(), (~costs & ~gains).mean()]
    shares = plain(answer.quadrants)
    assert isinstance(shares, dict)
    assert list(shares.values()) == pytest.approx(simulated, abs=0.005)


def test_correlated_errors_change_the_spread_of_the_net_value() -> None:
    # 230.57^2 + 756.39^2 - 2 x 0.5 x 230.57 x 756.39 = 53,162.5 + 572,125.8 - 174,400.8 = 450,887.5; root 671.48
    assert golden(correlation=0.5).net_value_sd == pytest.approx(671.48, abs=0.02)


def test_a_ratio_of_two_sure_figures_has_fiellers_interval() -> None:
    # Fieller 1954: cost 1000 (se 100), units 2 (se 0.2), z = 1.959964, z^2 = 3.841459.
    # a = 4 - 3.841459 x 0.04 = 3.846342; b = 2000; c = 1e6 - 3.841459 x 1e4 = 961,585.4
    # (2000 -+ sqrt(4e6 - 3.846342 x 961,585.4)) / a = (2000 -+ 548.84) / 3.846342 -> 377.28 and 662.67
    width = 1.959964
    answer = cost_effectiveness(
        Estimate(1000, 1000 - 100 * width, 1000 + 100 * width),
        Estimate(2, 2 - 0.2 * width, 2 + 0.2 * width),
        value_per_unit=600,
    )
    assert (answer.icer, answer.ratio) == (500, Ratio.PRICE)
    assert (answer.icer_low, answer.icer_high) == (pytest.approx(377.28, abs=0.05), pytest.approx(662.67, abs=0.05))


@pytest.mark.parametrize(
    ("cost", "units", "ratio", "icer"),
    [
        (Estimate(-10, -20, -1), Estimate(2, 1, 3), Ratio.DOMINANT, None),
        (Estimate(10, 1, 20), Estimate(-2, -3, -1), Ratio.DOMINATED, None),
        (Estimate(10, 1, 20), Estimate(0, -1, 1), Ratio.UNDEFINED, None),
        (Estimate(-10, -20, -1), Estimate(-2, -3, -1), Ratio.SAVING, 5),
        (Estimate(10, 1, 20), Estimate(2, -1, 5), Ratio.UNCERTAIN, 5),
        (Estimate(10, -1, 20), Estimate(2, 1, 3), Ratio.UNCERTAIN, 5),
        (Estimate(10), Estimate(2), Ratio.UNCERTAIN, 5),
    ],
)
def test_a_ratio_that_would_mislead_is_a_named_answer(
    cost: Estimate, units: Estimate, ratio: Ratio, icer: float | None
) -> None:
    answer = cost_effectiveness(cost, units, value_per_unit=1.0)
    assert (answer.ratio, answer.icer) == (ratio, icer)
    assert str(answer.reason)


def test_what_is_not_stated_is_named_and_left_open() -> None:
    answer = cost_effectiveness(Estimate(728), Estimate(0.0132), value_per_unit=None)
    assert answer.icer == pytest.approx(55_152, abs=1)
    assert answer.expected_net_value is answer.probability_positive is answer.evpi is answer.quadrants is None
    assert (answer.acceptability, len(answer.unknown)) == ((), 3)


def test_a_net_value_needs_no_interval() -> None:
    answer = cost_effectiveness(Estimate(728), QALY, value_per_unit=21_068)
    assert answer.expected_net_value == pytest.approx(-449.90, abs=0.01)
    assert (answer.net_value_sd, answer.probability_positive, answer.acceptability) == (None, None, ())
    assert len(answer.unknown) == 1


def test_sure_figures_fall_into_one_quadrant() -> None:
    answer = cost_effectiveness(Estimate(10, 10, 10), Estimate(2, 2, 2), value_per_unit=6)
    assert answer.quadrants is not None
    assert answer.quadrants.costs_more_gains == 1
    assert (answer.probability_positive, answer.evpi) == (1, 0)


@given(st.floats(-1, 1), st.floats(-3, 3), st.floats(-3, 3))
def test_the_quadrants_always_add_to_one(correlation: float, cost: float, units: float) -> None:
    answer = cost_effectiveness(
        Estimate(cost, cost - 1, cost + 1),
        Estimate(units, units - 1, units + 1),
        value_per_unit=1,
        correlation=correlation,
    )
    shares = plain(answer.quadrants)
    assert isinstance(shares, dict)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-6)
    assert min(shares.values()) >= 0


@pytest.mark.parametrize("correlation", [-1.01, 2.0, math.nan])
def test_a_correlation_beyond_one_is_refused(correlation: float) -> None:
    with pytest.raises(ValueError, match="correlation"):
        golden(correlation=correlation)


def test_a_value_of_a_unit_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        golden(value_per_unit=math.inf)
