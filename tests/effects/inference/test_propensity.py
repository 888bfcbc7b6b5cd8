import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from effects.inference.propensity import Propensity, propensity, unusable
from effects.linear_model import Obstacle
from effects.rows.columns import Numbers

NAMES = ("age", "size")


def drawn(seed: int = 2, rows: int = 200) -> tuple[Numbers, Numbers, Numbers]:
    random = np.random.Generator(np.random.PCG64(seed))
    covariates = np.column_stack([random.normal(40, 10, rows), random.integers(0, 2, rows) * 1000.0])
    chance = 1 / (1 + np.exp(-(covariates[:, 0] - 42) / 10 - covariates[:, 1] / 2000))
    return (random.random(rows) < chance).astype(np.float64), covariates, random.uniform(0.5, 3, rows)


def fitted(treated: Numbers, covariates: Numbers, weights: Numbers) -> Propensity:
    found = propensity(treated, covariates, NAMES[: covariates.shape[1]], weights)
    assert isinstance(found, Propensity), found
    return found


@pytest.mark.parametrize("weighted", [False, True])
def test_probabilities_are_those_of_statsmodels(weighted: bool) -> None:
    treated, covariates, weights = drawn()
    weights = weights if weighted else np.ones(len(weights))
    model = sm.GLM(treated, sm.add_constant(covariates), family=sm.families.Binomial(), freq_weights=weights)
    expected = model.fit(tol=1e-14, maxiter=100).fittedvalues
    assert fitted(treated, covariates, weights).probabilities == pytest.approx(expected, rel=1e-9)


def test_at_the_maximum_the_scores_sum_to_nothing() -> None:
    found = fitted(*drawn())
    assert found.scores.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    spread = found.probabilities * (1 - found.probabilities) * drawn()[2]
    assert found.information == pytest.approx(found.basis.T @ (spread[:, None] * found.basis))


@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_the_units_of_the_covariates_do_not_matter(scale: float, shift: float) -> None:
    treated, covariates, weights = drawn()
    one = fitted(treated, covariates, weights)
    other = fitted(treated, covariates * np.array([scale, 1.0]) + shift * scale, weights)
    assert other.probabilities == pytest.approx(one.probabilities, rel=1e-6)


def test_one_binary_covariate_gives_the_shares_of_its_cells() -> None:
    treated = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    covariate = np.array([[0.0], [0.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    found = fitted(treated, covariate, np.ones(7))
    assert found.probabilities == pytest.approx([1 / 4] * 4 + [2 / 3] * 3)


SEPARATED = {
    "age alone": (np.array([1.0, 2, 3, 4, 5, 6, 7, 8]), "age tells the arm of some rows"),
    "ages that touch": (np.array([1.0, 2, 3, 4, 4, 6, 7, 8]), "age tells the arm of some rows"),
    "a kind nobody treated has": (np.array([0.0, 1, 0, 1, 0, 0, 0, 0]), "age tells the arm of some rows"),
}


@pytest.mark.parametrize("kind", SEPARATED)
def test_a_covariate_that_tells_the_arm_is_named(kind: str) -> None:
    covariate, detail = SEPARATED[kind]
    treated = np.repeat([0.0, 1.0], 4)
    found = propensity(treated, covariate[:, None], ("age",), np.ones(8))
    assert isinstance(found, Obstacle)
    assert (found.reason, str(found.detail)) == ("separation", detail)


def test_covariates_that_tell_the_arm_together_are_refused() -> None:
    random = np.random.Generator(np.random.PCG64(4))
    covariates = random.normal(size=(60, 2))
    treated = (covariates.sum(axis=1) > 0).astype(np.float64)
    found = propensity(treated, covariates, NAMES, np.ones(60))
    assert isinstance(found, Obstacle)
    assert str(found.detail) == "a combination of the covariates tells the arm"


def test_extreme_but_overlapping_covariates_have_a_maximum() -> None:
    covariate = np.array([*np.linspace(-50, -1, 40), 3.0, -3.0, *np.linspace(1, 50, 40)])
    treated = np.array([0.0] * 41 + [1.0] * 41)
    found = fitted(treated, covariate[:, None], np.ones(82))
    assert found.probabilities.min() < 1e-6
    assert np.isfinite(found.information).all()


@pytest.mark.parametrize(
    ("covariates", "reason"),
    [
        (np.column_stack([np.arange(8.0), 2 * np.arange(8.0)]), "collinear"),
        (np.column_stack([np.arange(8.0), np.ones(8)]), "collinear"),
        (np.random.Generator(np.random.PCG64(1)).normal(size=(8, 8)), "too_few_rows"),
        (np.column_stack([np.arange(8.0), np.full(8, 1e300)]), "not_finite"),
    ],
)
def test_what_no_regression_can_use_is_refused(covariates: Numbers, reason: str) -> None:
    treated = np.tile([0.0, 1.0], 4)
    names = tuple(f"x{place}" for place in range(covariates.shape[1]))
    with np.errstate(over="ignore"):
        found = propensity(treated, covariates, names, np.ones(8))
    assert isinstance(found, Obstacle)
    assert found.reason == reason


def test_an_exact_regression_is_usable() -> None:
    design = np.column_stack([np.ones(6), np.arange(6.0)])
    assert unusable(design @ np.array([1.0, 2.0]), design, ("x",), np.ones(6)) is None


def test_rows_that_weigh_next_to_nothing_change_nothing() -> None:
    treated, covariates, weights = drawn()
    light = np.concatenate([weights, [1e-300, 1e-300]])
    more = np.vstack([covariates, covariates[:2] + 1.0])
    one, other = fitted(treated, covariates, weights), fitted(np.append(treated, [0.0, 1.0]), more, light)
    assert other.probabilities[:-2] == pytest.approx(one.probabilities, rel=1e-6)


def test_weights_that_leave_nothing_to_compute_with_are_refused() -> None:
    weights = np.array([1e308, *[5e-324] * 7])
    with np.errstate(all="ignore"):
        found = propensity(np.tile([0.0, 1.0], 4), np.arange(8.0)[:, None], ("age",), weights)
    assert isinstance(found, Obstacle)
    assert found.reason in ("collinear", "not_finite")
