import numpy as np
import pytest
from scipy import stats

from effects import checks
from effects.codes import Verdict


def test_missing_shares_are_compared_by_a_z_test_of_two_proportions() -> None:
    found = checks.missing_by_arm("y", (0.2, 0.1), (100, 200), 40, 300, independent=True)
    pooled = 40 / 300
    z = 0.1 / np.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 200))
    assert found.statistic == pytest.approx(0.1)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(z), rel=1e-12)
    assert found.verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("shares", "missing", "independent"),
    [(None, 5, True), ((0.1, 0.1), 30, False), ((0.0, 0.0), 0, True), ((1.0, 1.0), 300, True)],
)
def test_there_is_no_test_without_arms_independence_or_losses(
    shares: tuple[float, float] | None, missing: int, independent: bool
) -> None:
    found = checks.missing_by_arm("y", shares, (100, 200), missing, 300, independent=independent)
    assert found.p_value is None
    assert (found.verdict is Verdict.INAPPLICABLE) is (shares is None)


def test_balance_names_the_worst_covariate() -> None:
    found = checks.balance("y", ("age", "score"), np.array([0.05, 0.3]))
    assert (found.statistic, found.verdict) == (0.3, Verdict.WARN)
    assert "score" in str(found.detail)
    assert checks.balance("y", (), np.empty(0)).verdict is Verdict.INAPPLICABLE


@pytest.mark.parametrize(("clusters", "verdict"), [((5, 30), Verdict.WARN), ((6, 6), Verdict.PASS)])
def test_the_smaller_arm_decides_whether_clusters_are_few(clusters: tuple[int, int], verdict: Verdict) -> None:
    assert checks.clusters_per_arm("y", *clusters).verdict is verdict


@pytest.mark.parametrize(
    ("weight", "verdict"), [([1.0] * 4, Verdict.PASS), ([30.0, *[10.0] * 7], Verdict.WARN), ([2.0, 1.0], Verdict.PASS)]
)
def test_a_cluster_is_large_above_a_fifth_and_twice_its_even_share(weight: list[float], verdict: Verdict) -> None:
    assert checks.largest_cluster("y", np.array(weight)).verdict is verdict


def test_empty_cells_and_steps_back_are_warned_of() -> None:
    assert checks.cell_counts(9, 10).verdict is Verdict.WARN
    assert checks.cell_counts(10, 10).verdict is Verdict.PASS
    assert checks.cell_counts(0, 0).verdict is Verdict.INAPPLICABLE
    assert checks.treatment_reversals(2).verdict is Verdict.WARN
    assert checks.treatment_reversals(0).statistic == 0.0
