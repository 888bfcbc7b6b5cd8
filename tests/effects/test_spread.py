"""Parts of work, wherever they are done."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from effects.spread import in_order, offered, spread, spreading


def _added(shared: int, part: int) -> int:
    return shared + part


class _Elsewhere:
    """Does the parts in the wrong order and answers in the right one; remembers how many it was given."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        self.given.append(len(parts))
        return [function(shared, part) for part in reversed(parts)][::-1]


def test_parts_are_done_here_in_their_order_where_nobody_offered() -> None:
    assert spread(_added, 10, [3, 1, 2]) == [13, 11, 12]


def test_parts_are_done_by_who_offered_and_only_within_the_block() -> None:
    elsewhere = _Elsewhere()
    with spreading(elsewhere):
        assert spread(_added, 10, [3, 1, 2]) == [13, 11, 12]
    assert spread(_added, 10, [3, 1]) == [13, 11]
    assert elsewhere.given == [3]


def test_the_inner_of_two_offers_is_taken() -> None:
    outer, inner = _Elsewhere(), _Elsewhere()
    with spreading(outer), spreading(inner):
        spread(_added, 0, [1, 2])
    assert (outer.given, inner.given) == ([], [2])


@pytest.mark.parametrize("parts", [[], [1]])
def test_one_part_is_not_worth_the_way(parts: list[int]) -> None:
    elsewhere = _Elsewhere()
    with spreading(elsewhere):
        assert spread(_added, 1, parts) == in_order(_added, 1, parts)
    assert elsewhere.given == []


def test_what_a_part_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        spread(lambda shared, part: shared / part, 1.0, [1.0, 0.0])


def test_an_offer_ends_with_its_block_also_where_that_fails() -> None:
    elsewhere = _Elsewhere()
    with pytest.raises(KeyError), spreading(elsewhere):
        raise KeyError
    spread(_added, 0, [1, 2])
    assert elsewhere.given == []


def test_whether_somebody_offered_is_known_within_the_block_only() -> None:
    assert not offered()
    with spreading(_Elsewhere()):
        assert offered()
        with spreading(in_order):
            assert not offered()
    assert not offered()
