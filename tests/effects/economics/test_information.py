import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.economics.information import evpi_normal, evsi_normal

MEANS = st.floats(-1e4, 1e4)
SPREADS = st.floats(1e-3, 1e4)


def test_perfect_information_by_hand() -> None:
    # Raiffa and Schlaifer 1961; Briggs, Claxton and Sculpher 2006, ch. 6, with z = |mean|/sd:
    # EVPI = sd x (phi(z) - z x Phi(-z))
    # mean 500, sd 1000: z = 0.5, phi = 0.352065, Phi(-0.5) = 0.308538; 1000 x (0.352065 - 0.154269) = 197.80
    assert evpi_normal(500, 1000) == pytest.approx(197.80, abs=0.005)


def test_at_a_mean_of_zero_it_is_the_spread_over_the_root_of_two_pi() -> None:
    # 100 / 2.506628 = 39.894
    assert evpi_normal(0, 100) == pytest.approx(39.894, abs=0.001)


def test_what_is_known_need_not_be_learnt() -> None:
    assert evpi_normal(500, 0) == 0
    assert evpi_normal(1e9, 1) == 0


def test_a_study_of_a_normal_mean_by_hand() -> None:
    # Raiffa and Schlaifer 1961: prior N(500, 1000^2), a study with error 500.
    # Sd of the mean after it: 1000^2 / sqrt(1000^2 + 500^2) = 1000000 / 1118.034 = 894.427
    # z = 500 / 894.427 = 0.559017; phi = 0.341233, Phi(-z) = 0.288075
    # EVSI = 894.427 x (0.341233 - 0.559017 x 0.288075) = 894.427 x 0.180194 = 161.17
    assert evsi_normal(500, 1000, 500) == pytest.approx(161.17, abs=0.01)


def test_a_study_is_worth_what_a_simulated_decision_maker_gains_by_it() -> None:
    draws = np.random.default_rng(7)
    truth = draws.normal(500, 1000, 200_000)
    seen = truth + draws.normal(0, 500, truth.size)
    weight = 1000**2 / (1000**2 + 500**2)
    gains = truth * (weight * seen + (1 - weight) * 500 > 0) - truth
    error = gains.std() / math.sqrt(gains.size)
    assert evsi_normal(500, 1000, 500) == pytest.approx(gains.mean(), abs=3 * error)


def test_a_study_that_measures_nothing_is_worth_nothing() -> None:
    assert evsi_normal(10, 100, math.inf) == 0
    assert evsi_normal(10, 0, 5) == 0
    assert evsi_normal(10, 0, 0) == 0


@given(MEANS, SPREADS, SPREADS)
def test_a_study_is_worth_no_more_than_perfect_information(mean: float, prior: float, sampling: float) -> None:
    perfect = evpi_normal(mean, prior)
    assert 0 <= evsi_normal(mean, prior, sampling) <= perfect + 1e-9 * prior
    assert evsi_normal(mean, prior, 0) == pytest.approx(perfect)


@given(MEANS, SPREADS, SPREADS)
def test_a_more_precise_study_is_never_worth_less(mean: float, prior: float, sampling: float) -> None:
    assert evsi_normal(mean, prior, sampling) <= evsi_normal(mean, prior, sampling / 2) + 1e-9 * prior


@pytest.mark.parametrize(("mean", "sd"), [(0, -1), (math.nan, 1), (0, math.inf)])
def test_what_is_no_distribution_is_refused(mean: float, sd: float) -> None:
    with pytest.raises(ValueError, match="standard deviation"):
        evpi_normal(mean, sd)


@pytest.mark.parametrize(("prior", "sampling"), [(-1, 1), (1, -1), (1, math.nan), (-1, math.inf)])
def test_a_negative_spread_of_a_study_is_refused(prior: float, sampling: float) -> None:
    with pytest.raises(ValueError, match="standard deviation"):
        evsi_normal(0, prior, sampling)
