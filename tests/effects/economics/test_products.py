import math

import numpy as np
import pytest

from effects.economics.products import Factor, product, shared


def alone(mean: float, sd: float) -> Factor:
    return Factor(np.array([mean]), np.array([[sd**2]]))


def test_the_variance_of_a_product_of_two_by_hand() -> None:
    # Goodman 1960: Var(XY) = mx^2 sy^2 + my^2 sx^2 + sx^2 sy^2; 3 (sd 1) x 4 (sd 2): 9 x 4 + 16 x 1 + 4 = 56
    mean, sd = product([alone(3, 1), alone(4, 2)]).total(np.array([1.0]))
    assert (mean, sd) == (12, pytest.approx(math.sqrt(56)))


def test_the_variance_of_a_product_of_three_agrees_with_simulation() -> None:
    chance = np.random.default_rng(5)
    draws = chance.normal(2, 0.5, 200_000) * chance.normal(-3, 1, 200_000) * chance.normal(10, 4, 200_000)
    mean, sd = product([alone(2, 0.5), alone(-3, 1), alone(10, 4)]).total(np.array([1.0]))
    assert mean == -60
    assert draws.std() == pytest.approx(sd, rel=0.01)


def test_terms_that_share_a_factor_covary() -> None:
    # X (mean 2, sd 1) times exact 3 and 5: the sum is 8 X, sd 8.
    together = product([shared(["x", "x"], [2, 2], [1, 1]), shared(["a", "b"], [3, 5], [0, 0])])
    assert together.total(np.array([1.0, 1.0])) == (16, pytest.approx(8))


def test_terms_that_share_nothing_do_not() -> None:
    # 3 X + 5 Y, each sd 1: sqrt(9 + 25)
    together = product([shared(["x", "y"], [2, 2], [1, 1]), shared(["a", "b"], [3, 5], [0, 0])])
    assert together.total(np.array([1.0, 1.0])) == (16, pytest.approx(math.sqrt(34)))


def test_factors_of_different_names_have_the_stated_correlation() -> None:
    # Var(X + Y) = 1 + 4 + 2 x 0.5 x 1 x 2 = 7
    factor = shared(["x", "y"], [0, 0], [1, 2], 0.5)
    assert factor.total(np.array([1.0, 1.0]))[1] == pytest.approx(math.sqrt(7))


def test_a_term_without_a_factor_is_multiplied_by_one() -> None:
    factor = shared(["x", None], [2, 9], [1, 9])
    assert factor.mean.tolist() == [2, 1]
    assert factor.covariance.tolist() == [[1, 0], [0, 0]]


def test_two_terms_without_a_name_do_not_share_one() -> None:
    assert shared([None, None], [1, 1], [1, 1]).covariance.tolist() == [[0, 0], [0, 0]]


def test_a_weight_of_zero_leaves_a_term_out() -> None:
    assert shared(["x", "y"], [2, 3], [1, 1]).total(np.array([0.0, -2.0])) == (-6, 2)


def test_no_terms_add_to_nothing() -> None:
    assert product([shared([], [], []), shared([], [], [])]).total(np.zeros(0)) == (0, 0)
