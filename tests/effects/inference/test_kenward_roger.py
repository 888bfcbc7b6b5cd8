"""Standard errors and degrees of freedom against whole matrices, numeric derivatives, exact cases and lme4's family."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f, ttest_ind

from effects.codes import DfMethod
from effects.inference.cluster_robust import Precision
from effects.inference.kenward_roger import kenward_roger_test, mixed_precision
from effects.inference.mixed_model import MixedFit
from effects.linear_model import Obstacle
from tests.effects.inference.dense_mixed import Array, Wedge, contrast_of, dense, fitted, model_of
from tests.effects.inference.test_mixed_model import BATCH, DYESTUFF, DYESTUFF2

KENWARD_ROGER, SATTERTHWAITE, RESIDUAL = DfMethod.KENWARD_ROGER, DfMethod.SATTERTHWAITE, DfMethod.RESIDUAL


def precise(found: MixedFit, contrast: Array, method: DfMethod) -> Precision:
    precision = mixed_precision(found, contrast, method)
    assert not isinstance(precision, Obstacle), str(precision.detail)
    return precision


def balanced(seed: int, between: float, clusters: int = 12, size: int = 6) -> tuple[Array, Array, Array]:
    """Outcome, treatment and cluster of a balanced cluster-randomised trial."""
    random = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat(np.arange(clusters), size)
    noise = random.normal(size=len(cluster)) + between * random.normal(size=clusters)[cluster]
    return noise, (cluster % 2).astype(float), cluster


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_the_adjusted_covariance_is_that_of_the_whole_matrices(*, weighted: bool, nested: bool) -> None:
    model, period = Wedge(seed=21, weighted=weighted).rows()
    cells = period if nested else None
    found, whole, contrast = fitted(model, cells), dense(model, cells), contrast_of(model)
    assert found.ratios.min() > 0.0
    variance = contrast @ whole.kenward_roger(found.variances) @ contrast
    assert precise(found, contrast, KENWARD_ROGER).standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_its_degrees_of_freedom_come_from_the_expected_information(*, weighted: bool, nested: bool) -> None:
    model, period = Wedge(seed=22, weighted=weighted).rows()
    cells = period if nested else None
    found, whole, contrast = fitted(model, cells), dense(model, cells), contrast_of(model)
    slopes = whole.slopes(found.variances, contrast)
    plain = contrast @ whole.covariance(found.variances) @ contrast
    spread = slopes @ np.linalg.solve(whole.expected_information(found.variances), slopes)
    assert precise(found, contrast, KENWARD_ROGER).df == pytest.approx(2 * plain**2 / spread, rel=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_satterthwaite_comes_from_numeric_second_derivatives(*, weighted: bool, nested: bool) -> None:
    """Second differences of the whole likelihood are good to about five digits."""
    model, period = Wedge(seed=29, within=0.9, weighted=weighted).rows()
    cells = period if nested else None
    found, whole, contrast = fitted(model, cells), dense(model, cells), contrast_of(model)
    assert found.ratios.min() > 0.0
    slopes = whole.slopes(found.variances, contrast)
    plain = contrast @ whole.covariance(found.variances) @ contrast
    spread = slopes @ np.linalg.solve(whole.observed_information(found.variances), slopes)
    precision = precise(found, contrast, SATTERTHWAITE)
    assert precision.standard_error == pytest.approx(np.sqrt(plain), rel=1e-9)
    assert precision.df == pytest.approx(2 * plain**2 / spread, rel=2e-4)


def test_residual_degrees_of_freedom_are_rows_less_fixed_effects() -> None:
    model, period = Wedge(seed=24).rows()
    found, contrast = fitted(model, period), contrast_of(model)
    precision = precise(found, contrast, RESIDUAL)
    assert precision.df == len(model.outcome) - model.design.shape[1]
    assert precision.standard_error == precise(found, contrast, SATTERTHWAITE).standard_error


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_balanced_cluster_randomised_trial_is_the_t_test_of_its_cluster_means(seed: int) -> None:
    outcome, treated, cluster = balanced(seed, 1.0)
    found = fitted(model_of(outcome, [treated], cluster))
    if found.at_zero:
        return
    means = outcome.reshape(12, 6).mean(axis=1)
    judge = ttest_ind(means[1::2], means[::2])
    for method in (KENWARD_ROGER, SATTERTHWAITE):
        precision = precise(found, np.array([0.0, 1.0]), method)
        assert precision.df == pytest.approx(10.0, rel=1e-6)
        statistic = found.estimates(np.array([[0.0, 1.0]]))[0] / precision.standard_error
        assert statistic == pytest.approx(judge.statistic, rel=1e-7)


def test_the_mean_of_balanced_batches_has_one_degree_of_freedom_for_each_but_one() -> None:
    """lme4's standard error of the dyestuff mean is 19.3834 as printed; five of six batches are free."""
    found = fitted(model_of(DYESTUFF, [], BATCH))
    for method in (KENWARD_ROGER, SATTERTHWAITE):
        precision = precise(found, np.ones(1), method)
        assert precision.standard_error == pytest.approx(19.3834, abs=5e-5)
        assert precision.df == pytest.approx(5.0, rel=1e-8)


