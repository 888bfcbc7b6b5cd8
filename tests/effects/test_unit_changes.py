import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.unit_changes import UnitChanges, group_order


def changes(periods: tuple[str, ...], cluster: str, first: str | None, units: int, complete: int) -> UnitChanges:
    """One group all of whose units are seen in all periods, and change by 1 a period."""
    width = len(periods)
    gains = units * np.subtract.outer(np.arange(width), np.arange(width)).astype(float)
    return UnitChanges(
        periods,
        True,
        (cluster,),
        (first,),
        np.array([units]),
        np.array([units * width]),
        np.array([2.0 * units]),
        np.array([complete]),
        np.full((1, width, width), units),
        np.full((1, width, width), 2.0 * units),
        gains[None],
    )


ONE, OTHER = changes(("9", "10"), "a", "10", 3, 3), changes(("9", "10", "11"), "b", None, 4, 4)


def test_groups_and_periods_that_one_part_lacks_are_zero_there() -> None:
    whole = ONE + OTHER
    assert whole.periods == ("9", "10", "11")
    assert (whole.clusters, whole.first) == (("a", "b"), ("10", None))
    assert whole.units.tolist() == [3, 4]
    assert whole.seen[0].tolist() == [[3, 3, 0], [3, 3, 0], [0, 0, 0]]
    assert whole.gains[1, 2, 0] == 8.0
    assert whole.people.tolist() == [6.0, 8.0]
    again = OTHER + ONE
    assert [again.gains.tolist(), again.clusters] == [whole.gains.tolist(), whole.clusters]


def test_units_are_complete_only_where_they_are_seen_in_the_periods_of_all() -> None:
    assert (ONE + OTHER).complete.tolist() == [0, 4]
    assert (ONE + changes(("9", "10"), "a", "10", 2, 1)).complete.tolist() == [4]
    assert ((ONE + OTHER) + ONE).complete.tolist() == (ONE + (OTHER + ONE)).complete.tolist() == [0, 4]


def test_the_never_treated_of_a_cluster_stand_last() -> None:
    groups = [("b", None), ("a", None), ("a", "3")]
    assert sorted(groups, key=group_order) == [("a", "3"), ("a", None), ("b", None)]


def test_nobody_seen_is_no_period() -> None:
    assert ONE.observed == {"9", "10"}
    assert (ONE + OTHER).observed == {"9", "10", "11"}


PARTS = st.builds(
    changes,
    st.sets(st.sampled_from(["8", "9", "10", "11"]), min_size=2).map(lambda own: tuple(sorted(own, key=int))),
    st.sampled_from("abc"),
    st.sampled_from([None, "9", "10"]),
    st.integers(1, 5),
    st.integers(0, 1),
)


def facts(found: UnitChanges) -> list[object]:
    """Everything in it, exactly."""
    sums = (found.units, found.rows, found.people, found.complete, found.seen, found.present, found.gains)
    return [found.periods, found.numeric, found.clusters, found.first, *(one.tolist() for one in sums)]


@settings(max_examples=40)
@given(PARTS, PARTS)
def test_parts_may_be_added_either_way(one: UnitChanges, other: UnitChanges) -> None:
    assert facts(one + other) == facts(other + one)


@settings(max_examples=40)
@given(PARTS, PARTS, PARTS)
def test_what_is_summed_does_not_depend_on_which_parts_met_first(
    one: UnitChanges, other: UnitChanges, third: UnitChanges
) -> None:
    assert facts((one + other) + third) == facts(one + (other + third))


@settings(max_examples=40)
@given(PARTS, PARTS)
def test_units_rows_and_people_are_those_of_both_parts(one: UnitChanges, other: UnitChanges) -> None:
    together = one + other
    for name in ("units", "rows", "people", "seen", "present"):
        assert getattr(together, name).sum() == getattr(one, name).sum() + getattr(other, name).sum()
    assert together.observed == one.observed | other.observed
    assert sorted(set(together.clusters)) == sorted({*one.clusters, *other.clusters})


@settings(max_examples=40)
@given(PARTS, PARTS)
def test_a_change_back_is_the_change_with_the_other_sign(one: UnitChanges, other: UnitChanges) -> None:
    gains = (one + other).gains
    assert gains.tolist() == (-gains.transpose(0, 2, 1)).tolist()
    assert (one + other).seen.tolist() == (one + other).seen.transpose(0, 2, 1).tolist()


@pytest.mark.parametrize(("cluster", "first", "groups"), [("a", "10", 1), ("a", None, 2), ("b", "10", 2)])
def test_units_stay_apart_by_cluster_and_by_when_they_are_treated(cluster: str, first: str | None, groups: int) -> None:
    together = ONE + changes(("9", "10"), cluster, first, 2, 2)
    assert len(together.units) == groups
    assert together.units.sum() == 5


def test_periods_in_words_in_one_part_are_ordered_as_words_in_the_whole() -> None:
    words = changes(("autumn", "spring"), "a", None, 1, 1)
    together = ONE + UnitChanges(words.periods, False, *(getattr(words, name) for name in UnitChanges.__slots__[2:]))
    assert (together.numeric, together.periods) == (False, ("10", "9", "autumn", "spring"))
    assert together.gains[0, 1, 0] == -ONE.gains[0, 1, 0]
