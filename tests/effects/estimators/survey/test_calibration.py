import numpy as np
import pytest

from effects.codes import Calibration
from effects.estimators.survey.calibration import Calibrated, Margin, Total, calibrate, margins_of
from effects.linear_model import Obstacle
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes

# Deming and Stephan's procedure on the 2 x 2 table (40, 30; 10, 20) with margins 60/40 and 70/30.
FIRST: Codes = np.repeat([0, 0, 1, 1], [40, 30, 10, 20])
SECOND: Codes = np.repeat([0, 1, 0, 1], [40, 30, 10, 20])
ONES = np.ones(100)
ROWS = Margin("row", FIRST, np.array([6000.0, 4000.0]), ("a", "b"))
COLUMNS = Margin("column", SECOND, np.array([7000.0, 3000.0]), ("c", "d"))


def tied(found: Calibrated | Obstacle) -> Calibrated:
    assert isinstance(found, Calibrated), found
    return found


def test_without_calibration_weights_and_values_stay_as_they_are() -> None:
    found = tied(calibrate(Calibration.NONE, ONES, []))
    assert np.array_equal(found.weights, ONES)
    assert np.array_equal(found.residuals(FIRST.astype(float)), FIRST.astype(float))


def test_post_stratification_scales_each_level_and_leaves_deviations_from_its_mean() -> None:
    weights = np.linspace(1, 3, 100)
    found = tied(calibrate(Calibration.POSTSTRATIFICATION, weights, [ROWS]))
    assert np.bincount(FIRST, weights=found.weights) == pytest.approx([6000.0, 4000.0])
    assert np.ptp(found.weights[FIRST == 0] / weights[FIRST == 0]) < 1e-9
    values = np.sin(np.arange(100.0))
    left = found.residuals(values)
    for level in (0, 1):
        own = level == FIRST
        assert left[own] == pytest.approx(values[own] - np.average(values[own], weights=weights[own]))


def test_raking_meets_both_margins_and_keeps_the_odds_ratio_of_the_sample() -> None:
    found = tied(calibrate(Calibration.RAKING, ONES, [ROWS, COLUMNS]))
    assert np.bincount(FIRST, weights=found.weights) == pytest.approx([6000.0, 4000.0], abs=1.0)
    assert np.bincount(SECOND, weights=found.weights) == pytest.approx([7000.0, 3000.0], abs=1.0)
    cells = np.bincount(2 * FIRST + SECOND, weights=found.weights)
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(40 * 20 / (30 * 10))
    indicator = (SECOND == 1).astype(float)
    assert found.residuals(indicator) == pytest.approx(np.zeros(100), abs=1e-12)


def test_raking_over_margins_that_hold_already_changes_nothing() -> None:
    rows = Margin("row", FIRST, np.array([70.0, 30.0]), ("a", "b"))
    columns = Margin("column", SECOND, np.array([50.0, 50.0]), ("c", "d"))
    assert tied(calibrate(Calibration.RAKING, ONES, [rows, columns])).weights == pytest.approx(ONES)


def test_greg_meets_counts_and_a_numeric_total_with_the_smallest_change() -> None:
    values = np.linspace(10, 20, 100)
    found = tied(calibrate(Calibration.GREG, ONES, [ROWS], [Total("x", values, 160_000.0)]))
    assert np.bincount(FIRST, weights=found.weights) == pytest.approx([6000.0, 4000.0])
    assert found.weights @ values == pytest.approx(160_000.0)
    columns = np.column_stack([FIRST == 0, FIRST == 1, values]).astype(float)
    even = np.full(100, 100.0)
    wanted = np.array([6000.0, 4000.0, 160_000.0])
    direct = even * (1 + columns @ np.linalg.solve(columns.T @ (even[:, None] * columns), wanted - columns.T @ even))
    assert found.weights == pytest.approx(direct)


def test_greg_with_one_margin_is_post_stratification() -> None:
    weights = np.linspace(1, 3, 100)
    one, other = (tied(calibrate(method, weights, [ROWS])) for method in ("greg", "poststratification"))
    assert one.weights == pytest.approx(other.weights)
    values = np.cos(np.arange(100.0))
    assert one.residuals(values) == pytest.approx(other.residuals(values))


def test_the_scale_of_the_weights_does_not_matter_where_the_margins_count_people() -> None:
    total = [Total("x", np.linspace(10, 20, 100), 160_000.0)]
    one, other = (tied(calibrate(Calibration.GREG, ONES * factor, [ROWS], total)) for factor in (1.0, 1e-6))
    assert one.weights == pytest.approx(other.weights)


def test_greg_takes_margins_that_repeat_each_other() -> None:
    found = tied(calibrate(Calibration.GREG, ONES, [ROWS, COLUMNS]))
    assert np.bincount(FIRST, weights=found.weights) == pytest.approx([6000.0, 4000.0])
    assert found.basis.shape[1] == 3


def test_totals_that_no_weights_can_meet_are_refused() -> None:
    same = [Total("x", ONES, 100.0), Total("y", ONES, 200.0)]
    found = calibrate(Calibration.GREG, ONES, [], same)
    assert isinstance(found, Obstacle)
    assert (found.reason, str(found.detail)) == ("calibration", "no weights meet all 2 totals")


def test_raking_over_an_empty_diagonal_does_not_converge_and_says_so() -> None:
    codes = np.repeat([0, 1], 50)
    rows = Margin("row", codes, np.array([60.0, 40.0]), ("a", "b"))
    columns = Margin("column", codes, np.array([40.0, 60.0]), ("c", "d"))
    found = calibrate(Calibration.RAKING, ONES, [rows, columns])
    assert isinstance(found, Obstacle)
    assert "converge" in str(found.detail)


def test_a_level_nobody_has_is_named() -> None:
    empty = Margin("row", np.zeros(100, dtype=np.int64), np.array([60.0, 40.0]), ("a", "b"))
    found = calibrate(Calibration.POSTSTRATIFICATION, ONES, [empty])
    assert isinstance(found, Obstacle)
    assert str(found.detail) == "nobody in the sample has row = b"


def test_stated_totals_find_their_levels_and_numbers() -> None:
    columns = {
        "kind": Levels(np.array([1, 0, 1]), ("E", "H")),
        "last": Levels(np.array([0, 1, 2]), ("1.5", "2", "30")),
    }
    stated = {"kind": {"H": 20.0, "E": 10.0}, "last": {"total": 99.0}}
    margins, totals = margins_of(stated, columns, np.array([0, 2]))
    assert margins[0].codes.tolist() == [0, 0]
    assert margins[0].levels == ("H", "E")
    assert totals[0].values.tolist() == [1.5, 30.0]
    assert totals[0].total == 99.0


def test_raking_sweeps_are_the_regression_on_all_levels_where_design_weights_are_equal() -> None:
    """Ten sweeps come to the unweighted projection: to 1e-6 on this table."""
    near = [
        Margin("row", FIRST, np.array([0.7, 0.3]) * 1e9, ("a", "b")),
        Margin("column", SECOND, np.array([0.5, 0.5]) * 1e9, ("c", "d")),
    ]
    found = tied(calibrate(Calibration.RAKING, 1e7 * ONES, near))
    values = np.sin(np.arange(100.0))
    columns = np.column_stack([np.ones(100), FIRST, SECOND])
    fitted, *_ = np.linalg.lstsq(columns, values, rcond=None)
    assert found.residuals(values) == pytest.approx(values - columns @ fitted, abs=1e-6)
