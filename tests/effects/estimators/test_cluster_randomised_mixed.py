"""Cluster-randomised trials by a random intercept, and what stands beside least squares."""

import time

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import analyse
from effects.estimators.cluster_randomised_mixed import clusters_alike
from effects.inference.mixed_model import MOST_ROWS
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, NotEstimable
from tests.effects.designs import all_finite, outcome, plan_for, rows, rows_for
from tests.effects.estimators.test___init__ import SPOILT
from tests.effects.inference.dense_mixed import model_of

MIXED = {"inference": {"standard_error": "model_based"}}
WEIGHTED = {"data": {"treated": "treated", "cluster": "school", "weight": "w"}}


def answers(frame: pd.DataFrame, **sections: object) -> AnalysisResult:
    result = analyse(frame, plan_for("cluster_randomised", **sections))
    assert all_finite(result.to_dict())
    return result


def named(result: AnalysisResult, estimator: str) -> EffectEstimate:
    (found,) = [
        entry for entry in result.estimates if isinstance(entry, EffectEstimate) and entry.estimator == estimator
    ]
    return found


def statistic(result: AnalysisResult, name: str) -> float:
    (found,) = [item.statistic for item in result.diagnostics if item.name == name]
    assert found is not None
    return found


def even(frame: pd.DataFrame, size: int = 4) -> pd.DataFrame:
    return frame.groupby("school").head(size)


def test_model_based_errors_are_those_of_a_random_intercept(schools: pd.DataFrame) -> None:
    """MixedLM is good to about four digits, where schools differ enough for it to find anything."""
    schools = schools.assign(y=schools["y"] + np.sin(schools["school"] * 2.0))
    result = answers(schools, inference={"standard_error": "model_based", "df_method": "residual"})
    found = result.estimates[0]
    assert isinstance(found, EffectEstimate)
    judge = smf.mixedlm("y ~ treated", schools, groups="school").fit(reml=True)
    assert (found.estimator, found.standard_error_kind) == ("reml_random_intercept", "model_based")
    assert found.estimate == pytest.approx(judge.params["treated"], rel=1e-4)
    assert found.standard_error == pytest.approx(judge.bse["treated"], rel=1e-3)
    correlation = float(judge.cov_re.iloc[0, 0]) / (float(judge.cov_re.iloc[0, 0]) + judge.scale)
    assert statistic(result, "intracluster_correlation") == pytest.approx(correlation, rel=1e-2)


def test_least_squares_has_the_random_intercept_and_the_mean_of_clusters_beside_it(schools: pd.DataFrame) -> None:
    result = answers(schools)
    shown = [(entry.analysis, entry.estimator) for entry in result.estimates if isinstance(entry, EffectEstimate)]
    assert shown == [("primary", "ols"), ("sensitivity", "reml_random_intercept"), ("sensitivity", "cluster_weighted")]


def test_the_random_intercept_has_least_squares_and_the_mean_of_clusters_beside_it(schools: pd.DataFrame) -> None:
    result = answers(schools, **MIXED)
    shown = [(entry.analysis, entry.estimator) for entry in result.estimates if isinstance(entry, EffectEstimate)]
    assert shown == [("primary", "reml_random_intercept"), ("sensitivity", "ols"), ("sensitivity", "cluster_weighted")]
    plain = answers(schools)
    for name in ("reml_random_intercept", "ols", "cluster_weighted"):
        one, other = named(result, name), named(plain, name)
        assert (one.estimate, one.standard_error, one.df) == (other.estimate, other.standard_error, other.df)


def test_both_ways_are_checked_for_the_same(schools: pd.DataFrame) -> None:
    names = {"intracluster_correlation", "design_effect", "cluster_size", "informative_size"}
    for sections in ({}, MIXED):
        found = [item.name for item in answers(schools, **sections).diagnostics if item.name in names]
        assert sorted(found) == sorted(names)


