import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import Indicator, PlanFor, estimated, first

IMPUTED = {"missing": {"method": "multiple_imputation", "imputations": 30}, "inference": {"seed": 3}}
CLUSTERED = {"treated": "treated", "cluster": "school"}


@pytest.fixture
def lost(schools: pd.DataFrame) -> pd.DataFrame:
    """The schools, with outcomes lost where the covariate is low and the school is treated."""
    chance = np.random.Generator(np.random.PCG64(2)).random(len(schools))
    gone = chance < np.where((schools["treated"] == 1) & (schools["score"] < 0), 0.6, 0.1)
    return schools.assign(y=(schools["y"] + 2.0 * schools["score"]).where(~gone))


def test_all_rows_count_and_the_note_says_how_much_is_missing(
    lost: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcome = [indicator("y", covariates=["score"])]
    result = analyse(lost, plan_for("cluster_randomised", outcome=outcome, **IMPUTED))
    found = first(result)
    assert isinstance(found, EffectEstimate)
    assert found.rows == len(lost)
    assert result.data.rows_used == len(lost)
    assert found.note is not None
    assert any("30 imputations" in str(note) for note in found.note)
    assert found.dropped == ()
    assert found.estimator == "ols_imputed"


def test_imputation_and_complete_cases_agree_where_the_model_explains_the_loss(
    lost: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcome = [indicator("y", covariates=["score"])]
    filled = estimated(lost, plan_for("cluster_randomised", outcome=outcome, **IMPUTED))
    complete = estimated(lost, plan_for("cluster_randomised", outcome=outcome))
    assert filled.estimate == pytest.approx(complete.estimate, abs=complete.standard_error)
    assert filled.standard_error == pytest.approx(complete.standard_error, rel=0.35)
    assert filled.df is not None


def test_where_nothing_is_lost_nothing_is_imputed(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    filled = estimated(schools, plan_for("cluster_randomised", **IMPUTED))
    plain = estimated(schools, plan_for("cluster_randomised"))
    assert (filled.estimate, filled.standard_error, filled.df) == (plain.estimate, plain.standard_error, plain.df)


def test_the_seed_settles_the_bytes(lost: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("cluster_randomised", **IMPUTED)
    assert analyse(lost, plan).to_json() == analyse(lost[::-1], plan).to_json()
    assert analyse(lost, plan).to_json() != analyse(lost, plan, seed=4).to_json()


def test_subgroups_are_imputed_apart_and_not_compared(lost: pd.DataFrame, plan_for: PlanFor) -> None:
    halves = lost.assign(half=lost["school"] // 6)
    result = analyse(halves, plan_for("cluster_randomised", subgroup=[{"column": "half"}], **IMPUTED))
    levels = [one for one in result.estimates if one.subgroup and one.aggregation == "overall"]
    assert all(isinstance(one, EffectEstimate) for one in levels)
    assert sum(one.rows for one in levels if isinstance(one, EffectEstimate)) == len(lost)
    last = result.estimates[-1]
    assert isinstance(last, NotEstimable)
    assert last.reason == "not_implemented"


def test_rows_that_lack_a_covariate_too_are_not_imputed(
    lost: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    holes = lost.assign(score=lost["score"].where(lost["y"].notna()))
    found = estimated(holes, plan_for("cluster_randomised", outcome=[indicator("y", covariates=["score"])], **IMPUTED))
    assert found.rows == int(lost["y"].notna().sum())
    assert [drop.reason.value for drop in found.dropped] == ["missing_outcome"]


def test_an_arm_without_outcomes_is_refused(lost: pd.DataFrame, plan_for: PlanFor) -> None:
    bare = lost.assign(y=lost["y"].where(lost["treated"] == 0))
    found = first(analyse(bare, plan_for("cluster_randomised", **IMPUTED)))
    assert isinstance(found, NotEstimable)
    assert found.reason == "empty_arm"


@pytest.mark.parametrize("design", ["matched_comparison", "synthetic_control"])
def test_designs_without_a_linear_model_say_so(design: str, plan_for: PlanFor) -> None:
    frame = pd.DataFrame({"treated": [0.0, 1.0], "site": [1, 2], "month": [1, 2], "y": [1.0, None]})
    found = first(analyse(frame, plan_for(design, **IMPUTED)))
    assert isinstance(found, NotEstimable)
    assert found.reason == "not_implemented"
    assert "multiple_imputation" in str(found.detail)


def test_a_trial_of_people_is_imputed_without_clusters(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    gone = trial.assign(y=trial["y"].where(trial.index % 5 != 0))
    assert estimated(gone, plan_for(**IMPUTED)).rows == 80
