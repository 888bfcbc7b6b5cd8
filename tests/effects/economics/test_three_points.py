import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.economics.three_points import ThreePoints

ENDS = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted)


def test_mean_and_spread_by_hand() -> None:
    # Malcolm, Roseboom, Clark and Fazar 1959: (2 + 4 x 5 + 14) / 6 = 36 / 6 = 6; (14 - 2) / 6 = 2
    points = ThreePoints(2, 5, 14)
    assert (points.mean, points.sd) == (6, 2)


def test_an_exact_figure_has_no_spread_and_no_shape() -> None:
    points = ThreePoints(7, 7, 7)
    assert (points.mean, points.sd, points.shape) == (7, 0, None)


def test_the_shape_by_hand() -> None:
    # Place (6 - 2) / 12 = 1/3; size 36 x 1/3 x 2/3 - 1 = 7; 7/3 and 14/3.
    assert ThreePoints(2, 5, 14).shape == pytest.approx((7 / 3, 14 / 3))


@pytest.mark.parametrize("points", [ThreePoints(2, 5, 14), ThreePoints(0, 0, 6), ThreePoints(-4, 9, 9)])
def test_draws_of_the_shape_have_the_stated_mean_and_spread(points: ThreePoints) -> None:
    assert points.shape is not None
    draws = points.low + (points.high - points.low) * np.random.default_rng(1).beta(*points.shape, 100_000)
    assert draws.mean() == pytest.approx(points.mean, abs=4 * points.sd / 100_000**0.5)
    assert draws.std() == pytest.approx(points.sd, rel=0.01)


@given(ENDS)
def test_the_mean_lies_between_the_ends_and_the_shape_is_always_one(ends: list[float]) -> None:
    points = ThreePoints(*ends)
    assert ends[0] - 1e-6 <= points.mean <= ends[2] + 1e-6
    if ends[2] - ends[0] > 1e-3:
        assert points.shape is not None
        assert min(points.shape) > 0
