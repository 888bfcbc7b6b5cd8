from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import fractional_matrix_power
from scipy.stats import ttest_ind, ttest_rel

from effects.codes import WorkingVariance
from effects.inference.cluster_robust import Precision, cluster_slices, cr2, cr3, plain_sandwich
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel

Array = NDArray[np.float64]
IDENTITY, INVERSE = WorkingVariance.IDENTITY, WorkingVariance.INVERSE_WEIGHT


def example(*, weighted: bool, sizes: tuple[int, ...] = (3, 5, 2, 7, 4, 6, 9), unit_effects: bool = False) -> Fit:
    random = np.random.Generator(np.random.PCG64(5))
    clusters = np.repeat(np.arange(len(sizes)), sizes)
    rows = len(clusters)
    treated = (clusters % 2).astype(float) if not unit_effects else (random.random(rows) < 0.5).astype(float)
    columns = [treated, np.ones(rows), random.normal(size=rows)]
    if unit_effects:
        columns.extend((clusters == place).astype(float) for place in range(1, len(sizes)))
    design = np.column_stack(columns)
    model = LinearModel(
        outcome=random.normal(size=rows) + 0.3 * clusters,
        design=design,
        names=tuple(f"x{place}" for place in range(design.shape[1])),
        effect=0,
        weights=random.uniform(0.5, 6.0, rows) if weighted else np.ones(rows),
        clusters=clusters.astype(np.int64),
        absorbed=0,
        estimator="ols",
    )
    found = fit(model)
    assert isinstance(found, Fit)
    return found


def slow_cr2(found: Fit, working: WorkingVariance) -> Precision:
    """Bell and McCaffrey's definition written out over full matrices."""
    design, weights, clusters = found.model.design, np.diag(found.model.weights), found.model.clusters
    assert clusters is not None
    bread = np.linalg.inv(design.T @ weights @ design)
    leftover = np.eye(len(design)) - design @ bread @ design.T @ weights
    variance = np.eye(len(design)) if working is IDENTITY else np.linalg.inv(weights)
    spread = leftover @ variance @ leftover.T
    total, directions = 0.0, []
    for cluster in np.unique(clusters):
        own = np.ix_(clusters == cluster, clusters == cluster)
        root = np.sqrt(variance[own])
        adjustment = root @ inverse_root(root @ spread[own] @ root) @ root
        direction = np.zeros(len(design))
        direction[clusters == cluster] = adjustment @ weights[own] @ design[clusters == cluster] @ bread[0]
        total += float(direction @ found.residuals) ** 2
        directions.append(leftover.T @ direction)
    products = np.array(directions) @ variance @ np.array(directions).T
    return Precision(total**0.5, float(np.trace(products) ** 2 / np.sum(products**2)))


def inverse_root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > 1e-8
    result: Array = vectors[:, kept] @ np.diag(values[kept] ** -0.5) @ vectors[:, kept].T
    return result


@pytest.mark.parametrize("working", [IDENTITY, INVERSE])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("unit_effects", [False, True])
def test_cr2_meets_the_definition_written_out(working: WorkingVariance, weighted: bool, unit_effects: bool) -> None:
    found = example(weighted=weighted, unit_effects=unit_effects)
    clusters = found.model.clusters
    assert clusters is not None
    fast, slow = cr2(found, clusters, working), slow_cr2(found, working)
    assert fast.standard_error == pytest.approx(slow.standard_error, rel=1e-8)
    assert fast.df == pytest.approx(slow.df, rel=1e-8)


@given(
    sizes=st.lists(st.integers(1, 12), min_size=4, max_size=9),
    columns=st.integers(0, 3),
    weighted=st.booleans(),
    working=st.sampled_from(WorkingVariance),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60)
