import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from effects import checks
from effects.codes import Aggregation, Estimand, StandardError, Verdict
from effects.results import EffectEstimate, Interval


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


def estimate(**changed: object) -> EffectEstimate:
    stated: dict[str, object] = {
        "outcome": "y",
        "estimand": Estimand.ITT,
        "aggregation": Aggregation.OVERALL,
        "estimate": 1.0,
        "standard_error": 0.5,
        "standard_error_kind": StandardError.CR2,
        "df": 9.0,
        "interval": Interval(low=0.0, high=2.0, level=0.95),
        "p_value": 0.05,
        "rows": 100,
        "units": 10,
        "clusters": 10,
        "estimator": "ols",
    }
    return EffectEstimate(**{**stated, **changed})


@pytest.mark.parametrize(("df", "verdict"), [(3.999, Verdict.WARN), (4.0, Verdict.PASS), (None, Verdict.PASS)])
def test_fewer_than_four_degrees_of_freedom_are_warned_of(df: float | None, verdict: Verdict) -> None:
    found = checks.degrees_of_freedom(estimate(df=df))
    assert (found.statistic, found.verdict, found.outcome) == (df, verdict, "y")


def test_the_warning_of_few_degrees_of_freedom_says_what_is_safer() -> None:
    assert str(checks.degrees_of_freedom(estimate(df=2.34)).detail).startswith("2.3 degrees of freedom; below 4 a perm")


@pytest.mark.parametrize(
    ("shares", "missing", "verdict"),
    [
        ((0.05, 0.05), 15, Verdict.PASS),
        ((0.051, 0.0), 5, Verdict.WARN),
        ((0.0, 0.051), 5, Verdict.WARN),
        ((0.06, 0.06), 18, Verdict.WARN),
        ((0.0, 0.0), 0, Verdict.PASS),
    ],
)
def test_losses_alarm_by_their_number_or_by_their_difference(
    shares: tuple[float, float], missing: int, verdict: Verdict
) -> None:
    found = checks.missing_by_arm("y", shares, (100, 200), missing, 300, independent=False)
    assert found.verdict is verdict
    assert found.statistic == shares[0] - shares[1]
    assert str(found.detail) == f"{missing} of 300 rows lack the outcome"


def test_no_rows_at_all_lack_nothing() -> None:
    found = checks.missing_by_arm("y", None, (0, 0), 0, 0, independent=True)
    assert (found.statistic, found.p_value, found.verdict) == (None, None, Verdict.INAPPLICABLE)


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_test_of_losses_takes_neither_side(treated: int, untreated: int) -> None:
    shares, rows, lost = (treated / 50, untreated / 50), 100, treated + untreated
    one = checks.missing_by_arm("y", shares, (50, 50), lost, rows, independent=True)
    other = checks.missing_by_arm("y", shares[::-1], (50, 50), lost, rows, independent=True)
    assert one.p_value == other.p_value
    assert (one.p_value is None) is (lost in (0, rows))
    assert one.p_value is None or 0.0 <= one.p_value <= 1.0
    assert one.statistic == -(other.statistic or 0.0)
    assert one.verdict is other.verdict


@pytest.mark.parametrize(("worst", "verdict"), [(0.1, Verdict.PASS), (0.1001, Verdict.WARN), (0.0, Verdict.PASS)])
def test_balance_is_lost_above_a_tenth_of_a_standard_deviation(worst: float, verdict: Verdict) -> None:
    found = checks.balance("y", ("age", "score"), np.array([worst, 0.0]))
    assert (found.statistic, found.verdict) == (worst, verdict)
    assert str(found.detail) == "largest for age"


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=8))
def test_the_named_covariate_is_one_with_the_largest_difference(differences: list[float]) -> None:
    names = tuple(f"x{place}" for place in range(len(differences)))
    found = checks.balance("y", names, np.array(differences))
    assert found.statistic == max(differences)
    assert differences[int(str(found.detail).rpartition("x")[2])] == max(differences)


@given(st.lists(st.floats(0.1, 100.0), min_size=1, max_size=30))
def test_even_clusters_never_dominate_and_the_share_is_of_all_weight(weight: list[float]) -> None:
    found = checks.largest_cluster("y", np.array(weight))
    assert found.statistic == pytest.approx(max(weight) / sum(weight))
    assert checks.largest_cluster("y", np.full(len(weight), weight[0])).verdict is Verdict.PASS
    assert f"of {len(weight)} clusters" in str(found.detail)


@pytest.mark.parametrize(("treated", "untreated"), [(0, 10), (10, 0), (0, 0)])
def test_an_arm_without_clusters_is_the_smaller_one(treated: int, untreated: int) -> None:
    found = checks.clusters_per_arm("y", treated, untreated)
    assert (found.statistic, found.verdict) == (0.0, Verdict.WARN)
    assert str(found.detail) == f"{treated} treated and {untreated} untreated"


def test_what_belongs_to_the_run_names_no_outcome_and_what_belongs_to_an_outcome_does() -> None:
    run = checks.cell_counts(9, 10), checks.treatment_reversals(1)
    own = (
        checks.clusters_per_arm("y", 9, 9),
        checks.largest_cluster("y", np.ones(9)),
        checks.balance("y", (), np.empty(0)),
    )
    assert {check.outcome for check in run} == {None}
    assert {check.outcome for check in own} == {"y"}


def test_every_check_asks_and_says_what_all_being_well_means() -> None:
    every = (
        checks.missing_by_arm("y", (0.0, 0.0), (5, 5), 0, 10, independent=True),
        checks.balance("y", ("x",), np.array([0.2])),
        checks.clusters_per_arm("y", 3, 4),
        checks.largest_cluster("y", np.array([5.0, 1.0])),
        checks.degrees_of_freedom(estimate()),
        checks.cell_counts(3, 4),
        checks.treatment_reversals(2),
    )
    assert len({check.name for check in every}) == len(every)
    for check in every:
        assert str(check.question).endswith("?")
        assert str(check.null).endswith(".")
        assert "{" not in f"{check.question}{check.null}{check.detail}"


def test_cells_are_a_share_of_those_there_could_be() -> None:
    found = checks.cell_counts(30, 40)
    assert (found.statistic, str(found.detail)) == (0.75, "30 of 40 cells hold rows")
    assert checks.cell_counts(0, 40).verdict is Verdict.WARN
    assert str(checks.treatment_reversals(7).detail) == "7 steps back"


@pytest.mark.parametrize(
    ("kind", "treated", "untreated", "df", "few"),
    [
        ("cr2", 3, 3, 4.0, False),
        ("cr2", 2, 18, 17.0, True),
        ("cr3", 18, 2, None, True),
        ("cr2", 8, 8, 1.9, True),
        ("model_based", 3, 3, None, False),
        ("cr1s", 7, 30, 36.0, True),
        ("cr1", 8, 8, 15.0, False),
        ("hc2", 2, 2, 2.0, False),
        ("placebo", 1, 38, None, False),
    ],
)
def test_two_clusters_or_one_degree_of_freedom_are_too_few_to_trust(
    kind: str, treated: int, untreated: int, df: float | None, few: bool
) -> None:
    assert checks.few_to_trust(StandardError(kind), treated, untreated, df) is few


def test_an_interval_that_cannot_be_trusted_fails_and_says_that_it_is_not_graded() -> None:
    found = checks.small_sample_inference(estimate(), 2, 18)
    assert (found.name, found.verdict, found.statistic) == (checks.SMALL_SAMPLE, Verdict.FAIL, 2.0)
    assert "not graded" in str(found.detail)
