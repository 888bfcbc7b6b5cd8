import numpy as np
import pandas as pd
import pytest
from causaldata import nhefs

from effects.codes import Estimand
from effects.estimators.matched.weighting import balancing_weights, weighted_difference
from effects.rows.columns import Numbers
from tests.effects.estimators.matched import stacked
from tests.effects.estimators.matched.people import BOTH, arrays, model_of, people


def smokers() -> tuple[Numbers, Numbers, Numbers]:
    """Outcome, treatment and covariates of the weighted analysis in What If, chapter 12 (Hernan and Robins)."""
    table = nhefs.load_pandas().data.dropna(subset=["wt82_71"])
    squared = ["age", "smokeintensity", "smokeyrs", "wt71"]
    columns = [table[name].astype(float) for name in ("sex", "race", *squared)]
    columns += [table[name].astype(float) ** 2 for name in squared]
    factors = [
        pd.get_dummies(table[name].astype(float), drop_first=True) for name in ("education", "exercise", "active")
    ]
    covariates = np.column_stack([*columns, *factors]).astype(np.float64)
    return table["wt82_71"].to_numpy(dtype=float), table["qsmk"].to_numpy(dtype=float), covariates


def test_quitting_smoking_meets_the_published_weight_gain() -> None:
    """Published 3.4 (2.4, 4.5); to more digits by geepack: 3.440535430, robust error 0.5254935530."""
    outcome, treated, covariates = smokers()
    even = np.ones(len(outcome))
    found = weighted_difference(outcome, treated, model_of(treated, covariates, even), Estimand.ATE, even)
    assert found.estimate == pytest.approx(3.440535430, rel=1e-9)
    assert np.sqrt(np.sum(found.known**2)) == pytest.approx(0.5254935530, rel=1e-9)
    assert np.sqrt(np.sum(found.scores**2)) < 0.5


@pytest.mark.parametrize("estimand", BOTH)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_influence_is_that_of_the_stacked_equations(estimand: Estimand, weighted: bool) -> None:
    """The derivatives of the brute-force version are numerical: 1e-6."""
    outcome, treated, covariates, weights = arrays(people())
    weights = weights if weighted else np.ones(len(weights))
    found = weighted_difference(outcome, treated, model_of(treated, covariates, weights), estimand, weights)
    design = np.column_stack([np.ones(len(outcome)), covariates])
    estimate, error = stacked.weighting(outcome, treated, design, weights, estimand)
    assert found.estimate == pytest.approx(estimate)
    assert np.sqrt(np.sum(found.scores**2)) == pytest.approx(error, rel=1e-6)
    assert found.scores.sum() == pytest.approx(0.0, abs=1e-10)


def test_weights_stand_for_the_whole_or_for_the_treated() -> None:
    treated, p, even = np.array([1.0, 0.0]), np.array([0.25, 0.2]), np.ones(2)
    assert balancing_weights(treated, p, Estimand.ATE, even) == pytest.approx([4.0, 1.25])
    assert balancing_weights(treated, p, Estimand.ATT, 2 * even) == pytest.approx([2.0, 0.5])


def test_weighting_balances_what_the_propensity_knows() -> None:
    _, treated, covariates, weights = arrays(people(rows=4000))
    model = model_of(treated, covariates, weights)
    for column in covariates.T:
        apart = column[treated == 1.0].mean() - column[treated == 0.0].mean()
        for estimand in BOTH:
            left = weighted_difference(column, treated, model, estimand, weights).estimate
            assert abs(left) < 0.1 * abs(apart)


def test_the_scale_of_the_weights_does_not_matter() -> None:
    outcome, treated, covariates, weights = arrays(people())
    one, other = (
        weighted_difference(outcome, treated, model_of(treated, covariates, own), Estimand.ATE, own)
        for own in (weights, 1000 * weights)
    )
    assert one.estimate == pytest.approx(other.estimate)
    assert one.scores == pytest.approx(other.scores)


@pytest.mark.parametrize("estimand", BOTH)
def test_the_cautious_influence_compares_each_cluster_with_the_mean_of_the_others(estimand: Estimand) -> None:
    outcome, treated, covariates, weights = arrays(people(rows=60))
    model, clusters = model_of(treated, covariates, weights), np.arange(60) // 3
    found = weighted_difference(outcome, treated, model, estimand, weights, clusters)
    own = balancing_weights(treated, model.probabilities, estimand, weights) * treated
    row = int(np.flatnonzero(treated == 1.0)[0])
    others = own * (clusters != clusters[row])
    expected = own[row] / own.sum() * (outcome[row] - np.average(outcome, weights=others))
    within = (clusters == clusters[row]) & (treated == 1.0)
    if within.sum() == 1:
        assert (found.cautious - found.scores + found.known)[row] == pytest.approx(expected)
    assert np.sum(found.cautious**2) > np.sum(found.scores**2)


def test_without_clusters_there_is_no_caution() -> None:
    outcome, treated, covariates, weights = arrays(people())
    found = weighted_difference(outcome, treated, model_of(treated, covariates, weights), Estimand.ATE, weights)
    assert np.array_equal(found.cautious, found.scores)
