from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from effects.errors import DataError
from effects.plan import AnalysisPlan
from effects.rows.roles import MOST_LEVELS, read_roles
from effects.sources import open_source

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]


def found(frame: pd.DataFrame, plan: AnalysisPlan) -> list[tuple[str, str]]:
    with pytest.raises(DataError) as raised:
        read_roles(open_source(frame), plan)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def test_every_stated_column_is_read(schools: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    data = {"treated": "treated", "cluster": "school", "strata": "pair", "weight": "w", "persons": "w"}
    plan = plan_for("cluster_randomised", data=data, outcome=[indicator("y", covariates=["score"])])
    roles = read_roles(open_source(schools), plan)
    assert roles.rows == len(schools)
    assert roles.cluster is not None
    assert len(roles.cluster.levels) == 12
    assert roles.strata is not None
    assert roles.unit is None
    assert roles.weight is not None
    assert roles.outcomes[0].covariates[0].label == "score"


def test_all_missing_columns_are_found_at_once(plan_for: PlanFor, indicator: Indicator) -> None:
    plan = plan_for(
        data={"treated": "t", "weight": "w", "group": "g"},
        outcome=[indicator("y", covariates=["x"], family="poisson", offset="o")],
        subgroup=[{"column": "s"}],
    )
    wheres = {where for where, code in found(pd.DataFrame({"other": [1]}), plan) if code == "missing_column"}
    assert wheres == {
        "data.treated",
        "data.weight",
        "data.group",
        "outcome[0].column",
        "outcome[0].covariates[0]",
        "outcome[0].offset",
        "subgroup[0].column",
    }


def test_the_columns_of_a_survey_are_looked_for(plan_for: PlanFor) -> None:
    plan = plan_for("survey_before_after", survey={"wave": "wave", "fpc": "fpc"})
    assert {where for where, _ in found(pd.DataFrame({"y": [1.0]}), plan)} == {"survey.wave", "survey.fpc"}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("treated", 2, "not_zero_or_one"),
        ("treated", "yes", "not_zero_or_one"),
        ("y", "many", "not_a_number"),
        ("w", -1, "negative_or_infinite"),
        ("w", np.inf, "negative_or_infinite"),
    ],
)
def test_a_value_that_cannot_play_its_part_is_found(
    trial: pd.DataFrame, plan_for: PlanFor, column: str, value: object, code: str
) -> None:
    frame = trial.assign(w=1.0)
    frame[column] = [value, *frame[column].tolist()[1:]]
    plan = plan_for(data={"treated": "treated", "weight": "w"})
    assert {found_code for _, found_code in found(frame, plan)} == {code}


def test_a_value_that_two_parts_of_the_plan_read_is_found_once(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(w=[-1.0] + [1.0] * (len(trial) - 1))
    plan = plan_for(data={"treated": "treated", "weight": "w", "persons": "w"})
    assert found(frame, plan) == [("data.weight", "negative_or_infinite")]


def test_a_cluster_in_both_arms_is_found(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    schools.loc[0, "treated"] = 1 - schools["treated"].iloc[0]
    assert found(schools, plan_for("cluster_randomised")) == [("data.treated", "cluster_in_both_arms")]


def test_a_subgroup_with_a_level_for_nearly_everybody_is_refused(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    assert len(trial) > MOST_LEVELS
    assert found(trial, plan_for(subgroup=[{"column": "person"}])) == [("subgroup", "too_many_levels")]
