import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from effects.inference.uniform_bands import critical_value


def normal(clusters: int, estimates: int, seed: int = 5) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).normal(size=(clusters, estimates))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_one_estimate_has_the_quantile_of_the_normal(level: float) -> None:
    found = critical_value(normal(400, 1), level, 0)
    assert found == pytest.approx(stats.norm.ppf(0.5 + level / 2.0), abs=0.08)  # 4,999 draws: 4 Monte Carlo errors


@pytest.mark.parametrize("estimates", [2, 5, 10])
def test_independent_estimates_need_sidaks_quantile(estimates: int) -> None:
    found = critical_value(np.linalg.qr(normal(2000, estimates))[0], 0.95, 0)
    sidak = stats.norm.ppf(0.5 + 0.95 ** (1 / estimates) / 2.0)
    assert found == pytest.approx(sidak, abs=0.08)


def test_one_estimate_said_twice_needs_no_more_than_once() -> None:
    once = normal(100, 1)
    assert critical_value(np.column_stack([once, 3.0 * once]), 0.95, 1) == pytest.approx(critical_value(once, 0.95, 1))


def test_estimates_without_error_are_left_out() -> None:
    some = normal(60, 2)
    assert critical_value(np.column_stack([some, np.zeros(60)]), 0.95, 2) == critical_value(some, 0.95, 2)
    assert critical_value(np.zeros((5, 2)), 0.95, 2) == 0.0


@given(scale=st.floats(1e-3, 1e3))
@settings(max_examples=5)
def test_the_unit_of_an_estimate_does_not_matter(scale: float) -> None:
    some = normal(50, 3)
    assert critical_value(some * [1.0, scale, 1.0], 0.9, 3) == pytest.approx(critical_value(some, 0.9, 3))


def test_more_estimates_and_a_higher_level_need_wider_bands() -> None:
    some = normal(80, 6)
    values = [critical_value(some[:, :width], 0.95, 4) for width in (1, 3, 6)]
    assert values == sorted(values)
    assert critical_value(some, 0.99, 4) > critical_value(some, 0.9, 4)


def test_the_same_seed_gives_the_same_value_and_another_seed_another() -> None:
    some = normal(70, 4)
    assert critical_value(some, 0.95, 7) == critical_value(some, 0.95, 7)
    assert critical_value(some, 0.95, 7) != critical_value(some, 0.95, 8)


def test_few_clusters_take_only_the_signs_that_there_are() -> None:
    values = {round(critical_value(normal(3, 2), level, 0), 12) for level in np.linspace(0.5, 0.99, 30)}
    assert len(values) <= 4


def test_many_clusters_are_drawn_in_blocks_that_change_nothing() -> None:
    some = normal(3000, 2)
    assert critical_value(some, 0.95, 0, draws=900) == pytest.approx(critical_value(some, 0.95, 0), abs=0.15)
