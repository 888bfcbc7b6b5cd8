from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.rules.tristate import Tristate, above, all_of, any_of, at_least, below, negate

STATES = st.sampled_from([True, False, None])
LISTS = st.lists(STATES, max_size=6)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], True),
        ([True], True),
        ([True, None], None),
        ([True, False], False),
        ([None, False], False),
        ([None], None),
    ],
)
def test_all_of(parts: list[Tristate], expected: Tristate) -> None:
    assert all_of(parts) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], False),
        ([False], False),
        ([True, None], True),
        ([True, False], True),
        ([None, False], None),
        ([None], None),
    ],
)
def test_any_of(parts: list[Tristate], expected: Tristate) -> None:
    assert any_of(parts) is expected


@pytest.mark.parametrize(("state", "expected"), [(True, False), (False, True), (None, None)])
def test_negate(state: Tristate, expected: Tristate) -> None:
    assert negate(state) is expected


@pytest.mark.parametrize(
    ("value", "reached", "passed", "short"),
    [
        (0.9, False, False, True),
        (1.0, True, False, False),
        (1.1, True, True, False),
        (None, None, None, None),
    ],
)
def test_comparisons_with_a_threshold_of_one(
    value: float | None, reached: Tristate, passed: Tristate, short: Tristate
) -> None:
    assert at_least(value, 1.0) is reached
    assert above(value, 1.0) is passed
    assert below(value, 1.0) is short


@given(LISTS)
def test_de_morgan_holds_with_unknowns(parts: list[Tristate]) -> None:
    assert negate(all_of(parts)) is any_of(negate(part) for part in parts)


@given(LISTS)
def test_a_known_answer_does_not_depend_on_the_unknown_parts(parts: list[Tristate]) -> None:
    unknown = parts.count(None)
    for answer in (all_of, any_of):
        completed = {answer(_filled(parts, values)) for values in product([True, False], repeat=unknown)}
        said = answer(parts)
        assert completed == {said} if said is not None else completed == {True, False}


@given(LISTS)
def test_parts_are_read_once(parts: list[Tristate]) -> None:
    assert all_of(iter(parts)) is all_of(parts)
    assert any_of(iter(parts)) is any_of(parts)


def _filled(parts: list[Tristate], values: tuple[bool, ...]) -> list[Tristate]:
    remaining = iter(values)
    return [next(remaining) if part is None else part for part in parts]
