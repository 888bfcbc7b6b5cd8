import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.rollout.splitting import equal_parts
from effects.rows.columns import Codes

ITEMS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=60)


def families(items: list[tuple[int, int]]) -> tuple[Codes, Codes, Codes, Codes]:
    """Region and class of each item, their crossing, and all."""
    region, size = (np.array(column, dtype=np.int64) for column in zip(*items, strict=True))
    return region, size, region * 4 + size, np.zeros_like(region)


def parts(items: list[tuple[int, int]], number: int, seed: int) -> Codes:
    region, size, cell, together = families(items)
    random = np.random.Generator(np.random.PCG64(seed))
    return equal_parts(((cell, region, together), (size, together)), len(items), number, random)


@given(ITEMS, st.integers(2, 7), st.integers(0, 2**32))
def test_every_set_of_both_families_is_spread_to_within_one_item(
    items: list[tuple[int, int]], number: int, seed: int
) -> None:
    found = parts(items, number, seed)
    for codes in families(items):
        for own in np.unique(codes):
            counts = np.bincount(found[codes == own], minlength=number)
            assert counts.max() - counts.min() <= 1


def test_the_seed_decides_the_parts() -> None:
    items = [(region, size) for region in range(4) for size in range(3) for _ in range(3)]
    assert np.array_equal(parts(items, 4, 1), parts(items, 4, 1))
    assert not np.array_equal(parts(items, 4, 1), parts(items, 4, 2))


def test_no_part_is_favoured() -> None:
    """One item over: each of three parts gets it about as often."""
    larger = [int(np.argmax(np.bincount(parts([(0, 0), (0, 1), (1, 0), (1, 1)], 3, seed)))) for seed in range(300)]
    assert np.bincount(larger, minlength=3).min() > 70


def test_as_many_parts_as_items_hold_one_each() -> None:
    assert sorted(parts([(0, 0), (1, 1), (2, 2)], 3, 1).tolist()) == [0, 1, 2]


def test_crossed_sets_that_a_plain_deal_would_spread_unequally_are_spread_equally() -> None:
    """Five regions with one place of each class: dealt region by region, a class could land in two stages only."""
    items = [(region, size) for region in range(5) for size in range(4)]
    found = parts(items, 4, 1)
    for size in range(4):
        counts = np.bincount(found[[place for place, item in enumerate(items) if item[1] == size]], minlength=4)
        assert sorted(counts.tolist()) == [1, 1, 1, 2]


@pytest.mark.parametrize("number", [2, 3, 10, 50])
def test_many_items_are_spread_over_many_parts(number: int) -> None:
    items = [(place % 5, place * 7 % 4) for place in range(400)]
    found = parts(items, number, 1)
    for codes in families(items):
        for own in np.unique(codes):
            counts = np.bincount(found[codes == own], minlength=number)
            assert counts.max() - counts.min() <= 1


def test_one_item_goes_anywhere() -> None:
    assert {int(parts([(0, 0)], 3, seed)[0]) for seed in range(40)} == {0, 1, 2}
