from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import StandardError, WorkingVariance
from effects.inference.covariance import precision
from effects.inference.gram_fit import precision_from_products
from effects.inference.least_squares import Fit, fit
from effects.inference.weighted_gram_fit import weighted_cr2, with_weights
from effects.linear_model import LinearModel, Obstacle
from tests.effects.inference.test_gram_fit import CLUSTERS, DESIGN, OUTCOME, model, products_fit


def rows_fit(design: np.ndarray, outcome: np.ndarray, clusters: np.ndarray, weights: np.ndarray) -> Fit:
    found = fit(
        LinearModel(
            outcome=outcome,
            design=design,
            names=("treated", "constant", "x")[: design.shape[1]],
            effect=0,
            weights=weights[clusters],
            clusters=clusters,
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(found, Fit)
    return found


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(6, 12), st.integers(2, 3), st.floats(0.0, 2.0))
def test_estimate_error_and_degrees_of_freedom_are_those_of_the_rows(
    seed: int, groups: int, columns: int, spread: float
) -> None:
    """Treatment, and with it a column, is constant within clusters; sizes and weights are not equal."""
    random = np.random.Generator(np.random.PCG64(seed))
    clusters = np.repeat(np.arange(groups), random.integers(2, 9, groups))
    design = np.column_stack([clusters % 2, np.ones(len(clusters)), random.normal(size=len(clusters))])[:, :columns]
    outcome = random.normal(size=groups)[clusters] + random.normal(size=len(clusters))
    weights = np.exp(spread * random.normal(size=groups))
    rows = rows_fit(design, outcome, clusters, weights)
    sums = products_fit(with_weights(model(design, outcome, clusters), weights, "weighted"))
    expected, found = precision(rows, StandardError.CR2, WorkingVariance.IDENTITY), weighted_cr2(sums, weights)
    assert not isinstance(expected, Obstacle)
    assert not isinstance(found, Obstacle)
    assert sums.estimate == pytest.approx(rows.estimate, rel=1e-10, abs=1e-10)
    assert sums.contributions == pytest.approx(rows.contributions, rel=1e-9, abs=1e-9)
    assert (found.standard_error, found.df) == pytest.approx((expected.standard_error, expected.df), rel=1e-8)


def test_equal_weights_give_the_plain_cr2() -> None:
    plain = products_fit(model())
    expected = precision_from_products(plain, StandardError.CR2)
    weights = np.full(len(plain.model.rows), 3.0)
    found = weighted_cr2(products_fit(with_weights(plain.model, weights, "ols")), weights)
    assert not isinstance(expected, Obstacle)
    assert not isinstance(found, Obstacle)
    assert (found.standard_error, found.df) == pytest.approx((expected.standard_error, expected.df), rel=1e-10)


def test_a_direction_that_a_cluster_determines_alone_is_left_out_as_from_rows() -> None:
    design = np.column_stack([DESIGN[:, :2], (CLUSTERS == 0) * 1.0])
    weights = np.linspace(0.5, 2.0, 7)
    sums = products_fit(with_weights(model(design), weights, "ols"))
    expected = precision(rows_fit(design, OUTCOME, CLUSTERS, weights), StandardError.CR2, WorkingVariance.IDENTITY)
    found = weighted_cr2(sums, weights)
    assert not isinstance(expected, Obstacle)
    assert not isinstance(found, Obstacle)
    assert (found.standard_error, found.df) == pytest.approx((expected.standard_error, expected.df), rel=1e-7)


def test_squares_that_are_not_known_are_not_made_up() -> None:
    weighted = with_weights(replace(model(), squares=None), np.arange(1.0, 8.0), "weighted")
    assert weighted.squares is None
    assert weighted.estimator == "weighted"
    assert weighted.products[2] == pytest.approx(3.0 * model().products[2])
