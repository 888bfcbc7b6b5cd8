import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason
from effects.estimators.staggered.two_groups import Contrast, difference_in_means, doubly_robust
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import numeric_gradient


def drawn(units: int = 60, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Changes, treatment, two covariates that matter for both, and weights."""
    random = np.random.Generator(np.random.PCG64(seed))
    covariates = random.normal(size=(units, 2))
    treated = random.random(units) < 1 / (1 + np.exp(-0.5 * covariates[:, 0]))
    change = 1.0 * treated + covariates @ [0.6, -0.3] + random.normal(size=units)
    return change, treated, covariates, random.uniform(0.5, 2.0, units)


def estimated(found: Contrast | Obstacle) -> Contrast:
    assert isinstance(found, Contrast)
    return found


def test_without_covariates_it_is_the_difference_of_mean_changes() -> None:
    change, treated, _, _ = drawn()
    found = difference_in_means(change, treated, np.ones(len(change)))
    assert found.estimate == pytest.approx(change[treated].mean() - change[~treated].mean())


def test_its_error_is_that_of_two_means_with_the_biased_variances() -> None:
    change, treated, _, _ = drawn()
    found = difference_in_means(change, treated, np.ones(len(change)))
    spread = change[treated].var() / treated.sum() + change[~treated].var() / (~treated).sum()
    assert np.sum(found.influence**2) == pytest.approx(spread)


def test_weights_count_as_copies() -> None:
    change, treated, _, _ = drawn()
    copies = np.arange(len(change)) % 3 + 1
    weighted = difference_in_means(change, treated, copies.astype(float))
    repeated = difference_in_means(np.repeat(change, copies), np.repeat(treated, copies), np.ones(copies.sum()))
    assert weighted.estimate == pytest.approx(repeated.estimate)


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_contributions_within_each_group_sum_to_nothing(seed: int) -> None:
    change, treated, _, weights = drawn(seed=seed)
    found = difference_in_means(change, treated, weights)
    assert found.influence[treated].sum() == pytest.approx(0.0, abs=1e-12)
    assert found.influence[~treated].sum() == pytest.approx(0.0, abs=1e-12)


def by_the_book(change: np.ndarray, treated: np.ndarray, covariates: np.ndarray, weights: np.ndarray) -> float:
    """The doubly robust estimate with a logit of statsmodels and least squares of statsmodels."""
    design = sm.add_constant(covariates)
    logit = sm.GLM(treated.astype(float), design, family=sm.families.Binomial(), freq_weights=weights).fit(tol=1e-13)
    fitted = logit.predict(design)
    outcome = sm.WLS(change[~treated], design[~treated], weights=weights[~treated]).fit().predict(design)
    odds = np.where(treated, 0.0, weights * fitted / (1.0 - fitted))
    own = np.where(treated, weights, 0.0)
    return float(np.average(change - outcome, weights=own) - np.average(change - outcome, weights=odds))


@pytest.mark.parametrize("seed", range(4))
def test_with_covariates_it_is_doubly_robust_as_other_software_puts_it_together(seed: int) -> None:
    drawing = drawn(seed=seed)
    assert estimated(doubly_robust(*drawing)).estimate == pytest.approx(by_the_book(*drawing), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_contributions_are_the_derivatives_by_each_units_weight(seed: int) -> None:
    change, treated, covariates, weights = drawn(units=40, seed=seed)

    def value(moved: np.ndarray) -> float:
        return estimated(doubly_robust(change, treated, covariates, moved)).estimate

    found = estimated(doubly_robust(change, treated, covariates, weights))
    assert found.influence == pytest.approx(numeric_gradient(value, weights) * weights, abs=1e-7)


def test_contributions_of_a_difference_in_means_are_those_derivatives_too() -> None:
    change, treated, _, weights = drawn(units=30)
    gradient = numeric_gradient(lambda moved: difference_in_means(change, treated, moved).estimate, weights)
    assert difference_in_means(change, treated, weights).influence == pytest.approx(gradient * weights, abs=1e-8)


@given(scale=st.floats(1e-4, 1e4), shift=st.floats(-1e4, 1e4))
@settings(max_examples=10)
def test_the_unit_of_a_covariate_does_not_matter(scale: float, shift: float) -> None:
    change, treated, covariates, weights = drawn()
    before = estimated(doubly_robust(change, treated, covariates, weights))
    after = estimated(doubly_robust(change, treated, covariates * scale + shift, weights))
    assert after.estimate == pytest.approx(before.estimate, rel=1e-7)
    assert after.influence == pytest.approx(before.influence, rel=1e-5, abs=1e-10)


def test_a_covariate_that_explains_the_change_leaves_less_error() -> None:
    change, treated, covariates, weights = drawn(units=400)
    with_it = estimated(doubly_robust(change, treated, covariates, weights))
    without = difference_in_means(change, treated, weights)
    assert np.sum(with_it.influence**2) < np.sum(without.influence**2)


def test_right_outcome_regression_repairs_a_wrong_propensity() -> None:
    random = np.random.Generator(np.random.PCG64(8))
    covariates = random.normal(size=(4000, 1))
    treated = random.random(4000) < 1 / (1 + np.exp(1.0 - covariates[:, 0] ** 2))
    change = 2.0 * treated + covariates[:, 0] + 0.1 * random.normal(size=4000)
    found = estimated(doubly_robust(change, treated, covariates, np.ones(4000)))
    assert found.estimate == pytest.approx(2.0, abs=5 * np.sqrt(np.sum(found.influence**2)))


def spoilt(how: str, own: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """Covariates that cannot carry an estimate."""
    first = own[:, 0]
    return {
        "twice": np.column_stack([first, 2.0 * first]),
        "constant": np.column_stack([first, np.ones(len(own))]),
        "treatment itself": np.column_stack([first, treated * 1.0]),
        "separating": own + 10.0 * treated[:, None],
    }[how]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("twice", Reason.COLLINEAR),
        ("constant", Reason.COLLINEAR),
        ("treatment itself", Reason.COLLINEAR),
        ("separating", Reason.SEPARATION),
    ],
)
def test_covariates_that_cannot_carry_it_are_refused_by_name(how: str, reason: Reason) -> None:
    change, treated, own, weights = drawn()
    found = doubly_robust(change, treated, spoilt(how, own, treated), weights)
    assert isinstance(found, Obstacle)
    assert found.reason is reason


def test_fewer_comparison_units_than_covariates_are_refused() -> None:
    change, _, covariates, weights = drawn(units=12)
    treated = np.arange(12) > 1
    found = doubly_robust(change, treated, covariates, weights)
    assert isinstance(found, Obstacle)
    assert str(found.detail) == "the covariates determine each other among 2 comparison units"
