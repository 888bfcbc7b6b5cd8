import numpy as np
import pytest
from numpy.typing import NDArray

from effects.codes import Estimator
from effects.estimators.synthetic.checks import synthetic_checks
from effects.estimators.synthetic.panel import Panel
from effects.estimators.synthetic.placebos import Answered, Placebos, answer, choose
from effects.results import Diagnostic
from tests.effects.estimators.synthetic.panels import walk

Array = NDArray[np.float64]


def checked(
    outcomes: Array, before: int, estimator: Estimator = Estimator.DID, scale: float = 1.0
) -> dict[str, Diagnostic]:
    panel, placebos, found = answered(outcomes, before, estimator, scale)
    return {check.name: check for check in synthetic_checks(panel, placebos, found, estimator, "y")}


def answered(
    outcomes: Array, before: int, estimator: Estimator, scale: float = 1.0
) -> tuple[Panel, Placebos, Answered]:
    labels = tuple(f"site {place}" for place in range(len(outcomes)))
    panel = Panel(outcomes, len(outcomes) - 1, before, labels, scale, ())
    placebos = choose(panel.donors, 1, before, seed=0)
    return panel, placebos, answer(panel, placebos, estimator)


def test_every_check_speaks_of_its_outcome() -> None:
    found = checked(walk(units=8, periods=12, seed=1), 8)
    assert list(found) == [
        "fit_before_start",
        "leave_one_donor_out",
        "in_time_placebo",
        "donor_weights",
        "placebos_enumerated",
    ]
    assert {check.outcome for check in found.values()} == {"y"}


def test_a_treated_unit_that_wanders_off_before_the_start_is_warned_of() -> None:
    outcomes = walk(units=8, periods=12, seed=2)
    assert checked(outcomes, 8)["fit_before_start"].verdict == "pass"
    outcomes[-1] += 5.0 * np.sin(np.arange(12))
    found = checked(outcomes, 8)["fit_before_start"]
    assert found.verdict == "warn"
    assert found.statistic is not None
    assert found.statistic > 2.0


def test_the_fit_is_the_gap_over_that_of_the_median_placebo() -> None:
    outcomes = walk(units=6, periods=10, seed=3)
    panel, placebos, found = answered(outcomes, 7, Estimator.DID, scale=4.0)
    check = synthetic_checks(panel, placebos, found, Estimator.DID, "y")[0]
    gap = outcomes[5, :7] - outcomes[:5, :7].mean(axis=0)
    own = np.std(gap)
    assert check.statistic == pytest.approx(own / np.median(found.placebos.rmse))
    assert check.detail.params["own"] == pytest.approx(4.0 * own)


def test_donors_that_fit_perfectly_leave_nothing_to_compare_the_fit_with() -> None:
    outcomes = np.tile(np.arange(10.0), (5, 1)) + np.arange(5)[:, None]
    outcomes[:, 7:] += np.random.Generator(np.random.PCG64(4)).normal(size=(5, 3))
    assert checked(np.round(outcomes * 8) / 8, 7)["fit_before_start"].verdict in ("inapplicable", "pass")


def test_a_single_donor_that_carries_the_answer_is_warned_of() -> None:
    outcomes = np.random.Generator(np.random.PCG64(5)).normal(0, 0.01, size=(5, 10))
    outcomes[0, 7:] += 3.0
    found = checked(outcomes, 7)["leave_one_donor_out"]
    change = outcomes[:, 7:].mean(axis=1) - outcomes[:, :7].mean(axis=1)
    without = [change[4] - np.delete(change[:4], place).mean() for place in range(4)]
    assert found.detail.params["low"] == pytest.approx(min(without))
    assert found.detail.params["high"] == pytest.approx(max(without))
    assert found.detail.params["donors"] == 4
    assert found.verdict == "pass"
    assert found.statistic is not None
    assert 0.3 < found.statistic < 1.0


def test_only_the_heaviest_donors_are_left_out_in_turn() -> None:
    found = checked(np.random.Generator(np.random.PCG64(6)).normal(size=(60, 6)), 4)["leave_one_donor_out"]
    assert found.detail.params["donors"] == 40


def test_an_effect_before_the_start_is_warned_of() -> None:
    outcomes = np.random.Generator(np.random.PCG64(8)).normal(0, 0.1, size=(9, 12))
    assert checked(outcomes, 8)["in_time_placebo"].verdict == "pass"
    outcomes[-1, 4:] += 5.0
    found = checked(outcomes, 8, scale=2.0)["in_time_placebo"]
    past = outcomes[:, :8]
    change = past[:, 4:].mean(axis=1) - past[:, :4].mean(axis=1)
    assert found.verdict == "warn"
    assert found.statistic == pytest.approx(2.0 * (change[-1] - change[:-1].mean()))
    assert found.detail.params["periods"] == 4


@pytest.mark.parametrize(("before", "verdict"), [(3, "inapplicable"), (4, "pass")])
def test_a_short_past_has_no_earlier_start(before: int, verdict: str) -> None:
    outcomes = np.random.Generator(np.random.PCG64(8)).normal(size=(9, 7))
    assert checked(outcomes, before)["in_time_placebo"].verdict == verdict


def test_the_heaviest_donor_is_named() -> None:
    outcomes = walk(units=7, periods=12, seed=9)
    outcomes[-1] = outcomes[3] + np.random.Generator(np.random.PCG64(1)).normal(0, 0.01, 12)
    found = checked(outcomes, 8, Estimator.SYNTHETIC_CONTROL)["donor_weights"]
    assert found.verdict == "warn"
    assert found.detail.params["donor"] == "site 3"
    assert found.statistic is not None
    assert found.statistic > 0.5
    assert 1.0 <= float(found.detail.params["effective"]) < 4.0


def test_equal_weights_are_as_many_donors_as_there_are() -> None:
    found = checked(walk(units=9, periods=8, seed=10), 5)["donor_weights"]
    assert (found.statistic, found.verdict) == (pytest.approx(1 / 8), "pass")
    assert found.detail.params["effective"] == pytest.approx(8.0)


@pytest.mark.parametrize(("donors", "statistic", "verdict"), [(8, 1.0, "pass"), (160, 125 / 160, "warn")])
def test_placebos_that_were_drawn_are_not_all_placebos(donors: int, statistic: float, verdict: str) -> None:
    outcomes = np.random.Generator(np.random.PCG64(11)).normal(size=(donors + 1, 5))
    found = checked(outcomes, 3)["placebos_enumerated"]
    assert (found.statistic, found.verdict) == (statistic, verdict)
    assert found.detail.params["possible"] == donors
