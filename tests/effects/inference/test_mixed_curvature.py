"""Derivatives of the profiled restricted likelihood against differences of it and against whole matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.inference.mixed_blocks import Blocks, terms
from effects.inference.mixed_curvature import Curvature, curvature, profile_deviance
from tests.effects.inference.dense_mixed import Array, Wedge, dense
from tests.effects.inference.test_mixed_blocks import blocks_of

RATIOS = np.array([0.6, 0.25])


def at(blocks: Blocks, ratios: Array) -> Curvature:
    return curvature(terms(blocks, ratios))


def differences(blocks: Blocks, ratios: Array, place: int) -> float:
    """Central difference of the deviance."""
    step = np.zeros_like(ratios)
    step[place] = 1e-5 * ratios[place]
    ends = [profile_deviance(terms(blocks, ratios + sign * step)) for sign in (1, -1)]
    return float((ends[0] - ends[1]) / (2 * step[place]))


@given(
    seed=st.integers(0, 10_000),
    ratios=st.tuples(st.sampled_from([0.02, 0.5, 4.0]), st.sampled_from([0.03, 0.3, 3.0])),
    weighted=st.booleans(),
)
@settings(max_examples=15)
def test_the_gradient_is_the_slope_of_the_deviance(seed: int, ratios: tuple[float, float], *, weighted: bool) -> None:
    model, period = Wedge(seed=seed, weighted=weighted).rows()
    blocks, _ = blocks_of(model, period)
    point = np.array(ratios)
    gradient = at(blocks, point).gradient
    for place in (0, 1):
        assert gradient[place] == pytest.approx(differences(blocks, point, place), rel=1e-4, abs=1e-5)


def test_the_observed_curvature_is_the_slope_of_the_gradient() -> None:
    model, period = Wedge(seed=41).rows()
    blocks, _ = blocks_of(model, period)
    found = at(blocks, RATIOS).hessian(expected=False)
    for place in (0, 1):
        step = 1e-6 * np.eye(2)[place]
        slope = (at(blocks, RATIOS + step).gradient - at(blocks, RATIOS - step).gradient) / 2e-6
        assert found[place] == pytest.approx(slope, rel=1e-5)


def test_the_expected_curvature_never_bends_downwards() -> None:
    model, period = Wedge(seed=42).rows()
    blocks, _ = blocks_of(model, period)
    for ratios in ([0.0, 0.0], [5.0, 0.0], [0.0, 9.0], [1e4, 1e4]):
        found = at(blocks, np.array(ratios)).hessian(expected=True)
        scale = np.sqrt(np.diag(found))
        assert np.linalg.eigvalsh(found / np.outer(scale, scale))[0] > -1e-8


def test_the_deviance_is_the_likelihood_up_to_a_constant() -> None:
    model, period = Wedge(seed=43, weighted=True).rows()
    blocks, _ = blocks_of(model, period)
    whole = dense(model, period)
    gaps = []
    for ratios in (RATIOS, np.array([0.0, 1.0]), np.array([3.0, 0.0])):
        found = at(blocks, ratios)
        residual = found.squares / found.freedom * blocks.scale**2
        gaps.append(found.deviance + 2.0 * whole.log_likelihood(residual * np.append(ratios, 1.0)))
        assert profile_deviance(found.terms) == pytest.approx(found.deviance, rel=1e-12)
    assert gaps == pytest.approx([gaps[0]] * 3, rel=1e-9)


def test_traces_and_squares_are_those_of_the_projection() -> None:
    model, period = Wedge(seed=44, weighted=True).rows()
    blocks, columns = blocks_of(model, period)
    whole, outcome = dense(model, period), columns[:, -1]
    unit = np.append(RATIOS, 1.0)
    projection, spread = whole.projection(unit), whole.spread(unit)
    found, parts = at(blocks, RATIOS), (spread, *whole.parts[:-1])
    for one, left in enumerate(parts):
        for other, right in enumerate(parts):
            double = projection @ left @ projection @ right
            assert found.expected[one, other] == pytest.approx(np.trace(double), rel=1e-8)
            assert found.observed[one, other] == pytest.approx(outcome @ double @ projection @ outcome, rel=1e-8)


def test_a_model_without_anything_left_has_endless_likelihood() -> None:
    model, period = Wedge(seed=45).rows()
    blocks, _ = blocks_of(model, period)
    flat = terms(blocks, RATIOS)
    flat.products[-1, -1] = 0.0
    assert profile_deviance(flat) == -np.inf
