"""The restricted likelihood and its maximum, against whole matrices, published fits of lme4 and exact cases."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.inference.mixed_blocks import terms
from effects.inference.mixed_curvature import profile_deviance
from effects.inference.mixed_model import MOST_COLUMNS, MOST_ROWS, fit_mixed
from effects.linear_model import Obstacle
from tests.effects.inference.dense_mixed import Array, Wedge, contrast_of, dense, fitted, model_of

DYESTUFF = np.fromstring(
    "1545 1440 1440 1520 1580 1540 1555 1490 1560 1495 1595 1550 1605 1510 1560 1445 1440 1595 1465 1545 1595 "
    "1630 1515 1635 1625 1520 1455 1450 1480 1445",
    sep=" ",
)
"""Yield of five preparations from each of six batches (Davies and Goldsmith 1972, table 6.4)."""
DYESTUFF2 = np.fromstring(
    "7.298 3.846 2.434 9.566 7.990 5.220 6.556 0.608 11.788 -0.892 0.110 10.386 13.434 5.510 8.166 2.212 "
    "4.852 7.092 9.288 4.980 0.282 9.014 4.458 9.446 7.198 1.722 4.782 8.106 0.758 3.758",
    sep=" ",
)
"""Made-up yields whose batches vary less than chance alone would make them (Box and Tiao 1973, table 5.1.4)."""
PASTES = np.fromstring(
    "62.8 62.6 60.1 62.3 62.7 63.1 60.0 61.4 57.5 56.9 61.1 58.9 58.7 57.5 63.9 63.1 65.4 63.7 57.1 56.4 56.9 "
    "58.6 64.7 64.5 55.1 55.1 54.7 54.2 58.8 57.5 63.4 64.9 59.3 58.1 60.5 60.0 62.5 62.6 61.0 58.7 56.9 57.7 "
    "59.2 59.4 65.2 66.0 64.8 64.1 54.8 54.8 64.0 64.0 57.7 56.8 58.3 59.3 59.2 59.2 58.9 56.6",
    sep=" ",
)
"""Strength of paste, two samples from each of three casks from each of ten batches (the same, table 6.5)."""
BATCH = np.repeat(np.arange(6), 5)


def test_a_random_intercept_meets_the_published_fit_of_lme4() -> None:
    """Bates et al. 2015: REML criterion 319.6543, SDs 42.00 and 49.51, intercept 1527.50; figures as printed."""
    found = fitted(model_of(DYESTUFF, [], BATCH))
    assert -2 * found.log_likelihood == pytest.approx(319.6543, abs=5e-5)
    assert np.sqrt(found.variances) == pytest.approx([42.0006, 49.5101], abs=5e-5)
    assert found.estimates(np.ones((1, 1)))[0] == pytest.approx(1527.5)


def test_a_balanced_random_intercept_is_the_analysis_of_variance() -> None:
    found = fitted(model_of(DYESTUFF, [], BATCH))
    means = DYESTUFF.reshape(6, 5).mean(axis=1)
    between, inside = 5 * np.var(means, ddof=1), np.mean(np.var(DYESTUFF.reshape(6, 5), axis=1, ddof=1))
    assert found.variances == pytest.approx([(between - inside) / 5, inside], rel=1e-9)
    assert found.slope < 1e-9


def test_a_variance_that_would_be_negative_is_zero() -> None:
    """Published: REML criterion 161.8283, SDs 0 and 3.7157, intercept 5.6656."""
    found = fitted(model_of(DYESTUFF2, [], BATCH))
    assert -2 * found.log_likelihood == pytest.approx(161.8283, abs=5e-5)
    assert found.ratios[0] == 0.0
    assert found.at_zero
    assert found.variances[1] == pytest.approx(np.var(DYESTUFF2, ddof=1), rel=1e-12)
    assert found.estimates(np.ones((1, 1)))[0] == pytest.approx(5.6656, abs=5e-5)


def test_casks_nested_in_batches_meet_the_published_fit_of_lme4() -> None:
    """Bates 2010: REML criterion 246.9907, variances 8.434 of casks, 1.657 of batches, 0.678 within; as printed."""
    batch, cask = np.repeat(np.arange(10), 6), np.tile(np.repeat(np.arange(3), 2), 10)
    found = fitted(model_of(PASTES, [], batch), cask)
    assert -2 * found.log_likelihood == pytest.approx(246.9907, abs=5e-5)
    assert found.variances == pytest.approx([1.657, 8.434, 0.678], abs=6e-4)
    assert not found.merged


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_likelihood_coefficients_and_covariance_are_those_of_the_whole_matrices(
    *, weighted: bool, nested: bool
) -> None:
    model, period = Wedge(seed=3, weighted=weighted).rows()
    cells = period if nested else None
    found, whole = fitted(model, cells), dense(model, cells)
    assert found.log_likelihood == pytest.approx(whole.log_likelihood(found.variances), rel=1e-11)
    assert found.estimates(np.eye(len(model.names))) == pytest.approx(whole.coefficients(found.variances), rel=1e-9)
    contrast = contrast_of(model)
    direction = found.directions(contrast[None, :])[0]
    plain = direction @ found.curvature.covariance @ direction * found.spread * found.blocks.scale**2
    assert plain == pytest.approx(contrast @ whole.covariance(found.variances) @ contrast, rel=1e-9)


@given(seed=st.integers(0, 10_000), within=st.sampled_from([0.0, 0.3, 2.0]), weighted=st.booleans())
@settings(max_examples=12)
def test_no_other_variances_are_more_likely(seed: int, within: float, *, weighted: bool) -> None:
    model, period = Wedge(seed=seed, clusters=6, periods=4, most=3, within=within, weighted=weighted).rows()
    found, whole = fitted(model, period), dense(model, period)
    best = whole.log_likelihood(found.variances)
    for factor in (0.5, 0.9, 1.1, 2.0):
        for place in range(3):
            other = found.variances.copy()
            other[place] *= factor
            assert whole.log_likelihood(other) <= best + 1e-9
    for place in np.flatnonzero(found.ratios == 0.0).tolist():
        other = found.variances.copy()
        other[place] = 1e-3 * other[-1]
        assert whole.log_likelihood(other) <= best + 1e-9


@given(seed=st.integers(0, 10_000), between=st.sampled_from([0.0, 0.1, 1.0, 30.0]))
@settings(max_examples=15)
def test_a_random_intercept_is_at_the_top_of_the_whole_profile(seed: int, between: float) -> None:
    model, _ = Wedge(seed=seed, clusters=6, periods=4, most=3, between=between, within=0.0).rows()
    found, whole = fitted(model), dense(model)
    for ratio in (0.0, 1e-4, 1e-2, 0.1, 0.5, 1.0, 5.0, 50.0, 1e3):
        unit = np.array([ratio, 1.0])
        squares = model.outcome @ whole.projection(unit) @ model.outcome / found.curvature.freedom
        assert whole.log_likelihood(squares * unit) <= found.log_likelihood + 1e-8


def test_statsmodels_finds_the_same_where_it_finds_anything() -> None:
    """MixedLM stops at a loose tolerance: its figures are good to four digits."""
    model, _ = Wedge(seed=11).rows()
    judge = sm.MixedLM(model.outcome, model.design, groups=model.clusters).fit(reml=True)
    found = fitted(model)
    assert found.estimates(contrast_of(model)[None, :])[0] == pytest.approx(judge.fe_params[1], rel=1e-4)
    assert found.variances == pytest.approx([float(judge.cov_re[0, 0]), judge.scale], rel=1e-3)


@pytest.mark.parametrize("unit", [1e-150, 1e-6, 1e9, 1e150])
def test_the_unit_of_the_outcome_does_not_matter(unit: float) -> None:
    model, period = Wedge(seed=5).rows()
    other = model_of(model.outcome * unit, list(model.design.T[1:]), model.clusters)
    plain, scaled = fitted(model, period), fitted(other, period)
    assert scaled.ratios == pytest.approx(plain.ratios, rel=1e-6)
    contrast = contrast_of(model)[None, :]
    assert scaled.estimates(contrast)[0] == pytest.approx(unit * plain.estimates(contrast)[0], rel=1e-9)


@pytest.mark.parametrize("factor", [1e-9, 3.0, 1e9])
def test_only_the_ratios_of_weights_matter(factor: float) -> None:
    model, period = Wedge(seed=7, weighted=True).rows()
    other = model_of(model.outcome, list(model.design.T[1:]), model.clusters, factor * model.weights)
    plain, scaled = fitted(model, period), fitted(other, period)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)
    assert scaled.variances == pytest.approx(plain.variances * [1.0, 1.0, factor], rel=1e-7)


def test_a_large_constant_costs_no_digits() -> None:
    model, period = Wedge(seed=9).rows()
    raised = model_of(model.outcome + 1e7, list(model.design.T[1:]), model.clusters)
    assert fitted(raised, period).variances == pytest.approx(fitted(model, period).variances, rel=1e-5)


def test_a_row_of_weight_two_is_the_mean_of_two_rows_without_cells() -> None:
    """The mean of two rows of equal columns has half the residual variance: the estimate is the same."""
    random = np.random.Generator(np.random.PCG64(2))
    cluster = np.repeat(np.arange(10), 6)
    treated, noise = (cluster % 2).astype(float), random.normal(size=60) + random.normal(size=10)[cluster]
    pairs = noise.reshape(-1, 2).mean(axis=1)
    means = fitted(model_of(pairs, [treated[::2]], cluster[::2], np.full(30, 2.0)))
    assert means.estimates(np.eye(2))[1] == pytest.approx(
        fitted(model_of(noise, [treated], cluster)).estimates(np.eye(2))[1]
    )


def test_cells_of_one_row_each_are_left_to_the_residual() -> None:
    model, period = Wedge(seed=4, most=1).rows()
    found = fitted(model, period)
    assert found.merged
    assert found.cells is None
    assert found.log_likelihood == fitted(model).log_likelihood


def test_cells_of_one_row_each_are_told_from_rows_by_unequal_weights() -> None:
    model, period = Wedge(seed=4, most=1, clusters=30, within=0.4, weighted=True).rows()
    found = fitted(model, period)
    assert not found.merged
    assert len(found.variances) == 3


def test_rows_that_vary_no_less_for_a_large_weight_count_alike() -> None:
    model, period = Wedge(seed=1, most=1, clusters=20, within=1.0).rows()
    random = np.random.Generator(np.random.PCG64(1))
    weights = random.uniform(1, 900, len(period))
    outcome = model.outcome + random.normal(size=len(period)) * weights / 300
    columns = list(model.design.T[1:])
    found = fitted(model_of(outcome, columns, np.asarray(model.clusters), weights), period)
    plain = fitted(model_of(outcome, columns, np.asarray(model.clusters)))
    assert found.equalised
    assert found.estimates(np.eye(6)) == pytest.approx(plain.estimates(np.eye(6)), rel=1e-9)
    assert found.log_likelihood == plain.log_likelihood


def refusal(outcome: Array, columns: list[Array], clusters: Array) -> Obstacle:
    found = fit_mixed(model_of(outcome, columns, clusters.astype(np.int64)))
    assert isinstance(found, Obstacle)
    return found


def test_what_leaves_no_variance_to_estimate_is_refused_by_name() -> None:
    random = np.random.Generator(np.random.PCG64(6))
    noise, four = random.normal(size=40), np.repeat(np.arange(4.0), 10)
    assert refusal(noise, [noise > 0], np.zeros(40)).reason == "too_few_clusters"
    assert refusal(noise[:8], [noise[:8] > 0], np.arange(8.0)).reason == "too_few_clusters"
    assert refusal(noise, [four == 1, four == 2, four == 3], four).reason == "too_few_clusters"
    still = refusal(four**2 + 0.0, [np.arange(40) % 2.0], four)
    assert (still.reason, str(still.detail)) == (
        "no_residual_variation",
        "the variance within clusters is estimated as zero",
    )
    assert refusal(noise, [np.ones(40)], four).reason == "collinear"
    assert refusal(noise[:2], [np.array([0.0, 1.0])], np.arange(2.0)).reason == "too_few_rows"
    assert refusal(np.full(40, np.inf), [noise], four).reason == "not_finite"


def test_more_rows_or_columns_than_it_can_bear_are_refused_before_anything_is_computed() -> None:
    wide = np.zeros((2, MOST_COLUMNS + 1))
    for rows, columns in ((2, list(wide.T)), (MOST_ROWS + 1, [])):
        found = fit_mixed(model_of(np.zeros(rows), columns, np.zeros(rows, np.int64)))
        assert isinstance(found, Obstacle)
        assert found.reason == "not_implemented"
        assert str(rows) in str(found.detail)


def test_outside_numbers_of_a_stepped_wedge_are_met(reference: object) -> None:
    """lme4 on the cells of the contact-tracing trial, plain and weighted by cases; ten digits as given there."""
    frame = pd.read_csv(f"{reference}/cict_sw_analysis.csv").sort_values(["Zip", "week"])
    cluster, week = (np.unique(frame[name], return_inverse=True)[1] for name in ("Zip", "week"))
    columns = [frame["cond"].to_numpy(float), *((week == place).astype(float) for place in range(1, week.max() + 1))]
    found = fitted(model_of(frame["y2"].to_numpy(), columns, cluster))
    assert found.estimates(np.eye(len(columns) + 1))[1] == pytest.approx(-0.02816764370, rel=1e-8)
    assert found.variances == pytest.approx([0.0004390467, 0.0027821491], rel=1e-6)
    assert found.log_likelihood == pytest.approx(311.8297983, rel=1e-9)
    weighted = fitted(model_of(frame["y2"].to_numpy(), columns, cluster, frame["n"].to_numpy(float)))
    assert weighted.estimates(np.eye(len(columns) + 1))[1] == pytest.approx(-0.01698992141, rel=1e-7)


def test_outside_numbers_of_a_cluster_randomised_trial_are_met(reference: object) -> None:
    """lme4 on the girls of the achievement awards; its optimiser stops at about 1e-6 of the variances."""
    frame = pd.read_csv(f"{reference}/achievement_awards_2001_girls.csv").sort_values("school_id")
    school = np.unique(frame["school_id"], return_inverse=True)[1]
    found = fitted(model_of(frame["Bagrut_status"].to_numpy(float), [frame["treated"].to_numpy(float)], school))
    assert found.estimates(np.eye(2))[1] == pytest.approx(0.07592623045, rel=2e-7)
    assert found.variances == pytest.approx([0.03283937749, 0.1770580513], rel=2e-6)


@given(seed=st.integers(0, 10_000), clusters=st.integers(2, 6), power=st.sampled_from([0, 1, 9]))
@settings(max_examples=40)
def test_few_rows_and_weights_far_apart_are_fitted_at_the_top_or_refused(seed: int, clusters: int, power: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    model, period = Wedge(seed=seed, clusters=clusters, periods=3, most=2, between=random.choice([0.0, 5.0])).rows()
    weights = 10.0 ** random.uniform(-power, power, len(period))
    own = model_of(model.outcome, list(model.design.T[1:]), np.asarray(model.clusters), weights)
    found = fit_mixed(own, period)
    if isinstance(found, Obstacle):
        assert str(found.detail)
        return
    assert np.isfinite(found.log_likelihood)
    assert found.slope < 1e-5
    for factor in (0.7, 1.4):
        at = terms(found.blocks, factor * found.ratios)
        assert profile_deviance(at) >= found.curvature.deviance - 1e-8


def test_a_difference_between_clusters_that_the_columns_explain_is_no_variance() -> None:
    random = np.random.Generator(np.random.PCG64(8))
    cluster = np.repeat(np.arange(2), 12)
    found = refusal(random.normal(size=24), [(cluster == 1).astype(float), random.normal(size=24)], cluster)
    assert "cannot be told" in str(found.detail)
