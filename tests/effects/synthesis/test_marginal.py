import numpy as np
import pytest
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.meta_analysis import combine_effects

from effects.rows.columns import Numbers
from effects.synthesis.marginal import Marginal, mean_only
from tests.effects.synthesis.bcg import trials


@pytest.fixture
def model() -> Marginal:
    random = np.random.Generator(np.random.PCG64(3))
    design = np.column_stack([np.ones(9), random.normal(0, 1, 9), random.integers(0, 2, 9)])
    return Marginal(random.normal(0, 1, 9), random.uniform(0.1, 1.0, 9), design)


def projection(model: Marginal, tau2: float) -> tuple[Numbers, Numbers]:
    """P and (X'WX)^-1 written out."""
    weights = np.diag(1.0 / (model.variances + tau2))
    bread = np.linalg.inv(model.design.T @ weights @ model.design)
    return weights - weights @ model.design @ bread @ model.design.T @ weights, bread


@pytest.mark.parametrize("tau2", [0.0, 0.3, 20.0])
def test_every_figure_is_what_its_formula_says(model: Marginal, tau2: float) -> None:
    fit = model.at(tau2)
    middle, bread = projection(model, tau2)
    y = model.estimates
    assert fit.covariance == pytest.approx(bread)
    assert fit.coefficients == pytest.approx(bread @ model.design.T @ (y / (model.variances + tau2)))
    assert fit.q == pytest.approx(y @ middle @ y)
    assert fit.trace == pytest.approx(np.trace(middle))
    assert fit.score == pytest.approx(0.5 * (y @ middle @ middle @ y - np.trace(middle)))
    assert fit.information == pytest.approx(0.5 * np.trace(middle @ middle))


def test_the_score_is_the_slope_of_the_likelihood(model: Marginal) -> None:
    step = 1e-6
    slope = (model.at(0.3 + step).log_likelihood - model.at(0.3 - step).log_likelihood) / (2.0 * step)
    assert model.at(0.3).score == pytest.approx(slope, rel=1e-6)


def test_a_moderator_in_large_numbers_costs_no_digits(model: Marginal) -> None:
    years = model.design.copy()
    years[:, 1] = 1e6 + years[:, 1]
    assert Marginal(model.estimates, model.variances, years).at(0.3).q == pytest.approx(model.at(0.3).q, rel=1e-9)


def test_the_mean_alone() -> None:
    model = mean_only(np.array([1.0, 2.0]), np.array([0.1, 0.3]))
    assert model.df == 1
    assert model.at(0.0).coefficients == pytest.approx([(1.0 / 0.1 + 2.0 / 0.3) / (1.0 / 0.1 + 1.0 / 0.3)])


@pytest.mark.parametrize("tau2", [0.0, 0.3])
def test_a_mean_is_the_regression_on_nothing_else(tau2: float) -> None:
    random = np.random.Generator(np.random.PCG64(7))
    estimates, variances = random.normal(0, 1, 9), random.uniform(0.1, 1.0, 9)
    model = mean_only(estimates, variances)
    fit, (middle, bread) = model.at(tau2), projection(model, tau2)
    assert (fit.covariance, fit.q, fit.trace) == (
        pytest.approx(bread),
        pytest.approx(estimates @ middle @ estimates),
        pytest.approx(np.trace(middle)),
    )
    assert fit.score == pytest.approx(0.5 * (estimates @ middle @ middle @ estimates - np.trace(middle)))
    assert fit.information == pytest.approx(0.5 * np.trace(middle @ middle))


def test_the_likelihoods_of_mean_and_regression_are_on_one_scale() -> None:
    """A second column that is orthogonal to the estimates and to the mean changes only the determinant."""
    estimates, ones = np.array([1.0, 1.0, -1.0, -1.0]), np.ones(4)
    alone = mean_only(estimates, ones).at(1.0)
    both = Marginal(estimates, ones, np.column_stack([ones, [1.0, -1.0, 1.0, -1.0]])).at(1.0)
    assert both.q == pytest.approx(alone.q)
    assert alone.log_likelihood - both.log_likelihood == pytest.approx(0.5 * np.log(2.0))


@pytest.mark.parametrize("ratio", [1e6, 1e12, 1e15])
def test_one_study_cannot_drown_the_others(ratio: float) -> None:
    """With one study of all the weight the trace is twice the sum of the others."""
    fit = mean_only(np.array([5.0, 6.0, 8.0]), np.array([1.0 / ratio, 1.0, 0.5])).at(0.0)
    assert fit.trace == pytest.approx(6.0, rel=10.0 / ratio)
    assert fit.information == pytest.approx(12.0, rel=100.0 / ratio)
    assert fit.q == pytest.approx(1.0 + 2.0 * 9.0, rel=100.0 / ratio)


@pytest.mark.parametrize("method", ["dl", "pm"])
def test_another_library_finds_the_same_mean_at_its_own_tau2(method: str) -> None:
    studies = trials()
    judge = combine_effects(studies.y, studies.v, method_re=method)
    fit = mean_only(studies.y, studies.v).at(float(judge.tau2))
    assert fit.coefficients[0] == pytest.approx(judge.mean_effect_re, rel=1e-10)
    assert fit.covariance[0, 0] ** 0.5 == pytest.approx(judge.sd_eff_w_re, rel=1e-10)
    assert (fit.covariance[0, 0] * fit.q / 12.0) ** 0.5 == pytest.approx(judge.sd_eff_w_re_hksj, rel=1e-10)


@pytest.mark.parametrize("tau2", [0.0, 0.1, 2.0])
def test_another_library_finds_the_same_regression(tau2: float) -> None:
    studies = trials()
    latitude = [float(value) for value in studies.moderators["latitude"]]
    design = np.column_stack([np.ones(13), latitude])
    judge = WLS(studies.y, design, weights=1.0 / (studies.v + tau2)).fit()
    fit = Marginal(studies.y, studies.v, design).at(tau2)
    assert fit.coefficients == pytest.approx(judge.params)
    assert fit.covariance == pytest.approx(judge.normalized_cov_params)
    assert fit.q == pytest.approx(judge.ssr)
