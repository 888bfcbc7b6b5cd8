from typing import Any

import pytest

from effects.codes import Role
from effects.decision_simulation.assumption_checks import problems
from effects.decision_simulation.assumptions import Assumptions, Expectation
from effects.plan import AnalysisPlan
from tests.effects.decision_simulation.planned_pilot import OUTCOMES, assumptions, plan

SPREAD = {"control": Expectation(sd=10.0), "visits": Expectation(proportion=0.4), "falls": Expectation(sd=0.8)}
SERIES = {"unit": "site", "period": "month", "start": 13}


def found(stated: AnalysisPlan, told: Assumptions) -> list[tuple[str, str]]:
    decisive = [one for one in stated.outcomes if one.role is not Role.SECONDARY]
    return [(finding.where, finding.code) for finding in problems(stated, decisive, told)]


def test_what_is_stated_well_leaves_nothing_to_find() -> None:
    assert found(plan(), assumptions()) == []
    assert found(plan(), assumptions(outcomes=SPREAD, clusters=(12,), size=20.0, icc=0.05)) == []


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert found(plan(), Assumptions()) == [
        ("pilots", "pilots_missing"),
        ("tau", "tau_missing"),
        ("correlation", "correlation_missing"),
        ("outcomes.control", "precision_missing"),
        ("outcomes.visits", "precision_missing"),
        ("outcomes.falls", "precision_missing"),
    ]


def test_a_spread_asks_for_clusters_their_size_and_their_likeness() -> None:
    assert found(plan(), assumptions(outcomes=SPREAD)) == [("clusters", "clusters_missing"), ("size", "size_missing")]
    assert found(plan(), assumptions(outcomes=SPREAD, clusters=(12,), size=20.0)) == [("icc", "icc_missing")]


def test_a_design_over_time_asks_for_its_periods() -> None:
    wedge = plan(
        design="stepped_wedge",
        data={"unit": "person", "cluster": "site", "period": "month", "sequence": "wave", "treated": "on"},
    )
    told = assumptions(outcomes=SPREAD, clusters=(3,), size=20.0, icc=0.05)
    assert ("periods", "periods_missing") in found(wedge, told)
    assert found(wedge, assumptions(outcomes=SPREAD, clusters=(3,), size=20.0, icc=0.05, periods=5)) == []


def test_a_series_counts_no_clusters_but_enough_periods() -> None:
    series = plan(design="interrupted_time_series", estimand="att", data=SERIES)
    assert found(series, assumptions(outcomes=SPREAD, periods=24)) == []
    assert ("clusters", "not_attainable") in found(series, assumptions(outcomes=SPREAD, periods=4))


def test_an_economy_that_is_not_known_may_be_left_out() -> None:
    assert found(plan(), assumptions(probability_positive=None)) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"pilots": 0}, ("pilots", "pilots_missing")),
        ({"tau": -0.1}, ("tau", "tau_missing")),
        ({"correlation": 1.0}, ("correlation", "correlation_missing")),
        ({"probability_positive": 1.0}, ("probability_positive", "not_a_probability")),
        ({"probability_positive": 0.0}, ("probability_positive", "not_a_probability")),
    ],
)
def test_what_is_out_of_its_range_is_named(changes: dict[str, Any], finding: tuple[str, str]) -> None:
    assert found(plan(), assumptions(**changes)) == [finding]


@pytest.mark.parametrize(
    "told",
    [
        Expectation(standard_error=0.0),
        Expectation(sd=-1.0),
        Expectation(proportion=1.2),
        Expectation(standard_error=float("nan")),
    ],
)
def test_an_impossible_spread_is_named_by_its_outcome(told: Expectation) -> None:
    outcomes = {**assumptions().outcomes, "falls": told}
    assert found(plan(), assumptions(outcomes=outcomes)) == [("outcomes.falls", "not_a_spread")]


def test_what_is_stated_about_other_columns_is_named() -> None:
    outcomes = {**assumptions().outcomes, "mood": Expectation(sd=1.0)}
    assert found(plan(), assumptions(outcomes=outcomes)) == [("outcomes.mood", "not_decisive")]


def test_a_guardrail_with_a_margin_alone_can_neither_be_pooled_nor_graded() -> None:
    only_margin = {key: value for key, value in OUTCOMES[2].items() if key != "minimal_important"}
    stated = plan(outcome=[*OUTCOMES[:2], only_margin])
    assert found(stated, assumptions()) == [("outcomes.falls", "minimal_important_missing")]


def test_the_same_problem_of_the_design_is_named_once() -> None:
    told = assumptions(outcomes=SPREAD, clusters=(1, 2, 3), size=20.0, icc=0.05)
    assert [code for where, code in found(plan(), told) if where == "clusters"] == ["wrong_number_of_groups"]


def test_nothing_decisive_is_nothing_to_simulate() -> None:
    assert ("outcome", "nothing_decisive") in [
        (finding.where, finding.code) for finding in problems(plan(), [], assumptions(outcomes={}))
    ]
