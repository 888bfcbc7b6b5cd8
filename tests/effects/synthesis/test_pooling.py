from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from effects.synthesis.pooling import Pooled, pool, pool_many

Case = tuple[list[float], list[float], float]


class Judge:
    """The pooling model by adaptive integration over tau in pieces: no grid, no substitution, no mixture."""

    def __init__(self, estimates: list[float], errors: list[float], scale: float) -> None:
        self.y, self.v, self.scale = np.array(estimates), np.array(errors) ** 2, scale
        reach = np.hypot(np.ptp(self.y), 12.0 * scale)
        smallest = 1e-3 * min(scale, *errors)
        self.pieces = np.concatenate([[0.0], np.geomspace(smallest, reach, 60)])
        self.top = max(self.log_density(float(tau)) for tau in np.geomspace(smallest, reach, 20_000))
        self.total = self.integral(lambda _mean, _own, _tau: 1.0)
        self.mean = self.expected(lambda mean, _own, _tau: mean)
        self.sd = self.expected(lambda mean, own, _tau: own + (mean - self.mean) ** 2) ** 0.5
        self.next_sd = self.expected(lambda mean, own, tau: own + tau**2 + (mean - self.mean) ** 2) ** 0.5

    def log_density(self, tau: float) -> float:
        weights = 1.0 / (self.v + tau**2)
        mean = float(weights @ self.y) / float(np.sum(weights))
        misfit = float(weights @ (self.y - mean) ** 2)
        return float(0.5 * (np.sum(np.log(weights)) - np.log(np.sum(weights)) - misfit - (tau / self.scale) ** 2))

    def integral(self, part: Callable[[float, float, float], float]) -> float:
        def integrand(tau: float) -> float:
            weights = 1.0 / (self.v + tau**2)
            own = 1.0 / float(np.sum(weights))
            height = np.exp(self.log_density(tau) - self.top)
            return float(height * part(own * float(weights @ self.y), own, tau))

        pieces = zip(self.pieces[:-1].tolist(), self.pieces[1:].tolist(), strict=True)
        return sum(float(quad(integrand, low, high, epsabs=1e-13 * high, epsrel=1e-11)[0]) for low, high in pieces)

    def expected(self, part: Callable[[float, float, float], float]) -> float:
        return self.integral(part) / self.total

    def below(self, value: float, new_place: bool = False) -> float:
        return self.expected(
            lambda mean, own, tau: float(ndtr((value - mean) / np.sqrt(own + (tau**2 if new_place else 0.0))))
        )

    def quantile(self, probability: float, new_place: bool = False) -> float:
        reach = 12.0 * self.next_sd
        found = brentq(
            lambda value: self.below(value, new_place) - probability,
            self.mean - reach,
            self.mean + reach,
            xtol=1e-11 * self.sd,
        )
        return float(found)


