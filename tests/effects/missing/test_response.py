import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from effects import analyse
from effects.missing.response import LARGEST
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import Indicator, PlanFor, estimated, first

WEIGHTED = {"missing": {"method": "response_weights"}}


@pytest.fixture
def answered(trial: pd.DataFrame) -> pd.DataFrame:
    """The trial, in which the old of the treated answer less often."""
    chance = np.random.Generator(np.random.PCG64(12)).random(80)
    silent = chance < np.where((trial["treated"] == 1) & (trial["age"] > 50), 0.5, 0.15)
    return trial.assign(y=trial["y"].where(~silent))


def inverse_probabilities(frame: pd.DataFrame) -> pd.Series:
    """By statsmodels, apart in each arm."""
    weights = pd.Series(1.0, index=frame.index)
    for _, arm in frame.groupby("treated"):
        judge = sm.Logit(arm["y"].notna().astype(float), sm.add_constant(arm[["age"]])).fit(disp=0, tol=1e-12)
        weights[arm.index] = 1.0 / judge.predict()
    return weights


def test_those_who_answer_weigh_the_inverse_of_their_probability(
    answered: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    weights = inverse_probabilities(answered)
    outcome = [indicator("y", covariates=["age"])]
    by_hand = plan_for(data={"treated": "treated", "weight": "w"}, outcome=outcome)
    expected = estimated(answered.assign(w=weights), by_hand)
    found = estimated(answered, plan_for(outcome=outcome, **WEIGHTED))
    assert found.estimate == pytest.approx(expected.estimate, rel=1e-7)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-7)
    assert found.rows == int(answered["y"].notna().sum())


def test_stated_weights_are_multiplied(answered: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    frame = answered.assign(w=1.0 + answered.index % 3)
    outcome = [indicator("y", covariates=["age"])]
    data = {"treated": "treated", "weight": "w"}
    both = estimated(frame, plan_for(data=data, outcome=outcome, **WEIGHTED))
    alone = estimated(frame, plan_for(outcome=outcome, **WEIGHTED))
    stated = estimated(frame, plan_for(data=data, outcome=outcome))
    assert len({both.estimate, alone.estimate, stated.estimate}) == 3


def test_where_everybody_answers_nothing_changes(trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    outcome = [indicator("y", covariates=["age"])]
    weighted, plain = (estimated(trial, plan_for(outcome=outcome, **extra)) for extra in (WEIGHTED, {}))
    assert (weighted.estimate, weighted.standard_error) == (plain.estimate, plain.standard_error)


def test_without_covariates_there_is_nothing_to_explain_silence(answered: pd.DataFrame, plan_for: PlanFor) -> None:
    found = first(analyse(answered, plan_for(**WEIGHTED)))
    assert isinstance(found, NotEstimable)
    assert found.reason == "no_covariates"


def test_covariates_that_tell_who_answers_are_named(
    answered: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    telling = answered.assign(told=answered["y"].notna() * 1.0)
    found = first(analyse(telling, plan_for(outcome=[indicator("y", covariates=["told"])], **WEIGHTED)))
    assert isinstance(found, NotEstimable)
    assert found.reason == "separation"
    assert "told" in str(found.detail)


def test_nobody_stands_for_more_than_twenty(plan_for: PlanFor, indicator: Indicator) -> None:
    random = np.random.Generator(np.random.PCG64(4))
    x = random.normal(size=600)
    frame = pd.DataFrame({"treated": np.arange(600) % 2, "x": x, "y": random.normal(size=600) + x})
    heard = random.random(600) < 1.0 / (1.0 + np.exp(1.5 + 2.5 * x))
    found = estimated(
        frame.assign(y=frame["y"].where(heard)), plan_for(outcome=[indicator("y", covariates=["x"])], **WEIGHTED)
    )
    assert LARGEST == 20.0
    assert found.standard_error < 2.0


def test_subgroups_keep_the_weights_of_the_whole(
    answered: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcome = [indicator("y", covariates=["age"])]
    found = analyse(answered, plan_for(outcome=outcome, subgroup=[{"column": "size"}], **WEIGHTED)).estimates
    by_hand = answered.assign(w=inverse_probabilities(answered))
    large = by_hand[by_hand["size"] == "large"]
    expected = estimated(large, plan_for(data={"treated": "treated", "weight": "w"}, outcome=outcome))
    (entry,) = (one for one in found if one.subgroup == {"column": "size", "level": "large"})
    assert isinstance(entry, EffectEstimate)
    assert entry.estimate == pytest.approx(expected.estimate, rel=1e-7)
