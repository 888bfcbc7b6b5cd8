"""Small-cell suppression: one pure function that every page, chart, export and interface uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

MINIMUM_PEOPLE: Final = 5

Cell: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """A table of counts with its margins; None stands where a count is withheld."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def is_small(people: float, minimum: int = MINIMUM_PEOPLE) -> bool:
    """Whether a group is too small to be shown; nobody at all is no group."""
    return 0 < people < minimum


def suppress(counts: Sequence[Sequence[int]], minimum: int = MINIMUM_PEOPLE) -> SuppressedTable:
    """Withhold every count from 1 to `minimum` - 1, and as few further ones as keep these from being computed.

    Margins are counts like others. A withheld count is safe where it is a corner of a closed path of withheld counts
    through rows and columns, margins included, so that no sum or difference of what is shown gives it. Raises
    ValueError for a table without cells, of unequal rows or with a negative count.
    """
    if not counts or not counts[0] or len({len(row) for row in counts}) != 1 or min(map(min, counts)) < 0:
        raise ValueError("a table of counts needs equal rows of counts that are not negative")
    table = _with_margins(counts)
    withheld = {cell for cell, people in _cells(table) if is_small(people, minimum)}
    while exposed := sorted(cell for cell in withheld if not _on_closed_path(cell, withheld)):
        withheld |= _cheapest_rectangle(exposed[0], table, withheld)
    shown = [
        [None if (row, column) in withheld else people for column, people in enumerate(line)]
        for row, line in enumerate(table)
    ]
    return SuppressedTable(
        cells=tuple(tuple(line[:-1]) for line in shown[:-1]),
        row_totals=tuple(line[-1] for line in shown[:-1]),
        column_totals=tuple(shown[-1][:-1]),
        total=shown[-1][-1],
    )


def _with_margins(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def _cells(table: Sequence[Sequence[int]]) -> Iterator[tuple[Cell, int]]:
    for row, line in enumerate(table):
        for column, people in enumerate(line):
            yield (row, column), people


def _on_closed_path(cell: Cell, withheld: set[Cell]) -> bool:
    """Whether row and column of the cell stay connected through the other withheld cells."""
    others = withheld - {cell}
    rows, columns = {cell[0]}, set[int]()
    while True:
        reached = {column for row, column in others if row in rows}
        if cell[1] in reached:
            return True
        grown = rows | {row for row, column in others if column in reached}
        if grown == rows and reached == columns:
            return False
        rows, columns = grown, reached


def _cheapest_rectangle(cell: Cell, table: Sequence[Sequence[int]], withheld: set[Cell]) -> set[Cell]:
    """The three corners that close a rectangle on the cell at the least cost; counts of nobody come last."""
    everybody = sum(map(sum, table)) + 1

    def cost(corner: Cell) -> int:
        return 0 if corner in withheld else table[corner[0]][corner[1]] or everybody

    corners = [
        [(cell[0], column), (row, cell[1]), (row, column)]
        for row in range(len(table))
        for column in range(len(table[0]))
        if row != cell[0] and column != cell[1]
    ]
    return set(min(corners, key=lambda three: (sum(map(cost, three)), three)))
