import warnings

import numpy as np
import pytest
from diff_diff.utils import compute_sdid_estimator, compute_sdid_unit_weights, compute_time_weights
from numpy.typing import NDArray

from effects.codes import Estimator
from effects.estimators.synthetic.weights import Contrasts, Tuning, Weighted, tuning, weigh
from tests.effects.estimators.synthetic.panels import actual_of, prisons_matrix, walk

Array = NDArray[np.float64]
SDID, SC, DID = Estimator.SYNTHETIC_DID, Estimator.SYNTHETIC_CONTROL, Estimator.DID


def answer(panel: Array, before: int, estimator: Estimator, treated: int = 1) -> Weighted:
    real = actual_of(panel, treated)
    return weigh(panel, before, real, estimator, tuning(panel, before, real, estimator))


def judged(panel: Array, before: int, treated: int) -> tuple[float, Array, Array]:
    """Effect, unit and period weights by diff-diff, which was made to match the R package."""
    donors = len(panel) - treated
    real = actual_of(panel, treated)
    chosen = tuning(panel, before, real, SDID)
    past, later = panel[:, :before].T, panel[:, before:].T
    least = 1e-5 * chosen.noise
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        units = compute_sdid_unit_weights(
            past[:, :donors], past[:, donors:].mean(axis=1), chosen.units_ridge, min_decrease=least
        )
        periods = compute_time_weights(past[:, :donors], later[:, :donors], 1e-6 * chosen.noise, min_decrease=least)
    effect = compute_sdid_estimator(
        past[:, :donors],
        later[:, :donors],
        past[:, donors:].mean(axis=1),
        later[:, donors:].mean(axis=1),
        units,
        periods,
    )
    return float(effect), units, periods


@pytest.mark.parametrize(("seed", "treated"), [(1, 1), (2, 1), (3, 3)])
def test_synthetic_did_meets_another_implementation(seed: int, treated: int) -> None:
    panel = walk(units=14, periods=12, seed=seed)
    found = answer(panel, 8, SDID, treated)
    effect, units, periods = judged(panel, 8, treated)
    # Both stop by the same rule; what is left is rounding in cross-products against rounding in rows.
    assert found.effects[0] == pytest.approx(effect, rel=1e-8)
    assert found.units[0, :-treated] == pytest.approx(units, abs=1e-8)
    assert found.periods[0] == pytest.approx(periods, abs=1e-8)


def test_prisons_in_texas_meet_another_implementation() -> None:
    panel = prisons_matrix()
    effect, units, _ = judged(panel, 8, 1)
    found = answer(panel, 8, SDID)
    assert found.effects[0] == pytest.approx(effect, rel=1e-10)
    # SyntheticDiD of diff-diff 3.13 on the same rows.
    assert found.effects[0] == pytest.approx(19478.64651976959, rel=1e-10)
    assert found.units[0, :-1] == pytest.approx(units, abs=1e-10)


def test_did_is_the_difference_of_differences() -> None:
    panel = walk(units=7, periods=10, seed=4)
    found = answer(panel, 6, DID)
    change = panel[:, 6:].mean(axis=1) - panel[:, :6].mean(axis=1)
    assert found.effects[0] == pytest.approx(change[-1] - change[:-1].mean())
    assert found.units[0] == pytest.approx([*[1 / 6] * 6, 0.0])


def test_a_synthetic_control_takes_no_period_from_the_past() -> None:
    panel = walk(units=7, periods=10, seed=5)
    found = answer(panel, 6, SC)
    gap = panel[-1] - found.units[0, :-1] @ panel[:-1]
    assert found.periods.tolist() == [[0.0] * 6]
    assert found.effects[0] == pytest.approx(gap[6:].mean())
    assert found.rmse[0] == pytest.approx(np.sqrt(np.mean(gap[:6] ** 2)))


def test_a_twin_among_the_donors_gives_no_effect() -> None:
    panel = walk(units=7, periods=10, seed=6)
    panel[-1] = panel[2]
    found = answer(panel, 6, SC)
    assert found.effects[0] == pytest.approx(0.0, abs=1e-4)
    assert int(np.argmax(found.units[0])) == 2


