from itertools import chain, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.disclosure import MINIMUM_PEOPLE, SuppressedTable, is_small, suppress

COUNTS = st.integers(1, 4).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=1, max_size=4)
)


def flat(table: SuppressedTable) -> list[int | None]:
    return [*(cell for row in table.cells for cell in row), *table.row_totals, *table.column_totals, table.total]


def computable(counts: list[list[int]], table: SuppressedTable) -> list[int]:
    """Places of withheld figures that sums and differences of the shown ones give, by linear algebra."""
    rows, columns = len(counts), len(counts[0])
    extended = [[*row, total] for row, total in zip(table.cells, table.row_totals, strict=True)]
    extended.append([*table.column_totals, table.total])
    width = columns + 1
    sums = []
    for row in range(rows + 1):
        line = np.zeros((rows + 1) * width)
        line[row * width : row * width + columns] = 1
        line[row * width + columns] = -1
        sums.append(line)
    for column in range(width):
        line = np.zeros((rows + 1) * width)
        line[column : rows * width : width] = 1
        line[rows * width + column] = -1
        sums.append(line)
    withheld = [place for place, value in enumerate(value for row in extended for value in row) if value is None]
    matrix = np.array(sums)[:, withheld]
    rank = np.linalg.matrix_rank(matrix) if withheld else 0
    known = []
    for place in range(len(withheld)):
        unit = np.zeros(len(withheld))
        unit[place] = 1
        if np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank:
            known.append(withheld[place])
    return known


def test_a_table_of_large_counts_is_shown_whole() -> None:
    table = suppress([[10, 20], [30, 40]])
    assert table == SuppressedTable(((10, 20), (30, 40)), (30, 70), (40, 60), 100)


def test_a_small_count_takes_three_others_with_it() -> None:
    table = suppress([[3, 20, 30], [12, 25, 35], [14, 28, 39]])
    assert flat(table).count(None) == 4
    assert table.cells[0][0] is None
    assert table.total == 206


def test_nobody_is_no_small_group() -> None:
    assert suppress([[0, 10], [20, 30]]).cells == ((0, 10), (20, 30))


def test_a_small_margin_is_withheld_too() -> None:
    table = suppress([[1, 2], [50, 60]])
    assert table.row_totals[0] is None
    assert table.cells[0] == (None, None)


def test_a_single_small_figure_withholds_everything() -> None:
    assert flat(suppress([[3]])) == [None, None, None, None]


def test_the_threshold_is_a_choice() -> None:
    assert suppress([[7, 20], [30, 40]]).cells[0][0] == 7
    assert suppress([[7, 20], [30, 40]], minimum=10).cells[0][0] is None


@pytest.mark.parametrize(("people", "small"), [(0, False), (1, True), (4, True), (4.5, True), (5, False)])
def test_one_to_four_people_are_a_small_group(people: float, small: bool) -> None:
    assert MINIMUM_PEOPLE == 5
    assert is_small(people) is small


@pytest.mark.parametrize("counts", [[], [[]], [[1, 2], [3]], [[-1]]])
def test_what_is_no_table_of_counts_is_refused(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="table of counts"):
        suppress(counts)


@settings(deadline=None)
@given(COUNTS)
def test_no_small_count_is_shown_and_none_withheld_can_be_computed(counts: list[list[int]]) -> None:
    table = suppress(counts)
    assert not [people for people in flat(table) if people is not None and is_small(people)]
    assert computable(counts, table) == []


@settings(deadline=None)
@given(COUNTS)
def test_what_is_shown_is_true(counts: list[list[int]]) -> None:
    table = suppress(counts)
    totals = [sum(row) for row in counts]
    assert all(shown in (None, total) for shown, total in zip(table.row_totals, totals, strict=True))
    assert table.total in (None, sum(totals))


def possible(counts: list[list[int]], table: SuppressedTable) -> dict[tuple[int, int], set[int]]:
    """Every value that a withheld figure can have in tables of people near the true one that agree with all shown."""
    shown = [[*row, total] for row, total in zip(table.cells, table.row_totals, strict=True)]
    shown.append([*table.column_totals, table.total])
    columns = len(counts[0])
    values: dict[tuple[int, int], set[int]] = {
        (row, column): set() for row, line in enumerate(shown) for column, value in enumerate(line) if value is None
    }
    ranges = [
        range(max(0, people - 2), people + 3) if table.cells[row][column] is None else [people]
        for row, line in enumerate(counts)
        for column, people in enumerate(line)
    ]
    for flattened in product(*ranges):
        cells = [list(flattened[start : start + columns]) for start in range(0, len(flattened), columns)]
        whole = [[*row, sum(row)] for row in cells]
        whole.append([sum(column) for column in zip(*whole, strict=True)])
        pairs = zip(chain(*shown), chain(*whole), strict=True)
        if all(value is None or value == figure for value, figure in pairs):
            for (row, column), seen in values.items():
                seen.add(whole[row][column])
    return values


SMALL_TABLES = st.integers(1, 3).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 3, 4, 5, 8, 12]), min_size=columns, max_size=columns), min_size=1, max_size=2
    )
)


@settings(max_examples=40)
@given(SMALL_TABLES)
def test_that_nobody_is_fewer_than_none_does_not_give_a_small_count_away(counts: list[list[int]]) -> None:
    whole = [[*row, sum(row)] for row in counts]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    for (row, column), values in possible(counts, suppress(counts)).items():
        if is_small(whole[row][column]):
            assert len(values) > 1


@given(COUNTS)
def test_turning_the_table_on_its_side_withholds_no_other_small_counts(counts: list[list[int]]) -> None:
    upright, turned = suppress(counts), suppress([list(column) for column in zip(*counts, strict=True)])
    small = [(row, column) for row, line in enumerate(counts) for column, n in enumerate(line) if is_small(n)]
    assert all(upright.cells[row][column] is None and turned.cells[column][row] is None for row, column in small)