def test_cr2_meets_the_definition_to_ten_digits_for_any_clusters_weights_and_covariates(
    sizes: list[int], columns: int, weighted: bool, working: WorkingVariance, seed: int
) -> None:
    random, rows = np.random.Generator(np.random.PCG64(seed)), sum(sizes)
    clusters = np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)
    design = np.column_stack([clusters % 2, np.ones(rows), random.normal(size=(rows, columns))])
    model = LinearModel(
        outcome=random.normal(size=rows),
        design=design,
        names=tuple(f"x{place}" for place in range(design.shape[1])),
        effect=0,
        weights=random.uniform(0.5, 5.0, rows) if weighted else np.ones(rows),
        clusters=clusters,
        absorbed=0,
        estimator="ols",
    )
    found = fit(model)
    if rows <= design.shape[1] + 1 or not isinstance(found, Fit):
        return
    fast, slow = cr2(found, clusters, working), slow_cr2(found, working)
    assert fast.standard_error == pytest.approx(slow.standard_error, rel=1e-10, abs=1e-12)
    assert fast.df == pytest.approx(slow.df, rel=1e-8)


@pytest.mark.parametrize("unit_effects", [False, True])
@pytest.mark.parametrize("working", WorkingVariance)
def test_weights_that_hardly_differ_give_what_equal_weights_give(working: WorkingVariance, unit_effects: bool) -> None:
    alike = example(weighted=False, unit_effects=unit_effects)
    clusters, rows = alike.model.clusters, len(alike.model.weights)
    assert clusters is not None
    for weights in (np.full(rows, 3.0), 1.0 + 1e-11 * np.arange(rows)):
        other = fit(replace(alike.model, weights=weights))
        assert isinstance(other, Fit)
        ours, theirs = cr2(other, clusters, working), cr2(alike, clusters, working)
        assert (ours.standard_error, ours.df) == pytest.approx((theirs.standard_error, theirs.df), rel=1e-7)


def test_more_clusters_than_columns_and_fewer_meet_the_definition_alike() -> None:
    for sizes in ((2,) * 30, (15,) * 4):
        found = example(weighted=True, sizes=sizes)
        clusters = found.model.clusters
        assert clusters is not None
        for working in WorkingVariance:
            assert cr2(found, clusters, working).df == pytest.approx(slow_cr2(found, working).df, rel=1e-8)


def test_the_order_of_rows_within_a_cluster_does_not_matter() -> None:
    found = example(weighted=True)
    clusters = found.model.clusters
    assert clusters is not None
    order = np.lexsort((-found.model.outcome, clusters))
    turned = replace(
        found.model,
        outcome=found.model.outcome[order],
        design=found.model.design[order],
        weights=found.model.weights[order],
    )
    other = fit(turned)
    assert isinstance(other, Fit)
    for working in WorkingVariance:
        ours, theirs = cr2(other, clusters, working), cr2(found, clusters, working)
        assert (ours.standard_error, ours.df) == pytest.approx((theirs.standard_error, theirs.df), rel=1e-10)


# Six pairs of communities in Mwanza, Tanzania: HIV infections among adults seen again after two years, with improved
# treatment of sexually transmitted diseases and without. Grosskurth and others, Lancet 1995;346:530-536.
MWANZA = (
    ((5, 568), (10, 702)),
    ((4, 766), (7, 833)),
    ((17, 650), (20, 630)),
    ((13, 734), (23, 760)),
    ((4, 732), (12, 782)),
    ((5, 699), (10, 693)),
)


def mwanza() -> tuple[Array, Array]:
    """Log risks (6, 2) by pair, treated first, and the totals (2, 2) by arm."""
    counts = np.array(MWANZA, dtype=float)
    return np.log(counts[..., 0] / counts[..., 1]), counts.sum(axis=0)


