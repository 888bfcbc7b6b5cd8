"""What is told of the differences between two versions, and what is withheld."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.datasets.differences import Counts, Differences, Obstacle, Place, withheld

COUNTS = st.lists(st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 500)), min_size=1, max_size=12)


@given(counts=COUNTS)
def test_no_small_count_is_shown_and_none_follows_from_the_sum(counts: list[int]) -> None:
    shown = withheld(counts, 5)
    hidden = [rows for rows, told in zip(counts, shown, strict=True) if told is None]
    assert [told for told in shown if told is not None and 0 < told < 5] == []
    assert all(told in (None, rows) for rows, told in zip(counts, shown, strict=True))
    if hidden and len(counts) > 1:
        assert len(hidden) > 1
        assert sum(hidden) >= 5 or not any(told for told in shown)


@given(counts=COUNTS)
def test_where_no_count_is_small_everything_is_shown(counts: list[int]) -> None:
    large = [rows * 5 for rows in counts]
    assert withheld(large, 5) == large


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([3, 0, 0, 40], [None, 0, 0, None]),
        ([3, 7, 40], [None, None, 40]),
        ([3, 4, 40], [None, None, 40]),
        ([3, 0, 0], [None, None, 0]),
        ([3], [None]),
        ([1, 1, 9, 30], [None, None, None, 30]),
        ([], []),
    ],
)
def test_the_smallest_others_are_withheld_with_a_small_one(counts: list[int], shown: list[int | None]) -> None:
    assert withheld(counts, 5) == shown


def found(*places: Place, people: bool = True) -> Differences:
    total = Counts(*(sum(kind) for kind in zip(*(msgspec.structs.astuple(one.counts) for one in places), strict=True)))
    return Differences(earlier=1, people=people, site="school", period="year", total=total, places=places)


def test_rows_of_people_are_told_without_small_groups() -> None:
    told = found(
        Place("a", "2019", Counts(30, 0, 2)), Place("b", "2019", Counts(0, 0, 0)), Place("c", "2019", Counts(9, 0, 0))
    ).told(5)
    assert [(place.site, place.counts) for place in told.places] == [
        ("a", Counts(30, 0, None)),
        ("b", Counts(0, 0, None)),
        ("c", Counts(9, 0, 0)),
    ]
    assert told.total == Counts(39, 0, None)


def test_rows_of_sites_are_told_as_they_are_and_places_alike_are_left_out() -> None:
    told = found(Place("0101", "2019", Counts(0, 0, 1)), Place("0751", "2019", Counts(0, 0, 0)), people=False).told(5)
    assert [place.site for place in told.places] == ["0101"]
    assert told.total == Counts(0, 0, 1)


def test_the_operators_own_limit_counts() -> None:
    counts = Place("a", "2019", Counts(8, 0, 0)), Place("b", "2019", Counts(90, 0, 0))
    assert found(*counts).told(5).places == counts
    assert [place.counts.added for place in found(*counts).told(10).places] == [None, None]


def test_versions_that_could_not_be_compared_are_not_called_equal() -> None:
    assert Differences(earlier=1).none
    assert not Differences(earlier=1, obstacle=Obstacle.OTHER_KEY).none
    assert not found(Place("a", "2019", Counts(0, 1, 0))).none


def test_what_is_kept_comes_back() -> None:
    kept = found(Place("a", None, Counts(1, 2, 3)))
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Differences) == kept
