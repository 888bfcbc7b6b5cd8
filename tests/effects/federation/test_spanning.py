from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.federation.spanning import Alike, least_people, rank_of, tightest

MASKS = st.lists(st.tuples(st.integers(1, 15), st.integers(1, 3)), min_size=1, max_size=8)


def observed(mask: int, periods: int = 4) -> np.ndarray:
    """The rows of somebody observed in some periods, less their means: what leaves of them."""
    rows = np.eye(periods)[[place for place in range(periods) if mask >> place & 1]]
    return rows - rows.mean(axis=0)


def straddling(patterns: list[tuple[int, int]], wanted: int, periods: int = 4) -> int:
    """The least number of people who are observed on both sides of a split of the periods, by trying every split."""
    found = [wanted]
    for size in range(1, periods):
        for side in combinations(range(periods), size):
            inside = sum(1 << place for place in side)
            both = sum(people for mask, people in patterns if mask & inside and mask & ~inside)
            found += [both] if both else []
    return min(found)


@settings(max_examples=60)
@given(MASKS)
def test_sums_by_period_rest_on_those_who_straddle_a_split_of_the_periods(patterns: list[tuple[int, int]]) -> None:
    groups = [Alike(observed(mask), people) for mask, people in patterns]
    assert least_people(groups, 5) == straddling(patterns, 5)


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(-1, 1), min_size=3, max_size=3), min_size=1, max_size=7))
def test_the_fewest_are_those_without_whom_the_others_reach_less(rows: list[list[int]]) -> None:
    vectors = np.array(rows, dtype=np.float64)
    full = np.linalg.matrix_rank(vectors)
    fewest = next(
        size
        for size in range(1, len(rows) + 2)
        if full == 0
        or size > len(rows)
        or any(
            np.linalg.matrix_rank(np.delete(vectors, gone, axis=0)) < full if size < len(rows) else True
            for gone in combinations(range(len(rows)), size)
        )
    )
    expected = 4 if full == 0 else min(fewest, 4)
    assert least_people([Alike(row[None, :], 1.0) for row in vectors], 4) == expected
    assert rank_of([Alike(row[None, :], 1.0) for row in vectors]) == full


def test_a_rare_level_rests_on_those_who_have_it() -> None:
    common = [Alike(np.array([[1.0, 0.0]]), 1.0) for _ in range(40)]
    assert least_people([*common, *(Alike(np.array([[1.0, 1.0]]), 1.0) for _ in range(3))], 5) == 3
    assert least_people([*common, *(Alike(np.array([[1.0, 1.0]]), 1.0) for _ in range(5))], 5) == 5
    assert least_people([Alike(np.array([[1.0, 1.0]]), 2.0), *common, Alike(np.array([[1.0, 0.0]]), 60.0)], 5) == 2


def test_a_small_column_counts_as_much_as_a_large_one() -> None:
    people = [Alike(np.array([[1e6, 1e-7 * place]]), 1.0) for place in range(9)]
    assert rank_of(people) == 2
    assert least_people(people, 5) == 5


def test_a_panel_with_thousands_of_different_people_is_judged_by_few_of_them() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    people = [Alike(random.normal(size=(4, 6)), 1.0) for _ in range(3000)]
    assert least_people(people, 5) == 5


def test_where_nothing_leaves_nobody_is_exposed() -> None:
    assert least_people([Alike(np.zeros((1, 3)), 2.0)], 5) == 5
    assert least_people([Alike(observed(0b0100), 2.0)], 5) == 5


@settings(max_examples=40)
@given(MASKS, st.integers(1, 15))
def test_one_person_more_never_exposes_others(patterns: list[tuple[int, int]], mask: int) -> None:
    groups = [Alike(observed(one), people) for one, people in patterns]
    before, more = least_people(groups, 5), least_people([*groups, *groups, Alike(observed(mask), 5)], 5)
    assert more >= min(before, straddling([*patterns, *patterns, (mask, 5)], 5))


@settings(max_examples=40)
@given(MASKS, st.permutations(range(4)))
def test_names_and_order_of_columns_change_nothing(patterns: list[tuple[int, int]], order: list[int]) -> None:
    groups = [Alike(observed(mask), people) for mask, people in patterns]
    turned = [Alike(group.vectors[:, order] * 3.0, group.people) for group in reversed(groups)]
    assert least_people(turned, 5) == least_people(groups, 5)
    assert rank_of(turned) == rank_of(groups)


def test_people_of_one_unit_count_by_their_number() -> None:
    full = observed(0b1111)
    assert least_people([Alike(full, 2.0), Alike(full, 2.5)], 5) == 4.5
    assert least_people([Alike(full, 0.0), Alike(full, 9.0)], 5) == 5
    assert least_people([Alike(full, 0.0)], 5) == 0


def test_people_seen_once_do_not_hide_few_who_were_seen_throughout() -> None:
    full, once = Alike(observed(255, 8), 5.0), Alike(observed(1, 8), 7.0)
    assert tightest([full, once]) == (5.0, 7)
    assert tightest([Alike(observed(255, 8), 8.0), once]) is None


def test_people_seen_in_some_periods_only_do_not_hide_few_in_the_others() -> None:
    full, twice = Alike(observed(255, 8), 5.0), Alike(observed(3, 8), 7.0)
    assert tightest([full, twice]) == (5.0, 6)
    assert tightest([Alike(observed(255, 8), 7.0), twice]) is None


def test_two_sets_of_periods_that_nobody_ties_together_stand_each_by_themselves() -> None:
    early, late = Alike(observed(0b00001111, 8), 30.0), Alike(observed(0b11110000, 8), 3.0)
    assert tightest([early, late]) == (3.0, 3)
    assert tightest([early, Alike(late.vectors, 4.0)]) is None


def test_nobody_is_too_few_for_sums_that_do_not_leave() -> None:
    assert tightest([Alike(observed(1), 3.0)]) is None
