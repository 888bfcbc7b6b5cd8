from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.inference.assignment import Assignment, all_assignments, possible, random_assignments, two_arms

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
