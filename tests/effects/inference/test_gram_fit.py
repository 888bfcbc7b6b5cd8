import numpy as np
import pytest

from effects.codes import Reason, StandardError, WorkingVariance
from effects.inference.covariance import precision
from effects.inference.gram_fit import GramFit, GramModel, fit_products, precision_from_products
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle

CLUSTERS = np.sort(np.resize(np.arange(7), 60))
RANDOM = np.random.Generator(np.random.PCG64(8))
DESIGN = np.column_stack([CLUSTERS % 2, np.ones(60), RANDOM.normal(size=60)])
OUTCOME = DESIGN @ [0.4, 2.0, 1.0] + RANDOM.normal(size=7)[CLUSTERS] + RANDOM.normal(size=60)


def rows_fit() -> Fit:
    found = fit(
        LinearModel(
            outcome=OUTCOME,
            design=DESIGN,
            names=("treated", "constant", "x"),
            effect=0,
            weights=np.ones(60),
            clusters=CLUSTERS,
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(found, Fit)
    return found


def model(design: np.ndarray = DESIGN, outcome: np.ndarray = OUTCOME, clusters: np.ndarray = CLUSTERS) -> GramModel:
    own = [clusters == cluster for cluster in np.unique(clusters)]
    return GramModel(
        products=np.array([design[rows].T @ design[rows] for rows in own]),
        outcome=np.array([design[rows].T @ outcome[rows] for rows in own]),
        squares=np.array([outcome[rows] @ outcome[rows] for rows in own]),
        rows=np.array([rows.sum() for rows in own]),
        names=("treated", "constant", "x")[: design.shape[1]],
        effect=0,
        absorbed=0,
        estimator="ols",
    )


def products_fit(stated: GramModel) -> GramFit:
    found = fit_products(stated)
    assert isinstance(found, GramFit)
    return found


@pytest.mark.parametrize("kind", ["iid", "cr0", "cr1", "cr1s", "cr2", "cr3"])
def test_errors_from_products_are_those_from_rows(kind: str) -> None:
    error = StandardError(kind)
    expected = precision(rows_fit(), error, WorkingVariance.IDENTITY)
    found = precision_from_products(products_fit(model()), error)
    assert not isinstance(expected, Obstacle)
    assert not isinstance(found, Obstacle)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-11)
    assert found.df == pytest.approx(expected.df, rel=1e-11)


def test_coefficients_are_those_from_rows() -> None:
    assert products_fit(model()).coefficients == pytest.approx(rows_fit().coefficients, rel=1e-12)


@pytest.mark.parametrize("kind", ["hc1", "hc2", "hc3"])
def test_the_two_arms_give_the_errors_of_a_difference_in_means(kind: str) -> None:
    arms = (np.arange(60) % 3 == 0).astype(float)
    design = np.column_stack([arms, np.ones(60)])
    rows = fit(
        LinearModel(
            outcome=OUTCOME,
            design=design,
            names=("treated", "constant"),
            effect=0,
            weights=np.ones(60),
            clusters=None,
            absorbed=0,
            estimator="difference_in_means",
        )
    )
    assert isinstance(rows, Fit)
    expected = precision(rows, StandardError(kind), WorkingVariance.IDENTITY)
    found = precision_from_products(products_fit(model(design, OUTCOME, arms)), StandardError(kind))
    assert not isinstance(expected, Obstacle)
    assert not isinstance(found, Obstacle)
    assert (found.standard_error, found.df) == pytest.approx((expected.standard_error, expected.df), rel=1e-12)


def test_near_collinearity_is_refused_rather_than_answered_badly() -> None:
    twin = np.column_stack([DESIGN, DESIGN[:, 2] + 1e-5 * RANDOM.normal(size=60)])
    found = fit_products(GramModel(**{**_parts(model(twin)), "names": ("treated", "constant", "x", "twin")}))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.COLLINEAR


def test_too_few_rows_no_variation_and_infinite_sums_are_named() -> None:
    few = fit_products(model(DESIGN[:3], OUTCOME[:3], CLUSTERS[:3]))
    still = fit_products(model(outcome=DESIGN @ [1.0, 2.0, 3.0]))
    with np.errstate(all="ignore"):
        endless = fit_products(model(outcome=np.where(np.arange(60) == 4, np.inf, OUTCOME)))
    reasons = [found.reason if isinstance(found, Obstacle) else None for found in (few, still, endless)]
    assert reasons == [Reason.TOO_FEW_ROWS, Reason.NO_RESIDUAL_VARIATION, Reason.NOT_FINITE]


def test_what_products_do_not_give_is_named() -> None:
    unknown = GramModel(**{**_parts(model()), "squares": None})
    for kind in (StandardError.IID, StandardError.HC2, StandardError.NEWEY_WEST):
        found = precision_from_products(products_fit(unknown), kind)
        assert isinstance(found, Obstacle)
        assert found.reason is Reason.NEEDS_ROWS
    alone = precision_from_products(products_fit(model(clusters=np.zeros(60))), StandardError.CR1)
    assert isinstance(alone, Obstacle)
    assert alone.reason is Reason.TOO_FEW_CLUSTERS


def _parts(stated: GramModel) -> dict[str, object]:
    return {name: getattr(stated, name) for name in GramModel.__dataclass_fields__}
