import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from effects.case import Case
from effects.codes import Better, Domain
from effects.recommendation import judge_of, recommend, standing
from effects.rules.dials import Dial, dials
from effects.rules.pooled import pooled
from effects.rules.ruleset import load_ruleset
from effects.rules.turning_points import Standing, Turn, turning_points
from tests.effects.drawn_cases import known_cases
from tests.effects.sound_case import (
    indicator,
    primaries,
    sound_case,
    telecare_nord,
    with_economy,
    with_gate,
    with_portfolio,
)

RULES = load_ruleset()
GOLDEN = telecare_nord()


def turns(case: Case) -> tuple[Turn, ...]:
    """What would change the advice, without the rest of what `recommend` works out."""
    return turning_points(pooled(case, RULES), RULES, judge_of(RULES))


def turn(case: Case, name: str, about: str | None = None) -> list[Turn]:
    return [found for found in turns(case) if found.input == name and found.indicator == about]


def by_value(case: Case) -> Standing:
    """A judge that looks at the money alone."""
    value = case.economy.net_value
    return ("STOP" if value is not None and value < 0 else "EXTEND"), "R6", ()


def test_the_golden_case_turns_at_the_value_of_a_qaly_that_pays() -> None:
    (found,) = turn(GOLDEN, "value_per_unit")
    assert found.now == 21068
    assert found.to == pytest.approx(55152, abs=1)
    assert (found.kind, found.rule) == ("NOT_ENOUGH_EVIDENCE", "R7")


def test_the_golden_case_turns_with_an_extension_that_pays() -> None:
    (found,) = turn(GOLDEN, "extension_feasible")
    assert (found.now, found.to, found.kind, found.rule) == (False, True, "EXTEND", "R5")


def test_above_the_turning_point_the_golden_case_turns_back() -> None:
    (found,) = turn(with_economy(GOLDEN, value_per_unit=60000.0), "value_per_unit")
    assert found.to == pytest.approx(55152, abs=1)
    assert found.kind == "STOP"


@pytest.mark.parametrize(
    ("name", "to", "kind"),
    [
        ("expected_net_value", 0.0, "NOT_ENOUGH_EVIDENCE"),
        ("probability_positive", 0.8, "NOT_ENOUGH_EVIDENCE"),
        ("G1", False, "NOT_ENOUGH_EVIDENCE"),
        ("G5", False, "NOT_ENOUGH_EVIDENCE"),
    ],
)
def test_what_would_end_a_roll_out(name: str, to: float | bool, kind: str) -> None:
    (found,) = turn(sound_case(), name)
    assert (found.to, found.kind) == (to, kind)


def test_silence_first_lowers_the_grade_and_then_the_advice() -> None:
    near, far = turn(sound_case(), "share_silent")
    assert (near.to, near.kind, near.regraded) == (0.2, "ROLL_OUT", True)
    assert (far.to, far.kind, far.regraded) == (0.4, "ROLL_OUT_IN_STAGES", True)


def test_an_estimate_that_shrinks_loses_importance_and_then_proof() -> None:
    case = sound_case(indicator(p_value=None), indicator(name="strain", domain=Domain.STAFF))
    downwards = [found for found in turn(case, "estimate", "control") if _number(found.to) < 1.5]
    assert [found.to for found in downwards] == pytest.approx([1.4, 0.6])
    assert [found.kind for found in downwards] == ["ROLL_OUT", "NOT_ENOUGH_EVIDENCE"]


def test_a_guardrail_that_may_be_harmed_would_end_a_roll_out() -> None:
    worse = [found for found in turn(sound_case(), "estimate", "guard safety") if _number(found.to) < 0]
    assert [found.to for found in worse] == pytest.approx([-0.4, -0.6])
    assert [found.kind for found in worse] == ["ROLL_OUT", "NOT_ENOUGH_EVIDENCE"]


def test_harm_that_stops_would_no_longer() -> None:
    harmed = indicator(name="harmed", estimate=-2.0, low=-2.5, high=-1.5)
    found = turn(sound_case(*primaries(), harmed), "estimate", "harmed")
    upwards = [(item.to, item.kind) for item in found if _number(item.to) > -2.0]
    assert upwards == [(pytest.approx(-1.5), "NOT_ENOUGH_EVIDENCE")]


