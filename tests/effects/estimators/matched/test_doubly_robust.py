import numpy as np
import pandas as pd
import pytest

from effects.codes import Estimand
from effects.estimators.matched.doubly_robust import OutcomeModel, augmented
from effects.estimators.matched.weighting import Scored
from effects.linear_model import Obstacle
from effects.rows.columns import Codes, Numbers
from tests.effects.estimators.matched import stacked
from tests.effects.estimators.matched.people import BOTH, NAMES, arrays, model_of, people


def effect(outcome: Numbers, treated: Numbers, covariates: Numbers, weights: Numbers, estimand: Estimand) -> Scored:
    model = model_of(treated, covariates, weights)
    found = augmented(outcome, treated, model, estimand, weights, NAMES)
    assert isinstance(found, Scored), found
    return found


@pytest.mark.parametrize("estimand", BOTH)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_influence_is_that_of_the_stacked_equations(estimand: Estimand, weighted: bool) -> None:
    """The derivatives of the brute-force version are numerical: 1e-6."""
    outcome, treated, covariates, weights = arrays(people())
    weights = weights if weighted else np.ones(len(weights))
    found = effect(outcome, treated, covariates, weights, estimand)
    design = np.column_stack([np.ones(len(outcome)), covariates])
    estimate, error = stacked.augmenting(outcome, treated, design, weights, estimand)
    assert found.estimate == pytest.approx(estimate)
    assert np.sqrt(np.sum(found.scores**2)) == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("estimand", BOTH)
def test_a_linear_outcome_is_found_whatever_the_propensity(estimand: Estimand) -> None:
    """Without noise the outcome models are exact, and a propensity that is wrong does not matter."""
    _, treated, covariates, weights = arrays(people())
    outcome = 1.0 + 2.0 * treated + covariates @ np.array([3.0, -1.0])
    wrong = model_of(treated, np.column_stack([covariates[:, 0] ** 2, covariates[:, 1]]), weights)
    columns = np.column_stack([np.ones(len(outcome)), covariates])
    swapped = type(wrong)(wrong.probabilities, columns, np.eye(3), np.zeros((len(outcome), 3)))
    found = augmented(outcome, treated, swapped, estimand, weights, NAMES)
    assert isinstance(found, Scored)
    assert found.estimate == pytest.approx(2.0)


def test_it_is_sharper_than_weighting_where_covariates_predict_the_outcome() -> None:
    from_weights = effect(*arrays(people(rows=2000)), Estimand.ATE)
    assert from_weights.estimate == pytest.approx(2.0, abs=0.15)
    assert np.sqrt(np.sum(from_weights.scores**2)) < 0.06


def test_the_error_has_the_spread_of_repeated_samples() -> None:
    """150 samples: the standard deviation of the estimates is known to about 6 %."""
    found = [effect(*arrays(people(rows=120, seed=seed)), Estimand.ATE) for seed in range(150)]
    spread = np.std([one.estimate for one in found], ddof=1)
    errors = np.sqrt(np.mean([np.sum(one.scores**2) for one in found]))
    assert errors == pytest.approx(spread, rel=0.18)


def test_an_arm_in_which_the_covariates_determine_each_other_is_refused() -> None:
    outcome, treated, covariates, weights = arrays(people())
    covariates[treated == 0.0, 1] = covariates[treated == 0.0, 0] * 2.0
    model = model_of(treated, covariates, weights)
    found = augmented(outcome, treated, model, Estimand.ATE, weights, NAMES)
    assert isinstance(found, Obstacle)
    assert found.reason == "collinear"


def without_each(frame: pd.DataFrame, clusters: Codes) -> float:
    """The size of the cautious error by fitting the outcome models anew without every cluster, weights known."""
    outcome, treated, covariates, weights = arrays(frame)
    p = model_of(treated, covariates, weights).probabilities
    design = np.column_stack([np.ones(len(outcome)), covariates])
    residuals = {}
    for arm in (1.0, 0.0):
        residuals[arm] = np.empty(len(outcome))
        for cluster in np.unique(clusters):
            kept = (treated == arm) & (clusters != cluster)
            root = np.sqrt(weights[kept])
            fitted, *_ = np.linalg.lstsq(design[kept] * root[:, None], outcome[kept] * root, rcond=None)
            rows = clusters == cluster
            residuals[arm][rows] = outcome[rows] - design[rows] @ fitted
    gains = treated * residuals[1.0] / p - (1 - treated) * residuals[0.0] / (1 - p)
    return float(np.sqrt(np.sum((weights / weights.sum() * gains) ** 2)))


@pytest.mark.parametrize("size", [1, 4])
def test_the_cautious_influence_leaves_each_cluster_out_of_its_own_model(size: int) -> None:
    """Leaving out is a closed form; the part of the influence that is residuals is that of models fitted anew."""
    frame = people(rows=80)
    outcome, treated, covariates, weights = arrays(frame)
    clusters = np.arange(80) // size
    model = model_of(treated, covariates, weights)
    found = augmented(outcome, treated, model, Estimand.ATE, weights, NAMES, clusters)
    assert isinstance(found, Scored)
    plain, cautious = (np.sqrt(np.sum(own**2)) for own in (found.scores, found.cautious))
    assert cautious > plain
    assert cautious == pytest.approx(without_each(frame, clusters), rel=0.15)


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("arm", [1.0, 0.0])
def test_residuals_without_the_cluster_are_those_of_models_fitted_without_it(size: int, arm: float) -> None:
    outcome, treated, covariates, weights = arrays(people(rows=80))
    design, clusters = np.column_stack([np.ones(80), covariates]), np.arange(80) // size
    found = OutcomeModel.fitted(outcome, treated == arm, design, weights).left_out(clusters)
    for cluster in range(80 // size):
        rows, kept = clusters == cluster, (treated == arm) & (clusters != cluster)
        root = np.sqrt(weights[kept])
        fitted, *_ = np.linalg.lstsq(design[kept] * root[:, None], outcome[kept] * root, rcond=None)
        assert found[rows] == pytest.approx(outcome[rows] - design[rows] @ fitted)


def test_a_cluster_without_which_no_model_stands_keeps_its_residuals() -> None:
    design = np.column_stack([np.ones(6), np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])])
    outcome = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 9.0])
    model = OutcomeModel.fitted(outcome, np.ones(6, dtype=np.bool_), design, np.ones(6))
    assert model.left_out(np.arange(6))[5] == pytest.approx(0.0, abs=1e-9)
    assert model.left_out(np.array([0, 0, 1, 1, 2, 3]))[5] == pytest.approx(0.0, abs=1e-9)


def test_in_a_trial_it_is_lins_difference_of_regressions() -> None:
    """Where everybody had the same chance, the residuals of each arm sum to nothing and only the predictions count."""
    outcome, treated, covariates, weights = arrays(people())
    model = model_of(treated, covariates, weights)
    share = float(np.average(treated, weights=weights))
    even = type(model)(np.full(len(outcome), share), model.basis, model.information, model.scores)
    found = augmented(outcome, treated, even, Estimand.ATE, weights, NAMES)
    assert isinstance(found, Scored)
    design = np.column_stack([np.ones(len(outcome)), covariates])
    means = []
    for arm in (1.0, 0.0):
        root = np.sqrt(weights * (treated == arm))
        fitted, *_ = np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)
        means.append(float(np.average(design @ fitted, weights=weights)))
    assert found.estimate == pytest.approx(means[0] - means[1])
