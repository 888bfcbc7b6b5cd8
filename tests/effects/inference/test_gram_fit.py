from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason, StandardError, WorkingVariance
from effects.inference.cluster_robust import Precision
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


CASES = st.builds(
    lambda seed, rows, groups, columns: (seed, max(rows, 3 * columns + groups), groups, columns),
    st.integers(0, 10**6),
    st.integers(12, 60),
    st.integers(3, 9),
    st.integers(1, 5),
)
KINDS = [StandardError(kind) for kind in ("iid", "cr0", "cr1", "cr1s", "cr2", "cr3")]


def random_model(case: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, GramModel]:
    """Design, outcome and clusters of a random case, and its model."""
    seed, rows, groups, columns = case
    random = np.random.Generator(np.random.PCG64(seed))
    clusters = np.resize(np.arange(groups), rows)
    treated = (random.permuted(np.arange(rows)) % 2).astype(float)
    covariates = random.normal(size=(rows, columns - 1))
    design = np.column_stack([treated, np.ones(rows), covariates])[:, : columns + 1]
    outcome = (
        design @ random.normal(size=design.shape[1]) + random.normal(size=rows) + random.normal(size=groups)[clusters]
    )
    names = ("treated", "constant", *(f"x{place}" for place in range(columns - 1)))
    return design, outcome, clusters, replace(model(design, outcome, clusters), names=names)


@settings(max_examples=40)
@given(CASES)
def test_normal_equations_hold_and_scores_sum_to_nothing(case: tuple[int, int, int, int]) -> None:
    design, outcome, _, stated = random_model(case)
    found = products_fit(stated)
    assert found.coefficients == pytest.approx(np.linalg.lstsq(design, outcome, rcond=None)[0], rel=1e-9, abs=1e-9)
    assert found.scores.sum(axis=0) == pytest.approx(np.zeros(design.shape[1]), abs=1e-8)
    assert found.bread == pytest.approx(np.linalg.inv(design.T @ design), rel=1e-7, abs=1e-10)
    assert found.estimate == found.coefficients[0]
    assert found.influence == pytest.approx(found.bread[0])


@settings(max_examples=40)
@given(CASES, st.floats(0.01, 100.0), st.sampled_from(KINDS))
def test_another_unit_of_the_outcome_scales_effect_and_error_alike(
    case: tuple[int, int, int, int], unit: float, kind: StandardError
) -> None:
    *_, stated = random_model(case)
    assert stated.squares is not None
    other = replace(stated, outcome=unit * stated.outcome, squares=unit**2 * stated.squares)
    one, scaled = products_fit(stated), products_fit(other)
    before, after = precision_of(one, kind), precision_of(scaled, kind)
    assert scaled.estimate == pytest.approx(unit * one.estimate, rel=1e-8, abs=1e-12)
    assert after.standard_error == pytest.approx(unit * before.standard_error, rel=1e-7)
    assert after.df == pytest.approx(before.df, rel=1e-9)


@settings(max_examples=30)
@given(CASES, st.randoms(), st.sampled_from(KINDS))
def test_the_order_of_clusters_and_of_covariates_does_not_matter(
    case: tuple[int, int, int, int], random: "st.random.Random", kind: StandardError
) -> None:
    *_, stated = random_model(case)
    order = random.sample(range(len(stated.rows)), len(stated.rows))
    columns = [0, *random.sample(range(1, len(stated.names)), len(stated.names) - 1)]
    assert stated.squares is not None
    other = replace(
        stated,
        products=stated.products[order][:, columns][:, :, columns],
        outcome=stated.outcome[order][:, columns],
        squares=stated.squares[order],
        rows=stated.rows[order],
        names=tuple(stated.names[place] for place in columns),
    )
    one, another = precision_of(products_fit(stated), kind), precision_of(products_fit(other), kind)
    assert products_fit(other).estimate == pytest.approx(products_fit(stated).estimate, rel=1e-8, abs=1e-10)
    assert (another.standard_error, another.df) == pytest.approx((one.standard_error, one.df), rel=1e-7)


@settings(max_examples=30)
@given(CASES)
def test_corrections_for_few_clusters_only_widen(case: tuple[int, int, int, int]) -> None:
    """By their factors alone; cr2 and cr3 may be narrower where a cluster determines a direction of its own."""
    *_, stated = random_model(case)
    found = products_fit(stated)
    size = {kind.value: precision_of(found, kind).standard_error for kind in KINDS}
    assert size["cr0"] < size["cr1"] < size["cr1s"]
    groups = len(stated.rows)
    assert size["cr1"] ** 2 == pytest.approx(size["cr0"] ** 2 * groups / (groups - 1), rel=1e-12)


