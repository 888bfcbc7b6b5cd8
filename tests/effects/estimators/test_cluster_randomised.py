from collections.abc import Callable

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import ttest_ind

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable

PlanFor = Callable[..., AnalysisPlan]
PAIRS = {"treated": "treated", "cluster": "school", "strata": "pair"}


def estimate(frame: pd.DataFrame, plan: AnalysisPlan) -> EffectEstimate:
    found = analyse(frame, plan).estimates[0]
    assert isinstance(found, EffectEstimate)
    return found


def test_individuals_count_alike_whatever_the_size_of_their_cluster(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    means = schools.groupby("treated")["y"].mean()
    found = estimate(schools, plan_for("cluster_randomised"))
    assert found.estimate == pytest.approx(means[1] - means[0])
    assert (found.clusters, found.rows, found.units) == (12, len(schools), len(schools))
    assert found.standard_error_kind == "cr2"


def test_covariates_enter_as_main_effects(
    schools: pd.DataFrame, plan_for: PlanFor, indicator: Callable[..., dict[str, object]]
) -> None:
    outcome = [indicator("y", covariates=["score", "score^2"])]
    found = estimate(schools, plan_for("cluster_randomised", outcome=outcome))
    judge = smf.ols("y ~ treated + score + I(score**2)", schools).fit()
    assert found.estimate == pytest.approx(judge.params["treated"])


def test_pairs_serve_permutation_alone_unless_they_are_stated_as_fixed_effects(
    schools: pd.DataFrame, plan_for: PlanFor
) -> None:
    plain = estimate(schools, plan_for("cluster_randomised"))
    listed = estimate(schools, plan_for("cluster_randomised", data=PAIRS))
    entered = estimate(schools, plan_for("cluster_randomised", data=PAIRS, model={"fixed_effects": ["strata"]}))
    judge = smf.ols("y ~ treated + C(pair)", schools).fit()
    assert listed.estimate == plain.estimate
    assert entered.estimate == pytest.approx(judge.params["treated"])


@pytest.mark.parametrize("arm", [0, 1])
def test_one_cluster_in_an_arm_is_not_enough(schools: pd.DataFrame, plan_for: PlanFor, arm: int) -> None:
    first = schools.loc[schools["treated"] == arm, "school"].iloc[0]
    few = schools[(schools["treated"] != arm) | (schools["school"] == first)]
    found = analyse(few, plan_for("cluster_randomised")).estimates[0]
    assert isinstance(found, NotEstimable)
    assert found.reason == "too_few_clusters"
    assert str(found.needs) == "at least 2 clusters in each arm"


def test_two_clusters_in_each_arm_are_enough(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimate(schools[schools["school"] < 4], plan_for("cluster_randomised"))
    assert found.df is not None
    assert found.df < 3


def test_weighted_individuals_meet_statsmodels(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    data = {"treated": "treated", "cluster": "school", "weight": "w"}
    found = estimate(schools, plan_for("cluster_randomised", data=data, inference={"standard_error": "cr1s"}))
    judge = smf.wls("y ~ treated", schools, weights=schools["w"])
    judge = judge.fit(cov_type="cluster", cov_kwds={"groups": schools["school"]})
    assert found.estimate == pytest.approx(judge.params["treated"], rel=1e-10)
    assert found.standard_error == pytest.approx(judge.bse["treated"], rel=1e-10)


def test_of_equal_clusters_the_analysis_of_individuals_is_that_of_their_means(
    schools: pd.DataFrame, plan_for: PlanFor
) -> None:
    even = schools.groupby("school").head(4)
    means = even.groupby(["school", "treated"], as_index=False)["y"].mean()
    people, clusters = (estimate(frame, plan_for("cluster_randomised")) for frame in (even, means))
    assert people.estimate == pytest.approx(clusters.estimate, rel=1e-10)
    assert people.standard_error == pytest.approx(clusters.standard_error, rel=1e-10)
    assert people.df == pytest.approx(clusters.df, rel=1e-10)


def test_of_equal_clusters_in_equal_arms_the_test_is_the_t_test_of_their_means(
    schools: pd.DataFrame, plan_for: PlanFor
) -> None:
    even = schools.groupby("school").head(4)
    means = even.groupby(["school", "treated"])["y"].mean().reset_index("treated")
    judge = ttest_ind(*(means.loc[means["treated"] == arm, "y"] for arm in (1, 0)))
    found = estimate(even, plan_for("cluster_randomised"))
    assert found.df == pytest.approx(10.0, rel=1e-10)
    assert found.p_value == pytest.approx(judge.pvalue, rel=1e-8)


def test_a_cluster_code_with_a_leading_zero_is_a_cluster_of_its_own(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    named = schools.assign(school=schools["school"].map("{:03d}".format))
    assert estimate(named, plan_for("cluster_randomised")).clusters == 12
