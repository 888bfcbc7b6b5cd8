from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from effects import analyse
from effects.diagnostics import contamination
from effects.plan import AnalysisPlan
from effects.results import Diagnostic

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


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("bootstrap", {"inference": {"bootstrap": {"kind": "wild"}}}),
        ("permutation", {"inference": {"permutation": {"draws": 99}}}),
        ("westfall_young", {"multiplicity": {"primary": "westfall_young"}}),
        ("romano_wolf", {"multiplicity": {"secondary": "romano_wolf"}}),
    ],
)
def test_resampling_that_is_asked_for_and_not_available_says_so(
    schools: pd.DataFrame, plan_for: PlanFor, name: str, sections: dict[str, object]
) -> None:
    found = check(name, schools, plan_for("cluster_randomised", **sections))
    assert found.verdict == "inapplicable"
    assert "not available" in str(found.detail)
