import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.message import Message
from effects.rules.ruleset import load_ruleset
from effects.rules.steps import Step, bounds_of, level_of

RULES = load_ruleset()


def step(change: int, *, worst: int | None = None, best: int | None = None, cap: int | None = None) -> Step:
    low, high = change if worst is None else worst, change if best is None else best
    return Step("X", Message("x"), low == high, change, low, high, cap=cap, possible_cap=cap)


STEPS = st.lists(
    st.builds(
        lambda change, more, cap: step(change, worst=change - more, cap=cap),
        st.integers(-2, 0),
        st.integers(0, 2),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([step(4)], 4),
        ([step(4), step(-1), step(-1)], 2),
        ([step(4), step(-2), step(-2), step(-2)], 1),
        ([step(3), step(1)], 4),
        ([step(4), step(1)], 4),
        ([step(4), step(0, cap=2)], 2),
        ([step(4), step(-1), step(0, cap=2)], 2),
        ([step(4), step(-2), step(-1), step(0, cap=2)], 1),
        ([step(4), step(0, cap=2), step(0, cap=1)], 1),
        ([step(0)], 0),
        ([step(0), step(1)], 0),
    ],
)
def test_level(steps: list[Step], expected: int) -> None:
    assert level_of(steps, RULES) == expected


def test_what_is_not_known_is_not_held_against_the_level_but_bounds_it() -> None:
    steps = [step(4), step(0, worst=-2)]
    assert level_of(steps, RULES) == 4
    assert bounds_of(steps, RULES) == (2, 4)


def test_a_start_that_must_be_shown_bounds_from_above() -> None:
    steps = [step(3, best=4)]
    assert level_of(steps, RULES) == 3
    assert bounds_of(steps, RULES) == (3, 4)


def test_a_cap_that_may_apply_bounds_from_below() -> None:
    waiting = Step("F", Message("x"), None, 0, 0, 0, possible_cap=2)
    assert level_of([step(4), waiting], RULES) == 4
    assert bounds_of([step(4), waiting], RULES) == (2, 4)


@given(st.integers(1, 4), STEPS)
def test_the_level_lies_between_its_bounds(start: int, lowering: list[Step]) -> None:
    steps = [step(start), *lowering]
    lowest, highest = bounds_of(steps, RULES)
    assert 1 <= lowest <= level_of(steps, RULES) <= highest <= 4


@given(st.integers(1, 4), STEPS)
def test_the_order_of_the_reasons_does_not_matter(start: int, lowering: list[Step]) -> None:
    backwards = list(reversed(lowering))
    assert level_of([step(start), *lowering], RULES) == level_of([step(start), *backwards], RULES)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (step(-1), "-1"),
        (step(1), "+1"),
        (step(0), "no change"),
        (step(0, cap=1), "at most level 1"),
        (Step("D", Message("x"), None, 0, -2, 0), "not known; nothing is taken off yet"),
    ],
)
def test_the_consequence_in_words(seen: Step, expected: str) -> None:
    assert str(seen.consequence) == expected
