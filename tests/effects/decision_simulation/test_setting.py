from dataclasses import replace

import pytest

from effects.case import GateFact
from effects.codes import Kind
from effects.decision_simulation.setting import Facts, economy_at
from effects.recommendation import recommend, standing
from effects.rules.ruleset import load_ruleset
from tests.effects.decision_simulation.planned_setting import CONTROL, setting

FIGURES = {"estimate": 3.0, "low": 2.2, "high": 3.8, "standard_error": 0.4, "p_value": 1e-9}
PREDICTED = {"predictive_low": 1.0, "predictive_high": 5.0, "intervals_barely_overlap": False}


def favourable(design: str) -> dict[str, object]:
    planned = setting(design=design).case
    turned = [
        replace(item, **(FIGURES | PREDICTED))
        if item.better.value == "higher"
        else replace(item, estimate=-3.0, low=-3.8, high=-2.2, p_value=1e-9, predictive_low=-5.0, predictive_high=-1.0)
        for item in planned.indicators
    ]
    found = recommend(replace(planned, indicators=tuple(turned)))
    return {"kind": found.kind, "levels": {item.level for item in found.certainties.values()}}


def test_the_most_harm_acceptable_is_what_matters_unless_stated() -> None:
    assert CONTROL.harm_margin == 2.0
    assert replace(CONTROL, margin=0.5).harm_margin == 0.5


def test_a_randomised_pilot_as_planned_with_good_figures_is_rolled_out_at_the_highest_certainty() -> None:
    assert favourable("cluster_randomised") == {"kind": Kind.ROLL_OUT, "levels": {4}}


@pytest.mark.parametrize(("design", "start"), [("stepped_wedge", 4), ("staggered_adoption", 3), ("before_after", 1)])
def test_a_pilot_as_planned_keeps_the_certainty_its_design_starts_with(design: str, start: int) -> None:
    planned = setting(design=design).case
    near = {"estimate": 1.0, "low": 0.5, "high": 1.5, "p_value": 1e-4, "standard_error": 0.25}
    predicted = {"predictive_low": 0.0, "predictive_high": 2.0, "intervals_barely_overlap": False}
    first = replace(planned.indicators[0], **(near | predicted))
    graded = standing(replace(planned, indicators=(first, *planned.indicators[1:])))[2]
    assert graded[0][1] == start


def test_every_gate_that_is_stated_in_a_case_is_taken_to_hold() -> None:
    stated = set(load_ruleset().gates) - {"G2", "G7"}
    assert {name for name, fact in setting().case.gates.items() if fact.holds} == stated


def test_facts_that_are_stated_otherwise_reach_the_case() -> None:
    facts = Facts(gates={"G5": GateFact(False)}, claims_required=3)
    case = setting(facts=facts).case
    assert case.gates == {"G5": GateFact(False)}
    assert case.claims_required == 3


def test_the_case_counts_the_pilots_and_holds_no_figure() -> None:
    case = setting(pilots=5).case
    assert case.portfolio.pilots == 5
    assert all(item.estimate is None and item.low is None for item in case.indicators)


def test_an_indicator_that_is_planned_stands_in_the_plan() -> None:
    facts = Facts(indicator=replace(Facts().indicator, in_plan=False))
    assert all(item.in_plan for item in setting(facts=facts).case.indicators)


@pytest.mark.parametrize(("probability", "positive"), [(0.9, True), (0.3, False)])
def test_an_economy_is_stated_by_its_probability_alone(probability: float, positive: bool) -> None:
    economy = economy_at(probability)
    assert economy.probability_positive == probability
    assert economy.expected_net_value is not None
    assert (economy.expected_net_value > 0) is positive


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, 4),
        ({"attrition_treated": 0.3, "attrition_control": 0.1}, 2),
        ({"dose": 0.5}, 3),
        ({"dose": 0.5, "contamination": 0.2}, 2),
        ({"blinded": False, "self_report": True}, 3),
        ({"instruments_differ": True}, 2),
        ({"changed_after_data": True}, 2),
        ({"clusters_treated": 4, "permutation_floor": 1.0}, 3),
        ({"clusters_treated": 4, "permutation_floor": 0.001}, 4),
        ({"clusters_treated": 1}, 1),
    ],
)
def test_a_fact_that_turns_out_badly_lowers_the_certainty_of_every_claim(facts: dict[str, object], level: int) -> None:
    planned = setting(pilots=1, facts=Facts(indicator=replace(Facts().indicator, **facts))).case
    figures = {"estimate": 1.0, "low": 0.5, "high": 1.5, "p_value": 1e-4, "standard_error": 0.25}
    first = replace(planned.indicators[0], **figures)
    assert standing(replace(planned, indicators=(first, *planned.indicators[1:])))[2][0][1] == level


def test_what_the_portfolio_lacks_reaches_the_case() -> None:
    facts = Facts(portfolio=replace(Facts().portfolio, strata_covered=False, share_silent=0.5))
    portfolio = setting(facts=facts, pilots=4).case.portfolio
    assert (portfolio.strata_covered, portfolio.share_silent, portfolio.pilots) == (False, 0.5, 4)


def test_a_margin_of_its_own_reaches_the_case() -> None:
    narrow = replace(CONTROL, margin=0.5)
    assert setting(indicators=(narrow, CONTROL)).case.indicators[0].margin == 0.5
    assert setting(indicators=(CONTROL,)).case.indicators[0].margin == 2.0


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_an_economy_is_never_certain(probability: float) -> None:
    with pytest.raises(ValueError, match=r"0\.0 < p < 1\.0"):
        economy_at(probability)
