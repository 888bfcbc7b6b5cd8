from dataclasses import replace
from math import comb
from typing import Any

import pytest

from effects.codes import Claim, Kind, Role
from effects.decision_simulation import Expectation, SettingError, forecast, offered, setting_of
from effects.power import PowerAnswer, read_planned, solve
from tests.effects.decision_simulation.planned_pilot import OUTCOMES, assumptions, plan

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


# ---- every design that can be planned --------------------------------------------------------------------------------

PANEL = {"unit": "site", "period": "month"}
DESIGNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "individual_randomised": ({"estimand": "itt", "data": {"treated": "arm"}}, {"clusters": (120,)}),
    "cluster_randomised": ({}, {"clusters": (12,), "size": 20.0, "icc": 0.05}),
    "stepped_wedge": (WEDGE, {"clusters": (3,), "size": 20.0, "icc": 0.05, "cac": 0.9, "periods": 5}),
    "two_period_did": (
        {"estimand": "att", "data": {"unit": "person", "period": "month", "treated": "arm", "cluster": "site"}},
        {"clusters": (12,), "size": 20.0, "icc": 0.05, "cac": 0.9},
    ),
    "staggered_adoption": (
        STAGGERED,
        {"clusters": (4,), "size": 20.0, "icc": 0.05, "cac": 0.9, "periods": 6, "never_treated": 5},
    ),
    "interrupted_time_series": ({"estimand": "att", "data": {**PANEL, "start": 13}}, {"periods": 24}),
    "controlled_interrupted_time_series": (
        {"estimand": "att", "data": {**PANEL, "start": 13, "group": "arm"}},
        {"clusters": (3,), "periods": 24},
    ),
    "matched_comparison": ({"estimand": "att", "data": {"treated": "arm"}}, {"clusters": (120,)}),
    "synthetic_control": (DONORS, {"clusters": (19,), "size": 20.0, "icc": 0.05, "cac": 0.9, "periods": 24}),
    "before_after": ({"estimand": "att", "data": {"unit": "site", "treated": "on"}}, {"clusters": (40,)}),
}


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_has_the_precision_of_its_power_calculation(design: str) -> None:
    stated, told = DESIGNS[design]
    outcomes = [{**one, "covariates": ["age"]} for one in OUTCOMES] if design == "matched_comparison" else OUTCOMES
    found = setting_of(plan(**{"design": design, "outcome": outcomes} | stated), assumptions(outcomes=SPREAD, **told))
    power = {key: list(value) if isinstance(value, tuple) else value for key, value in told.items()}
    for item, sd in zip(found.indicators, (10.0, 0.4, 0.8), strict=True):
        answer = solve(read_planned({"design": design, "sd": sd, "effect": item.minimal_important, **power}))
        assert isinstance(answer, PowerAnswer)
        assert item.standard_error == pytest.approx(answer.standard_error)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_design_can_be_simulated(design: str) -> None:
    stated, told = DESIGNS[design]
    outcomes = [{**one, "covariates": ["age"]} for one in OUTCOMES] if design == "matched_comparison" else OUTCOMES
    found = setting_of(plan(**{"design": design, "outcome": outcomes} | stated), assumptions(outcomes=SPREAD, **told))
    for outlook in forecast(found, offered(found.indicators), replications=3, seed=1).outlooks:
        assert sum(part.share for part in outlook.kinds.values()) == pytest.approx(1.0)


def test_a_share_is_known_by_its_proportion() -> None:
    told = assumptions(**(CLUSTERED | {"outcomes": {**SPREAD, "visits": Expectation(proportion=0.4)}}))
    variance = (0.4 * 0.6 + 0.3 * 0.7) * (1 + 19 * 0.05) / (12 * 20)
    assert setting_of(plan(), told).indicators[1].standard_error == pytest.approx(variance**0.5)


def test_a_larger_cluster_or_a_likelier_one_changes_the_precision_as_it_should() -> None:
    def error(**changes: Any) -> float:
        return setting_of(plan(), assumptions(**(CLUSTERED | changes))).indicators[0].standard_error

    assert error(clusters=(24,)) == pytest.approx(error() / 2**0.5)
    assert error(size=40.0) < error() < error(icc=0.2)
    assert error(size_cv=0.5) > error()


def test_an_index_of_the_plan_is_simulated_in_its_own_unit() -> None:
    index = {
        "name": "daily life",
        "domain": "citizen",
        "method": "kling_liebman_katz",
        "outcomes": ["mood", "sleep"],
        "role": "primary",
        "minimal_important": 0.2,
    }
    sleep = {"column": "sleep", "role": "secondary", "domain": "citizen", "better": "higher"}
    stated = plan(outcome=[*OUTCOMES, sleep], index=[index])
    told = {**assumptions().outcomes, "daily life": Expectation(standard_error=0.07)}
    found = setting_of(stated, assumptions(outcomes=told))
    assert [(item.name, item.minimal_important) for item in found.indicators][-1] == ("daily life", 0.2)
