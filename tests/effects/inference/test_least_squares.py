import numpy as np
import pytest
from numpy.typing import NDArray

from effects.codes import Reason
from effects.inference.least_squares import Fit, fit
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
