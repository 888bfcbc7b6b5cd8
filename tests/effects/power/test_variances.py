from dataclasses import replace

import numpy as np
import pytest

from effects.codes import Design
from effects.power.planned import Planned, Spread
from effects.power.variances import (
    arm_variances,
    autoregressive,
    components,
    effect_variance,
    hussey_hughes,
    inverted,
    pooled_variance,
    precision,
    within_clusters,
)
from effects.rows.columns import Numbers

WEDGE = np.array([[0, 1, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 0, 1]], dtype=np.float64)


def planned(design: Design, **keys: object) -> Planned:
    return replace(Planned(design=design, sd=1.0), **keys)  # type: ignore[arg-type]


def by_least_squares(paths: Numbers, counts: Numbers, covariance: Numbers, *, fixed: bool) -> float:
    """Variance of the effect from the whole design matrix: every cluster with its rows."""
    rows = np.repeat(paths, counts.astype(int), axis=0)
    clusters, periods = rows.shape
    columns = [rows.reshape(-1, 1), np.tile(np.eye(periods), (clusters, 1))]
    if fixed:
        columns.append(np.repeat(np.eye(clusters), periods, axis=0)[:, 1:])
    design = np.column_stack(columns)
    whole = np.kron(np.eye(clusters), covariance)
    return float(np.linalg.inv(design.T @ np.linalg.solve(whole, design))[0, 0])


@pytest.mark.parametrize("counts", [[6.0, 6.0, 6.0, 6.0], [1.0, 5.0, 2.0, 3.0]])
@pytest.mark.parametrize(("sigma2", "tau2"), [(0.0003, 0.0001), (1.0, 0.0), (0.2, 4.0)])
def test_least_squares_equal_the_closed_form_of_hussey_and_hughes(
    counts: list[float], sigma2: float, tau2: float
) -> None:
    number = np.array(counts)
    information = inverted(sigma2 * np.eye(5) + tau2)
    found = effect_variance(WEDGE, number, information)
    assert found == pytest.approx(hussey_hughes(WEDGE, number, sigma2, tau2), rel=1e-10)
    assert found == pytest.approx(by_least_squares(WEDGE, number, sigma2 * np.eye(5) + tau2, fixed=False), rel=1e-9)


@pytest.mark.parametrize("correlation", [0.0, 0.4, -0.2])
def test_least_squares_with_autocorrelated_means_equal_the_whole_design_matrix(correlation: float) -> None:
    counts, covariance = np.array([2.0, 3.0, 1.0, 2.0]), 0.3 * autoregressive(5, correlation) + 0.1
    assert effect_variance(WEDGE, counts, inverted(covariance)) == pytest.approx(
        by_least_squares(WEDGE, counts, covariance, fixed=False), rel=1e-9
    )
    assert effect_variance(WEDGE, counts, within_clusters(covariance)) == pytest.approx(
        by_least_squares(WEDGE, counts, covariance, fixed=True), rel=1e-9
    )


def test_nothing_identifies_an_effect_that_all_get_at_once() -> None:
    assert effect_variance(WEDGE[:1], np.array([8.0]), np.eye(5)) == np.inf


def test_autocorrelation_fades_with_distance() -> None:
    assert autoregressive(3, 0.5).tolist() == [[1, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 1]]
    assert autoregressive(3, 0.0).tolist() == np.eye(3).tolist()
    assert autoregressive(3, -0.5)[0].tolist() == [1.0, -0.5, 0.25]


@pytest.mark.parametrize(
    ("keys", "between", "within"),
    [
        ({"icc": 0.05}, 0.05, 0.95),
        ({"icc": 0.2, "sd_kind": Spread.RESIDUAL}, 0.25, 1.0),
        ({"tau": 0.2}, 0.04, 0.96),
        ({"tau": 0.2, "cac": 0.5}, 0.08, 0.92),
        ({"tau": 0.2, "sd_kind": Spread.RESIDUAL}, 0.04, 1.0),
        ({"icc": 0.05, "explained": 0.2}, 0.04, 0.76),
        ({}, 0.0, 1.0),
    ],
)
def test_the_spread_is_divided_between_and_within_clusters(
    keys: dict[str, object], between: float, within: float
) -> None:
    parts = components(planned(Design.CLUSTER_RANDOMISED, **keys), 1.0)
    assert (parts.between, parts.within) == pytest.approx((between, within))
    assert parts.icc == pytest.approx(between / (between + within))


