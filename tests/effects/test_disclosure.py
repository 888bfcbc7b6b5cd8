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
