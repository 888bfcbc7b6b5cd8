import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.codes import BootstrapWeights
from effects.inference.least_squares import Fit, fit
from effects.inference.wild_bootstrap import (
    WildScores,
    multipliers,
    scores_from_fit,
    scores_from_grams,
    studentised,
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
    sizes, errors = studentised(from_grams(model) if through_grams else from_fit(model), drawn)
    expected = slow(model, drawn)
    np.testing.assert_allclose(sizes[:, 0], expected[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(errors[:, 0], expected[1], rtol=1e-9, atol=1e-7)
