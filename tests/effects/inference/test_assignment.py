from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.inference.assignment import (
    Assignment,
    Redraws,
    all_assignments,
    possible,
    random_assignments,
    two_arms,
)
from effects.inference.draw_blocks import even_blocks

CODES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=7)


def of(units: list[tuple[int, int]]) -> Assignment:
    observed, strata = np.array(units, dtype=np.int64).T
    return Assignment(observed, np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), strata)


def within_strata(units: list[tuple[int, int]]) -> set[tuple[int, ...]]:
    """Every order of the paths that leaves the strata where they are, by trying them all."""
    strata = [stratum for _, stratum in units]
    return {
        tuple(path for path, _ in order) for order in permutations(units) if [stratum for _, stratum in order] == strata
    }


@settings(max_examples=50)
@given(CODES)
def test_every_possible_assignment_comes_once(units: list[tuple[int, int]]) -> None:
    found = [tuple(row) for piece in all_assignments(of(units)) for row in piece.tolist()]
    assert len(found) == len(set(found)) == possible(of(units))
    assert set(found) == within_strata(units)


@settings(max_examples=25)
@given(CODES, st.integers(0, 99))
def test_a_random_assignment_is_a_possible_one(units: list[tuple[int, int]], seed: int) -> None:
    found = np.concatenate(list(random_assignments(of(units), 20, seed)))
    assert found.shape == (20, len(units))
    assert {tuple(row) for row in found.tolist()} <= within_strata(units)


def test_possible_assignments_are_drawn_equally_often() -> None:
    assignment = two_arms(np.array([1, 1, 0, 0, 1, 0]), np.array([0, 0, 0, 0, 1, 1]))
    drawn = np.concatenate(list(random_assignments(assignment, 12_000, 3)))
    _, times = np.unique(drawn, axis=0, return_counts=True)
    assert len(times) == possible(assignment) == 12
    assert np.max(np.abs(times - 1000)) < 5 * np.sqrt(1000 * 11 / 12)


def test_strata_of_equal_size_are_shuffled_apart() -> None:
    """Two pairs of clusters, a triple and a cluster on its own: each stratum's draws are even and of their own."""
    strata = np.array([2, 0, 1, 0, 1, 2, 2, 3])
    drawn = np.concatenate(list(random_assignments(two_arms(np.array([1, 1, 1, 0, 0, 0, 0, 1]), strata), 12_000, 3)))
    together, times = np.unique(drawn, axis=0, return_counts=True)
    assert len(together) == 2 * 2 * 3
    assert np.max(np.abs(times - 1000)) < 5 * np.sqrt(1000 * 11 / 12)


def test_draws_depend_on_the_seed_alone() -> None:
    """Also where they come in several pieces."""
    treated = np.arange(3000) % 2
    one, again, other = (np.concatenate(list(random_assignments(two_arms(treated), 200, seed))) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert len(list(random_assignments(two_arms(treated), 200, 1))) > 1
    assert np.all(one.sum(axis=1) == 1500)


def test_many_assignments_are_counted_exactly() -> None:
    assert possible(two_arms(np.arange(20) % 2)) == 184_756
    assert possible(two_arms(np.zeros(5, dtype=np.int64))) == 1


def test_counting_stops_where_there_are_more_than_asked_about() -> None:
    pairs = two_arms(np.arange(100_000) % 2, np.arange(100_000) // 2)
    assert 999 < possible(pairs, 999) < possible(two_arms(np.arange(1_000_000) % 2), 999_999)


def test_few_of_many_treated_are_enumerated_in_pieces() -> None:
    treated = np.zeros(2000, dtype=np.int64)
    treated[7] = 1
    found = list(all_assignments(two_arms(treated)))
    assert len(found) > 1
    assert np.array_equal(np.sort(np.concatenate(found).argmax(axis=1)), np.arange(2000))


@settings(max_examples=25)
@given(CODES, st.integers(1, 5))
def test_parts_of_all_assignments_are_all_in_their_order(units: list[tuple[int, int]], number: int) -> None:
    whole = np.concatenate(list(all_assignments(of(units))))
    redraws = Redraws.of(of(units), 10_000, 1)
    cut = even_blocks(redraws.draws, min(number, redraws.draws))
    parts = [piece for block in cut for piece in redraws.within(block)]
    assert redraws.enumerated and redraws.draws == len(whole)
    assert np.array_equal(np.concatenate(parts), whole)


def test_blocks_at_random_are_possible_ones_and_each_its_own() -> None:
    assignment = two_arms(np.arange(40) % 2, np.arange(40) // 20)
    redraws = Redraws.of(assignment, 30, 7)
    one, other, third = (np.concatenate(list(redraws.within(block))) for block in even_blocks(30, 3))
    assert not redraws.enumerated and redraws.draws == 30
    assert np.array_equal(one, next(random_assignments(assignment, 10, 7)))
    assert len(np.unique(np.concatenate([one, other, third]), axis=0)) == 30
    for drawn in (one, other, third):
        assert np.all(drawn[:, :20].sum(axis=1) == 10)
        assert np.all(drawn[:, 20:].sum(axis=1) == 10)


def test_as_many_draws_as_there_are_assignments_go_through_them_all() -> None:
    assignment = two_arms(np.array([1, 1, 0, 0]))
    assert (Redraws.of(assignment, 6, 1).enumerated, Redraws.of(assignment, 5, 1).enumerated) == (True, False)


def test_more_units_cost_more() -> None:
    assert Redraws.of(two_arms(np.arange(400) % 2), 99, 1).cost > Redraws.of(two_arms(np.arange(40) % 2), 99, 1).cost
