from collections.abc import Iterator
from dataclasses import asdict, fields
from math import inf, isfinite
from typing import Any

import pytest

from effects.case import Case, Economy, GateFact
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


CASES = {"sound": sound_case(), "trial": telecare_nord()}
ALL = [(f"{name} {one.input} {one.indicator}", case, one) for name, case in CASES.items() for one in dials(case, RULES)]


def leaves(stated: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(stated, dict):
        for name, value in stated.items():
            yield from leaves(value, f"{path}.{name}")
    elif isinstance(stated, list | tuple):
        for place, value in enumerate(stated):
            yield from leaves(value, f"{path}[{place}]")
    else:
        yield path, stated


def changed_by(case: Case, found: Dial, value: float) -> set[str]:
    """The inputs of the case that differ once the dial is turned, without the places they stand at."""
    one, other = dict(leaves(asdict(case))), dict(leaves(asdict(found.turn(value))))
    return {path.rpartition(".")[2] for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


MOVING_ALONG = {
    "estimate": {"estimate", "low", "high", "predictive_low", "predictive_high", "p_value"},
    "cost_difference": {"cost_difference", "cost_low", "cost_high"},
    "units_gained": {"units_gained", "units_low", "units_high"},
}


@pytest.mark.parametrize(("case", "found"), [one[1:] for one in ALL], ids=[one[0] for one in ALL])
def test_turning_a_dial_changes_its_input_and_what_moves_along_and_nothing_else(case: Case, found: Dial) -> None:
    value = next((mark for mark in found.marks if mark != found.now), found.now + 0.1)
    expected = MOVING_ALONG.get(found.input, {found.input})
    if found.input == "share_positive_by_size_class":
        expected = set(case.economy.share_positive_by_size_class)
    changed = changed_by(case, found, value)
    assert changed and changed <= expected


@pytest.mark.parametrize(("case", "found"), [one[1:] for one in ALL], ids=[one[0] for one in ALL])
def test_a_dial_stands_where_the_case_does_within_its_bounds(case: Case, found: Dial) -> None:
    assert found.low <= found.now <= found.high
    assert all(isfinite(mark) for mark in found.marks)
    assert changed_by(case, found, found.now) == set()
    share = (found.low, found.high) == (0.0, 1.0)
    if share and found.input != "probability_positive":
        assert found.scale == 1.0
    assert not found.whole or found.high == inf


def test_every_share_counts_and_only_municipalities_and_regions_are_whole() -> None:
    whole = {found.input for found in dials(sound_case(), RULES) if found.whole}
    assert whole == {"municipalities_with_comparison", "regions_with_comparison"}


def test_an_estimate_is_held_against_its_important_difference() -> None:
    wide = indicator(name="wide", minimal_important=4.0)
    assert dial(sound_case(wide), "estimate", "wide").scale == 4.0


def test_each_class_has_a_dial_of_its_own_that_leaves_the_others() -> None:
    case = with_economy(sound_case(), share_positive_by_size_class={"small": 0.4, "large": 0.9})
    small = next(one for one in dials(case, RULES) if one.message.params.get("class") == "small")
    assert small.turn(0.7).economy.share_positive_by_size_class == {"small": 0.7, "large": 0.9}
    assert small.now == 0.4


def test_a_cost_without_an_interval_moves_alone() -> None:
    case = with_economy(telecare_nord(), cost_low=None, cost_high=None)
    economy = dial(case, "cost_difference").turn(100.0).economy
    assert (economy.cost_difference, economy.cost_low, economy.cost_high) == (100.0, None, None)


def test_an_extension_is_worth_its_cost_where_the_dial_says() -> None:
    case = with_portfolio(sound_case(), evsi=3.0, extension_cost=5.0)
    assert dial(case, "evsi").marks == (5.0,)
    assert dial(case, "extension_cost").marks == (3.0,)


@pytest.mark.parametrize("holds", [True, False, None])
def test_every_gate_has_a_switch_to_the_other_side(holds: bool | None) -> None:
    case = sound_case(gates={name: GateFact(holds) for name in RULES.gates})
    found = {one.input: one for one in switches(case, RULES) if one.input in RULES.gates}
    assert set(found) == set(RULES.gates)
    for name, switch in found.items():
        assert (switch.now, switch.to) == (holds, not holds)
        assert switch.case.gates[name].holds is (not holds)
        others = {other: fact for other, fact in switch.case.gates.items() if other != name}
        assert all(fact.holds is holds for fact in others.values())


def test_a_cost_known_exactly_turns_as_any_other() -> None:
    parts = {"value_per_unit": 30_000.0, "units_gained": 0.135, "units_low": 0.125, "units_high": 0.145}
    case = with_economy(
        sound_case(), expected_net_value=None, cost_difference=1536.8, cost_low=1536.8, cost_high=1536.8, **parts
    )
    found = next(dial for dial in dials(case, RULES) if dial.input == "cost_difference")
    for value in (0.1, 1e12 / 3, *found.marks):
        economy = found.turn(value).economy
        assert economy.cost is not None, "an interval always holds its figure"


def test_a_net_value_stated_beside_its_parts_follows_them_when_they_are_turned() -> None:
    golden = telecare_nord()
    stated = with_economy(golden, expected_net_value=-449.9, probability_positive=0.285)
    for name in ("value_per_unit", "cost_difference", "units_gained"):
        turned_to = {}
        for case in (golden, stated):
            found = next(dial for dial in dials(case, RULES) if dial.input == name)
            turned_to[id(case)] = found.turn(2 * found.now).economy.net_value
        assert turned_to[id(golden)] == turned_to[id(stated)]
