from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Kind
from effects.message import Message
from effects.rules.ladder import RuleOutcome, first_match
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate

RULES = load_ruleset().recommendations
STATES = st.sampled_from([True, False, None])
GUARDED = {Kind.STOP, Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES}


def outcome(rule: str, state: Tristate, kind: Kind | None = None) -> RuleOutcome:
    kinds = tuple(Kind(name) for name in RULES[rule].kinds)
    return RuleOutcome(rule, kind or kinds[0], kinds, Message(RULES[rule].title), state, (), "source")


def ladder(*states: Tristate, harm: Kind = Kind.PAUSE_AND_REVIEW) -> list[RuleOutcome]:
    """R0 to R6 in the states given, and R7, which always applies."""
    outcomes = [outcome(f"R{n}", state) for n, state in enumerate((*states, True))]
    outcomes[1] = replace(outcomes[1], kind=harm)
    return outcomes


def fired(*states: Tristate, harm: Kind = Kind.PAUSE_AND_REVIEW) -> tuple[str, Kind]:
    found = first_match(ladder(*states, harm=harm))[1]
    return found.rule, found.kind


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ((False,) * 7, "R7"),
        ((True,) * 7, "R0"),
        ((False, True, True, False, False, False, False), "R1"),
        ((False, False, True, True, False, False, False), "R2"),
        ((False, False, False, True, False, False, False), "R3"),
        ((False, False, False, False, True, True, True), "R4"),
        ((False, False, False, False, False, True, True), "R5"),
        ((False, False, False, False, False, False, True), "R6"),
    ],
)
def test_the_first_rule_that_applies_fires(states: tuple[Tristate, ...], rule: str) -> None:
    assert fired(*states)[0] == rule


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ((None, False, True, True, False, False, False), "R7"),
        ((False, None, True, True, False, False, False), "R7"),
        ((False, False, None, True, False, False, False), "R3"),
        ((False, False, None, None, True, False, False), "R7"),
        ((None, False, False, False, True, False, False), "R7"),
        ((False, False, False, False, None, False, True), "R6"),
        ((False, False, False, False, False, None, True), "R7"),
        ((False, False, None, False, False, True, False), "R5"),
        ((None, True, False, False, False, False, False), "R1"),
        ((False, None, False, False, False, True, True), "R5"),
        ((None,) * 7, "R7"),
    ],
)
def test_an_undecided_rule_holds_back_what_it_could_contradict(states: tuple[Tristate, ...], rule: str) -> None:
    assert fired(*states)[0] == rule


def test_what_holds_a_rule_back_is_named() -> None:
    outcomes, _ = first_match(ladder(None, False, False, False, False, None, True))
    assert outcomes[6].waits_for == ("R0", "R5")


def test_harm_stops_where_it_may() -> None:
    states = (False, True, False, False, False, False, False)
    assert fired(*states, harm=Kind.STOP) == ("R1", Kind.STOP)
    assert fired(*states, harm=Kind.PAUSE_AND_REVIEW) == ("R1", Kind.PAUSE_AND_REVIEW)


def test_every_rule_is_listed() -> None:
    outcomes, _ = first_match(ladder(*(False,) * 7))
    assert [item.rule for item in outcomes] == list(RULES)


@given(st.tuples(*[STATES] * 7), st.sampled_from([Kind.STOP, Kind.PAUSE_AND_REVIEW]), st.data())
def test_what_is_not_known_never_stops_and_never_rolls_out(
    states: tuple[Tristate, ...], harm: Kind, data: st.DataObject
) -> None:
    """However the unknowns turn out, an advice to stop or roll out given without them is of the same direction."""
    kind = fired(*states, harm=harm)[1]
    if kind in GUARDED and states[0] is not None:
        truth = tuple(data.draw(st.booleans()) if state is None else state for state in states)
        outcome = fired(*truth, harm=harm)[1]
        assert (outcome == Kind.STOP) is (kind == Kind.STOP)
        assert outcome in GUARDED


@given(st.tuples(*[st.booleans()] * 7))
def test_with_everything_known_nothing_waits(states: tuple[bool, ...]) -> None:
    outcomes, _ = first_match(ladder(*states))
    assert all(item.waits_for == () for item in outcomes)