def test_proportions_vary_as_they_must() -> None:
    both = Planned(design=Design.CLUSTER_RANDOMISED, proportions=(0.5, 0.2))
    assert arm_variances(both, 99.0) == pytest.approx((0.16, 0.25))
    assert pooled_variance(both, 99.0) == pytest.approx(0.35 * 0.65)
    one = replace(both, proportions=(0.5,))
    assert arm_variances(one, -0.3) == pytest.approx((0.16, 0.25))
    assert pooled_variance(one, -0.3) == pytest.approx(0.35 * 0.65)


def test_a_trial_of_people_has_the_error_of_a_difference_in_means() -> None:
    found = precision(planned(Design.INDIVIDUAL_RANDOMISED), (30, 60), 0.0)
    assert found.standard_error == pytest.approx(np.sqrt(1 / 30 + 1 / 60))
    assert (found.df, found.design_effect) == (88.0, 1.0)


def test_clusters_cost_their_design_effect() -> None:
    plan = planned(Design.CLUSTER_RANDOMISED, size=50.0, icc=0.05)
    assert precision(plan, (20, 20), 0.0).design_effect == pytest.approx(3.45)
    unequal = precision(replace(plan, size_cv=0.5), (20, 20), 0.0)
    assert unequal.design_effect == pytest.approx(1 + (1.25 * 50 - 1) * 0.05)


def test_clusters_of_proportions_cost_the_same_in_both_arms() -> None:
    plan = Planned(design=Design.CLUSTER_RANDOMISED, size=50.0, icc=0.05, proportions=(0.3, 0.2))
    found = precision(plan, (10, 20), 0.0)
    assert found.standard_error**2 == pytest.approx(3.45 * (0.16 / 500 + 0.21 / 1000))
    assert found.df == 28.0


def test_weights_cost_only_the_untreated_of_a_matched_comparison() -> None:
    plan = planned(Design.MATCHED_COMPARISON, weight_cv=0.5)
    assert precision(plan, (100, 200), 0.0).standard_error == pytest.approx(np.sqrt(1 / 100 + 1.25 / 200))
    trial = planned(Design.INDIVIDUAL_RANDOMISED, weight_cv=0.5)
    assert precision(trial, (100, 200), 0.0).standard_error == pytest.approx(np.sqrt(1 / 100 + 1 / 200))


def change_of_a_cluster(size: int, icc: float, cac: float, iac: float) -> float:
    """Variance of the change of a cluster's mean, person by person from their covariances."""
    between, within = icc, 1.0 - icc
    same = between + (between * 0.0)
    now = np.full((size, size), same) + within * np.eye(size)
    later = np.full((size, size), between * cac) + within * iac * np.eye(size)
    contrast = np.concatenate([-np.ones(size), np.ones(size)]) / size
    return float(contrast @ np.block([[now, later], [later, now]]) @ contrast)


@pytest.mark.parametrize(("cac", "iac"), [(1.0, 0.0), (0.8, 0.0), (0.5, 0.6), (0.0, 0.0)])
def test_changes_vary_as_the_covariances_of_the_people_say(cac: float, iac: float) -> None:
    one = change_of_a_cluster(20, 0.1, cac, iac)
    plan = planned(Design.TWO_PERIOD_DID, size=20.0, icc=0.1, cac=cac, iac=iac)
    found = precision(plan, (8, 12), 0.0)
    assert found.standard_error**2 == pytest.approx(one / 8 + one / 12)
    assert found.df == 18.0
    alone = precision(replace(plan, design=Design.BEFORE_AFTER), (8,), 0.0)
    assert alone.standard_error**2 == pytest.approx(one / 8)
    assert alone.df == 7.0


