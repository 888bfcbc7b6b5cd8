import numpy as np

from effects.wave_counts import WaveCounts


def counts(periods: tuple[str, ...], by_period: list[list[int]], cluster: str, group: tuple[int, int]) -> WaveCounts:
    return WaveCounts(periods, (cluster,), np.array(by_period), np.array([group]))


UNTREATED = counts(("1", "2"), [[4, 0, 0], [5, 0, 0]], "a", (9, 0))
TREATED = counts(("2", "3"), [[0, 6, 0], [0, 7, 7]], "b", (0, 13))


def test_periods_and_clusters_that_one_part_lacks_are_zero_there() -> None:
    together = UNTREATED + TREATED
    assert together.periods == ("1", "2", "3")
    assert together.clusters == ("a", "b")
    assert together.by_period.tolist() == [[4, 0, 0], [5, 6, 0], [0, 7, 7]]
    assert together.by_cluster.tolist() == [[9, 0], [0, 13]]
    assert (TREATED + UNTREATED).by_period.tolist() == together.by_period.tolist()


def test_after_is_when_anybody_is_treated_in_whatever_part() -> None:
    assert UNTREATED.cells == (9, 0, 0, 0)
    assert (UNTREATED + TREATED).cells == (9, 0, 6, 7)
    assert (UNTREATED + TREATED).arms == (1, 1)


def test_a_cluster_in_both_groups_counts_in_both() -> None:
    assert (UNTREATED + counts(("1",), [[0, 2, 0]], "a", (0, 2))).arms == (1, 1)