def test_the_effect_on_clusters_is_the_difference_of_the_means_of_their_means(schools: pd.DataFrame) -> None:
    means = schools.groupby(["school", "treated"])["y"].mean().groupby("treated").mean()
    assert named(answers(schools), "cluster_weighted").estimate == pytest.approx(means[1] - means[0])


def test_the_weights_of_rows_count_within_their_cluster(schools: pd.DataFrame) -> None:
    weighted = schools.assign(yw=schools["y"] * schools["w"]).groupby(["school", "treated"])[["yw", "w"]].sum()
    means = (weighted["yw"] / weighted["w"]).groupby("treated").mean()
    assert named(answers(schools, **WEIGHTED), "cluster_weighted").estimate == pytest.approx(means[1] - means[0])


def test_clusters_alike_have_one_weight_each() -> None:
    model = model_of(np.arange(5.0), [np.array([0.0, 1.0, 0.0, 1.0, 1.0])], np.array([0, 0, 1, 1, 1]))
    assert clusters_alike(model).weights.tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3])


def test_of_equal_clusters_all_three_are_one_estimate(schools: pd.DataFrame) -> None:
    result = answers(even(schools))
    estimates = [entry.estimate for entry in result.estimates if isinstance(entry, EffectEstimate)]
    assert estimates == pytest.approx([estimates[0]] * 3, rel=1e-9)
    one, other = named(result, "ols"), named(result, "cluster_weighted")
    assert other.standard_error == pytest.approx(one.standard_error, rel=1e-9)


def test_of_equal_clusters_in_equal_arms_the_random_intercept_has_the_degrees_of_the_t_test() -> None:
    random = np.random.Generator(np.random.PCG64(2))
    school = np.repeat(np.arange(10), 5)
    noise = random.normal(size=50) + random.normal(size=10)[school]
    found = named(answers(pd.DataFrame({"school": school, "treated": school % 2, "y": noise})), "reml_random_intercept")
    assert found.df == pytest.approx(8.0, rel=1e-6)


def test_covariates_and_strata_enter_the_random_intercept_too(schools: pd.DataFrame) -> None:
    sections = {
        "data": {"treated": "treated", "cluster": "school", "strata": "pair"},
        "model": {"fixed_effects": ["strata"]},
        "outcome": [outcome("y", covariates=["score"])],
        "inference": {"standard_error": "model_based", "df_method": "residual"},
    }
    found = named(answers(schools, **sections), "reml_random_intercept")
    assert found.df == len(schools) - 2 - 1 - 5


def test_resampled_p_values_of_least_squares_stand_with_the_random_intercept(schools: pd.DataFrame) -> None:
    inference = {"standard_error": "model_based", "permutation": {"draws": 199}, "seed": 3}
    result = answers(schools, inference=inference)
    found = named(result, "reml_random_intercept")
    assert found.p_permutation == named(result, "ols").p_permutation
    assert found.p_permutation is not None
    assert named(result, "cluster_weighted").p_permutation is None
    plain = answers(schools, inference={"permutation": {"draws": 199}, "seed": 3})
    assert named(plain, "ols").p_permutation == found.p_permutation
    assert named(plain, "reml_random_intercept").p_permutation is None


def test_one_row_for_each_cluster_leaves_the_primary_and_names_what_is_missing(schools: pd.DataFrame) -> None:
    means = schools.groupby(["school", "treated"], as_index=False)["y"].mean()
    result = answers(means)
    assert isinstance(result.estimates[0], EffectEstimate)
    (refused,) = [entry for entry in result.estimates if isinstance(entry, NotEstimable)]
    assert (refused.analysis, refused.reason) == ("sensitivity", "too_few_clusters")
    verdicts = {item.name: item.verdict for item in result.diagnostics}
    assert verdicts["intracluster_correlation"] == verdicts["design_effect"] == "inapplicable"
    asked = answers(means, **MIXED).estimates
    assert [entry.kind for entry in asked] == ["not_estimable"]