@pytest.mark.parametrize("estimator", [SDID, DID])
def test_an_effect_added_after_the_start_is_added_to_the_estimate(estimator: Estimator) -> None:
    panel = prisons_matrix() / 1000.0
    raised = panel.copy()
    raised[-1, 8:] += 5.0
    before, after = (answer(own, 8, estimator).effects[0] for own in (panel, raised))
    assert after == pytest.approx(before + 5.0, rel=1e-9)


@pytest.mark.parametrize("estimator", [SDID, DID])
def test_what_is_constant_in_a_unit_does_not_matter(estimator: Estimator) -> None:
    panel = prisons_matrix() / 1000.0
    shifted = panel + 100.0 * np.arange(len(panel))[:, None]
    assert answer(shifted, 8, estimator).effects[0] == pytest.approx(answer(panel, 8, estimator).effects[0], rel=1e-6)


@pytest.mark.parametrize("estimator", [SDID, SC, DID])
def test_what_all_units_share_in_a_period_does_not_matter(estimator: Estimator) -> None:
    panel = walk(units=9, periods=12, seed=9)
    shifted = panel + 50.0 * np.sin(np.arange(12))[None, :]
    real = actual_of(panel, 1)
    chosen = tuning(panel, 8, real, estimator)
    found = [weigh(own, 8, real, estimator, chosen).effects[0] for own in (panel, shifted)]
    assert found[1] == pytest.approx(found[0], rel=1e-8)


def test_many_contrasts_at_once_are_each_as_if_alone() -> None:
    panel = walk(units=8, periods=11, seed=10)
    chosen = tuning(panel, 7, actual_of(panel, 1), SDID)
    eye = np.eye(7, 8, dtype=np.bool_)
    together = weigh(panel, 7, Contrasts(actual_of(panel, 1).controls & ~eye, eye), SDID, chosen)
    for place in range(7):
        order = [*(unit for unit in range(7) if unit != place), place]
        alone = weigh(panel[order], 7, actual_of(panel[order], 1), SDID, chosen)
        assert together.effects[place] == pytest.approx(alone.effects[0], rel=1e-8)
        assert together.units[place, place] == 0.0
        assert together.periods[place] == pytest.approx(alone.periods[0], abs=1e-8)


def test_contrasts_may_leave_out_different_numbers_of_donors() -> None:
    panel = prisons_matrix() / 1000.0
    real = actual_of(panel, 1)
    chosen = tuning(panel, 8, real, SDID)
    out = np.zeros((2, len(panel)), dtype=np.bool_)
    out[1, [0, 3]] = True
    found = weigh(panel, 8, Contrasts(real.controls & ~out, np.repeat(real.treated, 2, axis=0)), SDID, chosen)
    fewer = np.delete(panel, [0, 3], axis=0)
    alone = weigh(fewer, 8, actual_of(fewer, 1), SDID, chosen)
    assert found.effects[0] == pytest.approx(weigh(panel, 8, real, SDID, chosen).effects[0], rel=1e-9)
    assert found.effects[1] == pytest.approx(alone.effects[0], rel=1e-8)


def test_a_warm_start_comes_to_nearly_the_same_answer() -> None:
    panel = walk(units=8, periods=11, seed=12)
    real = actual_of(panel, 1)
    chosen = tuning(panel, 7, real, SDID)
    cold = weigh(panel, 7, real, SDID, chosen)
    warm = weigh(panel, 7, real, SDID, chosen, cold)
    assert warm.effects[0] == pytest.approx(cold.effects[0], rel=1e-3)


def test_the_ridge_grows_with_the_treated_cells() -> None:
    panel = walk(units=8, periods=11, seed=13)
    one, two = (tuning(panel, 7, actual_of(panel, treated), SDID) for treated in (1, 2))
    assert one.units_ridge == pytest.approx(4**0.25 * one.noise)
    assert two.units_ridge == pytest.approx(8**0.25 * two.noise)
    assert tuning(panel, 7, actual_of(panel, 1), SC) == Tuning(one.noise, 1e-6 * one.noise)


def test_noise_is_the_spread_of_the_donors_first_differences() -> None:
    panel = walk(units=5, periods=9, seed=14)
    steps = np.diff(panel[:4, :6], axis=1)
    assert tuning(panel, 6, actual_of(panel, 1), SDID).noise == pytest.approx(steps.std(ddof=1))
