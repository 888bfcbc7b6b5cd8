from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, Entry

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]


def overall(frame: pd.DataFrame, plan: AnalysisPlan) -> Entry:
    return analyse(frame, plan).estimates[0]


def estimate(frame: pd.DataFrame, plan: AnalysisPlan) -> EffectEstimate:
    found = overall(frame, plan)
    assert isinstance(found, EffectEstimate)
    return found


def test_without_covariates_it_is_the_difference_of_means_with_neymans_error(
    trial: pd.DataFrame, plan_for: PlanFor
) -> None:
    arms = [trial.loc[trial["treated"] == arm, "y"] for arm in (1, 0)]
    found = estimate(trial, plan_for())
    assert found.estimate == pytest.approx(arms[0].mean() - arms[1].mean())
    assert found.standard_error == pytest.approx(np.sqrt(sum(arm.var() / len(arm) for arm in arms)))
    assert found.df == len(trial) - 2
    assert found.estimator == "difference_in_means"
    assert (found.units, found.clusters, found.rows) == (80, None, 80)


def test_with_covariates_it_is_the_difference_of_two_regressions_at_the_overall_mean(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    predicted = []
    for arm in (1, 0):
        rows = trial[trial["treated"] == arm]
        slope, intercept = np.polyfit(rows["age"], rows["y"], 1)
        predicted.append(intercept + slope * trial["age"].mean())
    found = estimate(trial, plan_for(outcome=[indicator("y", covariates=["age"])]))
    assert found.estimate == pytest.approx(predicted[0] - predicted[1])
    assert found.estimator == "lin"
    assert found.df == len(trial) - 4


def test_adjustment_for_a_predictor_sharpens_the_estimate(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    adjusted = plan_for(outcome=[indicator("y", covariates=["age"])])
    assert estimate(trial, adjusted).standard_error < estimate(trial, plan_for()).standard_error


def test_weights_that_count_repeated_rows_give_the_estimate_of_the_repeated_rows(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcome = [indicator("y", covariates=["age", "factor(size)"])]
    weighted = trial.assign(w=np.arange(len(trial)) % 3 + 1)
    repeated = trial.loc[trial.index.repeat(weighted["w"])]
    plan = plan_for(data={"treated": "treated", "weight": "w"}, outcome=outcome)
    found = estimate(weighted, plan)
    assert found.estimate == pytest.approx(estimate(repeated, plan_for(outcome=outcome)).estimate)


def test_one_row_in_an_arm_cannot_carry_an_error(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    lone = pd.concat([trial[trial["treated"] == 0], trial[trial["treated"] == 1][:1]])
    found = overall(lone, plan_for())
    assert (found.kind, getattr(found, "reason", None)) == ("not_estimable", "too_few_rows")
    assert str(getattr(found, "detail", "")) == "1 treated and 40 untreated rows"


def test_clustered_errors_may_be_asked_for(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(household=np.arange(80) // 2)
    data = {"treated": "treated", "cluster": "household"}
    found = estimate(frame, plan_for(data=data, inference={"standard_error": "cr2"}))
    assert found.clusters == 40


def test_lins_adjustment_is_the_fully_interacted_regression_of_statsmodels(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    centred = trial.assign(c=trial["age"] - trial["age"].mean(), s=(trial["size"] == "small") * 1.0)
    centred["s"] -= centred["s"].mean()
    judge = smf.ols("y ~ treated * (c + s)", centred).fit(cov_type="HC2")
    found = estimate(trial, plan_for(outcome=[indicator("y", covariates=["age", "factor(size)"])]))
    assert found.estimate == pytest.approx(judge.params["treated"], rel=1e-10)
    assert found.standard_error == pytest.approx(judge.bse["treated"], rel=1e-10)


def test_a_covariate_that_says_nothing_leaves_the_estimate_nearly_as_it_was(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    noise = np.random.Generator(np.random.PCG64(3)).normal(size=80)
    found = estimate(trial.assign(noise=noise), plan_for(outcome=[indicator("y", covariates=["noise"])]))
    plain = estimate(trial, plan_for())
    assert abs(found.estimate - plain.estimate) < plain.standard_error


def test_the_arms_may_be_of_any_size(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    uneven = pd.concat([trial[trial["treated"] == 0], trial[trial["treated"] == 1][:2]])
    found = estimate(uneven, plan_for())
    assert (found.rows, found.df) == (42, 40.0)
