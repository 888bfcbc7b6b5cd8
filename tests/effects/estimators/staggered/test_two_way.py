import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason
from effects.estimators.staggered.two_way import TwoWay, two_way
from effects.linear_model import Obstacle


def drawn(units: int = 9, periods: int = 6, seed: int = 2, share: float = 0.8) -> tuple[np.ndarray, ...]:
    """Values, which of them are observed, and weights; the first unit is seen in every period."""
    random = np.random.Generator(np.random.PCG64(seed))
    mask = random.random((units, periods)) < share
    mask[0] = True
    return random.normal(size=(units, periods)), mask, random.uniform(0.5, 3.0, units)


def ready(mask: np.ndarray, weights: np.ndarray) -> TwoWay:
    found = two_way(mask, weights)
    assert isinstance(found, TwoWay), found
    return found


def dummies(mask: np.ndarray) -> np.ndarray:
    """A column for each unit and each period, (rows, U + T)."""
    unit, period = np.nonzero(mask)
    return np.column_stack([np.eye(mask.shape[0])[unit], np.eye(mask.shape[1])[period]])


@given(seed=st.integers(0, 500), share=st.floats(0.3, 1.0))
@settings(max_examples=15)
def test_residuals_are_those_of_explicit_dummies(seed: int, share: float) -> None:
    values, mask, weights = drawn(seed=seed, share=share)
    design, root = dummies(mask), np.sqrt(weights)[np.nonzero(mask)[0]]
    slopes, *_ = np.linalg.lstsq(design * root[:, None], values[mask] * root, rcond=None)
    assert ready(mask, weights).residual(values)[mask] == pytest.approx(values[mask] - design @ slopes, abs=1e-9)


def test_outside_the_rows_nothing_is_left_and_nothing_is_read() -> None:
    values, mask, weights = drawn()
    hidden = np.where(mask, values, np.nan)
    fitted = ready(mask, weights)
    assert np.all(fitted.residual(hidden)[~mask] == 0.0)
    np.testing.assert_array_equal(fitted.residual(hidden), fitted.residual(values))


def test_unit_and_period_effects_come_back_from_what_they_make() -> None:
    _, mask, weights = drawn()
    unit, period = np.arange(9.0), np.array([0.0, 1.0, -1.0, 2.0, 0.5, 3.0])
    found = ready(mask, weights).fit(unit[:, None] + period)
    assert found[0] == pytest.approx(unit)
    assert found[1] == pytest.approx(period)


@given(seed=st.integers(0, 500))
@settings(max_examples=10)
def test_weights_reproduce_the_predicted_sum(seed: int) -> None:
    values, mask, weights = drawn(seed=seed)
    target = np.random.Generator(np.random.PCG64(seed + 1)).normal(size=mask.shape)
    target[~mask.any(axis=1)] = 0.0
    target[:, ~mask.any(axis=0)] = 0.0
    fitted = ready(mask, weights)
    unit, period = fitted.fit(values)
    expected = float(np.sum(target * (unit[:, None] + period)))
    assert float(np.sum(fitted.weights_of(target) * np.where(mask, values, 0.0))) == pytest.approx(expected, abs=1e-9)


def test_contributions_are_what_each_units_residuals_add_to_the_period_effects() -> None:
    values, mask, weights = drawn(units=30)
    fitted = ready(mask, weights)
    residuals = fitted.residual(values)
    brought = fitted.contributions(residuals)
    assert brought.sum(axis=0) == pytest.approx(0.0, abs=1e-10)
    moved = values.copy()
    moved[3] += residuals[3]
    assert fitted.fit(moved)[1] - fitted.fit(values)[1] == pytest.approx(brought[3], abs=1e-10)


def test_a_period_without_rows_has_no_effect() -> None:
    values, mask, weights = drawn()
    mask[:, 2] = False
    fitted = ready(mask, weights)
    assert fitted.fit(values)[1][2] == 0.0
    assert 2 not in fitted.periods.tolist()


def test_one_period_leaves_only_unit_effects() -> None:
    values, mask, weights = drawn()
    mask[:, 1:] = False
    assert np.all(ready(mask, weights).residual(values) == 0.0)


def test_no_rows_leave_nothing() -> None:
    values, mask, weights = drawn()
    assert np.all(ready(np.zeros_like(mask), weights).residual(values) == 0.0)


def test_periods_that_share_no_unit_with_the_others_are_refused() -> None:
    mask = np.zeros((8, 6), dtype=bool)
    mask[:4, :3] = True
    mask[4:, 3:] = True
    found = two_way(mask, np.ones(8))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.COLLINEAR


def test_one_shared_unit_is_enough() -> None:
    mask = np.zeros((8, 6), dtype=bool)
    mask[:4, :3] = True
    mask[4:, 3:] = True
    mask[0, 3] = True
    assert isinstance(two_way(mask, np.ones(8)), TwoWay)
