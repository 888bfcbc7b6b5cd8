"""The small algebra of the covariance against whole matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.inference.least_squares import Fit, fit
from effects.inference.mixed_blocks import CELL, CLUSTER, Blocks, condensed, terms
from effects.linear_model import LinearModel
from effects.rows.columns import Codes
from tests.effects.inference.dense_mixed import Array, Wedge, dense


def blocks_of(model: LinearModel, cells: Codes | None) -> tuple[Blocks, Array]:
    """The blocks, and the columns (n, k + 1) that they condense."""
    found = fit(model)
    assert isinstance(found, Fit)
    assert model.clusters is not None
    blocks = condensed(found, model.clusters, cells)
    columns = found.orthonormal / np.sqrt(model.weights)[:, None]
    return blocks, np.column_stack([columns, found.residuals / blocks.scale])


@given(
    seed=st.integers(0, 10_000),
    ratios=st.tuples(st.sampled_from([0.0, 0.01, 1.0, 300.0]), st.sampled_from([0.0, 0.05, 2.0, 500.0])),
    weighted=st.booleans(),
    nested=st.booleans(),
)
@settings(max_examples=25)
def test_every_term_is_that_of_the_whole_matrices(
    seed: int, ratios: tuple[float, float], *, weighted: bool, nested: bool
) -> None:
    model, period = Wedge(seed=seed, clusters=5, periods=4, most=4, weighted=weighted).rows()
    cells = period if nested else None
    blocks, columns = blocks_of(model, cells)
    own = np.array(ratios if nested else ratios[:1])
    whole = dense(model, cells)
    inverse = np.linalg.inv(whole.spread(np.append(own, 1.0)))
    found = terms(blocks, own)
    assert found.products == pytest.approx(columns.T @ inverse @ columns, rel=1e-9, abs=1e-10)
    determinant = -np.linalg.slogdet(inverse)[1] + np.sum(np.log(model.weights))
    assert found.log_determinant == pytest.approx(determinant, rel=1e-9, abs=1e-9)
    parts = whole.parts[:-1]
    for one, left in enumerate(parts):
        assert found.trace(one) == pytest.approx(np.trace(inverse @ left), rel=1e-8)
        single = found.sums(one).T @ found.sums(one)
        assert single == pytest.approx(columns.T @ inverse @ left @ inverse @ columns, rel=1e-8, abs=1e-9)
        for other, right in enumerate(parts):
            double = inverse @ left @ inverse @ right
            assert found.double_trace(one, other) == pytest.approx(np.trace(double), rel=1e-8)
            expected = columns.T @ double @ inverse @ columns
            assert found.double_products(one, other) == pytest.approx(expected, rel=1e-7, abs=1e-8)


def test_sizes_are_sums_of_weights_and_means_are_weighted() -> None:
    model, period = Wedge(seed=2, weighted=True).rows()
    blocks, columns = blocks_of(model, period)
    assert model.clusters is not None
    rows = (model.clusters == 3) & (period == 2)
    place = 3 * 5 + 2
    assert blocks.size[place] == pytest.approx(model.weights[rows].sum())
    mean = np.average(columns[rows], axis=0, weights=model.weights[rows])
    assert blocks.means[place] == pytest.approx(mean, rel=1e-10, abs=1e-12)
    assert blocks.cluster[place] == 3
    assert blocks.starts.tolist() == [5 * cluster for cluster in range(8)]


def test_the_order_of_rows_within_a_cluster_does_not_matter() -> None:
    model, period = Wedge(seed=6).rows()
    assert model.clusters is not None
    order = np.lexsort([np.random.Generator(np.random.PCG64(1)).random(len(period)), model.clusters])
    shuffled = LinearModel(
        outcome=model.outcome[order],
        design=model.design[order],
        names=model.names,
        effect=model.effect,
        weights=model.weights[order],
        clusters=model.clusters[order],
        absorbed=0,
        estimator=model.estimator,
    )
    plain, other = (
        terms(blocks_of(own, cells)[0], np.array([0.4, 0.2]))
        for own, cells in ((model, period), (shuffled, period[order]))
    )
    assert other.log_determinant == pytest.approx(plain.log_determinant, rel=1e-12)
    assert other.products[-1, -1] == pytest.approx(plain.products[-1, -1], rel=1e-10)


def test_without_variances_nothing_but_weights_remains() -> None:
    model, period = Wedge(seed=8, weighted=True).rows()
    blocks, columns = blocks_of(model, period)
    found = terms(blocks, np.zeros(2))
    assert found.products == pytest.approx(columns.T @ (columns * model.weights[:, None]), rel=1e-9, abs=1e-10)
    assert found.log_determinant == 0.0
    assert found.trace(CLUSTER) == pytest.approx(model.weights.sum())
    assert found.trace(CELL) == pytest.approx(model.weights.sum())


def test_a_huge_ratio_leaves_the_variation_inside_cells_without_loss_of_digits() -> None:
    model, period = Wedge(seed=10).rows()
    blocks, _ = blocks_of(model, period)
    found = terms(blocks, np.array([1e12, 1e12]))
    assert found.products[-1, -1] == pytest.approx(blocks.within[-1, -1], rel=1e-9)


def test_clusters_are_the_cells_where_none_are_given() -> None:
    model, _ = Wedge(seed=12).rows()
    blocks, _ = blocks_of(model, None)
    assert not blocks.nested
    assert len(blocks.means) == len(blocks.starts) == 8
    assert blocks.columns == len(model.names)
    assert blocks.rows == len(model.outcome)
