import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import fractional_matrix_power

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
