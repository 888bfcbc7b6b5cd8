from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from effects.rows.columns import Codes, Numbers
from effects.synthesis.answers import MOST_STUDIES, Answer, Unanswered
from effects.synthesis.heterogeneity import reml
from effects.synthesis.marginal import mean_only
from effects.synthesis.random_effects import random_effects
from effects.synthesis.three_level import ThreeLevel, three_level

CODES = np.repeat(np.arange(6), 4).astype(np.int64)


def drawn(between: float, within: float, seed: int = 23) -> tuple[Numbers, Numbers, Codes]:
    random = np.random.Generator(np.random.PCG64(seed))
    variances = random.uniform(0.02, 0.2, 24)
    own = random.normal(0, 1, 6)[CODES] * between**0.5 + random.normal(0, 1, 24) * (within + variances) ** 0.5
    return 0.3 + own, variances, CODES


def fitted(estimates: Numbers, variances: Numbers, codes: Codes) -> ThreeLevel:
    found = three_level(estimates, variances, codes, 0.95)
    assert isinstance(found, ThreeLevel)
    return found


def robust(found: ThreeLevel) -> Answer:
    assert isinstance(found.mean_cr2, Answer)
    return found.mean_cr2


def deviance(parameters: Numbers, estimates: Numbers, variances: Numbers, codes: Codes) -> float:
    """Minus the restricted log-likelihood as the likelihood of contrasts that sum to zero."""
    same = (codes[:, None] == codes[None]).astype(np.float64)
    covariance = np.diag(variances + parameters[1]) + parameters[0] * same
    contrasts = np.linalg.qr(np.column_stack([np.ones(len(codes)), np.eye(len(codes))[:, 1:]]))[0][:, 1:]
    return -float(multivariate_normal(cov=contrasts.T @ covariance @ contrasts).logpdf(contrasts.T @ estimates))


def test_the_modified_school_calendars(reference: Path) -> None:
    rows = pd.read_csv(reference / "dat_konstantopoulos2011.csv")
    codes = np.unique(rows["district"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    found = fitted(rows["yi"].to_numpy(), rows["vi"].to_numpy(), codes)
    assert found.mean.estimate == pytest.approx(0.1847131637, abs=1e-6)
    assert found.mean.standard_error == pytest.approx(0.08455591874, abs=1e-6)
    assert found.sigma2_cluster == pytest.approx(0.06506194428, abs=1e-6)
    assert found.sigma2_study == pytest.approx(0.03273651703, abs=1e-6)
    assert found.log_likelihood == pytest.approx(-7.958724034, abs=1e-6)
    assert robust(found).standard_error == pytest.approx(0.08445799543, abs=1e-6)
    assert robust(found).df == pytest.approx(9.863156233, abs=1e-5)
    assert robust(found).p_value == pytest.approx(0.05396674247, abs=1e-6)
    limits = found.prediction.interval
    assert (limits.low, limits.high) == pytest.approx((-0.4502309701, 0.8196572974), abs=1e-6)
    assert found.clusters == 11


@pytest.mark.parametrize(("between", "within"), [(0.3, 0.1), (0.0, 0.3), (0.3, 0.0), (0.0, 0.0)])
def test_no_other_variances_are_more_likely(between: float, within: float) -> None:
    rows = drawn(between, within)
    found = fitted(*rows)
    best = minimize(
        deviance, [0.1, 0.1], args=rows, method="L-BFGS-B", bounds=[(0.0, None)] * 2, options={"ftol": 1e-14}
    )
    assert -found.log_likelihood == pytest.approx(deviance(np.array([found.sigma2_cluster, found.sigma2_study]), *rows))
    assert -found.log_likelihood <= float(best.fun) + 1e-9
    assert [found.sigma2_cluster, found.sigma2_study] == pytest.approx(best.x, abs=2e-4)


def test_without_differences_between_clusters_it_is_the_two_level_model() -> None:
    estimates, variances, codes = drawn(0.0, 0.3, seed=1)
    found = fitted(estimates - np.array([np.mean(estimates[codes == code]) for code in codes]), variances, codes)
    assert found.sigma2_cluster == 0.0
    centred = estimates - np.array([np.mean(estimates[codes == code]) for code in codes])
    assert found.sigma2_study == pytest.approx(reml(mean_only(centred, variances)), rel=1e-8)


def test_the_order_of_rows_does_not_matter() -> None:
    estimates, variances, codes = drawn(0.3, 0.1)
    order = np.random.Generator(np.random.PCG64(2)).permutation(24)
    one, other = fitted(estimates, variances, codes), fitted(estimates[order], variances[order], codes[order])
    assert robust(other).standard_error == pytest.approx(robust(one).standard_error)
    assert robust(other).df == pytest.approx(robust(one).df)


def test_the_unit_does_not_matter() -> None:
    estimates, variances, codes = drawn(0.3, 0.1)
    one, other = fitted(estimates, variances, codes), fitted(1e6 * estimates, 1e12 * variances, codes)
    assert other.sigma2_cluster == pytest.approx(1e12 * one.sigma2_cluster, rel=1e-8)
    assert robust(other).p_value == pytest.approx(robust(one).p_value, rel=1e-8)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([0, 0, 0], "one cluster"),
        ([0, 1, 2], "Each cluster has one study"),
        ([0], "one cluster"),
        ([0] * MOST_STUDIES + [1], "more than the model is fitted to"),
    ],
)
def test_what_cannot_be_fitted_is_told(codes: list[int], said: str) -> None:
    count = len(codes)
    found = three_level(np.linspace(0.0, 1.0, count), np.ones(count), np.array(codes, dtype=np.int64), 0.95)
    assert isinstance(found, Unanswered)
    assert said in str(found.detail)