def test_where_the_clusters_do_not_differ_satterthwaite_is_least_squares() -> None:
    """Published: standard error 0.6784, as printed; a variance of zero is no longer a source of error (lmerTest)."""
    found = fitted(model_of(DYESTUFF2, [], BATCH))
    precision = precise(found, np.ones(1), SATTERTHWAITE)
    assert precision.standard_error == pytest.approx(0.6784, abs=5e-5)
    assert precision.df == pytest.approx(29.0, rel=1e-9)


def test_where_the_clusters_do_not_differ_kenward_and_roger_stay_careful() -> None:
    """pbkrtest keeps the variance of zero among what was estimated: fewer degrees of freedom than rows."""
    found = fitted(model_of(DYESTUFF2, [], BATCH))
    careful, plain = (precise(found, np.ones(1), method) for method in (KENWARD_ROGER, SATTERTHWAITE))
    assert careful.df < 0.5 * plain.df
    assert careful.standard_error >= plain.standard_error * (1.0 - 1e-9)


@given(seed=st.integers(0, 10_000), between=st.sampled_from([0.0, 0.2, 1.0]), within=st.sampled_from([0.0, 0.6]))
@settings(max_examples=20)
def test_the_adjustment_never_makes_an_error_smaller(seed: int, between: float, within: float) -> None:
    model, period = Wedge(seed=seed, clusters=6, periods=4, most=3, between=between, within=within).rows()
    found, contrast = fitted(model, period), contrast_of(model)
    careful, plain = (precise(found, contrast, method) for method in (KENWARD_ROGER, RESIDUAL))
    assert careful.standard_error >= plain.standard_error * (1.0 - 1e-9)
    assert 0.0 < careful.df < np.inf


def test_the_joint_test_of_one_contrast_is_the_square_of_its_t_test() -> None:
    model, period = Wedge(seed=25).rows()
    found, contrast = fitted(model, period), contrast_of(model)
    precision, tested = precise(found, contrast, KENWARD_ROGER), kenward_roger_test(found, contrast[None, :])
    assert tested is not None
    assert tested.denominator == pytest.approx(precision.df, rel=1e-8)
    statistic = found.estimates(contrast[None, :])[0] / precision.standard_error
    assert tested.statistic == pytest.approx(statistic**2, rel=1e-8)


