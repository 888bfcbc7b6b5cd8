"""How clusters differ: against the analysis of variance and by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import t

from effects import analyse
from effects.codes import Reason
from effects.estimators.cluster_diagnostics import (
    cluster_size,
    design_effect,
    intracluster,
    intracluster_interval,
    recruitment,
)
from effects.linear_model import Obstacle
from effects.message import Message
from effects.results import Diagnostic
from tests.effects.designs import plan_for
from tests.effects.inference.dense_mixed import dense, fitted, model_of
from tests.effects.inference.test_mixed_model import BATCH, DYESTUFF, DYESTUFF2

NONE = Obstacle(Reason.TOO_FEW_CLUSTERS, Message("one cluster"), Message("more"))


def check(name: str, frame: pd.DataFrame, **sections: Any) -> Diagnostic:
    result = analyse(frame, plan_for("cluster_randomised", **sections))
    (found,) = [item for item in result.diagnostics if item.name == name]
    return found


def uneven(sizes: list[int], effects: list[float], seed: int = 3) -> pd.DataFrame:
    """Schools of given sizes, every other one treated with the effect stated for it."""
    random = np.random.Generator(np.random.PCG64(seed))
    school = np.repeat(np.arange(len(sizes)), sizes)
    treated = school % 2
    level = random.normal(0, 0.1, len(sizes))[school] + np.array(effects)[school] * treated
    return pd.DataFrame({"school": school, "treated": treated, "y": level + random.normal(0, 0.5, len(school))})


def test_the_correlation_of_balanced_batches_is_that_of_the_analysis_of_variance() -> None:
    found = intracluster("y", fitted(model_of(DYESTUFF, [], BATCH)))
    means = DYESTUFF.reshape(6, 5).mean(axis=1)
    between, inside = 5 * np.var(means, ddof=1), np.mean(np.var(DYESTUFF.reshape(6, 5), axis=1, ddof=1))
    assert found.statistic == pytest.approx((between - inside) / (between + 4 * inside), rel=1e-8)
    assert found.verdict == "warn"


def test_the_limits_are_where_the_restricted_likelihood_has_fallen_by_half_of_chi_square() -> None:
    model = model_of(DYESTUFF, [], BATCH)
    found, whole = fitted(model), dense(model)
    low, high = intracluster_interval(found)
    assert low < found.ratios[0] / (1 + found.ratios[0]) < high
    for limit in (low, high):
        unit = np.array([limit / (1 - limit), 1.0])
        residual = model.outcome @ whole.projection(unit) @ model.outcome / found.curvature.freedom
        fallen = found.log_likelihood - whole.log_likelihood(residual * unit)
        assert fallen == pytest.approx(3.841458820694124 / 2 if limit else fallen, rel=1e-6)
        assert fallen <= 3.841458820694124 / 2 + 1e-6


def test_clusters_that_do_not_differ_have_a_correlation_from_zero_up() -> None:
    found = fitted(model_of(DYESTUFF2, [], BATCH))
    low, high = intracluster_interval(found)
    assert low == 0.0
    assert 0.0 < high < 0.6
    assert intracluster("y", found).statistic == 0.0


def test_narrower_levels_give_narrower_intervals() -> None:
    found = fitted(model_of(DYESTUFF, [], BATCH))
    (low, high), (lower, higher) = intracluster_interval(found, 0.8), intracluster_interval(found, 0.99)
    assert lower <= low < high < higher


def test_the_design_effect_of_equal_clusters_is_the_classical_one() -> None:
    fit = fitted(model_of(DYESTUFF, [], BATCH))
    found = design_effect("y", fit, np.full(6, 5.0))
    correlation = fit.ratios[0] / (1 + fit.ratios[0])
    assert found.statistic == pytest.approx(1 + 4 * correlation)
    assert str(found.detail) == f"30 rows are worth {30 / (1 + 4 * correlation):.0f} independent ones"


def test_unequal_clusters_cost_more() -> None:
    fit = fitted(model_of(DYESTUFF, [], BATCH))
    sizes = np.array([1.0, 9.0, 1.0, 9.0, 1.0, 9.0])
    found, equal = design_effect("y", fit, sizes), design_effect("y", fit, np.full(6, 5.0))
    correlation = fit.ratios[0] / (1 + fit.ratios[0])
    variation = np.std(sizes) / 5.0
    assert found.statistic == pytest.approx(1 + ((1 + variation**2) * 5 - 1) * correlation)
    assert equal.statistic is not None
    assert found.statistic > equal.statistic


@pytest.mark.parametrize("found", [intracluster("y", NONE), design_effect("y", NONE, np.ones(3))])
def test_what_rests_on_a_variance_that_is_not_there_says_so(found: Diagnostic) -> None:
    assert (found.statistic, found.verdict) == (None, "inapplicable")
    assert "cannot be estimated" in str(found.detail)


def test_sizes_are_told_with_their_coefficient_of_variation() -> None:
    found = cluster_size("y", np.array([2.0, 4.0, 6.0]))
    assert found.statistic == pytest.approx(0.5)
    assert (found.verdict, str(found.detail)) == ("pass", "2 to 6 rows, on average 4.0")
    assert cluster_size("y", np.array([1.0, 1.0, 1.0, 97.0])).verdict == "warn"
    assert cluster_size("y", np.array([5.0])).verdict == "inapplicable"


def test_an_effect_that_grows_with_the_size_of_the_school_is_seen() -> None:
    sizes = [4, 4, 4, 4, 4, 4, 40, 40, 40, 40, 40, 40]
    found = check("informative_size", uneven(sizes, [0.0] * 6 + [3.0] * 6))
    assert found.verdict == "warn"
    assert found.statistic is not None
    assert found.statistic > 0.5


def test_an_effect_alike_in_all_schools_raises_no_alarm() -> None:
    sizes = [4, 4, 4, 4, 4, 4, 40, 40, 40, 40, 40, 40]
    found = check("informative_size", uneven(sizes, [1.0] * 12))
    assert found.verdict == "pass"


def test_the_difference_is_that_of_the_two_estimates_with_the_clusters_contributions() -> None:
    frame = uneven([3, 5, 9, 4, 6, 12, 7, 8], [1.0] * 8)
    found = check("informative_size", frame)
    arms = [frame[frame["treated"] == arm] for arm in (1, 0)]
    pooled = [arm["y"].mean() for arm in arms]
    alike = [arm.groupby("school")["y"].mean().mean() for arm in arms]
    assert found.statistic == pytest.approx((pooled[0] - pooled[1]) - (alike[0] - alike[1]))
    total = 0.0
    for arm, mean, other in zip(arms, pooled, alike, strict=True):
        for _, school in arm.groupby("school"):
            own = (school["y"] - mean).sum() / len(arm) - (school["y"].mean() - other) / 4
            total += own**2
    error = np.sqrt(8 / 7 * total)
    statistic = found.statistic / error
    assert found.p_value == pytest.approx(2 * t.sf(abs(statistic), 6), rel=1e-9)


def test_equal_schools_have_nothing_to_inform() -> None:
    found = check("informative_size", uneven([6] * 8, [1.0] * 8))
    assert found.statistic == pytest.approx(0.0, abs=1e-12)
    assert (found.p_value, found.verdict) == (None, "pass")


def test_equal_arms_recruit_alike() -> None:
    treated = np.arange(8) % 2 == 0
    found = recruitment("y", np.array([10.0, 10.0, 12.0, 12.0, 9.0, 9.0, 20.0, 20.0]), treated)
    assert found.statistic == pytest.approx(1.0)
    assert found.p_value == pytest.approx(1.0)
    assert found.verdict == "pass"


def test_an_arm_whose_clusters_hold_twice_as_many_is_warned_of_by_welchs_test() -> None:
    treated = np.arange(10) < 4
    sizes = np.array([40.0, 44.0, 39.0, 50.0, 20.0, 22.0, 18.0, 21.0, 25.0, 19.0])
    judge = stats.ttest_ind(np.log(sizes[treated]), np.log(sizes[~treated]), equal_var=False)
    found = recruitment("y", sizes, treated)
    assert found.p_value == pytest.approx(judge.pvalue, rel=1e-9)
    assert found.verdict == "warn"
    assert found.statistic == pytest.approx(np.exp(np.log(sizes[treated]).mean() - np.log(sizes[~treated]).mean()))


@pytest.mark.parametrize("treated", [np.ones(4, dtype=bool), np.zeros(4, dtype=bool)])
def test_recruitment_into_one_arm_is_compared_with_nothing(treated: np.ndarray) -> None:
    found = recruitment("y", np.array([3.0, 4.0, 5.0, 6.0]), treated)
    assert (found.statistic, found.verdict) == (None, "inapplicable")


def test_one_cluster_in_an_arm_has_a_ratio_and_no_test() -> None:
    found = recruitment("y", np.array([30.0, 10.0, 10.0]), np.array([True, False, False]))
    assert found.statistic == pytest.approx(3.0)
    assert (found.p_value, found.verdict) == (None, "pass")
