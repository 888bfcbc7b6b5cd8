import numpy as np
import pytest
from scipy.stats import norm

from effects.synthesis.normal import density, quantile, upper_tail

Z = np.concatenate([np.linspace(-37.0, 37.0, 20_011), [0.0, 1e-12, -1e-12]])


def test_a_tail_is_right_to_the_last_digits() -> None:
    near = Z[np.abs(Z) <= 20.0]
    assert np.max(np.abs(upper_tail(near) / norm.sf(near) - 1.0)) < 1e-10
    assert np.max(np.abs(upper_tail(Z) / norm.sf(Z) - 1.0)) < 1e-9


def test_both_tails_add_to_one() -> None:
    assert np.max(np.abs(upper_tail(Z) + upper_tail(-Z) - 1.0)) < 1e-15


def test_beyond_all_measure_a_tail_is_empty_or_everything() -> None:
    assert upper_tail(np.array([1e308, -1e308, np.inf, -np.inf])).tolist() == pytest.approx([0.0, 1.0, 0.0, 1.0])


def test_the_density_and_the_quantile() -> None:
    assert density(Z) == pytest.approx(norm.pdf(Z), rel=1e-12)
    assert quantile(0.975) == pytest.approx(norm.ppf(0.975), rel=1e-14)
