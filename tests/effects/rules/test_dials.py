from dataclasses import fields
from typing import Any

import pytest

from effects.case import Case, Economy
from effects.codes import Better
from effects.rules.dials import Dial, dials, switches
from effects.rules.ruleset import load_ruleset
from tests.effects.sound_case import indicator, sound_case, telecare_nord, with_economy, with_portfolio

RULES = load_ruleset()


def dial(case: Case, name: str, about: str | None = None) -> Dial:
    return next(found for found in dials(case, RULES) if found.input == name and found.indicator == about)


def named(case: Case) -> set[str]:
    return {found.input for found in dials(case, RULES)}


def test_every_number_that_is_stated_can_be_turned() -> None:
    assert named(sound_case()) == {
        "expected_net_value",
        "probability_positive",
        "share_positive_by_size_class",
        "share_silent",
        "untested_size_classes",
        "untested_target_groups",
        "extension_assurance",
        "municipalities_with_comparison",
        "regions_with_comparison",
        "evsi",
        "extension_cost",
        "estimate",
        "attrition_treated",
        "attrition_control",
        "dose",
        "contamination",
    }
    assert {"value_per_unit", "cost_difference", "units_gained"} <= named(telecare_nord())


def test_what_is_not_known_cannot() -> None:
    blind = with_portfolio(with_economy(sound_case(), probability_positive=None), share_silent=None, evsi=None)
    assert named(blind).isdisjoint({"probability_positive", "share_silent", "evsi", "extension_cost"})


@pytest.mark.parametrize("found", list(dials(sound_case(), RULES)), ids=lambda found: found.input)
def test_turning_back_gives_the_case_again(found: Dial) -> None:
    there = found.turn(found.marks[0] if found.marks else 0.5)
    again = next(
        one
        for one in dials(there, RULES)
        if (one.input, one.indicator, one.message) == (found.input, found.indicator, found.message)
    ).turn(found.now)
    assert again.portfolio == sound_case().portfolio
    assert again.economy == sound_case().economy


def test_an_estimate_moves_in_its_own_unit() -> None:
    falls = indicator(name="falls", better=Better.LOWER, estimate=-1.5, low=-1.9, high=-1.1)
    moved = dial(sound_case(falls), "estimate", "falls").turn(-1.0).indicators[0]
    assert (moved.estimate, moved.low, moved.high) == pytest.approx((-1.0, -1.4, -0.6))


def test_a_cost_moves_with_its_interval() -> None:
    found: Economy = dial(telecare_nord(), "cost_difference").turn(628.0).economy
    assert (found.cost_difference, found.cost_low, found.cost_high) == (628.0, -854.0, 2111.0)


def test_only_one_input_changes_with_a_switch() -> None:
    case = sound_case()
    for switch in switches(case, RULES):
        changed = {item.name for item in fields(Case) if getattr(case, item.name) != getattr(switch.case, item.name)}
        assert len(changed) == 1, switch.input


@pytest.mark.parametrize(("now", "to"), [(True, False), (False, True), (None, True)])
def test_a_switch_turns_to_the_opposite_and_what_is_not_known_to_what_holds(now: bool | None, to: bool) -> None:
    facts: dict[str, Any] = {"strata_covered": now}
    found = next(one for one in switches(with_portfolio(sound_case(), **facts), RULES) if one.input == "strata_covered")
    assert (found.now, found.to) == (now, to)
    assert str(found.message) == ("If this did not hold: strata_covered" if now else "If this held: strata_covered")


def test_an_extension_is_offered_only_where_none_is() -> None:
    offered = with_portfolio(sound_case(), extension_feasible=True)
    assert "extension_feasible" in {one.input for one in switches(sound_case(), RULES)}
    assert "extension_feasible" not in {one.input for one in switches(offered, RULES)}
