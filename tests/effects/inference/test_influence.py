import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from effects.inference.influence import by_cluster, covariance, plain, small, strata_of

SIZES = st.lists(st.integers(2, 9), min_size=2, max_size=4)


def two_means(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Contributions to the error of a difference between two means."""
    return np.concatenate([(own - own.mean()) / len(own) * sign for own, sign in ((first, 1.0), (second, -1.0))])


def groups_of(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)


def test_contributions_add_within_clusters() -> None:
    cluster = np.array([0, 1, 0, 2])
    assert by_cluster(np.array([1.0, 2.0, 4.0, 8.0]), cluster).tolist() == [5.0, 2.0, 8.0]
    assert by_cluster(np.ones((4, 2)), cluster).tolist() == [[2.0, 2.0], [1.0, 1.0], [1.0, 1.0]]


def test_plain_is_the_root_of_the_sum_of_squares_and_normal() -> None:
    found = plain(np.array([3.0, 4.0]), np.array([0, 1]))
    assert (found.standard_error, found.df) == (5.0, None)


def test_rows_of_one_cluster_that_cancel_bring_no_error() -> None:
    assert plain(np.array([3.0, -3.0, 1.0]), np.array([0, 0, 1])).standard_error == 1.0


@pytest.mark.parametrize("sizes", [(5, 9), (2, 30), (12, 12)])
def test_small_is_welchs_test_for_two_means(sizes: tuple[int, int]) -> None:
    random = np.random.Generator(np.random.PCG64(sum(sizes)))
    first, second = random.normal(1.0, 2.0, sizes[0]), random.normal(0.0, 1.0, sizes[1])
    strata = strata_of(np.arange(sum(sizes)), groups_of(*sizes))
    found = small(two_means(first, second), strata)
    judge = stats.ttest_ind(first, second, equal_var=False)
    assert found.df == pytest.approx(judge.df)
    assert (first.mean() - second.mean()) / found.standard_error == pytest.approx(judge.statistic)


@given(sizes=SIZES, seed=st.integers(0, 99))
@settings(max_examples=15)
def test_small_is_never_below_plain_and_has_at_most_all_degrees_of_freedom(sizes: list[int], seed: int) -> None:
    influence = np.random.Generator(np.random.PCG64(seed)).normal(size=sum(sizes))
    strata = strata_of(np.arange(sum(sizes)), groups_of(*sizes))
    found = small(influence, strata)
    assert found.standard_error >= plain(influence, strata.cluster).standard_error
    assert found.df is not None
    assert min(sizes) - 1 <= found.df + 1e-9
    assert found.df <= sum(sizes) - len(sizes) + 1e-9


def test_clusters_that_lie_in_one_group_keep_it_as_their_stratum() -> None:
    strata = strata_of(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]))
    assert strata.stratum.tolist() == [0, 0, 1]
    assert strata.sizes.tolist() == [2, 1]


def test_one_cluster_in_two_groups_makes_all_of_them_one_stratum() -> None:
    strata = strata_of(np.array([0, 0, 1, 2]), np.array([0, 1, 0, 1]))
    assert strata.stratum.tolist() == [0, 0, 0]
    found = small(np.array([1.0, 1.0, -1.0, 2.0]), strata)
    assert found.standard_error == pytest.approx(np.sqrt(3 / 2 * (4.0 + 1.0 + 4.0)))
    assert found.df == pytest.approx(2.0)


def test_a_stratum_of_one_cluster_keeps_its_own_square_without_a_factor() -> None:
    strata = strata_of(np.arange(4), np.array([0, 1, 1, 1]))
    found = small(np.array([2.0, 1.0, 0.0, -1.0]), strata)
    assert found.standard_error == pytest.approx(np.sqrt(4.0 + 3 / 2 * 2.0))


def test_a_lone_cluster_varies_as_one_of_those_it_is_compared_with() -> None:
    random = np.random.Generator(np.random.PCG64(4))
    others = random.normal(size=10)
    influence = np.concatenate([[0.0], -(others - others.mean()) / 10])
    strata = strata_of(np.arange(11), np.concatenate([[0], np.ones(10)]).astype(np.int64))
    found = small(influence, strata, [influence])
    variance = others.var(ddof=1)
    assert found.standard_error == pytest.approx(np.sqrt(variance / 10 + variance))
    assert found.df == pytest.approx((variance / 10 + variance) ** 2 / ((variance / 10) ** 2 / 9 + variance**2 / 9))


def test_nobody_to_compare_with_adds_nothing() -> None:
    strata = strata_of(np.arange(3), np.array([0, 1, 1]))
    influence = np.array([0.0, 1.0, -1.0])
    assert small(influence, strata, [np.zeros(3)]) == small(influence, strata)


def test_no_variation_has_no_degrees_of_freedom() -> None:
    found = small(np.zeros(4), strata_of(np.arange(4), np.array([0, 0, 1, 1])))
    assert (found.standard_error, found.df) == (0.0, None)


@pytest.mark.parametrize("lone", [False, True])
def test_the_diagonal_of_the_covariance_is_the_squared_error(lone: bool) -> None:
    random = np.random.Generator(np.random.PCG64(6))
    influence = random.normal(size=(9, 3))
    strata = strata_of(np.arange(9), np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]))
    compared = np.where(np.arange(9)[:, None] > 4, influence, 0.0)
    parts = [compared] if lone else []
    found = covariance(influence, strata, parts)
    for place in range(3):
        error = small(influence[:, place], strata, [part[:, place] for part in parts]).standard_error
        assert found[place, place] == pytest.approx(error**2)
    assert found == pytest.approx(found.T)


@given(seed=st.integers(0, 99), weights=st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
@settings(max_examples=10)
def test_a_combination_has_the_error_that_its_covariance_says(seed: int, weights: tuple[float, float]) -> None:
    influence = np.random.Generator(np.random.PCG64(seed)).normal(size=(12, 2))
    strata = strata_of(np.arange(12) // 2, np.repeat([0, 1], 6).astype(np.int64))
    line = np.array(weights)
    error = small(influence @ line, strata).standard_error
    assert error**2 == pytest.approx(line @ covariance(influence, strata) @ line, abs=1e-12)
