import numpy as np
import pytest

from effects.linear_model import LinearModel, Obstacle
from effects.missing.imputation import Imputer, draws, imputer


def model(clusters: bool = True, seed: int = 3, groups: int = 12, size: int = 10) -> LinearModel:
    """A cluster-randomised trial with a covariate; clusters differ."""
    random = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat(np.arange(groups), size)
    treated, x = (cluster % 2).astype(float), random.normal(size=groups * size)
    outcome = treated + 0.8 * x + random.normal(0, 0.7, groups)[cluster] + random.normal(size=groups * size)
    return LinearModel(
        outcome=outcome,
        design=np.column_stack([np.ones(groups * size), treated, x]),
        names=("intercept", "treated", "x"),
        effect=1,
        weights=np.ones(groups * size),
        clusters=cluster if clusters else None,
        absorbed=0,
        estimator="ols",
    )


def known(rows: int, share: float = 0.7, seed: int = 9) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).random(rows) < share


def fitted(own: LinearModel, seen: np.ndarray) -> Imputer:
    found = imputer(own, seen)
    assert isinstance(found, Imputer)
    return found


def test_without_clusters_the_coefficients_are_least_squares_of_the_known_rows() -> None:
    own = model(clusters=False)
    seen = known(120)
    expected = np.linalg.lstsq(own.design[seen], own.outcome[seen], rcond=None)[0]
    found = fitted(own, seen)
    assert found.coefficients == pytest.approx(expected)
    assert found.spread @ found.spread.T == pytest.approx(np.linalg.inv(own.design[seen].T @ own.design[seen]))
    assert found.between == 0.0


def test_with_clusters_they_are_generalised_least_squares() -> None:
    own = model()
    seen = known(120)
    found = fitted(own, seen)
    assert own.clusters is not None
    design, outcome, cluster = own.design[seen], own.outcome[seen], own.clusters[seen]
    together = (cluster[:, None] == cluster[None, :]) * found.between + np.eye(len(cluster)) * found.residual
    weight = np.linalg.inv(together)
    covariance = np.linalg.inv(design.T @ weight @ design)
    assert found.between > 0.0
    assert found.coefficients == pytest.approx(covariance @ design.T @ weight @ outcome)
    assert found.residual * found.spread @ found.spread.T == pytest.approx(covariance)


def test_known_outcomes_stay_as_they_are() -> None:
    own, seen = model(), known(120)
    for completed in draws(fitted(own, seen), 3, 1):
        assert np.array_equal(completed[seen], own.outcome[seen])
        assert np.isfinite(completed).all()
        assert not np.array_equal(completed[~seen], own.outcome[~seen])


def test_the_seed_settles_every_draw() -> None:
    source = fitted(model(), known(120))
    once, again, other = (np.array(list(draws(source, 4, seed))) for seed in (5, 5, 6))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert not np.array_equal(once[0], once[1])


def test_lost_outcomes_are_drawn_around_what_their_cluster_and_covariates_say() -> None:
    """The mean of 4,000 draws of a row is its prediction (fixed part and shrunken cluster effect), to 4 errors."""
    own, seen = model(), known(120)
    source = fitted(own, seen)
    assert own.clusters is not None
    completed = np.array(list(draws(source, 4000, 2)))
    fixed = own.design @ source.coefficients
    groups = int(own.clusters.max()) + 1
    number = np.bincount(own.clusters[seen], minlength=groups)
    apart = np.bincount(own.clusters[seen], weights=(own.outcome - fixed)[seen], minlength=groups)
    effects = apart / (number + source.residual / source.between)
    expected = (fixed + effects[own.clusters])[~seen]
    spread = completed[:, ~seen].std(axis=0) / np.sqrt(4000)
    assert np.max(np.abs(completed[:, ~seen].mean(axis=0) - expected) / spread) < 4.5
    assert np.all(completed[:, ~seen].std(axis=0) > np.sqrt(source.residual) * 0.9)


def test_a_cluster_that_lost_everybody_is_drawn_from_all_clusters() -> None:
    own = model()
    assert own.clusters is not None
    seen = own.clusters != 4
    source = fitted(own, seen)
    completed = np.array(list(draws(source, 2000, 8)))[:, ~seen]
    shared = completed.mean(axis=1).std()
    assert shared == pytest.approx(np.sqrt(source.between + source.residual / 10), rel=0.35)


def test_too_few_known_rows_are_an_obstacle() -> None:
    own = model()
    seen = np.zeros(120, dtype=bool)
    seen[:3] = True
    assert isinstance(imputer(own, seen), Obstacle)
