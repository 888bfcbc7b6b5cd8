"""What is checked about the mixed models of a stepped wedge."""

import numpy as np
import pytest
from scipy.stats import chi2

from effects.estimators.wedge_diagnostics import correlation_decay, effect_by_exposure, significant
from effects.inference.kenward_roger import FTest
from tests.effects.inference.dense_mixed import Wedge, fitted


def test_the_autocorrelation_is_the_lasting_share_of_the_variance_between_cells() -> None:
    model, period = Wedge(seed=51, clusters=12, within=0.9).rows()
    nested, simple = fitted(model, period), fitted(model)
    found = correlation_decay("y", nested, simple)
    assert found.statistic == pytest.approx(nested.variances[0] / (nested.variances[0] + nested.variances[1]))
    ratio = 2 * (nested.log_likelihood - simple.log_likelihood)
    assert found.p_value == pytest.approx(0.5 * chi2.sf(ratio, 1), rel=1e-9)
    assert found.verdict == "warn"
    assert "lasts" in str(found.detail)


def test_cells_that_do_not_differ_leave_a_lasting_correlation() -> None:
    for seed in range(20):
        model, period = Wedge(seed=seed, clusters=6, within=0.0).rows()
        nested = fitted(model, period)
        if nested.ratios[1] == 0.0 and nested.ratios[0] > 0.0:
            found = correlation_decay("y", nested, fitted(model))
            assert (found.statistic, found.p_value, found.verdict) == (1.0, 1.0, "pass")
            return
    pytest.fail("no draw without a variance between cells")


def test_one_row_in_each_cell_tells_nothing_about_decay() -> None:
    model, period = Wedge(seed=52, most=1).rows()
    found = correlation_decay("y", fitted(model, period), fitted(model))
    assert (found.statistic, found.verdict) == (None, "inapplicable")
    assert "one row" in str(found.detail)


def test_clusters_that_do_not_differ_have_no_correlation_to_decay() -> None:
    for seed in range(40):
        model, period = Wedge(seed=seed, clusters=6, between=0.0, within=0.0).rows()
        nested = fitted(model, period)
        if not nested.ratios.any():
            found = correlation_decay("y", nested, fitted(model))
            assert (found.statistic, found.verdict) == (None, "inapplicable")
            assert "not estimated to differ" in str(found.detail)
            return
    pytest.fail("no draw without any variance")


def test_the_test_of_equal_effects_is_told_with_the_first_and_the_last() -> None:
    tested = FTest(statistic=4.2, numerator=3, denominator=40.0, p_value=0.011)
    found = effect_by_exposure("y", np.array([0.1, 0.4, 0.9, 1.3]), np.array([0, 1, 2, 4]), tested)
    assert (found.statistic, found.p_value, found.verdict) == (4.2, 0.011, "warn")
    assert str(found.detail).startswith("0.1 in the first period under treatment, 1.3 in period 5")
    assert str(found.detail).endswith("the average over exposure times leads the reading")


def test_an_effect_that_does_not_vary_passes() -> None:
    tested = FTest(statistic=0.3, numerator=3, denominator=40.0, p_value=0.8)
    found = effect_by_exposure("y", np.ones(4), np.arange(4), tested)
    assert found.verdict == "pass"
    assert str(found.detail) == "1 in the first period under treatment, 1 in period 4"
    assert not significant(tested)
    assert not significant(None)


def test_a_single_exposure_time_has_nothing_to_compare() -> None:
    found = effect_by_exposure("y", np.ones(1), np.zeros(1, np.int64), None)
    assert (found.statistic, found.p_value, found.verdict) == (None, None, "inapplicable")
