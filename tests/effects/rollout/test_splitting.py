import numpy as np
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
