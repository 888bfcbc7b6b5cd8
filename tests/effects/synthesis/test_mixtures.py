import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from effects.synthesis.mixtures import Mixtures, stacked


@pytest.fixture
def two() -> Mixtures:
    """One normal in disguise, and two peaks far apart of unequal weight and width."""
    weights = np.array([[0.5, 0.5], [0.9, 0.1]])
    return Mixtures(weights, np.array([[2.0, 2.0], [0.0, 50.0]]), np.array([[3.0, 3.0], [1.0, 0.01]]))


def test_equal_components_are_one_normal(two: Mixtures) -> None:
    assert (two.mean[0], two.sd[0]) == pytest.approx((2.0, 3.0))
    for probability in (1e-9, 0.025, 0.5, 0.8, 1.0 - 1e-6):
        assert two.quantiles(probability)[0] == pytest.approx(norm.ppf(probability, 2.0, 3.0), rel=1e-10)


def test_moments_hold_what_lies_between_the_peaks(two: Mixtures) -> None:
    assert two.mean[1] == pytest.approx(5.0)
    assert two.sd[1] ** 2 == pytest.approx(0.9 * (1.0 + 25.0) + 0.1 * (1e-4 + 45.0**2))


@pytest.mark.parametrize("probability", [1e-12, 0.01, 0.3, 0.89, 0.9, 0.9000001, 0.95, 0.999])
def test_a_quantile_has_its_probability_below_it_also_between_peaks(two: Mixtures, probability: float) -> None:
    found = two.quantiles(probability)[1]

    def mass(x: float) -> float:
        return float(0.9 * norm.cdf(x) + 0.1 * norm.cdf((x - 50.0) / 0.01))

    assert mass(found) == pytest.approx(probability, rel=1e-8)
    if not 0.8999 < probability < 0.9001:
        assert found == pytest.approx(brentq(lambda x: mass(x) - probability, -60.0, 60.0, xtol=1e-13), abs=1e-8)


def test_above_and_below_share_everything(two: Mixtures) -> None:
    values = np.array([2.5, 49.99])
    assert two.above(values) + two.below(values) == pytest.approx([1.0, 1.0], abs=1e-14)
    assert two.below(np.array([-60.0, -9.0])) == pytest.approx([norm.cdf(-62 / 3), 0.9 * norm.cdf(-9.0)], rel=1e-10)


def test_a_centre_far_from_zero_costs_no_endless_search() -> None:
    far = Mixtures(np.array([[1.0]]), np.array([[1e12]]), np.array([[1e-3]]))
    assert far.quantiles(0.025)[0] == pytest.approx(1e12 - 0.00196, abs=2e-4)


def test_parts_are_stacked_row_by_row(two: Mixtures) -> None:
    whole = stacked([two, two])
    assert whole.mean.tolist() == [*two.mean.tolist(), *two.mean.tolist()]
    assert whole.weights.shape == (4, 2)