def test_two_periods_of_a_wedge_with_one_late_sequence_are_a_difference_in_differences() -> None:
    keys = {"size": 20.0, "icc": 0.1, "cac": 0.8, "iac": 0.3}
    did = precision(planned(Design.TWO_PERIOD_DID, **keys), (8, 12), 0.0)
    staggered = planned(Design.STAGGERED_ADOPTION, clusters=(8,), starts=(2,), never_treated=12, **keys)
    assert precision(staggered, (8,), 0.0).standard_error == pytest.approx(did.standard_error)


def test_a_finite_population_and_weights_change_a_survey() -> None:
    plan = planned(Design.SURVEY_BEFORE_AFTER, size=5.0)
    simple = precision(plan, (40,), 0.0)
    assert simple.standard_error == pytest.approx(np.sqrt(2 / 200))
    assert simple.design_effect == pytest.approx(1.0)
    assert precision(replace(plan, weight_cv=0.5), (40,), 0.0).design_effect == pytest.approx(1.25)
    assert precision(replace(plan, icc=0.1), (40,), 0.0).design_effect == pytest.approx(1.4)
    assert precision(replace(plan, population=400.0), (40,), 0.0).design_effect == pytest.approx(0.5)
    assert precision(replace(plan, population=150.0), (40,), 0.0).standard_error == 0.0


def test_an_interrupted_series_has_the_error_of_its_segmented_line() -> None:
    plan = planned(Design.INTERRUPTED_TIME_SERIES, periods=20, starts=(11,))
    times = np.arange(20.0)
    after = (times >= 10).astype(np.float64)
    design = np.column_stack([np.ones(20), times, after, after * (times - 10)])
    by_hand = float(np.linalg.inv(design.T @ design)[2, 2])
    found = precision(plan, (1,), 0.0)
    assert found.standard_error**2 == pytest.approx(by_hand)
    assert (found.df, found.design_effect) == (16.0, None)
    correlated = precision(replace(plan, autocorrelation=0.4), (1,), 0.0)
    assert correlated.standard_error > found.standard_error
    compared = precision(replace(plan, design=Design.CONTROLLED_INTERRUPTED_TIME_SERIES), (1, 4), 0.0)
    assert compared.standard_error**2 == pytest.approx(by_hand * 1.25)
    assert compared.df == 32.0


@pytest.mark.parametrize(("periods", "start"), [(4, 3), (20, 2), (20, 20)])
def test_a_line_with_too_few_points_before_or_after_identifies_nothing(periods: int, start: int) -> None:
    plan = planned(Design.INTERRUPTED_TIME_SERIES, periods=periods, starts=(start,))
    assert precision(plan, (1,), 0.0).standard_error == np.inf


def test_a_synthetic_control_compares_means_before_and_after_with_many_donors() -> None:
    plan = planned(Design.SYNTHETIC_CONTROL, periods=31, starts=(20,))
    found = precision(plan, (1, 38), 0.0)
    assert found.standard_error**2 == pytest.approx((1 / 12 + 1 / 19) * (1 + 1 / 38))
    assert found.df == 37.0


@pytest.mark.parametrize("design", [Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE, Design.TWO_PERIOD_DID])
def test_more_of_everything_is_more_precise(design: Design) -> None:
    plan = planned(design, size=20.0, icc=0.05, cac=0.8, periods=4)
    few, many = ((count,) * plan.groups for count in (5, 10))
    error = precision(plan, few, 0.0).standard_error
    assert precision(plan, many, 0.0).standard_error == pytest.approx(error / np.sqrt(2))
    assert precision(replace(plan, size=40.0), few, 0.0).standard_error < error
    assert precision(replace(plan, explained=0.5), few, 0.0).standard_error == pytest.approx(error / np.sqrt(2))
