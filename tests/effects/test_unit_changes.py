import numpy as np

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
