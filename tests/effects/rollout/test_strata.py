from hypothesis import given
from hypothesis import strategies as st

from effects.rollout.strata import Cell, Stratum, strata_of
from tests.effects.rollout.some_places import EVEN, places

CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["1081", "1082", "1083", "1084"]), st.sampled_from(["small", "medium", "large"])),
    st.integers(1, 6),
    min_size=1,
)


def named(cells: dict[tuple[str, str], int], least: int = 2) -> dict[str, int]:
    return {stratum.name: stratum.places for stratum in strata_of(places(cells), least)}


def test_region_by_size_class_where_there_are_enough() -> None:
    assert named({("1081", "small"): 2, ("1081", "large"): 3, ("1082", "small"): 4}) == {
        "1081 large": 3,
        "1081 small": 2,
        "1082 small": 4,
    }


def test_a_place_alone_joins_the_next_larger_size_class_of_its_region() -> None:
    assert named({("1081", "small"): 1, ("1081", "medium"): 3, ("1081", "large"): 2}) == {
        "1081 large": 2,
        "1081 small + medium": 4,
    }


def test_the_largest_alone_joins_the_one_before_it() -> None:
    assert named({("1081", "small"): 3, ("1081", "medium"): 3, ("1081", "large"): 1}) == {
        "1081 medium + large": 4,
        "1081 small": 3,
    }


def test_regions_that_are_too_small_join_each_other() -> None:
    found = named({("1081", "small"): 1, ("1082", "large"): 1, ("1083", "small"): 4, ("1084", "small"): 1})
    assert found == {"1081 small + 1082 large + 1084 small": 3, "1083 small": 4}


def test_a_single_region_that_is_too_small_joins_the_smallest_stratum() -> None:
    found = named({("1081", "small"): 1, ("1083", "small"): 4, ("1084", "large"): 3})
    assert found == {"1083 small": 4, "1084 large + 1081 small": 4}


def test_where_there_are_too_few_at_all_there_is_one_stratum() -> None:
    assert named({("1081", "small"): 1, ("1082", "small"): 1}, least=5) == {"1081 small + 1082 small": 2}


def test_size_classes_are_ordered_by_their_inhabitants_and_not_by_their_names() -> None:
    assert "1081 small + medium + large" in named(
        dict.fromkeys([("1081", size) for size in ("large", "small")], 1) | {("1081", "medium"): 1}, least=3
    )


def test_a_merged_stratum_counts_as_the_region_and_class_of_most_of_its_places() -> None:
    mixed = Stratum("mixed", (Cell("1081", "small", 1), Cell("1082", "small", 2), Cell("1082", "large", 4)))
    assert (mixed.region, mixed.size_class, mixed.places) == ("1082", "large", 7)


@given(CELLS, st.integers(2, 5))
def test_every_cell_is_in_one_stratum_and_strata_suffice_where_places_do(
    cells: dict[tuple[str, str], int], least: int
) -> None:
    found = strata_of(places(cells), least)
    assert {(one.region, one.size_class): one.places for stratum in found for one in stratum.cells} == cells
    assert sum(len(stratum.cells) for stratum in found) == len(cells)
    assert len(found) == 1 or all(stratum.places >= least for stratum in found)
    assert len({stratum.name for stratum in found}) == len(found)


def test_the_order_of_the_places_does_not_matter() -> None:
    listed = places(EVEN)
    assert strata_of(listed) == strata_of(listed[::-1])
