import math

import pytest
from scipy.stats import multivariate_normal, norm

from effects.economics.estimate import Estimate, both_above, density, probability_above


def test_the_standard_error_is_the_width_over_twice_the_quantile() -> None:
    # (2211 + 754) / (2 x 1.959964) = 2965 / 3.919928 = 756.39
    assert Estimate(728, -754, 2211).standard_error == pytest.approx(756.39, abs=0.01)
    # At 90 % the quantile is 1.644854: 2965 / 3.289707 = 901.30
    assert Estimate(728, -754, 2211, level=0.90).standard_error == pytest.approx(901.30, abs=0.01)


def test_without_both_ends_the_uncertainty_is_not_known() -> None:
    assert Estimate(1.0).standard_error is None
    assert Estimate(1.0, low=0.5).standard_error is None
    assert Estimate(1.0, high=2.0).excludes_zero is None


@pytest.mark.parametrize(("low", "high", "excludes"), [(0.1, 2, True), (-3, 2, False), (0, 2, False)])
def test_an_interval_that_touches_zero_does_not_exclude_it(low: float, high: float, excludes: bool) -> None:
    assert Estimate(1.0, low, high).excludes_zero is excludes


def test_a_harm_excludes_zero_too() -> None:
    assert Estimate(-1.0, -2.0, -0.5).excludes_zero is True


@pytest.mark.parametrize(
    "ends", [(1.0, 2.0, 3.0), (1.0, -1.0, 0.5), (math.nan, None, None), (math.inf, None, None), (0.0, -math.inf, 1.0)]
)
def test_what_is_no_estimate_is_refused(ends: tuple[float, float | None, float | None]) -> None:
    with pytest.raises(ValueError, match="within its interval"):
        Estimate(*ends)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_in_per_cent_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Estimate(1.0, 0.0, 2.0, level)


@pytest.mark.parametrize(("mean", "sd", "value"), [(0, 1, 0), (-450, 787, 0), (3, 2, 10), (5, 0.1, -40)])
def test_the_tail_is_that_of_the_normal(mean: float, sd: float, value: float) -> None:
    assert probability_above(mean, sd, value) == pytest.approx(norm.sf(value, mean, sd), rel=1e-12)


def test_without_spread_the_tail_is_certain() -> None:
    assert [probability_above(mean, 0.0) for mean in (1.0, 0.0, -1.0)] == [1.0, 0.0, 0.0]


def test_the_density_is_that_of_the_standard_normal() -> None:
    assert density(1.3) == pytest.approx(norm.pdf(1.3), rel=1e-14)


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.5, 0.99])
@pytest.mark.parametrize("places", [(0.0, 0.0), (0.96, 1.21), (-1.5, 2.0)])
def test_two_normals_at_once_agree_with_an_outside_integration(correlation: float, places: tuple[float, float]) -> None:
    outside = multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf(places)
    assert both_above(*places, correlation) == pytest.approx(outside, abs=1e-6)


def test_normals_that_are_one_and_the_same_are_above_together() -> None:
    assert both_above(0.3, 0.3, 1.0) == pytest.approx(norm.cdf(0.3), abs=1e-3)
    assert both_above(0.3, -0.3, -1.0) == pytest.approx(0.0, abs=1e-3)