def test_clusters_whose_rows_do_not_vary_have_no_mixed_model(schools: pd.DataFrame) -> None:
    flat = schools.assign(y=schools.groupby("school")["y"].transform("mean"))
    result = answers(flat)
    assert isinstance(result.estimates[0], EffectEstimate)
    (refused,) = [entry for entry in result.estimates if isinstance(entry, NotEstimable)]
    assert (refused.reason, str(refused.detail)) == (
        "no_residual_variation",
        "the variance within clusters is estimated as zero",
    )


@pytest.mark.parametrize("arm", [0, 1])
def test_one_cluster_in_an_arm_is_refused_by_name(schools: pd.DataFrame, arm: int) -> None:
    own = schools.loc[schools["treated"] == arm, "school"].iloc[0]
    few = schools[(schools["treated"] != arm) | (schools["school"] == own)]
    (found,) = answers(few, **MIXED).estimates
    assert isinstance(found, NotEstimable)
    assert found.reason == "too_few_clusters"


def test_whatever_is_wrong_with_the_rows_the_random_intercept_is_finite_or_refused_with_a_reason() -> None:
    begun = time.process_time()
    for problem, spoil in SPOILT.items():
        for sections in ({}, WEIGHTED):
            result = answers(spoil(rows_for("cluster_randomised")), **MIXED, **sections)
            assert result.estimates, problem
            for entry in result.estimates:
                if isinstance(entry, NotEstimable):
                    assert str(entry.detail), problem
                    assert str(entry.needs), problem
                else:
                    assert entry.standard_error > 0, problem
    assert time.process_time() - begun < 30.0 * len(SPOILT)


def test_more_rows_than_a_mixed_model_bears_keep_the_primary_and_say_why_nothing_stands_beside() -> None:
    frame = pd.concat([rows_for("cluster_randomised", rows(sites=8, months=5))] * (MOST_ROWS // 40 + 1))
    result = answers(frame)
    assert isinstance(result.estimates[0], EffectEstimate)
    (refused,) = [entry for entry in result.estimates if isinstance(entry, NotEstimable)]
    assert "too many for a mixed model" in str(refused.detail)


def test_subgroups_are_answered_by_the_random_intercept(schools: pd.DataFrame) -> None:
    frame = schools.assign(kind=np.where(schools["school"] < 6, "rural", "urban"))
    result = answers(frame, subgroup=[{"column": "kind"}], **MIXED)
    parts = [entry for entry in result.estimates if entry.subgroup]
    assert [entry.aggregation for entry in parts] == ["overall", "overall", "interaction"]
    rural = answers(frame[frame["kind"] == "rural"], **MIXED).estimates[0]
    assert isinstance(parts[0], EffectEstimate)
    assert isinstance(rural, EffectEstimate)
    assert parts[0].estimate == rural.estimate


def test_the_order_of_the_rows_changes_no_byte(schools: pd.DataFrame) -> None:
    plan = plan_for("cluster_randomised", **MIXED)
    assert analyse(schools, plan).to_json() == analyse(schools[::-1], plan).to_json()


def test_outside_numbers_stand_beside_the_primary(reference: object) -> None:
    """lme4 and pbkrtest on the achievement awards; lme4's optimiser stops at about 1e-6 of the variances."""
    plan = AnalysisPlan.from_toml(f"{reference}/plans/achievement_awards_girls.toml")
    result = analyse(f"{reference}/achievement_awards_2001_girls.csv", plan)
    found = named(result, "reml_random_intercept")
    assert found.estimate == pytest.approx(0.07592623045, rel=2e-7)
    assert found.standard_error == pytest.approx(0.06653385180, rel=1e-6)
    assert found.df == pytest.approx(31.73, abs=5e-3)
    assert statistic(result, "intracluster_correlation") == pytest.approx(0.1564544, abs=5e-7)
