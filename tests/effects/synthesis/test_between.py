import numpy as np
import pytest
from scipy.integrate import quad

from effects.synthesis.between import Rows, grid, median, nodes_needed, support


def rows(estimates: list[float], errors: list[float], scale: float) -> Rows:
    return Rows(np.array([estimates]), np.array([errors]) ** 2, scale)


def written_out(tau: float, estimates: list[float], errors: list[float], scale: float) -> float:
    """The posterior density of tau from the text, the mean integrated out numerically; up to a constant."""
    sds = np.hypot(errors, tau)
    centre, width = np.average(estimates, weights=sds**-2), float(np.sum(sds**-2) ** -0.5)

    def joint(mean: float) -> float:
        return float(np.exp(-0.5 * np.sum(((np.array(estimates) - mean) / sds) ** 2)) / np.prod(sds))

    likelihood = quad(joint, centre - 12.0 * width, centre + 12.0 * width, epsabs=0.0, epsrel=1e-12)[0]
    return float(likelihood * np.exp(-0.5 * (tau / scale) ** 2))


CASES = [
    ([0.3], [0.2], 0.3),
    ([0.1, 0.9], [0.2, 0.3], 0.3),
    ([0.1, 0.9, -0.4, 0.2], [0.2, 0.3, 0.1, 0.5], 2.0),
    ([1.0, 1.4, 0.8], [0.1, 0.1, 0.1], 0.05),
]


@pytest.mark.parametrize("case", CASES)
def test_the_density_is_the_joint_one_with_the_mean_integrated_out(
    case: tuple[list[float], list[float], float],
) -> None:
    own = rows(*case)
    u = np.linspace(0.01, 2.0, 5)
    tau = own.units[0] * np.sinh(u)
    expected = np.log([written_out(value, *case) for value in tau.tolist()]) + np.log(np.cosh(u))
    got = own.log_density(u[None])[0]
    assert got - got[0] == pytest.approx(expected - expected[0], abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_half_the_posterior_lies_below_the_median(case: tuple[list[float], list[float], float]) -> None:
    own = rows(*case)
    low, high = (float(end[0]) for end in support(own))
    found = median(own, low, high)
    below = quad(written_out, 0.0, found, case, epsabs=0.0, epsrel=1e-10, limit=200)[0]
    above = quad(written_out, found, 12.0 * (case[2] + float(np.ptp(case[0]))), case, epsabs=0.0, limit=200)[0]
    assert below / above == pytest.approx(1.0, rel=1e-7)


def test_one_estimate_says_nothing_of_tau() -> None:
    own = rows([7.0], [0.2], 0.3)
    low, high = (float(end[0]) for end in support(own))
    assert median(own, low, high) == pytest.approx(0.3 * 0.6744897501960817, rel=1e-10)


def test_the_support_shuts_in_on_a_narrow_peak() -> None:
    """Estimates far apart under a prior that expects none: tau^2 is near their distance times the scale."""
    low, high = support(rows([0.0, 1e6], [1e-3, 1e-3], 1e-4))
    assert 0.0 < float((high - low)[0]) < 1e-2
    posterior = grid(rows([0.0, 1e6], [1e-3, 1e-3], 1e-4), low, high, 33)
    assert np.ptp(posterior.tau) < 0.01 * np.mean(posterior.tau)


def test_probabilities_sum_to_one_and_more_nodes_change_nothing() -> None:
    own = rows([0.1, 0.9, -0.4, 0.2], [0.2, 0.3, 0.1, 0.5], 0.3)
    low, high = support(own)
    few, many = (grid(own, low, high, nodes) for nodes in (nodes_needed(own, low, high), 801))
    assert np.sum(few.probability) == pytest.approx(1.0, abs=1e-14)
    for name in ("tau", "mean", "variance"):
        first, second = (np.sum(one.probability * getattr(one, name) ** 2) for one in (few, many))
        assert first == pytest.approx(second, rel=1e-10)


def needed(own: Rows) -> int:
    return nodes_needed(own, *support(own))


def test_a_wide_stretch_and_a_mean_that_moves_ask_for_more_nodes() -> None:
    plain = needed(rows([0.0, 0.1], [0.1, 0.1], 0.1))
    assert 33 <= plain < needed(rows([0.0, 0.1], [0.1, 0.1], 1e5))
    assert plain < needed(rows([0.0, 800.0], [0.1, 60.0], 4.0))


def test_the_most_demanding_row_decides() -> None:
    own = rows([0.0, 800.0], [0.1, 60.0], 4.0)
    both = Rows(np.array([[0.0, 800.0], [0.0, 1.0]]), np.repeat(own.variances, 2, axis=0), 4.0)
    assert needed(both) == pytest.approx(needed(own), abs=2)


def test_a_part_keeps_its_scale() -> None:
    both = Rows(np.array([[0.0, 1.0], [0.0, 3.0]]), np.ones((2, 2)), 0.3)
    assert both.part(slice(1, 2)).farthest == pytest.approx(both.farthest[1:])
