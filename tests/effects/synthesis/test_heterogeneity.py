from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.stats.meta_analysis import combine_effects

from effects.synthesis.answers import Unanswered
from effects.synthesis.heterogeneity import Heterogeneity, QProfile, heterogeneity, q_test, reml
from effects.synthesis.marginal import mean_only
from tests.effects.synthesis.bcg import trials


def figures(estimates: list[float], variances: list[float]) -> Heterogeneity:
    found = heterogeneity(mean_only(np.array(estimates), np.array(variances)), 0.95)
    assert isinstance(found, Heterogeneity)
    return found


def test_the_figures_of_the_vaccine_trials(reference: Path) -> None:
    """Viechtbauer's metafor on dat.bcg; its own roots stop earlier than ours."""
    rows = pd.read_csv(reference / "dat_bcg_es.csv")
    found = figures(rows["yi"].tolist(), rows["vi"].tolist())
    assert found.tau2_reml == pytest.approx(0.3132433260, abs=1e-6)
    assert found.se_tau2_reml == pytest.approx(0.1664257831, abs=1e-6)
    assert found.tau2_paule_mandel == pytest.approx(0.3180684522, abs=1e-9)
    assert found.tau2_dersimonian_laird == pytest.approx(0.3087602629, abs=1e-9)
    assert isinstance(found.tau2_interval, QProfile)
    assert (found.tau2_interval.low, found.tau2_interval.high) == pytest.approx((0.1197183611, 1.1114790841), abs=1e-9)
    assert found.i2_tau2_based == pytest.approx(92.22138607, rel=1e-6)
    assert found.i2_q_based == pytest.approx(92.11734685, rel=1e-6)
    assert (found.q.statistic, found.q.df) == (pytest.approx(152.2330081, rel=1e-9), 12)


def test_another_library_finds_the_same() -> None:
    studies = trials()
    found = figures(list(studies.estimates), list(studies.variances))
    laird = combine_effects(studies.y, studies.v, method_re="dl")
    mandel = combine_effects(studies.y, studies.v, method_re="iterated")
    assert found.tau2_dersimonian_laird == pytest.approx(laird.tau2, rel=1e-10)
    assert found.tau2_paule_mandel == pytest.approx(mandel.tau2, rel=1e-8)
    assert found.i2_q_based == pytest.approx(100.0 * laird.i2, rel=1e-10)
    assert found.q.statistic == pytest.approx(laird.q, rel=1e-10)


def test_the_root_of_reml_is_exact() -> None:
    studies = trials()
    model = mean_only(studies.y, studies.v)
    root = reml(model)
    assert abs(model.at(root).score) < 1e-12 * model.at(0.0).score
    assert model.at(root).log_likelihood > max(model.at(root * factor).log_likelihood for factor in (0.99, 1.01))


def test_the_limits_of_tau2_have_the_quantiles_as_q() -> None:
    studies = trials()
    model = mean_only(studies.y, studies.v)
    limits = figures(list(studies.estimates), list(studies.variances)).tau2_interval
    assert isinstance(limits, QProfile)
    assert model.at(limits.low).q == pytest.approx(chi2.ppf(0.975, 12), rel=1e-12)
    assert model.at(limits.high).q == pytest.approx(chi2.ppf(0.025, 12), rel=1e-12)


def test_the_higher_of_two_peaks_is_taken() -> None:
    """Five precise estimates agree, one imprecise and far away: the likelihood has a peak at zero and one far out."""
    for far in (3.0, 6.0, 10.0, 30.0):
        estimates = np.array([0.0, 0.011, -0.01, 0.004, -0.006, far])
        model = mean_only(estimates, np.array([1e-4] * 5 + [1.0]))
        best = max(np.geomspace(1e-9, 1e4, 4000).tolist(), key=lambda tau2: model.at(tau2).log_likelihood)
        assert model.at(reml(model)).log_likelihood >= model.at(best).log_likelihood - 1e-9


def test_estimates_that_agree_leave_no_heterogeneity_and_no_interval() -> None:
    found = figures([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])
    assert (found.tau2_reml, found.tau2_paule_mandel, found.tau2_dersimonian_laird) == (0.0, 0.0, 0.0)
    assert (found.i2_tau2_based, found.i2_q_based, found.q.p_value) == (0.0, 0.0, 1.0)
    assert isinstance(found.tau2_interval, Unanswered)
    assert "closer together" in str(found.tau2_interval.detail)


def test_a_lower_limit_of_zero_is_said_in_words() -> None:
    limits = figures([0.1, 0.6, 0.4], [0.1, 0.1, 0.1]).tau2_interval
    assert isinstance(limits, QProfile)
    assert limits.low == 0.0 < limits.high
    assert "not ruled out" in str(limits.note)


def test_one_study_says_nothing() -> None:
    found = heterogeneity(mean_only(np.array([0.3]), np.array([0.1])), 0.95)
    assert isinstance(found, Unanswered)
    assert "One study" in str(found.detail)


def test_two_studies_have_an_exact_answer() -> None:
    """With two equal variances v every estimator is (d^2 / 2 - v), d the difference."""
    found = figures([0.0, 2.0], [0.3, 0.3])
    assert [found.tau2_reml, found.tau2_paule_mandel, found.tau2_dersimonian_laird] == pytest.approx([1.7] * 3)
    assert found.q.statistic == pytest.approx(4.0 / 0.6)


def test_q_is_chi_squared() -> None:
    test = q_test(mean_only(np.array([0.0, 2.0, 1.0]), np.array([0.3, 0.3, 0.3])))
    assert test.p_value == pytest.approx(chi2.sf(test.statistic, 2))


@given(
    st.lists(st.tuples(st.floats(-50.0, 50.0), st.floats(1e-4, 10.0)), min_size=2, max_size=8),
    st.floats(1e-3, 1e3),
)
def test_tau2_has_the_square_of_the_unit(pilots: list[tuple[float, float]], unit: float) -> None:
    estimates, variances = [y for y, _ in pilots], [v for _, v in pilots]
    one = figures(estimates, variances)
    other = figures([unit * y for y in estimates], [unit**2 * v for v in variances])
    assert other.tau2_reml / unit**2 == pytest.approx(one.tau2_reml, rel=1e-6, abs=1e-9)
    assert other.i2_q_based == pytest.approx(one.i2_q_based, abs=1e-6)
    assert 0.0 <= one.i2_tau2_based < 100.0 and one.se_tau2_reml > 0.0
