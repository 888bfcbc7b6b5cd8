import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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


@st.composite
def waves(draw: st.DrawFn) -> WaveCounts:
    """Rows of one cluster that is treated in its last periods, or never."""
    cluster, group = draw(st.sampled_from("abc")), draw(st.integers(0, 1))
    periods = tuple(sorted(draw(st.sets(st.sampled_from("1234"), min_size=1))))
    rows = draw(st.tuples(*[st.integers(0, 9)] * len(periods)))
    by_period = [
        [own * (1 - group), own * group, own * group * (period > "2")]
        for period, own in zip(periods, rows, strict=True)
    ]
    total = sum(rows)
    return counts(periods, by_period, cluster, (total * (1 - group), total * group))


def facts(found: WaveCounts) -> tuple[object, ...]:
    return found.periods, found.clusters, found.by_period.tolist(), found.by_cluster.tolist()


@settings(max_examples=50)
@given(waves(), waves(), waves())
def test_parts_may_be_added_in_any_order(one: WaveCounts, other: WaveCounts, third: WaveCounts) -> None:
    assert facts(one + other) == facts(other + one)
    assert facts((one + other) + third) == facts(one + (other + third))


@settings(max_examples=50)
@given(waves(), waves())
def test_no_row_is_lost_or_counted_twice(one: WaveCounts, other: WaveCounts) -> None:
    together = one + other
    assert sum(together.cells) == sum(one.cells) + sum(other.cells) == together.by_cluster.sum()
    assert together.by_period[:, :2].sum() == together.by_cluster.sum()


def test_where_nobody_is_treated_everything_is_before() -> None:
    before = counts(("1", "2"), [[1, 2, 0], [3, 4, 0]], "a", (4, 6))
    assert before.cells == (4, 0, 6, 0)


def test_a_cluster_without_rows_of_a_group_is_in_no_arm_of_it() -> None:
    nobody = counts(("1",), [[0, 0, 0]], "a", (0, 0))
    assert nobody.arms == (0, 0)
    assert (nobody + TREATED).arms == (1, 0)