@settings(max_examples=30)
@given(CASES)
def test_cr3_is_the_jackknife_that_leaves_out_a_cluster_at_a_time(case: tuple[int, int, int, int]) -> None:
    design, outcome, clusters, stated = random_model(case)
    full = np.linalg.lstsq(design, outcome, rcond=None)[0][0]
    left = [design[clusters != one] for one in np.unique(clusters)]
    if any(np.linalg.matrix_rank(rows) < design.shape[1] for rows in left):
        return
    without = [
        np.linalg.lstsq(rows, outcome[clusters != one], rcond=None)[0][0]
        for one, rows in zip(np.unique(clusters), left, strict=True)
    ]
    found = precision_of(products_fit(stated), StandardError.CR3)
    assert found.standard_error == pytest.approx(np.sqrt(np.sum((np.array(without) - full) ** 2)), rel=1e-6)


@settings(max_examples=30)
@given(CASES, st.sampled_from(KINDS))
def test_degrees_of_freedom_are_those_of_the_kind(case: tuple[int, int, int, int], kind: StandardError) -> None:
    *_, stated = random_model(case)
    rows, groups, columns = int(stated.rows.sum()), len(stated.rows), len(stated.names)
    df = precision_of(products_fit(stated), kind).df
    if kind is StandardError.IID:
        assert df == rows - columns
    elif kind in (StandardError.CR2, StandardError.CR3):
        assert 0.0 < df <= groups - 1.0 + 1e-9
    else:
        assert df == groups - 1


def test_absorbed_columns_cost_degrees_of_freedom_but_are_nested_in_the_clusters() -> None:
    """Effects of units inside clusters: iid pays for each of them, cr1s for their constant alone."""
    centred = DESIGN[:, [0, 2]] + RANDOM.normal(size=(60, 2))
    plain = replace(model(centred), names=("treated", "x"))
    absorbing = replace(plain, absorbed=20)
    one, other = products_fit(plain), products_fit(absorbing)
    assert precision_of(other, StandardError.IID).df == 60 - 2 - 20
    assert precision_of(one, StandardError.IID).df == 60 - 2
    ratio = (
        precision_of(other, StandardError.CR1S).standard_error / precision_of(one, StandardError.CR1S).standard_error
    )
    assert ratio**2 == pytest.approx((60 - 2) / (60 - 3), rel=1e-12)
    for kind in (StandardError.CR0, StandardError.CR1, StandardError.CR2, StandardError.CR3):
        assert precision_of(other, kind) == precision_of(one, kind)


@pytest.mark.parametrize("absorbed", [57, 58, 500])
def test_absorbed_columns_count_among_the_coefficients(absorbed: int) -> None:
    found = fit_products(replace(model(), absorbed=absorbed))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.TOO_FEW_ROWS
    assert found.detail.params == {"rows": 60, "coefficients": 3 + absorbed}
    assert str(3 + absorbed + 1) in str(found.needs)


def test_a_column_of_nothing_is_refused() -> None:
    empty = DESIGN.copy()
    empty[:, 2] = 0.0
    found = fit_products(model(empty))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.COLLINEAR


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1e8])
def test_the_unit_of_a_covariate_is_not_mistaken_for_collinearity(scale: float) -> None:
    """Kroner or millions of kroner: the columns are scaled before they are judged."""
    other = DESIGN.copy()
    other[:, 2] *= scale
    assert products_fit(model(other)).estimate == pytest.approx(products_fit(model()).estimate, rel=1e-9)


@pytest.mark.parametrize("spoilt", [np.inf, -np.inf, np.nan])
def test_a_product_that_is_no_number_is_refused(spoilt: float) -> None:
    stated = model()
    products = stated.products.copy()
    products[2, 0, 1] = products[2, 1, 0] = spoilt
    found = fit_products(replace(stated, products=products))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NOT_FINITE


@pytest.mark.parametrize("outcome", [DESIGN[:, 0] * 0.0, DESIGN @ [2.0, 0.0, 0.0], DESIGN @ [-1e9, 3.0, 1e-3]])
def test_an_exact_fit_is_noticed_also_where_squares_are_unknown(outcome: np.ndarray) -> None:
    """Sums by cell do not tell y'y; rounding must not be taken for a standard error."""
    found = fit_products(replace(model(outcome=outcome), squares=None))
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NO_RESIDUAL_VARIATION


@pytest.mark.parametrize("noise", [1e-7, 1.0, 1e7])
def test_a_little_noise_is_enough_for_an_error(noise: float) -> None:
    outcome = DESIGN @ [2.0, 1.0, 1.0] + noise * RANDOM.normal(size=60)
    stated = replace(model(outcome=outcome), squares=None)
    assert precision_of(products_fit(stated), StandardError.CR2).standard_error > noise * 0.01


def precision_of(found: GramFit, kind: StandardError) -> Precision:
    stated = precision_from_products(found, kind)
    assert isinstance(stated, Precision), stated
    return stated
