from dataclasses import replace
from math import comb
from typing import Any

import pytest

from effects.codes import Claim, Kind, Role
from effects.decision_simulation import Expectation, SettingError, forecast, offered, setting_of
from effects.power import PowerAnswer, read_planned, solve
from tests.effects.decision_simulation.planned_pilot import assumptions, plan

SPREAD = {name: Expectation(sd=sd) for name, sd in {"control": 10.0, "visits": 0.4, "falls": 0.8}.items()}
CLUSTERED = {"outcomes": SPREAD, "clusters": (12,), "size": 20.0, "icc": 0.05}
WEDGE = {
    "design": "stepped_wedge",
    "data": {"unit": "person", "cluster": "site", "period": "month", "sequence": "wave", "treated": "on"},
}
STAGGERED = {
    "design": "staggered_adoption",
    "estimand": "att",
    "data": {"unit": "site", "period": "month", "first_treated": "start"},
}
DONORS = {
    "design": "synthetic_control",
    "estimand": "att",
    "data": {"unit": "site", "period": "month", "treated": "arm", "start": 13},
}


def test_the_setting_holds_the_decisive_outcomes_of_the_plan() -> None:
    found = setting_of(plan(), assumptions())
    assert [(item.name, item.role) for item in found.indicators] == [
        ("control", Role.PRIMARY),
        ("visits", Role.PRIMARY),
        ("falls", Role.GUARDRAIL),
    ]
    assert found.indicators[2].harm_margin == 0.1
    assert found.indicators[2].claim is Claim.NOT_WORSE
    assert (found.design, found.pilots, found.tau, found.correlation) == ("cluster_randomised", 3, 0.3, 0.3)


def test_a_standard_error_that_is_stated_stands() -> None:
    assert [item.standard_error for item in setting_of(plan(), assumptions()).indicators] == [0.7, 0.03, 0.05]


def test_another_is_that_of_the_power_calculation() -> None:
    found = setting_of(plan(), assumptions(**CLUSTERED))
    stated = {"design": "cluster_randomised", "clusters": 12, "size": 20, "icc": 0.05, "sd": 10.0, "effect": 2.0}
    answer = solve(read_planned(stated))
    assert isinstance(answer, PowerAnswer)
    assert found.indicators[0].standard_error == answer.standard_error
    design_effect = 1 + 19 * 0.05
    assert found.indicators[0].standard_error == pytest.approx((10**2 * design_effect * 2 / (12 * 20)) ** 0.5)


@pytest.mark.parametrize(
    ("design", "told", "counted"),
    [
        ({}, {"clusters": (12,)}, 12),
        ({}, {"clusters": (4, 9)}, 4),
        (WEDGE, {"clusters": (3,), "periods": 5}, 12),
        (STAGGERED, {"clusters": (3, 4), "starts": (3, 4), "periods": 6, "never_treated": 5, "cac": 0.8}, 5),
        (DONORS, {"clusters": (19,), "periods": 24, "cac": 0.8}, 1),
    ],
)
def test_few_clusters_of_a_pilot_reach_the_rules(design: dict[str, Any], told: dict[str, Any], counted: int) -> None:
    facts = setting_of(plan(**design), assumptions(**(CLUSTERED | told))).facts.indicator
    assert (facts.clusters_treated, facts.clusters_control) == (counted, counted)
    assert facts.permutation_floor == 1.0


def test_a_permutation_test_that_is_planned_answers_for_few_clusters_as_far_as_it_reaches() -> None:
    permuted = plan(inference={"permutation": {"draws": 999}})
    facts = setting_of(permuted, assumptions(**(CLUSTERED | {"clusters": (4,)}))).facts.indicator
    assert facts.permutation_floor == pytest.approx(1 / comb(8, 4))


def test_without_clusters_their_number_is_taken_to_suffice() -> None:
    facts = setting_of(plan(), assumptions()).facts.indicator
    assert facts.clusters_treated is not None and facts.clusters_treated >= 6


def test_an_economy_that_is_not_stated_is_not_known() -> None:
    found = setting_of(plan(), assumptions(probability_positive=None))
    assert found.economy.probability_positive is None
    assert setting_of(plan(), assumptions()).economy.probability_positive == 0.9


def test_without_economy_nothing_is_rolled_out() -> None:
    unknown = setting_of(plan(), assumptions(probability_positive=None))
    for outlook in forecast(unknown, offered(unknown.indicators), replications=20, seed=1).outlooks:
        assert outlook.kinds[Kind.ROLL_OUT].share == outlook.kinds[Kind.ROLL_OUT_IN_STAGES].share == 0.0


def test_what_is_missing_is_raised_with_every_finding() -> None:
    with pytest.raises(SettingError) as refused:
        setting_of(plan(), replace(assumptions(), pilots=None, outcomes={}))
    assert len(refused.value.findings) == 4
