from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.codes import Reason
from effects.inference.least_squares import MOST_NAMES, Fit, fit
from effects.linear_model import LinearModel, Obstacle

Array = NDArray[np.float64]


def model(design: Array, outcome: Array, weights: Array | None = None, effect: int = 1) -> LinearModel:
    return LinearModel(
        outcome=outcome,
        design=design,
        names=tuple(f"x{place}" for place in range(design.shape[1])),
        effect=effect,
        weights=np.ones(len(outcome)) if weights is None else weights,
        clusters=None,
        absorbed=0,
        estimator="ols",
    )


def example(rows: int = 30) -> tuple[Array, Array, Array]:
    random = np.random.Generator(np.random.PCG64(3))
    design = np.column_stack([np.ones(rows), random.normal(size=(rows, 3))])
    return design, random.normal(size=rows), random.uniform(0.5, 4.0, rows)


def reason(found: Fit | Obstacle) -> Reason:
    assert isinstance(found, Obstacle)
    assert found.detail
    assert found.needs
    return found.reason


def test_coefficients_and_bread_are_those_of_the_normal_equations() -> None:
    design, outcome, weights = example()
    found = fit(model(design, outcome, weights))
    assert isinstance(found, Fit)
    bread = np.linalg.inv(design.T @ (weights[:, None] * design))
    np.testing.assert_allclose(found.bread, bread, rtol=1e-10)
    np.testing.assert_allclose(found.coefficients, bread @ design.T @ (weights * outcome), rtol=1e-10)
    np.testing.assert_allclose(found.residuals, outcome - design @ found.coefficients)
    np.testing.assert_allclose(found.orthonormal.T @ found.orthonormal, np.eye(4), atol=1e-12)
    assert found.estimate == found.coefficients[1]
    assert found.influence.tolist() == found.bread[1].tolist()


@pytest.mark.parametrize("factor", [1e-9, 1e9])
def test_units_of_measurement_do_not_matter(factor: float) -> None:
    design, outcome, _ = example()
    scaled = design * np.array([1.0, 1.0, factor, 1.0])
    plain, found = fit(model(design, outcome)), fit(model(scaled, outcome))
    assert isinstance(plain, Fit)
    assert isinstance(found, Fit)
    assert found.estimate == pytest.approx(plain.estimate, rel=1e-10)


def test_columns_that_determine_each_other_are_named() -> None:
    design, outcome, _ = example()
    found = fit(model(np.column_stack([design, design[:, 1] + design[:, 2]]), outcome))
    assert reason(found) is Reason.COLLINEAR
    assert isinstance(found, Obstacle)
    assert "x1, x2, x4" in str(found.detail)


def test_a_column_of_zeros_is_collinear() -> None:
    design, outcome, _ = example()
    assert reason(fit(model(np.column_stack([design, np.zeros(30)]), outcome))) is Reason.COLLINEAR


def test_as_many_coefficients_as_rows_leave_nothing_to_estimate_error_from() -> None:
    design, outcome, _ = example(4)
    assert reason(fit(model(design, outcome))) is Reason.TOO_FEW_ROWS


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e308])
def test_values_that_cannot_be_computed_with_are_an_obstacle(value: float) -> None:
    design, outcome, _ = example()
    spoilt = outcome.copy()
    spoilt[:4] = value
    with np.errstate(all="ignore"):
        found = fit(model(design, spoilt))
    assert isinstance(found, Fit) or reason(found) is Reason.NOT_FINITE
    design[0, 1] = value
    with np.errstate(all="ignore"):
        assert reason(fit(model(design, outcome))) is Reason.NOT_FINITE


def test_an_outcome_that_is_reproduced_exactly_has_no_standard_error() -> None:
    design, _, _ = example()
    assert reason(fit(model(design, design @ np.array([1.0, 2.0, 3.0, 4.0])))) is Reason.NO_RESIDUAL_VARIATION


def fitted(design: Array, outcome: Array, weights: Array | None = None, effect: int = 1) -> Fit:
    found = fit(model(design, outcome, weights, effect))
    assert isinstance(found, Fit)
    return found


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(8, 60), columns=st.integers(1, 6))
@settings(max_examples=30)
def test_the_fit_is_the_projection_that_numpy_finds(seed: int, rows: int, columns: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    design, outcome = random.normal(size=(rows, columns)), random.normal(size=rows)
    weights = random.uniform(0.2, 5.0, rows)
    found = fitted(design, outcome, weights, 0)
    root = np.sqrt(weights)
    judge = np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)[0]
    np.testing.assert_allclose(found.coefficients, judge, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(design.T @ (weights * found.residuals), 0.0, atol=1e-9)


def test_a_weight_that_counts_rows_is_the_rows_themselves() -> None:
    design, outcome, _ = example()
    counts = np.arange(30) % 3 + 1
    weighted = fitted(design, outcome, 1.0 * counts)
    repeated = fitted(np.repeat(design, counts, axis=0), np.repeat(outcome, counts))
    np.testing.assert_allclose(weighted.coefficients, repeated.coefficients, rtol=1e-9)
    np.testing.assert_allclose(weighted.bread, repeated.bread, rtol=1e-9)


def test_a_coefficient_is_that_of_what_the_other_columns_leave() -> None:
    """Frisch and Waugh 1933."""
    design, outcome, weights = example()
    others = np.delete(design, 2, axis=1)
    rest = [fitted(others, values, weights, 0).residuals for values in (design[:, 2], outcome)]
    alone = fitted(rest[0][:, None], rest[1], weights, 0)
    assert alone.estimate == pytest.approx(fitted(design, outcome, weights, 2).estimate, rel=1e-9)


@pytest.mark.parametrize(("distance", "told_apart"), [(1e-2, True), (1e-6, True), (1e-11, False), (0.0, False)])
def test_columns_are_told_apart_down_to_a_stated_distance(distance: float, told_apart: bool) -> None:
    design, outcome, _ = example()
    random = np.random.Generator(np.random.PCG64(8))
    twin = design[:, 1] + distance * random.normal(size=30)
    found = fit(model(np.column_stack([design, twin]), outcome))
    assert isinstance(found, Fit) is told_apart
    assert told_apart or reason(found) is Reason.COLLINEAR


@pytest.mark.parametrize("place", range(5))
def test_a_column_that_others_determine_is_found_wherever_it_stands(place: int) -> None:
    design, outcome, _ = example()
    doubled = np.insert(design, place, design.sum(axis=1), axis=1)
    found = fit(model(doubled, outcome))
    assert isinstance(found, Obstacle)
    assert str(found.detail).endswith("x0, x1, x2, x3, x4")


def test_of_many_columns_that_determine_each_other_a_few_are_named_and_dummies_last() -> None:
    blocks = np.kron(np.eye(12), np.ones((4, 1)))
    design = np.column_stack([np.ones(48), blocks, np.arange(48.0)])
    names = ("intercept", *(f"unit[{place}]" for place in range(12)), "month")
    found = fit(replace(model(design, np.arange(48.0) ** 2), names=names))
    assert isinstance(found, Obstacle)
    named = str(found.detail).split(": ")[1].split(", ")
    assert named[0] == "intercept"
    assert len(named) == MOST_NAMES
