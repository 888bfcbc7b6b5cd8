from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.codes import BootstrapWeights
from effects.inference.cluster_robust import plain_sandwich
from effects.inference.draw_blocks import even_blocks
from effects.inference.least_squares import Fit, fit
from effects.inference.wild_bootstrap import (
    Multipliers,
    WildScores,
    multipliers,
    prepared,
    scores_from_fit,
    scores_from_grams,
    sign_vectors,
    studentised,
    wild_bootstrap,
)
from effects.linear_model import LinearModel

Array = NDArray[np.float64]
RADEMACHER, WEBB = BootstrapWeights.RADEMACHER, BootstrapWeights.WEBB


def example(clusters: int, columns: int = 3, seed: int = 1, size: int = 6) -> LinearModel:
    """Clusters of unequal size, weighted; every other one is treated, true effect 0.3."""
    random = np.random.Generator(np.random.PCG64(seed))
    code = np.repeat(np.arange(clusters), random.integers(size - 2, size + 3, clusters))
    treated = (code % 2).astype(float)
    covariates = random.normal(size=(len(code), columns - 2)) + random.normal(size=clusters)[code][:, None]
    return LinearModel(
        outcome=0.3 * treated + random.normal(size=clusters)[code] + random.normal(size=len(code)),
        design=np.column_stack([np.ones(len(code)), treated, covariates]),
        names=("intercept", "treated", *(f"x{place}" for place in range(columns - 2))),
        effect=1,
        weights=random.uniform(0.5, 2.0, len(code)),
        clusters=code.astype(np.int64),
        absorbed=0,
        estimator="ols",
    )


def fitted(model: LinearModel) -> Fit:
    found = fit(model)
    assert isinstance(found, Fit)
    return found


def from_fit(model: LinearModel) -> WildScores:
    assert model.clusters is not None
    return scores_from_fit(fitted(model), model.clusters)


def from_grams(model: LinearModel) -> WildScores:
    assert model.clusters is not None
    member = np.eye(model.clusters[-1] + 1)[model.clusters]
    weighted = model.design * model.weights[:, None]
    grams = np.einsum("ng,nk,nl->gkl", member, weighted, model.design)
    products = np.einsum("ng,nk,n->gk", member, weighted, model.outcome)
    return scores_from_grams(grams, products[:, :, None], model.effect)