CASES: dict[str, Case] = {
    "one pilot": ([0.4], [0.2], 0.3),
    "two that disagree": ([0.1, 1.2], [0.2, 0.3], 0.3),
    "three of the rules": ([0.2, 0.9, -0.1], [0.35, 0.3, 0.4], 0.3),
    "a tiny scale": ([0.2, 0.9, -0.1, 0.5], [0.35, 0.3, 0.4, 0.2], 1e-5),
    "a huge scale": ([0.2, 0.9, -0.1, 0.5], [0.35, 0.3, 0.4, 0.2], 1e4),
    "precise and imprecise far apart": ([0.1, 40.0], [0.05, 3.0], 0.3),
    "twelve of unequal precision": (
        np.linspace(-1.0, 2.0, 12).tolist(),
        np.geomspace(0.05, 2.0, 12).tolist(),
        0.3,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_figures_agree_with_an_independent_integration(name: str) -> None:
    judge, pooled = Judge(*CASES[name]), pool(*CASES[name])
    close = 1e-8 * judge.sd
    assert pooled.mean == pytest.approx(judge.mean, abs=close)
    assert pooled.standard_error == pytest.approx(judge.sd, abs=close)
    assert pooled.predictive_sd == pytest.approx(judge.next_sd, abs=close)
    assert judge.below(pooled.low) == pytest.approx(0.025, abs=1e-9)
    assert judge.below(pooled.high) == pytest.approx(0.975, abs=1e-9)
    assert judge.below(pooled.predictive_low, new_place=True) == pytest.approx(0.025, abs=1e-9)
    assert judge.below(pooled.predictive_high, new_place=True) == pytest.approx(0.975, abs=1e-9)
    below = judge.below(0.0)
    assert pooled.p_value == pytest.approx(2.0 * min(below, 1.0 - below), abs=1e-9)
    assert pooled.next_above(0.3) == pytest.approx(1.0 - judge.below(0.3, new_place=True), abs=1e-9)
    assert pooled.below(0.3) == pytest.approx(judge.below(0.3), abs=1e-9)


def test_an_interval_agrees_with_an_independent_root() -> None:
    judge, pooled = Judge(*CASES["two that disagree"]), pool(*CASES["two that disagree"])
    assert pooled.low == pytest.approx(judge.quantile(0.025), rel=1e-8)
    assert pooled.predictive_high == pytest.approx(judge.quantile(0.975, new_place=True), rel=1e-8)


def test_without_heterogeneity_it_is_the_weighted_mean() -> None:
    pooled = pool([1.0, 2.0], [0.1, 0.2], 1e-9)
    assert pooled.mean == pytest.approx((100.0 + 2.0 * 25.0) / 125.0)
    assert pooled.standard_error == pytest.approx(125.0**-0.5)
    assert (pooled.low, pooled.high) == pytest.approx((1.2 - 1.959964 / 125**0.5, 1.2 + 1.959964 / 125**0.5))


def test_a_single_pilot_is_less_certain_than_it_says_itself() -> None:
    pooled = pool([1.0], [0.1], 0.3)
    assert pooled.mean == pytest.approx(1.0)
    assert pooled.standard_error == pytest.approx((0.01 + 0.09) ** 0.5)
    assert pooled.predictive_sd == pytest.approx((0.01 + 0.18) ** 0.5)


def test_a_wider_prior_makes_a_wider_interval() -> None:
    widths = [(one.high - one.low) for one in (pool([0.2, 0.9, -0.1], [0.3] * 3, scale) for scale in (0.1, 0.3, 0.9))]
    assert widths == sorted(widths)


@given(
    st.lists(st.tuples(st.floats(-5.0, 5.0), st.floats(0.05, 2.0)), min_size=1, max_size=6),
    st.floats(0.01, 10.0),
    st.floats(-100.0, 100.0),
    st.floats(1e-6, 1e6),
)
def test_the_unit_and_the_origin_do_not_matter(
    pilots: list[tuple[float, float]], scale: float, origin: float, unit: float
) -> None:
    estimates, errors = [y for y, _ in pilots], [se for _, se in pilots]
    one = pool(estimates, errors, scale)
    other = pool([unit * (y + origin) for y in estimates], [unit * se for se in errors], unit * scale)
    for name in ("mean", "low", "high", "predictive_low", "predictive_high"):
        assert getattr(other, name) / unit - origin == pytest.approx(getattr(one, name), abs=1e-7)
    assert other.tau / unit == pytest.approx(one.tau, rel=1e-7)


@given(st.lists(st.tuples(st.floats(-5.0, 5.0), st.floats(0.05, 2.0)), min_size=1, max_size=6))
def test_reversed_signs_reverse_the_answer(pilots: list[tuple[float, float]]) -> None:
    one = pool([y for y, _ in pilots], [se for _, se in pilots], 0.3)
    other = pool([-y for y, _ in pilots], [se for _, se in pilots], 0.3)
    assert (other.mean, other.low, other.predictive_high) == pytest.approx(
        (-one.mean, -one.high, -one.predictive_low), abs=1e-9
    )
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6, abs=1e-12)


def test_a_probability_stays_exact_where_it_is_tiny() -> None:
    pooled = pool([9.0, 9.1, 8.9], [0.3] * 3, 0.3)
    assert 0.0 < pooled.p_value < 1e-6
    assert pooled.below(0.0) == pytest.approx(0.5 * pooled.p_value, rel=1e-12)
    assert pooled.above(0.0) == pytest.approx(1.0, abs=1e-6)


def test_another_level_gives_another_interval_of_the_same_mean() -> None:
    wide, narrow = (pool([0.2, 0.9], [0.3, 0.3], 0.3, level=level) for level in (0.95, 0.8))
    assert wide.low < narrow.low < narrow.mean == wide.mean < narrow.high < wide.high


def test_many_rows_are_pooled_each_by_itself() -> None:
    random = np.random.Generator(np.random.PCG64(5))
    estimates, errors = random.normal(0.5, 1.0, (40, 4)), random.uniform(0.1, 1.0, (40, 4))
    many = pool_many(estimates, errors, 0.3)
    for row in (0, 7, 39):
        one: Pooled = pool(estimates[row].tolist(), errors[row].tolist(), 0.3)
        for name in ("mean", "standard_error", "low", "high", "p_value", "predictive_low", "predictive_high"):
            assert getattr(many, name)[row] == pytest.approx(getattr(one, name), rel=1e-8, abs=1e-11)
        assert many.below(-0.5)[row] == pytest.approx(one.below(-0.5), rel=1e-7)
        assert many.above(np.full(40, 0.2))[row] == pytest.approx(one.above(0.2), rel=1e-7)
        assert many.next_above(0.2)[row] == pytest.approx(one.next_above(0.2), rel=1e-7)


def test_more_rows_than_are_worked_on_at_once() -> None:
    estimates = np.tile(np.array([[0.2, 0.9, -0.1]]), (4000, 1))
    many = pool_many(estimates, np.full((4000, 3), 0.3), 0.3)
    assert many.low.shape == (4000,)
    assert np.ptp(many.low) == 0.0 and np.ptp(many.p_value) == 0.0


@pytest.mark.parametrize(
    ("estimates", "errors", "scale", "level"),
    [
        ([], [], 0.3, 0.95),
        ([0.1], [0.1, 0.2], 0.3, 0.95),
        ([float("nan")], [0.1], 0.3, 0.95),
        ([0.1], [0.0], 0.3, 0.95),
        ([0.1], [0.1], 0.0, 0.95),
        ([0.1], [0.1], 0.3, 1.0),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    estimates: list[float], errors: list[float], scale: float, level: float
) -> None:
    with pytest.raises(ValueError, match=r"must be|needed"):
        pool(estimates, errors, scale, level=level)


def drawn(count: int, pilots: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, errors and the effect in a new place, with tau drawn from the prior and a true mean of zero."""
    random = np.random.Generator(np.random.PCG64(seed))
    tau = np.abs(random.normal(0.0, 0.3, (count, 1)))
    errors = random.uniform(0.2, 0.6, (count, pilots))
    effects = tau * random.normal(0.0, 1.0, (count, pilots + 1))
    return effects[:, :pilots] + errors * random.normal(0.0, 1.0, (count, pilots)), errors, effects[:, pilots]


@pytest.mark.parametrize("pilots", [1, 2, 3, 6])
def test_where_the_prior_holds_an_interval_holds_what_it_promises(pilots: int) -> None:
    """With a flat mean this is exact for every number of pilots, on average over the prior of tau."""
    estimates, errors, new = drawn(4000, pilots, 31 + pilots)
    many = pool_many(estimates, errors, 0.3, level=0.9)
    slack = 4.0 * (0.9 * 0.1 / 4000) ** 0.5
    assert np.mean((many.low < 0.0) & (many.high > 0.0)) == pytest.approx(0.9, abs=slack)
    assert np.mean((many.predictive_low < new) & (many.predictive_high > new)) == pytest.approx(0.9, abs=slack)
    assert np.mean(many.p_value < 0.1) == pytest.approx(0.1, abs=slack)


@given(st.permutations(range(5)))
def test_the_order_of_pilots_does_not_matter(order: list[int]) -> None:
    estimates, errors = [0.3, -0.2, 1.1, 0.6, 0.0], [0.1, 0.4, 0.3, 0.2, 0.9]
    one = pool(estimates, errors, 0.3)
    other = pool([estimates[place] for place in order], [errors[place] for place in order], 0.3)
    assert (other.low, other.predictive_high, other.tau) == pytest.approx(
        (one.low, one.predictive_high, one.tau), rel=1e-9
    )


def test_a_pilot_that_knows_nothing_changes_nothing() -> None:
    one, other = pool([0.3, 0.8], [0.2, 0.3], 0.3), pool([0.3, 0.8, 50.0], [0.2, 0.3, 1e7], 0.3)
    assert (other.mean, other.low, other.high, other.tau) == pytest.approx(
        (one.mean, one.low, one.high, one.tau), rel=1e-6
    )


@given(st.floats(0.0, 3.0), st.integers(2, 6))
def test_a_shift_of_all_pilots_is_a_shift_of_the_answer(shift: float, pilots: int) -> None:
    estimates = np.linspace(-0.4, 0.6, pilots)
    errors = [0.3] * pilots
    one, other = pool(estimates.tolist(), errors, 0.3), pool((estimates + shift).tolist(), errors, 0.3)
    assert other.low - one.low == pytest.approx(shift, abs=1e-9)
    assert other.above(0.0) >= one.above(0.0) - 1e-12


def test_more_precise_pilots_that_agree_say_more() -> None:
    pooled = [pool([0.5, 0.5, 0.5], [error] * 3, 0.3) for error in (0.4, 0.3, 0.2, 0.1)]
    assert [one.low for one in pooled] == sorted(one.low for one in pooled)
    assert [one.p_value for one in pooled] == sorted((one.p_value for one in pooled), reverse=True)


def test_one_better_result_can_make_the_answer_less_certain() -> None:
    """The known exception: one pilot raised alone raises tau, and the lower limit falls."""
    modest, raised = pool([0.5, 0.5, 0.5], [0.05] * 3, 0.3), pool([0.5, 0.5, 1.0], [0.05] * 3, 0.3)
    assert raised.mean > modest.mean and raised.tau > modest.tau
    assert raised.low < modest.low


def test_the_answer_is_the_same_bytes_every_time() -> None:
    first, second = (pool([0.2, 0.9, -0.1], [0.35, 0.3, 0.4], 0.3) for _ in range(2))
    assert first == second
    assert "Mixtures" not in repr(first)
