from typing import Any

import pytest

from effects.case import Case
from effects.grading import grade
from effects.rules.evidence import Condition, Evidence
from effects.rules.gates import gates
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from effects.rules.worth import (
    enough_sites,
    extension_pays,
    strata_covered,
    value_everywhere,
    value_likely,
    value_nationally_or_in_segments,
    value_negative,
    value_positive,
)
from tests.effects.sound_case import sound_case, with_economy, with_portfolio

RULES = load_ruleset()
R2, R3, R5, R6 = (RULES.recommendations[name] for name in ("R2", "R3", "R5", "R6"))


def evidence(case: Case) -> Evidence:
    return Evidence(case, RULES, grade(case), gates(case, RULES))


def economy(**facts: Any) -> Evidence:
    return evidence(with_economy(sound_case(), **facts))


def portfolio(**facts: Any) -> Evidence:
    return evidence(with_portfolio(sound_case(), **facts))


def waits(found: Condition) -> list[str]:
    return [name for _, name in found.missing]


@pytest.mark.parametrize(
    ("value", "positive", "negative"),
    [
        (1.0, True, False),
        (0.0, False, False),
        (-1.0, False, True),
        (None, None, None),
    ],
)
def test_expected_net_value(value: float | None, positive: Tristate, negative: Tristate) -> None:
    seen = economy(expected_net_value=value)
    assert value_positive(seen, R2).state is positive
    assert value_negative(seen, R6).state is negative


def test_expected_net_value_out_of_its_parts() -> None:
    seen = economy(expected_net_value=None, value_per_unit=21068.0, units_gained=0.0132, cost_difference=728.0)
    assert value_negative(seen, R6).state is True
    assert value_negative(seen, R6).inputs == {"expected_net_value": pytest.approx(-449.9024)}


def test_an_unknown_value_is_waited_for() -> None:
    assert waits(value_positive(economy(expected_net_value=None), R2)) == ["expected_net_value"]


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.8, True), (0.79, False), (None, None)],
)
def test_probability_of_a_positive_value(probability: float | None, expected: Tristate) -> None:
    assert value_likely(economy(probability_positive=probability), R2).state is expected


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"small": 0.8, "medium": 0.9, "large": 1.0}, True),
        ({"small": 0.79, "medium": 0.9, "large": 1.0}, False),
        ({"small": 0.8}, True),
        ({}, None),
    ],
)
def test_value_in_each_size_class(shares: dict[str, float], expected: Tristate) -> None:
    assert value_everywhere(economy(share_positive_by_size_class=shares), R2).state is expected


def test_without_size_classes_they_are_waited_for() -> None:
    found = value_everywhere(economy(share_positive_by_size_class={}), R2)
    assert waits(found) == ["share_positive_by_size_class"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"expected_net_value": -1.0}, False),
        ({"expected_net_value": -1.0, "value_in_named_segments": True}, True),
        ({"probability_positive": 0.5}, False),
        ({"probability_positive": None}, None),
        ({"probability_positive": None, "value_in_named_segments": True}, True),
        ({"expected_net_value": -1.0, "value_in_named_segments": None}, None),
    ],
)
def test_value_nationally_or_in_named_segments(facts: dict[str, Any], expected: Tristate) -> None:
    assert value_nationally_or_in_segments(economy(**facts), R3).state is expected


@pytest.mark.parametrize(
    ("municipalities", "regions", "expected"),
    [
        (6, 0, True),
        (5, 1, False),
        (0, 2, True),
        (None, 2, True),
        (6, None, True),
        (None, 1, None),
        (5, None, None),
    ],
)
def test_sites_with_their_own_comparison(municipalities: int | None, regions: int | None, expected: Tristate) -> None:
    seen = portfolio(municipalities_with_comparison=municipalities, regions_with_comparison=regions)
    assert enough_sites(seen, R2).state is expected


@pytest.mark.parametrize("covered", [True, False, None])
def test_strata(covered: bool | None) -> None:
    found = strata_covered(portfolio(strata_covered=covered), R2)
    assert found.state is covered
    assert waits(found) == (["strata_covered"] if covered is None else [])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"extension_feasible": True, "evsi": 2.0, "extension_assurance": 0.8}, [True, True, True]),
        ({"extension_feasible": True, "evsi": 1.0, "extension_assurance": 0.8}, [True, False, True]),
        ({"extension_feasible": True, "evsi": 2.0, "extension_assurance": 0.79}, [True, True, False]),
        ({"extension_feasible": None, "evsi": 2.0, "extension_assurance": 0.8}, [None, True, True]),
        ({"evsi": None, "extension_assurance": None}, [False, None, None]),
        ({"extension_cost": None, "evsi": 2.0}, [False, None, False]),
    ],
)
def test_an_extension_pays(facts: dict[str, Any], expected: list[Tristate]) -> None:
    found = extension_pays(portfolio(**facts), R5)
    assert [condition.state for condition in found] == expected


def test_what_an_extension_waits_for() -> None:
    found = extension_pays(portfolio(extension_feasible=None, evsi=None, extension_cost=None), R5)
    assert [waits(condition) for condition in found] == [["extension_feasible"], ["evsi", "extension_cost"], []]


def test_thresholds_are_shown() -> None:
    assert value_likely(economy(), R2).thresholds["probability_positive"] == 0.8
