import numpy as np
import pandas as pd
import pytest
from scipy import stats

from effects import analyse
from effects.estimators.before_after import NOT_CAUSAL
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import Indicator, PlanFor, estimated, first

DATA = {"unit": "person", "period": "wave", "start": 1}


@pytest.fixture
def people() -> pd.DataFrame:
    """Forty people in eight homes, measured twice, a few of them once; true change 1."""
    random = np.random.Generator(np.random.PCG64(19))
    person, wave = np.repeat(np.arange(40), 2), np.tile([0, 1], 40)
    x = random.normal(size=80)
    frame = pd.DataFrame({"person": person, "home": person // 5, "wave": wave, "x": x, "w": 1 + person % 3})
    frame["y"] = wave + 0.4 * x + random.normal(size=40)[person] + random.normal(size=80)
    return frame.drop(index=[1, 14, 50])


def changes(people: pd.DataFrame) -> pd.Series:
    wide = people.pivot(index="person", columns="wave", values="y").dropna()
    return wide[1] - wide[0]


def test_the_paired_t_test_is_met(people: pd.DataFrame, plan_for: PlanFor) -> None:
    """With each person a cluster of one, cr2 of a mean is the usual standard error with n - 1 degrees of freedom."""
    change = changes(people)
    judge = stats.ttest_1samp(change, 0.0)
    found = estimated(people, plan_for("before_after", data=DATA))
    assert found.estimate == pytest.approx(change.mean(), rel=1e-12)
    assert found.df == pytest.approx(len(change) - 1, rel=1e-9)
    assert found.p_value == pytest.approx(judge.pvalue, rel=1e-9)
    assert found.units == len(change)


def test_the_label_says_that_it_is_no_effect(people: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimated(people, plan_for("before_after", data=DATA))
    assert found.note is not None
    assert NOT_CAUSAL in found.note
    assert found.estimator == "paired_change"


def test_homes_are_the_clusters_where_they_are_stated(people: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimated(people, plan_for("before_after", data={**DATA, "cluster": "home"}))
    alone = estimated(people, plan_for("before_after", data=DATA))
    assert found.clusters == 8
    assert found.df is not None
    assert found.df < 8
    assert found.estimate == alone.estimate
    assert found.standard_error != alone.standard_error


def test_covariates_adjust_by_their_changes(people: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    plan = plan_for("before_after", data=DATA, outcome=[indicator("y", covariates=["x"])])
    wide = people.pivot(index="person", columns="wave", values=["y", "x"]).dropna()
    moved = wide["x"][1] - wide["x"][0]
    slope, intercept = np.polyfit(moved, wide["y"][1] - wide["y"][0], 1)
    assert estimated(people, plan).estimate == pytest.approx(intercept, rel=1e-10)
    assert slope != 0.0


def test_a_covariate_that_stays_cannot_adjust_a_change(
    people: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    plan = plan_for("before_after", data=DATA, outcome=[indicator("y", covariates=["home"])])
    found = first(analyse(people, plan))
    assert isinstance(found, NotEstimable)
    assert found.reason == "collinear"


def test_weights_weigh_people(people: pd.DataFrame, plan_for: PlanFor) -> None:
    change = changes(people)
    weights = people.groupby("person")["w"].sum().loc[change.index]
    found = estimated(people, plan_for("before_after", data={**DATA, "weight": "w"}))
    assert found.estimate == pytest.approx(np.average(change, weights=weights), rel=1e-12)


def test_who_was_seen_once_is_counted(people: pd.DataFrame, plan_for: PlanFor) -> None:
    result = analyse(people, plan_for("before_after", data=DATA))
    (check,) = (one for one in result.diagnostics if one.name == "lost_between_waves")
    assert check.statistic == pytest.approx(3 / 40)
    assert check.verdict == "warn"


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (lambda own: own["wave"] == 0, "too_few_clusters"),
        (lambda own: own["person"] == 3, "too_few_clusters"),
        (lambda own: (own["person"] % 2) == own["wave"], "too_few_clusters"),
    ],
)
def test_what_is_lacking_is_said(people: pd.DataFrame, plan_for: PlanFor, kept: object, reason: str) -> None:
    assert callable(kept)
    found = first(analyse(people[kept(people)], plan_for("before_after", data=DATA)))
    assert isinstance(found, NotEstimable)
    assert found.reason == reason


def test_subgroups_differ_by_the_difference_of_their_changes(people: pd.DataFrame, plan_for: PlanFor) -> None:
    halves = people.assign(half=people["person"] // 20)
    result = analyse(halves, plan_for("before_after", data=DATA, subgroup=[{"column": "half"}]))
    low, high, difference = (one for one in result.estimates[1:] if isinstance(one, EffectEstimate))
    assert difference.aggregation == "interaction"
    assert difference.estimate == pytest.approx(high.estimate - low.estimate)
    assert difference.standard_error == pytest.approx(np.hypot(high.standard_error, low.standard_error))
    assert difference.df is not None
    assert min(low.df or 0.0, high.df or 0.0) <= difference.df <= (low.df or 0.0) + (high.df or 0.0)
    welch = stats.ttest_ind(changes(halves[halves["half"] == 1]), changes(halves[halves["half"] == 0]), equal_var=False)
    assert difference.p_value == pytest.approx(welch.pvalue, rel=1e-9)


def test_subgroups_that_share_clusters_are_not_compared(people: pd.DataFrame, plan_for: PlanFor) -> None:
    data = {**DATA, "cluster": "home"}
    odd = people.assign(odd=people["person"] % 2)
    result = analyse(odd, plan_for("before_after", data=data, subgroup=[{"column": "odd"}]))
    last = result.estimates[-1]
    assert isinstance(last, NotEstimable)
    assert last.reason == "needs_rows"
