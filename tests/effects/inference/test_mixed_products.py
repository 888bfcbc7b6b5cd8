"""Sums of a mixed model's rows against the rows themselves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import DfMethod, StandardError
from effects.inference.cluster_robust import Precision
from effects.inference.kenward_roger import kenward_roger_test, mixed_precision
from effects.inference.mixed_model import MOST_COLUMNS, MixedFit, fit_mixed
from effects.inference.mixed_products import CellModel, fit_cells
from effects.inference.mixed_sandwich import mixed_sandwich
from effects.linear_model import LinearModel, Obstacle
from effects.rows.columns import Codes
from tests.effects.inference.dense_mixed import Wedge, contrast_of

CLOSE = 1e-10
"""Of the standard error: one more Newton step after REML has converged leaves rounding alone, some 1e-13."""


def sums_of(model: LinearModel, cells: Codes) -> CellModel:
    """The rows summed by cluster and cell."""
    assert model.clusters is not None
    columns = np.column_stack([model.design, model.outcome])
    keys, place = np.unique(np.column_stack([model.clusters, cells]), axis=0, return_inverse=True)
    sums = np.zeros((len(keys), columns.shape[1]))
    np.add.at(sums, place.reshape(-1), columns)
    return CellModel(
        products=columns.T @ columns,
        sums=sums,
        rows=np.bincount(place.reshape(-1)),
        cluster=keys[:, 0],
        names=model.names,
        effect=model.effect,
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([2, 4, 9]))
def test_the_fit_from_sums_is_that_from_rows(seed: int, nested: bool, most: int) -> None:
    model, period = Wedge(seed=seed, most=most).rows()
    one, other = fit_cells(sums_of(model, period), nested=nested), fit_mixed(model, period if nested else None)
    if isinstance(other, Obstacle):
        assert isinstance(one, Obstacle)
        assert one.reason is other.reason
        return
    assert isinstance(one, MixedFit)
    contrast = contrast_of(model)
    for method in DfMethod:
        found, expected = mixed_precision(one, contrast, method), mixed_precision(other, contrast, method)
        assert isinstance(found, Precision)
        assert isinstance(expected, Precision)
        assert found.standard_error == pytest.approx(expected.standard_error, rel=CLOSE)
        assert found.df == pytest.approx(expected.df, rel=1e-8)
        error = expected.standard_error
    assert one.estimates(contrast[None]) == pytest.approx(other.estimates(contrast[None]), abs=CLOSE * error)
    assert one.variances == pytest.approx(other.variances, rel=1e-8, abs=1e-12)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-10)
    assert (one.merged, one.at_zero) == (other.merged, other.at_zero)


def test_a_test_of_several_contrasts_is_that_from_rows() -> None:
    model, period = Wedge(seed=4).rows()
    contrasts = np.eye(len(model.names))[1:3]
    found, expected = (fit_cells(sums_of(model, period), nested=True), fit_mixed(model, period))
    assert isinstance(found, MixedFit)
    assert isinstance(expected, MixedFit)
    one, other = kenward_roger_test(found, contrasts), kenward_roger_test(expected, contrasts)
    assert one is not None
    assert other is not None
    assert (one.statistic, one.denominator) == pytest.approx((other.statistic, other.denominator), rel=1e-9)


def test_errors_that_need_residuals_are_refused() -> None:
    model, period = Wedge(seed=4).rows()
    found = fit_cells(sums_of(model, period), nested=True)
    assert isinstance(found, MixedFit)
    refused = mixed_sandwich(found, contrast_of(model), StandardError.CR2)
    assert isinstance(refused, Obstacle)
    assert refused.reason.value == "needs_rows"


def test_what_sums_cannot_carry_is_refused() -> None:
    model, period = Wedge(seed=4).rows()
    twice = model.with_columns(model.design[:, [model.effect]], ("again",), 0)
    exact = replace(model, outcome=model.design @ np.arange(1.0, len(model.names) + 1.0))
    for hopeless, reason in ((twice, "collinear"), (exact, "no_residual_variation")):
        found = fit_cells(sums_of(hopeless, period), nested=True)
        assert isinstance(found, Obstacle)
        assert found.reason.value == reason
    few = sums_of(model, period)
    found = fit_cells(replace(few, rows=np.minimum(few.rows, 0)), nested=True)
    assert isinstance(found, Obstacle)
    assert found.reason.value == "too_few_rows"


def test_more_columns_than_it_can_bear_are_refused_however_few_the_cells() -> None:
    model = sums_of(*Wedge(seed=4).rows())
    found = fit_cells(replace(model, names=("column",) * (MOST_COLUMNS + 1)), nested=True)
    assert isinstance(found, Obstacle)
    assert (found.reason.value, str(MOST_COLUMNS + 1) in str(found.detail)) == ("not_implemented", True)
