from collections.abc import Callable

import pandas as pd
import pytest

from effects.codes import Aggregation, Design
from effects.outcome_analysis import answer, asked_aggregations, not_implemented
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.results import NotEstimable
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT
from effects.sources import open_source

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]


@pytest.mark.parametrize(
    ("design", "model", "expected"),
    [
        ("individual_randomised", {}, ["overall"]),
        ("stepped_wedge", {}, ["overall"]),
        ("staggered_adoption", {}, ["simple", "dynamic", "group", "calendar"]),
        ("interrupted_time_series", {}, ["level_change", "slope_change"]),
        ("interrupted_time_series", {"change": ["slope"]}, ["slope_change"]),
    ],
)
def test_each_design_asks_for_its_aggregations(
    plan_for: PlanFor, design: str, model: dict[str, object], expected: list[str]
) -> None:
    assert [item.value for item in asked_aggregations(plan_for(design, model=model))] == expected


@pytest.mark.parametrize(
    "design", [design for design in Design if "randomised" not in design and design != "stepped_wedge"]
)
def test_a_design_without_an_estimator_answers_every_question_with_that(plan_for: PlanFor, design: Design) -> None:
    plan = plan_for(design.value)
    columns = {name: [0.0, 1.0] for name in ("treated", "site", "month", "start", "wave", "y")}
    settings, _ = settle(plan)
    roles = read_roles(open_source(pd.DataFrame(columns)), plan)
    found = answer(roles.outcomes[0], roles, plan, settings)
    assert len(found.entries) == len(asked_aggregations(plan))
    for entry in found.entries:
        assert isinstance(entry, NotEstimable)
        assert entry.reason == "not_implemented"
        assert design.value in str(entry.detail)


@pytest.mark.parametrize(
    ("sections", "keys", "named"),
    [
        ({"estimand": "cace", "data": {"treated": "treated", "received": "treated"}}, {}, "cace"),
        ({}, {"family": "poisson"}, "poisson"),
        ({}, {"family": "poisson", "offset": "age"}, "poisson"),
        ({}, {"offset": "age"}, "an offset"),
        ({"missing": {"method": "response_weights"}}, {}, "response_weights"),
    ],
)
def test_what_is_not_built_yet_is_named(
    trial: pd.DataFrame,
    plan_for: PlanFor,
    indicator: Indicator,
    sections: dict[str, object],
    keys: dict[str, object],
    named: str,
) -> None:
    plan = plan_for(outcome=[indicator("y", **keys)], **sections)
    roles = read_roles(open_source(trial), plan)
    obstacle = not_implemented(roles.outcomes[0], plan, settle(plan)[0])
    assert obstacle is not None
    assert named in str(obstacle.detail)


def test_the_answer_holds_entry_checks_and_the_fate_of_each_row(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for()
    trial.loc[:4, "y"] = None
    roles = read_roles(open_source(trial), plan)
    found = answer(roles.outcomes[0], roles, plan, settle(plan)[0])
    assert [entry.aggregation for entry in found.entries] == [Aggregation.OVERALL]
    assert int((found.reasons == KEPT).sum()) == 75
    assert found.entries[0].dropped[0].rows == 5
    assert {check.name for check in found.diagnostics} == {"missing_by_arm", "balance"}
