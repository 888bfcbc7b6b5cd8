import numpy as np
import pytest

from effects.codes import Estimand
from effects.estimators.matched.doubly_robust import augmented
from effects.estimators.matched.weighting import Scored
from effects.linear_model import Obstacle
from effects.rows.columns import Numbers
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