def test_fewer_is_better_is_told_in_its_own_unit() -> None:
    falls = indicator(name="falls", better=Better.LOWER, estimate=-1.5, low=-1.9, high=-1.1, predictive_high=0.0)
    found = turn(sound_case(indicator(), falls), "estimate", "falls")
    assert {item.now for item in found} == {-1.5}
    assert -1.4 in [pytest.approx(item.to) for item in found]


def test_an_indicator_without_an_interval_has_no_turning_point() -> None:
    assert turn(sound_case(indicator(low=None, high=None)), "estimate", "control") == []


def test_what_is_not_known_has_no_turning_point() -> None:
    case = with_economy(sound_case(), expected_net_value=None, probability_positive=None)
    assert turn(case, "expected_net_value") == turn(case, "probability_positive") == []


def test_a_gate_that_is_not_known_may_turn_out_to_hold() -> None:
    (found,) = turn(with_gate(sound_case(), "G5", None), "G5")
    assert (found.now, found.to, found.kind) == (None, True, "ROLL_OUT")
    assert str(found.message).startswith("If gate G5 held: ")


def test_without_parts_the_value_of_a_unit_does_not_turn() -> None:
    assert turn(sound_case(), "value_per_unit") == []
    assert turn(with_economy(GOLDEN, units_gained=0.0), "value_per_unit") == []


@pytest.mark.parametrize(("value", "to"), [(-450.0, "EXTEND"), (450.0, "STOP"), (0.0, "STOP")])
def test_a_judge_that_looks_at_money_turns_at_nothing_else(value: float, to: str) -> None:
    found = turning_points(with_economy(sound_case(), expected_net_value=value), RULES, by_value)
    assert [(item.input, item.kind) for item in found] == [("expected_net_value", to)]


def test_the_smallest_change_comes_first() -> None:
    sizes = [found.size for found in turns(sound_case())]
    assert sizes == sorted(sizes)


def test_each_turn_says_what_it_is() -> None:
    (found,) = turn(sound_case(), "probability_positive")
    assert str(found.message) == "If probability_positive passes 0.8, now 0.9"


@settings(max_examples=6, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(0, 1))
def test_every_turn_changes_something(value: float, silent: float) -> None:
    case = with_portfolio(with_economy(GOLDEN, expected_net_value=value), share_silent=silent)
    advice = recommend(case)
    for found in advice.what_would_change:
        assert found.regraded or (found.kind, found.rule) != (advice.kind, advice.rule)


def numeric(case: Case) -> list[tuple[float, Dial, int]]:
    """Turning points of numbers that are not counted, with their dial and how much of the standing turns there.

    Past the first turn of an input in one direction it is the advice (two parts of three) that turns.
    """
    known = {(one.input, one.indicator): one for one in dials(case, RULES) if not one.message.params and not one.whole}
    found: list[tuple[float, Dial, int]] = []
    for turned in turning_points(case, RULES, judge_of(RULES)):
        dial = known.get((turned.input, turned.indicator))
        if dial is not None:
            to = _number(turned.to)
            first = not any(other is dial and (at > dial.now) is (to > dial.now) for at, other, _ in found)
            found.append((to, dial, 3 if first else 2))
    return found


@settings(max_examples=10, phases=[Phase.generate])
@given(known_cases(), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2), st.integers(0, 99))
def test_each_turning_point_changes_it_and_nothing_smaller_of_the_same_input_does(
    case: Case, shares: list[float], start: int
) -> None:
    case = pooled(case, RULES)
    before = standing(case, RULES)
    found = numeric(case)
    for to, dial, said in (found[start % max(1, len(found)) :] + found)[:4]:
        step = 1e-6 * max(1.0, abs(to)) * (1 if to > dial.now else -1)
        if dial.low <= to + step <= dial.high:
            assert standing(dial.turn(to + step), RULES)[:said] != before[:said], (dial.input, to)
        if (to - step - dial.now) * step > 0:
            for share in (1.0, *shares):
                nearer = dial.now + share * (to - step - dial.now)
                assert standing(dial.turn(nearer), RULES)[:said] == before[:said], (dial.input, to, nearer)


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value
