import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.results import AnalysisResult, Diagnostic, EffectEstimate, NotEstimable
from tests.effects.designs import Indicator, PlanFor, estimated


@pytest.fixture
def taken(trial: pd.DataFrame) -> pd.DataFrame:
    """The trial in which most of the treated, and a few others, took what was offered."""
    random = np.random.Generator(np.random.PCG64(31))
    took = np.where(trial["treated"] == 1, random.random(80) < 0.8, random.random(80) < 0.1)
    return trial.assign(took=took.astype(float))


def plan_data(**roles: str) -> dict[str, object]:
    return {"estimand": "cace", "data": {"treated": "treated", "received": "took", **roles}}


def check(result: AnalysisResult) -> Diagnostic:
    (found,) = (one for one in result.diagnostics if one.name == "first_stage")
    return found


def test_the_complier_effect_is_the_effect_of_assignment_over_that_on_uptake(
    taken: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    on_outcome = estimated(taken, plan_for())
    on_uptake = estimated(taken, plan_for(outcome=[indicator("took")]))
    found = estimated(taken, plan_for(**plan_data()))
    assert found.estimate == pytest.approx(on_outcome.estimate / on_uptake.estimate, rel=1e-10)
    assert found.estimand == "cace"
    assert found.estimator.endswith("two_stage")


def test_the_strength_of_the_first_stage_is_its_squared_t(
    taken: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    on_uptake = estimated(taken, plan_for(outcome=[indicator("took")]))
    found = check(analyse(taken, plan_for(**plan_data())))
    assert found.statistic == pytest.approx((on_uptake.estimate / on_uptake.standard_error) ** 2, rel=1e-10)
    assert found.verdict == "pass"


def test_a_weak_first_stage_is_warned_of(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    weak = trial.assign(took=(np.arange(80) % 7 < 3) * 1.0)
    assert check(analyse(weak, plan_for(**plan_data()))).verdict == "warn"


def test_full_compliance_has_no_first_stage_to_test(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    found = check(analyse(trial.assign(took=trial["treated"]), plan_for(**plan_data())))
    assert found.verdict == "inapplicable"
    assert found.statistic is None


def test_effects_of_assignment_ask_for_no_first_stage(taken: pd.DataFrame, plan_for: PlanFor) -> None:
    names = {one.name for one in analyse(taken, plan_for(data={"treated": "treated", "received": "took"})).diagnostics}
    assert "first_stage" not in names
    assert "contamination" in names


def test_rows_without_what_was_received_are_left_out_only_where_it_is_asked_for(
    taken: pd.DataFrame, plan_for: PlanFor
) -> None:
    holes = taken.assign(took=taken["took"].where(taken.index % 8 != 0))
    assert estimated(holes, plan_for(**plan_data())).rows == 70
    assert estimated(holes, plan_for(data={"treated": "treated", "received": "took"})).rows == 80


def test_a_permutation_of_the_assignment_tests_the_complier_effect_too(taken: pd.DataFrame, plan_for: PlanFor) -> None:
    permuted = {"inference": {"permutation": {"draws": 999}, "seed": 4}}
    of_compliers = estimated(taken, plan_for(**plan_data(), **permuted))
    of_assignment = estimated(taken, plan_for(**permuted))
    assert of_compliers.p_permutation == of_assignment.p_permutation


def test_two_subgroups_complier_effects_are_not_compared(taken: pd.DataFrame, plan_for: PlanFor) -> None:
    result = analyse(taken, plan_for(**plan_data(), subgroup=[{"column": "size"}]))
    *levels, difference = result.estimates[1:]
    assert all(isinstance(one, EffectEstimate) for one in levels)
    assert isinstance(difference, NotEstimable)
    assert difference.reason == "not_implemented"


def test_clusters_and_wedges_have_complier_effects_too(
    schools: pd.DataFrame, wedge: pd.DataFrame, plan_for: PlanFor
) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    doses = {"schools": random.uniform(0.5, 1.0, len(schools)), "wedge": random.uniform(0.5, 1.0, len(wedge))}
    clustered = {"estimand": "cace", "data": {"treated": "treated", "cluster": "school", "received": "took"}}
    found = estimated(
        schools.assign(took=schools["treated"] * doses["schools"]), plan_for("cluster_randomised", **clustered)
    )
    assert found.clusters == 12
    stepped = {
        "estimand": "cace",
        "data": {"treated": "treated", "unit": "site", "period": "month", "received": "took"},
        "model": {"working_model": "fixed_effects"},
    }
    assert estimated(wedge.assign(took=wedge["treated"] * doses["wedge"]), plan_for("stepped_wedge", **stepped)).df


def test_a_mixed_model_has_no_complier_effect(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    data = {"treated": "treated", "unit": "site", "period": "month", "received": "treated"}
    found = analyse(wedge, plan_for("stepped_wedge", estimand="cace", data=data)).estimates[0]
    assert isinstance(found, NotEstimable)
    assert found.reason == "not_implemented"