def test_the_joint_test_in_a_balanced_trial_of_three_arms_is_the_f_test_of_its_cluster_means() -> None:
    outcome, _, cluster = balanced(4, 1.5, clusters=15)
    arms = [(cluster % 3 == arm).astype(float) for arm in (1, 2)]
    found = fitted(model_of(outcome, arms, cluster))
    means, arm = outcome.reshape(15, 6).mean(axis=1), np.arange(15) % 3
    inside = sum(np.sum((means[arm == own] - means[arm == own].mean()) ** 2) for own in range(3)) / 12
    between = sum(5 * (means[arm == own].mean() - means.mean()) ** 2 for own in range(3)) / 2
    tested = kenward_roger_test(found, np.eye(3)[1:])
    assert tested is not None
    assert tested.denominator == pytest.approx(12.0, rel=1e-6)
    assert tested.statistic == pytest.approx(between / inside, rel=1e-6)
    assert tested.p_value == pytest.approx(f.sf(between / inside, 2, 12), rel=1e-6)


def test_the_joint_test_does_not_depend_on_how_its_contrasts_are_written() -> None:
    model, period = Wedge(seed=26).rows()
    found, contrasts = fitted(model, period), np.eye(len(model.names))[2:5]
    turned = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0], [1.0, 0.0, 1.0]]) @ contrasts
    plain, other = kenward_roger_test(found, contrasts), kenward_roger_test(found, turned)
    assert plain is not None
    assert other is not None
    assert other.statistic == pytest.approx(plain.statistic, rel=1e-8)
    assert other.denominator == pytest.approx(plain.denominator, rel=1e-8)


@pytest.mark.parametrize("unit", [1e-120, 1e120])
def test_errors_follow_the_unit_of_the_outcome(unit: float) -> None:
    model, period = Wedge(seed=27).rows()
    other = model_of(model.outcome * unit, list(model.design.T[1:]), np.asarray(model.clusters))
    contrast = contrast_of(model)
    plain, scaled = (precise(fitted(own, period), contrast, KENWARD_ROGER) for own in (model, other))
    assert scaled.standard_error == pytest.approx(unit * plain.standard_error, rel=1e-7)
    assert scaled.df == pytest.approx(plain.df, rel=1e-6)


def test_outside_numbers_of_a_stepped_wedge_are_met(reference: object) -> None:
    """lmerTest and pbkrtest on the cells of the contact-tracing trial, to the digits given there."""
    frame = pd.read_csv(f"{reference}/cict_sw_analysis.csv").sort_values(["Zip", "week"])
    cluster, week = (np.unique(frame[name], return_inverse=True)[1] for name in ("Zip", "week"))
    columns = [frame["cond"].to_numpy(float), *((week == place).astype(float) for place in range(1, week.max() + 1))]
    model = model_of(frame["y2"].to_numpy(), columns, cluster)
    found, contrast = fitted(model), contrast_of(model)
    plain, careful = precise(found, contrast, SATTERTHWAITE), precise(found, contrast, KENWARD_ROGER)
    assert (plain.standard_error, plain.df) == pytest.approx((0.01173418222, 200.3806697), rel=1e-8)
    assert careful.standard_error == pytest.approx(0.01190723568, rel=1e-8)
    assert careful.df == pytest.approx(200.4, abs=0.05)
    weighted = model_of(frame["y2"].to_numpy(), columns, cluster, frame["n"].to_numpy(float))
    found = precise(fitted(weighted), contrast, SATTERTHWAITE)
    assert (found.standard_error, found.df) == pytest.approx((0.003915961642, 68.529), rel=4e-6)


def test_outside_numbers_of_a_cluster_randomised_trial_are_met(reference: object) -> None:
    """The same on the achievement awards, where lme4's optimiser stops at about 1e-6 of the variances."""
    frame = pd.read_csv(f"{reference}/achievement_awards_2001_girls.csv").sort_values("school_id")
    school = np.unique(frame["school_id"], return_inverse=True)[1]
    found = fitted(model_of(frame["Bagrut_status"].to_numpy(float), [frame["treated"].to_numpy(float)], school))
    plain, careful = (precise(found, np.array([0.0, 1.0]), method) for method in (SATTERTHWAITE, KENWARD_ROGER))
    assert plain.standard_error == pytest.approx(0.06650733360, rel=1e-6)
    assert careful.standard_error == pytest.approx(0.06653385180, rel=1e-6)
    assert careful.df == pytest.approx(31.73, abs=5e-3)
