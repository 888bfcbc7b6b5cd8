import numpy as np
import pytest

from effects.missing.pooling import pooled

ESTIMATES = np.array([0.50, 0.62, 0.41, 0.55, 0.47])
VARIANCES = np.array([0.040, 0.043, 0.038, 0.041, 0.039])


def test_rubins_rules_by_hand() -> None:
    found = pooled(ESTIMATES, VARIANCES, 98.0)
    between = np.sum((ESTIMATES - 0.51) ** 2) / 4
    assert found.estimate == pytest.approx(0.51)
    assert found.standard_error**2 == pytest.approx(0.0402 + 1.2 * between)
    assert found.missing == pytest.approx(1.2 * between / (0.0402 + 1.2 * between))


def test_degrees_of_freedom_are_those_of_barnard_and_rubin() -> None:
    found = pooled(ESTIMATES, VARIANCES, 98.0)
    repeated = 4 / found.missing**2
    observed = 99 / 101 * 98 * (1 - found.missing)
    assert found.df == pytest.approx(repeated * observed / (repeated + observed))
    assert found.df < 98


def test_equal_answers_lose_nothing() -> None:
    found = pooled(np.full(5, 0.5), np.full(5, 0.04), 50.0)
    assert (found.estimate, found.missing) == (0.5, 0.0)
    assert found.standard_error == pytest.approx(0.2)
    assert found.df == pytest.approx(51 / 53 * 50)


def test_more_disagreement_costs_width_and_freedom() -> None:
    near, far = (pooled(0.5 + spread * (ESTIMATES - 0.51), VARIANCES, 98.0) for spread in (1.0, 3.0))
    assert far.standard_error > near.standard_error
    assert far.df < near.df
    assert far.missing > near.missing