def communities(design: Array) -> Fit:
    found = fit(
        LinearModel(
            outcome=mwanza()[0].ravel(),
            design=design,
            names=tuple(f"x{place}" for place in range(design.shape[1])),
            effect=0,
            weights=np.ones(12),
            clusters=np.arange(12),
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(found, Fit)
    return found


def test_the_typed_counts_are_the_published_totals() -> None:
    assert mwanza()[1].tolist() == [[48, 4149], [82, 4400]]


def test_cr2_of_a_pair_matched_trial_of_communities_is_the_paired_t_test() -> None:
    logs, _ = mwanza()
    pairs = np.kron(np.eye(6), np.ones((2, 1)))
    found = communities(np.column_stack([np.tile([1.0, 0.0], 6), pairs]))
    precision = cr2(found, np.arange(12), IDENTITY)
    judge = ttest_rel(logs[:, 0], logs[:, 1])
    assert np.exp(found.estimate) == pytest.approx(0.57, abs=0.006)
    assert found.estimate / precision.standard_error == pytest.approx(judge.statistic, rel=1e-10)
    assert precision.df == pytest.approx(5.0, rel=1e-10)


def test_cr2_of_an_unpaired_trial_of_communities_is_the_t_test_with_its_degrees_of_freedom() -> None:
    logs, _ = mwanza()
    found = communities(np.column_stack([np.tile([1.0, 0.0], 6), np.ones(12)]))
    precision = cr2(found, np.arange(12), IDENTITY)
    judge = ttest_ind(logs[:, 0], logs[:, 1], equal_var=False)
    assert found.estimate / precision.standard_error == pytest.approx(judge.statistic, rel=1e-10)
    assert precision.df == pytest.approx(10.0, rel=1e-10)


def test_cr2_of_clusters_larger_than_the_design_meets_the_definition() -> None:
    found = example(weighted=True, sizes=(60, 40, 50, 80, 30, 20))
    clusters = found.model.clusters
    assert clusters is not None
    assert cr2(found, clusters, IDENTITY).df == pytest.approx(slow_cr2(found, IDENTITY).df, rel=1e-8)


def test_cr2_of_clusters_of_one_is_hc2() -> None:
    found = example(weighted=False, sizes=(1,) * 20)
    leverage = np.sum(found.orthonormal**2, axis=1)
    scores = (found.model.design @ found.influence) * found.residuals
    hc2 = float(np.sqrt(np.sum(scores**2 / (1 - leverage))))
    assert cr2(found, np.arange(20), IDENTITY).standard_error == pytest.approx(hc2, rel=1e-10)


@pytest.mark.parametrize("factor", [0.01, 1000.0])
@pytest.mark.parametrize("working", [IDENTITY, INVERSE])
def test_the_scale_of_the_weights_does_not_matter(factor: float, working: WorkingVariance) -> None:
    found = example(weighted=True)
    clusters = found.model.clusters
    assert clusters is not None
    scaled = fit(
        LinearModel(
            outcome=found.model.outcome,
            design=found.model.design,
            names=found.model.names,
            effect=0,
            weights=found.model.weights * factor,
            clusters=clusters,
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(scaled, Fit)
    for ours, theirs in (
        (cr2(scaled, clusters, working), cr2(found, clusters, working)),
        (cr3(scaled, clusters), cr3(found, clusters)),
    ):
        assert ours.standard_error == pytest.approx(theirs.standard_error, rel=1e-9)
        assert ours.df == pytest.approx(theirs.df, rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_cr3_is_the_sum_of_squared_changes_when_one_cluster_is_left_out(weighted: bool) -> None:
    found = example(weighted=weighted)
    clusters, design, weights = found.model.clusters, found.model.design, found.model.weights
    assert clusters is not None
    changes = []
    for cluster in np.unique(clusters):
        kept = clusters != cluster
        gram = design[kept].T @ (weights[kept, None] * design[kept])
        left = np.linalg.solve(gram, design[kept].T @ (weights[kept] * found.model.outcome[kept]))
        changes.append(left[0] - found.estimate)
    assert cr3(found, clusters).standard_error == pytest.approx(float(np.sqrt(np.sum(np.square(changes)))), rel=1e-9)


def test_the_plain_sandwich_sums_scores_within_clusters() -> None:
    found = example(weighted=True)
    clusters = found.model.clusters
    assert clusters is not None
    scores = found.model.weights * (found.model.design @ found.influence) * found.residuals
    sums = np.bincount(clusters, weights=scores)
    precision = plain_sandwich(found, clusters, 2.0)
    assert precision.standard_error == pytest.approx(float(np.sqrt(2.0 * np.sum(sums**2))), rel=1e-12)
    assert precision.df == 6.0


def test_slices_cover_the_rows_of_each_cluster() -> None:
    found = [(rows.start, rows.stop) for rows in cluster_slices(np.array([0, 0, 1, 2, 2, 2]))]
    assert found == [(0, 2), (2, 3), (3, 6)]


def test_the_inverse_root_of_the_test_is_a_root() -> None:
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(inverse_root(matrix), fractional_matrix_power(matrix, -0.5), rtol=1e-10)