def slow(model: LinearModel, drawn: Array) -> tuple[Array, Array]:
    """Coefficient and cr0 error of the outcome of every draw, each fitted anew by numpy."""
    assert model.clusters is not None
    root, design = np.sqrt(model.weights), model.design
    others = np.delete(design, model.effect, axis=1)
    null = others @ np.linalg.lstsq(others * root[:, None], model.outcome * root, rcond=None)[0]
    bread = np.linalg.inv(design.T @ (model.weights[:, None] * design))
    found = []
    for draw in drawn:
        outcome = null + draw[model.clusters] * (model.outcome - null)
        coefficients = np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)[0]
        terms = (design @ bread[model.effect]) * model.weights * (outcome - design @ coefficients)
        found.append((coefficients[model.effect], np.sqrt(np.sum(np.bincount(model.clusters, terms) ** 2))))
    sizes, errors = np.array(found).T
    return sizes, errors


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(6, 24), st.integers(2, 5), st.sampled_from([RADEMACHER, WEBB]), st.booleans())
def test_draws_are_those_of_refitting_the_model(
    seed: int, clusters: int, columns: int, kind: BootstrapWeights, through_grams: bool
) -> None:
    model = example(clusters, columns, seed)
    drawn = np.concatenate(list(multipliers(kind, clusters, 12, seed)))
    sizes, errors = studentised(prepared(from_grams(model) if through_grams else from_fit(model)), drawn)
    expected = slow(model, drawn)
    np.testing.assert_allclose(sizes[:, 0], expected[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(errors[:, 0], expected[1], rtol=1e-9, atol=1e-7)


def trial(clusters: int) -> LinearModel:
    """The rows that wildboottest read for the numbers below: `data` there is these columns, from the same seed."""
    random = np.random.Generator(np.random.PCG64(20))
    school = np.repeat(np.arange(clusters), random.integers(4, 9, clusters))
    treated = (school % 2).astype(float)
    covariate = random.normal(size=len(school)) + random.normal(size=clusters)[school]
    outcome = 0.8 * treated + 0.5 * covariate + random.normal(size=clusters)[school] + random.normal(size=len(school))
    return LinearModel(
        outcome=outcome,
        design=np.column_stack([np.ones(len(school)), treated, covariate]),
        names=("intercept", "treated", "x"),
        effect=1,
        weights=np.ones(len(school)),
        clusters=school.astype(np.int64),
        absorbed=0,
        estimator="ols",
    )


def test_enumerated_draws_are_those_of_wildboottest() -> None:
    """wildboottest 0.3.2: WildboottestCL(X, Y, cluster, R=[0, 1, 0], B=9999, seed=1) with bootstrap_type "11".

    Its sorted |t|, at eight places of 1,024, with cr1s errors; it counts 6 draws strictly above the observed t. The two
    draws that leave every sign alone or turn all of them equal it, and are counted here.
    """
    size, spread = studentised(prepared(from_fit(trial(10))), np.concatenate(list(sign_vectors(10))))
    found = np.sort(np.abs(size / spread)[:, 0]) / np.sqrt(10 / 9 * 57 / 55)
    places = [0, 100, 300, 500, 700, 900, 1000, 1022]
    expected = [
        *(2.43287548e-03, 1.40584910e-01, 4.34193875e-01, 7.53354804e-01),
        *(1.13197427e00, 1.77042561e00, 2.66969996e00, 4.10603071e00),
    ]
    np.testing.assert_allclose(found[places], expected, rtol=5e-9)
    result = wild_bootstrap(from_fit(trial(10)), RADEMACHER, 9999, 1)
    assert (result.draws, result.enumerated, result.p_values.tolist()) == (1024, True, [8 / 1024])


@pytest.mark.parametrize(("kind", "expected"), [(RADEMACHER, 0.031630316), (WEBB, 0.030390304)])
def test_drawn_p_values_are_those_of_wildboottest_within_random_error(kind: BootstrapWeights, expected: float) -> None:
    """pyfixest 0.60.0: feols("y ~ treated + x", vcov={"CRV1": "school"}).wildboottest(param="treated", reps=99_999,
    seed=1, weights_type=...). Both shares are random: four standard errors of their difference at p = 0.03.
    """
    result = wild_bootstrap(from_fit(trial(30)), kind, 99_999, 1)
    assert not result.enumerated
    assert result.p_values[0] == pytest.approx(expected, abs=4 * np.sqrt(2 * 0.03 * 0.97 / 99_999))


@pytest.mark.parametrize(("kind", "expected"), [(RADEMACHER, 0.120071201), (WEBB, 0.120521205)])
def test_achievement_awards(reference: Path, kind: BootstrapWeights, expected: float) -> None:
    """The same call for Bagrut_status ~ treated by school_id (Angrist and Lavy 2009, girls of 2001)."""
    frame = pd.read_csv(reference / "achievement_awards_2001_girls.csv").sort_values("school_id", kind="stable")
    school = np.unique(frame["school_id"], return_inverse=True)[1].astype(np.int64)
    model = replace(
        trial(30),
        outcome=frame["Bagrut_status"].to_numpy(float),
        design=np.column_stack([np.ones(len(frame)), frame["treated"]]),
        names=("intercept", "treated"),
        weights=np.ones(len(frame)),
        clusters=school,
    )
    result = wild_bootstrap(from_fit(model), kind, 99_999, 1)
    assert result.p_values[0] == pytest.approx(expected, abs=4 * np.sqrt(2 * 0.12 * 0.88 / 99_999))


def test_multipliers_of_one_draw_the_observed_coefficient_and_error() -> None:
    model = example(12)
    found = fitted(model)
    assert model.clusters is not None
    size, spread = studentised(prepared(from_fit(model)), np.ones((1, 12)))
    assert size[0, 0] == pytest.approx(found.estimate, rel=1e-12)
    assert spread[0, 0] == pytest.approx(plain_sandwich(found, model.clusters, 1.0).standard_error, rel=1e-12)


@pytest.mark.parametrize("clusters", [8, 40])
def test_outcomes_asked_together_get_what_each_gets_alone(clusters: int) -> None:
    model = example(clusters)
    each = [from_fit(replace(model, outcome=values)) for values in (model.outcome, model.outcome**2, model.weights)]
    together = replace(each[0], scores=np.concatenate([scores.scores for scores in each]))
    for kind in (RADEMACHER, WEBB):
        alone = [float(wild_bootstrap(scores, kind, 399, 7).p_values[0]) for scores in each]
        assert wild_bootstrap(together, kind, 399, 7).p_values.tolist() == alone


def test_p_values_depend_on_the_seed_alone_and_not_on_units_of_measurement() -> None:
    model = example(40)
    scaled = replace(model, outcome=model.outcome * 1e-6, design=model.design * np.array([1.0, 1.0, 1e5]))
    one, again, other = (wild_bootstrap(from_fit(model), WEBB, 1999, seed).p_values[0] for seed in (1, 1, 2))
    assert one == again == wild_bootstrap(from_fit(scaled), WEBB, 1999, 1).p_values[0]
    assert one != other


def test_webb_multipliers_have_six_points_of_variance_one() -> None:
    drawn = np.concatenate(list(multipliers(WEBB, 40, 30_000, 5)))
    points, times = np.unique(drawn**2 * np.sign(drawn), return_counts=True)
    np.testing.assert_allclose(points, [-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
    assert np.max(np.abs(times / drawn.size - 1 / 6)) < 5 * np.sqrt(5 / 36 / drawn.size)
    assert drawn.shape == (30_000, 40)


def test_signs_are_plus_and_minus_one_equally_often_also_in_an_odd_number_of_draws() -> None:
    drawn = np.concatenate(list(multipliers(RADEMACHER, 7, 99_999, 5)))
    assert drawn.shape == (99_999, 7)
    assert np.array_equal(np.unique(drawn), [-1.0, 1.0])
    assert np.max(np.abs(drawn.mean(axis=0))) < 5 / np.sqrt(99_999)


def test_every_sign_vector_comes_once() -> None:
    found = np.concatenate(list(sign_vectors(6)))
    assert found.shape == np.unique(found, axis=0).shape == (64, 6)
    assert np.all(found**2 == 1.0)


def test_an_outcome_without_variance_between_clusters_has_no_p_value() -> None:
    """Every cluster's scores are zero: the observed t does not exist."""
    scores = from_fit(example(8))
    flat = replace(scores, scores=np.concatenate([0.0 * scores.scores, scores.scores]))
    found = wild_bootstrap(flat, RADEMACHER, 999, 1).p_values
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize("number", [1, 2, 7])
def test_parts_of_all_sign_vectors_are_all_in_their_order(number: int) -> None:
    drawn = Multipliers.of(BootstrapWeights.RADEMACHER, 9, 512, 1)
    parts = [piece for block in even_blocks(drawn.draws, number) for piece in drawn.within(block)]
    assert drawn.enumerated and drawn.draws == 512
    assert np.array_equal(np.concatenate(parts), np.concatenate(list(sign_vectors(9))))


@pytest.mark.parametrize("kind", BootstrapWeights)
def test_blocks_at_random_are_each_their_own(kind: BootstrapWeights) -> None:
    drawn = Multipliers.of(kind, 40, 60, 3)
    parts = [np.concatenate(list(drawn.within(block))) for block in even_blocks(60, 3)]
    assert not drawn.enumerated
    assert np.array_equal(parts[0], np.concatenate(list(multipliers(kind, 40, 20, 3))))
    assert len(np.unique(np.concatenate(parts), axis=0)) == 60


def test_signs_are_gone_through_where_they_are_no_more_than_asked_for() -> None:
    kinds = [(BootstrapWeights.RADEMACHER, 511), (BootstrapWeights.RADEMACHER, 512), (BootstrapWeights.WEBB, 10_000)]
    assert [Multipliers.of(kind, 9, draws, 1).enumerated for kind, draws in kinds] == [False, True, False]


def test_more_clusters_columns_and_outcomes_cost_more() -> None:
    plain = prepared(from_fit(trial(10))).cost
    assert prepared(from_fit(trial(40))).cost > plain
    costs = [Multipliers.of(BootstrapWeights.WEBB, clusters, 99, 1).cost for clusters in (10, 40)]
    assert costs == sorted(costs) and costs[0] < costs[1]
