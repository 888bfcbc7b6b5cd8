import numpy as np
import pytest

from effects.decision_simulation.drawing import draw
from tests.effects.decision_simulation.planned_setting import ALL_HELP, NOTHING, setting

MANY = 20_000


def test_estimates_scatter_about_the_truth_in_the_unit_of_the_outcome() -> None:
    found = draw(setting(), ALL_HELP, MANY, 1)
    assert found.shape == (MANY, 3, 7)
    assert found.mean(axis=(0, 1)) == pytest.approx([3.0] * 4 + [0.0] * 3, abs=0.03)


@pytest.mark.parametrize("tau", [0.0, 0.6])
def test_pilots_differ_by_their_error_and_by_tau(tau: float) -> None:
    found = draw(setting(tau=tau), NOTHING, MANY, 1)
    assert found.std(axis=0) == pytest.approx(np.full((3, 7), np.hypot(0.7, 2.0 * tau)), rel=0.03)


def test_indicators_of_a_pilot_go_together_and_pilots_do_not() -> None:
    found = draw(setting(correlation=0.5), NOTHING, MANY, 1)
    within = np.corrcoef(found[:, 0].T)
    assert within[np.triu_indices(7, 1)] == pytest.approx(np.full(21, 0.5), abs=0.03)
    between = np.corrcoef(found[:, 0, 0], found[:, 1, 0])[0, 1]
    assert between == pytest.approx(0.0, abs=0.03)


def test_indicators_may_be_unrelated() -> None:
    found = draw(setting(correlation=0.0), NOTHING, MANY, 1)
    assert np.corrcoef(found[:, 0, 0], found[:, 0, 1])[0, 1] == pytest.approx(0.0, abs=0.03)


def test_every_truth_meets_the_same_errors() -> None:
    difference = draw(setting(), ALL_HELP, 10, 3) - draw(setting(), NOTHING, 10, 3)
    assert difference == pytest.approx(np.broadcast_to([3.0] * 4 + [0.0] * 3, (10, 3, 7)))


def test_the_seed_decides_the_draws() -> None:
    assert np.array_equal(draw(setting(), NOTHING, 5, 1), draw(setting(), NOTHING, 5, 1))
    assert not np.array_equal(draw(setting(), NOTHING, 5, 1), draw(setting(), NOTHING, 5, 2))
