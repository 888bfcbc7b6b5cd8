from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from effects import analyse
from effects.diagnostics import contamination
from effects.plan import AnalysisPlan
from effects.results import Diagnostic
from tests.effects.designs import LINEAR, plan_of, rows, rows_for

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]
FIXED = {"working_model": "fixed_effects"}


def check(name: str, frame: pd.DataFrame, plan: AnalysisPlan) -> Diagnostic:
    (found,) = [item for item in analyse(frame, plan).diagnostics if item.name == name]
    assert str(found.question).endswith("?")
    assert str(found.null).endswith(".")
    return found


def test_missing_outcomes_are_compared_between_the_arms(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    trial.loc[trial[trial["treated"] == 1].index[:8], "y"] = np.nan
    found = check("missing_by_arm", trial, plan_for())
    assert found.statistic == pytest.approx(8 / 40)
    chi_squared = stats.chi2_contingency([[8, 32], [0, 40]], correction=False).pvalue
    assert found.p_value == pytest.approx(chi_squared)
    assert (found.verdict, str(found.detail)) == ("warn", "8 of 80 rows lack the outcome")


def test_nothing_missing_passes_without_a_test(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    found = check("missing_by_arm", trial, plan_for())
    assert (found.statistic, found.p_value, found.verdict) == (0.0, None, "pass")


def test_clustered_rows_get_no_test_that_supposes_independence(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    schools.loc[:9, "y"] = np.nan
    found = check("missing_by_arm", schools, plan_for("cluster_randomised"))
    assert found.p_value is None
    assert found.verdict == "warn"


def test_balance_is_the_largest_standardised_difference(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    trial["age"] += 20 * trial["treated"]
    arms = [trial.loc[trial["treated"] == arm, "age"] for arm in (1, 0)]
    expected = (arms[0].mean() - arms[1].mean()) / np.sqrt((arms[0].var() + arms[1].var()) / 2)
    found = check("balance", trial, plan_for(outcome=[indicator("y", covariates=["age", "factor(size)"])]))
    assert found.statistic == pytest.approx(expected)
    assert (found.verdict, str(found.detail)) == ("warn", "largest for age")


def test_balance_without_covariates_is_inapplicable(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    assert check("balance", trial, plan_for()).verdict == "inapplicable"


def test_few_clusters_in_an_arm_are_warned_of(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    assert check("clusters_per_arm", schools, plan_for("cluster_randomised")).verdict == "pass"
    few = check("clusters_per_arm", schools[schools["school"] < 7], plan_for("cluster_randomised"))
    assert (few.statistic, few.verdict, str(few.detail)) == (3.0, "warn", "4 treated and 3 untreated")


def test_a_cluster_with_most_of_the_weight_is_warned_of(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    data = {"treated": "treated", "cluster": "school", "weight": "w"}
    assert check("largest_cluster", schools, plan_for("cluster_randomised", data=data)).verdict == "pass"
    schools.loc[schools["school"] == 3, "w"] *= 50
    found = check("largest_cluster", schools, plan_for("cluster_randomised", data=data))
    assert found.verdict == "warn"
    share = schools.loc[schools["school"] == 3, "w"].sum() / schools["w"].sum()
    assert found.statistic == pytest.approx(share)


def test_few_degrees_of_freedom_are_warned_of(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    assert check("degrees_of_freedom", schools, plan_for("cluster_randomised")).verdict == "pass"
    few = schools[schools["school"] < 4]
    assert check("degrees_of_freedom", few, plan_for("cluster_randomised")).verdict == "warn"


def test_cells_without_rows_are_counted(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("stepped_wedge", model=FIXED)
    assert check("cell_counts", wedge, plan).verdict == "pass"
    found = check("cell_counts", wedge[2:], plan)
    assert (found.verdict, str(found.detail)) == ("warn", "70 of 72 cells hold rows")
    assert found.statistic == pytest.approx(70 / 72)


def test_units_that_go_back_are_counted(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("stepped_wedge", model=FIXED)
    assert check("treatment_reversals", wedge, plan).verdict == "pass"
    wedge.loc[(wedge["site"] == 0) & (wedge["month"] == 7), "treated"] = 0
    found = check("treatment_reversals", wedge, plan)
    assert (found.statistic, found.verdict) == (1.0, "warn")


@pytest.mark.parametrize(
    ("received", "verdict"),
    [([0.9, 0.8, 0.0, 0.1], "pass"), ([0.9, 0.8, 0.3, 0.1], "warn"), ([0.2, 0.8, 0, 0], "warn")],
)
def test_what_was_received_is_compared_with_what_was_assigned(received: list[float], verdict: str) -> None:
    found = contamination(np.array([1.0, 1.0, 0.0, 0.0]), np.array(received))
    assert found.verdict == verdict
    assert found.statistic == pytest.approx(np.mean(received[2:]))


def test_contamination_without_an_arm_is_inapplicable() -> None:
    assert contamination(np.ones(2), np.ones(2)).verdict == "inapplicable"


def test_contamination_of_values_too_large_to_average_is_inapplicable() -> None:
    with np.errstate(all="ignore"):
        found = contamination(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1e308, 1e308]))
    assert (found.statistic, found.verdict) == (None, "inapplicable")


def test_contamination_is_checked_where_the_plan_names_what_was_received(
    trial: pd.DataFrame, plan_for: PlanFor
) -> None:
    frame = trial.assign(used=trial["treated"])
    plan = plan_for(data={"treated": "treated", "received": "used"})
    assert check("contamination", frame, plan).verdict == "pass"


def every_check(frame: pd.DataFrame, plan: AnalysisPlan) -> dict[str, Diagnostic]:
    return {item.name: item for item in analyse(frame, plan).diagnostics}


ASKED = {
    "individual_randomised": {"missing_by_arm", "balance", "lee_bounds"},
    "cluster_randomised": {
        "missing_by_arm",
        "balance",
        "clusters_per_arm",
        "largest_cluster",
        "degrees_of_freedom",
        "intracluster_correlation",
        "design_effect",
        "cluster_size",
        "recruitment",
        "informative_size",
        "one_cluster_left_out",
    },
    "stepped_wedge": {
        "missing_by_arm",
        "clusters_per_arm",
        "largest_cluster",
        "degrees_of_freedom",
        "cell_counts",
        "treatment_reversals",
        "correlation_decay",
        "effect_by_exposure",
        "one_cluster_left_out",
    },
    "two_period_did": {
        "missing_by_arm",
        "balance",
        "clusters_per_arm",
        "largest_cluster",
        "degrees_of_freedom",
        "lost_between_waves",
        "one_cluster_left_out",
    },
}


@pytest.mark.parametrize("design", LINEAR)
def test_each_design_is_checked_for_what_it_rests_on(design: str) -> None:
    assert set(every_check(rows_for(design), plan_of(design, covariates=["x"]))) == ASKED[design]


@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("column", ["y", "treated", "x", "site", "month"])
def test_checks_of_spoilt_rows_have_words_and_finite_numbers(design: str, column: str) -> None:
    for spoilt in (rows_for(design)[:1], rows_for(design).assign(**{column: np.nan})):
        for found in every_check(spoilt, plan_of(design, covariates=["x"])).values():
            assert str(found.question)
            assert str(found.null)
            assert str(found.detail)
            assert found.statistic is None or np.isfinite(found.statistic)
            assert found.p_value is None or 0.0 <= found.p_value <= 1.0
            assert (found.verdict == "inapplicable") == (found.statistic is None)


@given(shift=st.floats(-100, 100), factor=st.floats(0.01, 100))
@settings(max_examples=10)
def test_balance_does_not_depend_on_the_unit_of_a_covariate_or_on_which_arm_is_called_treated(
    shift: float, factor: float
) -> None:
    frame, plan = rows(), plan_of("cluster_randomised", covariates=["x"])
    expected = every_check(frame, plan)["balance"].statistic
    moved = every_check(frame.assign(x=factor * frame["x"] + shift), plan)["balance"].statistic
    turned = every_check(frame.assign(treated=1 - frame["treated"]), plan)["balance"].statistic
    assert (moved, turned) == pytest.approx((expected, expected), rel=1e-6)


@given(lost=st.sets(st.integers(0, 47), max_size=40))
@settings(max_examples=15)
def test_the_difference_in_losses_is_that_of_the_shares(lost: set[int]) -> None:
    frame = rows()
    frame["y"] = frame["y"].where(~frame.index.isin(lost))
    found = every_check(frame, plan_of("individual_randomised"))["missing_by_arm"]
    shares = frame["y"].isna().groupby(frame["treated"]).mean()
    assert found.statistic == pytest.approx(shares[1] - shares[0])
    assert str(found.detail) == f"{len(lost)} of 48 rows lack the outcome"
    assert (found.verdict == "warn") == (len(lost) / 48 > 0.05 or abs(shares[1] - shares[0]) > 0.05)


def test_an_even_trial_of_few_clusters_is_not_warned_of_a_large_one() -> None:
    frame = rows(sites=4)
    assert every_check(frame, plan_of("cluster_randomised"))["largest_cluster"].verdict == "pass"


def test_a_unit_that_starts_and_stops_twice_is_counted_twice() -> None:
    frame = rows_for("stepped_wedge", rows(sites=6, months=8))
    frame.loc[frame["site"] == 0, "treated"] = [0, 1, 0, 1, 1, 0, 0, 1]
    found = every_check(frame, plan_of("stepped_wedge"))["treatment_reversals"]
    assert (found.statistic, str(found.detail)) == (2.0, "2 steps back")


@pytest.mark.parametrize(
    ("schools_kept", "kind", "fails"),
    [(4, "cr2", True), (5, "cr2", True), (6, "cr2", False), (12, "cr2", False), (4, "cr1s", True), (12, "cr1s", True)],
)
def test_too_few_clusters_for_an_error_are_kept_out_of_the_grade(
    schools: pd.DataFrame, plan_for: PlanFor, schools_kept: int, kind: str, fails: bool
) -> None:
    plan = plan_for("cluster_randomised", inference={"standard_error": kind})
    found = analyse(schools[schools["school"] < schools_kept], plan).diagnostics
    assert [item.verdict for item in found if item.name == "small_sample_inference"] == ["fail"] * fails


def test_errors_that_count_no_clusters_are_not_held_against_them(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    names = [item.name for item in analyse(trial.iloc[:12], plan_for()).diagnostics]
    assert "small_sample_inference" not in names


def test_over_time_the_untreated_clusters_are_those_never_treated() -> None:
    frame = rows_for("staggered_adoption")
    found = every_check(frame, plan_of("staggered_adoption"))["clusters_per_arm"]
    never = int((frame.groupby("site")["start"].first() == 0).sum())
    assert found.detail.params == {"treated": 8 - never, "untreated": never}


def test_without_a_comparison_there_are_no_arms() -> None:
    assert "clusters_per_arm" not in every_check(rows_for("before_after"), plan_of("before_after"))
