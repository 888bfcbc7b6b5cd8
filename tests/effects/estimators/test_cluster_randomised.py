from collections.abc import Callable

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable

PlanFor = Callable[..., AnalysisPlan]
PAIRS = {"treated": "treated", "cluster": "school", "strata": "pair"}


def estimate(frame: pd.DataFrame, plan: AnalysisPlan) -> EffectEstimate:
    (found,) = analyse(frame, plan).estimates
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
    (found,) = analyse(few, plan_for("cluster_randomised")).estimates
    assert isinstance(found, NotEstimable)
    assert found.reason == "too_few_clusters"
    assert str(found.needs) == "at least 2 clusters in each arm"


def test_two_clusters_in_each_arm_are_enough(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimate(schools[schools["school"] < 4], plan_for("cluster_randomised"))
    assert found.df is not None
    assert found.df < 3