def test_identical_estimates_leave_both_variances_zero() -> None:
    found = fitted(np.full(24, 0.3), np.full(24, 0.1), CODES)
    assert (found.sigma2_cluster, found.sigma2_study) == (0.0, 0.0)
    assert found.mean.standard_error == pytest.approx((0.1 / 24) ** 0.5)
    assert isinstance(found.mean_cr2, Unanswered)
    assert "do not differ" in str(found.mean_cr2.detail)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equal_clusters_of_equal_precision_have_the_answer_of_an_analysis_of_variance(seed: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    estimates = random.normal(0, 1, 6)[CODES] + random.normal(0, 0.5, 24)
    found = fitted(estimates, np.full(24, 0.05), CODES)
    means = np.array([np.mean(estimates[code == CODES]) for code in range(6)])
    within = float(np.sum((estimates - means[CODES]) ** 2)) / 18.0
    between = 4.0 * float(np.var(means, ddof=1))
    assert found.sigma2_study == pytest.approx(within - 0.05, rel=1e-8)
    assert found.sigma2_cluster == pytest.approx((between - within) / 4.0, rel=1e-8)
    assert found.mean.standard_error == pytest.approx((between / 24.0) ** 0.5, rel=1e-8)
    assert robust(found).standard_error == pytest.approx(found.mean.standard_error, rel=1e-8)
    assert robust(found).df == pytest.approx(5.0)


def test_the_prediction_holds_both_variances() -> None:
    found = fitted(*drawn(0.3, 0.1))
    variance = found.sigma2_cluster + found.sigma2_study + found.mean.standard_error**2
    assert found.prediction.spread == pytest.approx(variance**0.5)
    assert "both variances" in str(found.prediction.meaning)


def test_studies_of_one_place_that_agree_count_less_than_independent_ones() -> None:
    """Twenty-four studies in six places that agree within: as precise as six."""
    random = np.random.Generator(np.random.PCG64(5))
    estimates = random.normal(0, 1, 6)[CODES]
    apart = random_effects(mean_only(estimates, np.full(24, 0.01)), 0.95).reml_z
    nested = fitted(estimates, np.full(24, 0.01), CODES).mean
    assert isinstance(apart, Answer)
    assert nested.standard_error > 1.5 * apart.standard_error
    assert nested.estimate == pytest.approx(apart.estimate)


def test_estimates_a_billion_errors_apart_are_refused_with_a_reason() -> None:
    found = three_level(np.array([0.0, 3.0, 1e9]), np.array([50.0, 3.6, 0.9]), np.array([0, 1, 0]), 0.95)
    assert isinstance(found, Unanswered) and "too many of their standard errors" in str(found.detail)
