"""Cluster-robust errors around a mixed model, against the obvious sandwich and against least squares."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from effects.codes import StandardError, WorkingVariance
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.least_squares import fit
from effects.inference.mixed_model import MixedFit
from effects.inference.mixed_sandwich import mixed_sandwich
from effects.linear_model import LinearModel, Obstacle
from effects.rows.columns import Codes
from tests.effects.inference.dense_mixed import Array, Wedge, contrast_of, dense, fitted, model_of
from tests.effects.inference.test_mixed_model import BATCH, DYESTUFF2

ROBUST = [StandardError.CR0, StandardError.CR1, StandardError.CR1S, StandardError.CR2, StandardError.CR3]


def robust(found: MixedFit, contrast: Array, kind: StandardError) -> Precision:
    precision = mixed_sandwich(found, contrast, kind)
    assert not isinstance(precision, Obstacle), str(precision.detail)
    return precision


def by_hand(model: LinearModel, cells: Codes, kind: StandardError) -> tuple[float, float]:
    """Pustejovsky and Tipton 2018, equations 6 to 9 and 11, with whole matrices and a symmetric root."""
    found, whole = fitted(model, cells), dense(model, cells)
    assert model.clusters is not None
    spread = whole.spread(found.variances)
    covariance, contrast = whole.covariance(found.variances), contrast_of(model)
    inverse = np.linalg.inv(spread)
    left = np.eye(len(spread)) - model.design @ covariance @ model.design.T @ inverse
    residuals = left @ model.outcome
    rests = left @ spread @ left.T
    edges = np.flatnonzero(np.diff(model.clusters)) + 1
    directions = np.zeros((model.clusters[-1] + 1, len(spread)))
    for group, (low, high) in enumerate(pairwise([0, *edges.tolist(), len(spread)])):
        rows = slice(low, high)
        root = np.real(sqrtm(spread[rows, rows]))
        adjusted = np.eye(high - low)
        if kind is StandardError.CR2:
            adjusted = root @ np.linalg.inv(np.real(sqrtm(root @ rests[rows, rows] @ root))) @ root
        if kind is StandardError.CR3:
            adjusted = spread[rows, rows] @ np.linalg.inv(rests[rows, rows])
        own = inverse[rows, rows] @ model.design[rows] @ covariance @ contrast
        directions[group, rows] = adjusted.T @ own
    products = directions @ rests @ directions.T
    df = np.trace(products) ** 2 / np.sum(products**2)
    return float(np.sqrt(np.sum((directions @ residuals) ** 2))), float(df)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", [StandardError.CR2, StandardError.CR3])
def test_adjusted_errors_and_their_freedom_are_those_of_the_formula(kind: StandardError, *, weighted: bool) -> None:
    model, period = Wedge(seed=31, weighted=weighted).rows()
    error, df = by_hand(model, period, kind)
    found = robust(fitted(model, period), contrast_of(model), kind)
    assert (found.standard_error, found.df) == pytest.approx((error, df), rel=1e-7)


def test_plain_errors_differ_by_their_factors() -> None:
    model, period = Wedge(seed=32).rows()
    found, contrast = fitted(model, period), contrast_of(model)
    plain = by_hand(model, period, StandardError.CR0)[0]
    rows, columns = model.design.shape
    factors = {
        StandardError.CR0: 1.0,
        StandardError.CR1: 8 / 7,
        StandardError.CR1S: 8 / 7 * (rows - 1) / (rows - columns),
    }
    for kind, factor in factors.items():
        precision = robust(found, contrast, kind)
        assert precision.standard_error == pytest.approx(plain * np.sqrt(factor), rel=1e-9)
        assert precision.df == 7.0


@pytest.mark.parametrize("kind", ROBUST)
def test_where_the_clusters_do_not_differ_they_are_those_of_least_squares(kind: StandardError) -> None:
    """The dyestuff made up by Box and Tiao has no variance between batches: the mixed model is least squares."""
    model = model_of(DYESTUFF2, [np.tile([0.0, 1.0, 0.0, 1.0, 1.0], 6)], BATCH)
    mixed, linear = fitted(model), fit(model)
    assert mixed.at_zero
    assert not isinstance(linear, Obstacle)
    judge = precision(linear, kind, WorkingVariance.IDENTITY)
    assert not isinstance(judge, Obstacle)
    found = robust(mixed, contrast_of(model), kind)
    assert (found.standard_error, found.df) == pytest.approx((judge.standard_error, judge.df), rel=1e-8)


@given(seed=st.integers(0, 10_000), within=st.sampled_from([0.0, 0.5]))
@settings(max_examples=10)
def test_every_adjusted_error_is_finite_with_some_freedom(seed: int, within: float) -> None:
    model, period = Wedge(seed=seed, clusters=5, periods=4, most=3, within=within).rows()
    found, contrast = fitted(model, period), contrast_of(model)
    errors = [robust(found, contrast, kind) for kind in (StandardError.CR0, StandardError.CR2, StandardError.CR3)]
    assert all(error.standard_error > 0.0 and 0.0 < error.df < 5.0 for error in errors)
    assert errors[0].standard_error < errors[2].standard_error


def test_under_the_working_model_cr2_is_right_on_average() -> None:
    """Its mean square over draws from the model is the variance of the estimate: the variances held at their fit."""
    model, period = Wedge(seed=33, clusters=6, periods=4, most=2).rows()
    contrast = contrast_of(model)
    found, whole = fitted(model, period), dense(model, period)
    spread = whole.spread(found.variances)
    covariance = whole.covariance(found.variances)
    inverse = np.linalg.inv(spread)
    left = np.eye(len(spread)) - model.design @ covariance @ model.design.T @ inverse
    rests = left @ spread @ left.T
    total = 0.0
    assert model.clusters is not None
    for group in range(6):
        rows = np.flatnonzero(model.clusters == group)
        own, place = spread[np.ix_(rows, rows)], np.ix_(rows, rows)
        root = np.real(sqrtm(own))
        adjusted = root @ np.linalg.inv(np.real(sqrtm(root @ rests[place] @ root))) @ root
        direction = adjusted @ inverse[place] @ model.design[rows] @ covariance @ contrast
        total += float(direction @ rests[place] @ direction)
    assert total == pytest.approx(contrast @ covariance @ contrast, rel=1e-8)


def test_errors_of_independent_rows_are_refused_by_name() -> None:
    model, period = Wedge(seed=34).rows()
    found = mixed_sandwich(fitted(model, period), contrast_of(model), StandardError.IID)
    assert isinstance(found, Obstacle)
    assert "iid" in str(found.detail)


def test_clusters_too_large_to_invert_are_refused() -> None:
    random = np.random.Generator(np.random.PCG64(35))
    cluster = np.repeat(np.arange(4), 900)
    noise = random.normal(size=3600) + random.normal(size=4)[cluster]
    model = model_of(noise, [(cluster % 2).astype(float)], cluster)
    found = mixed_sandwich(fitted(model), contrast_of(model), StandardError.CR2)
    assert isinstance(found, Obstacle)
    assert found.reason == "not_implemented"
