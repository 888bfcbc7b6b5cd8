"""From the rows of a file to rows of one unit and period: a wide row becomes one for each period, within the query."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.datasets.headers import places
from registry.datasets.schema import Column, FileSchema, Part
from registry.datasets.sql import filled, literal
from registry.datasets.wide import spread


@dataclass(frozen=True, slots=True)
class Shape:
    """How the cells of a file stand in the rows that are checked.

    `columns` are those of the plan by their place in a checked row, of `width` cells; `names` are theirs in the file by
    their place in the file. Of a wide file `kept` are the places of the cells that every period shares, in front of
    the period, and `varying` the places of the others by period, behind it; `required` says that some of these must be
    filled. Of a long file both are empty.
    """

    width: int
    columns: dict[int, Column]
    names: dict[int, str]
    periods: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()
    varying: dict[int, tuple[int, ...]] = field(default_factory=dict)
    required: bool = False

    @property
    def share(self) -> int:
        """Checked rows that one row of the file may come to: n of a checked row is n of the file's times as many."""
        return len(self.periods) or 1

    def rows(self, source: str, width: int) -> str:
        """The rows of `sql.reader`, `width` cells each, as they are checked.

        A period for which a unit has no cell at all, not even a required one, is no row.
        """
        if not self.periods:
            return source
        cells = [f"c{place}" for place in self.kept]
        cells.append(_by_period([literal(period) for period in self.periods]))
        varying = [_by_period([f"c{place}" for place in places]) for places in self.varying.values()]
        named = ", ".join(f"{cell} AS c{place}" for place, cell in enumerate([*cells, *varying]))
        each = f"SELECT *, unnest(range({self.share})) AS k FROM ({source}) WHERE {filled(range(width))}"
        rows = f"SELECT n * {self.share} + k AS n, {named} FROM ({each})"
        return f"SELECT * FROM ({rows}) WHERE {filled(self.varying)}" if self.required else rows

    def row(self, n: int) -> int:
        """The number in the file of a checked row."""
        return n // self.share

    def sent(self, place: int, n: int) -> str:
        """The name in the file of the cell at a place of a checked row; of the period, of the first cell it is for."""
        if not self.periods or place < len(self.kept):
            return self.columns[place].name
        return self.names[self.varying.get(place, next(iter(self.varying.values())))[n % self.share]]

    def once(self, place: int) -> str:
        """Which checked rows to ask about a cell, so that one cell of the file is counted once."""
        if not self.periods or place in self.varying:
            return "true"
        return f"n IN (SELECT min(n) FROM checked GROUP BY n // {self.share})"


def shape_of(header: Sequence[str], schema: FileSchema) -> Shape:
    """The shape of a file whose first line has no error."""
    found = places(header, schema)
    names = {place: column.name for place, column in found.items()}
    if not schema.periods:
        return Shape(len(header), found, names)
    cells = {name: tuple(at[period][0] for period in schema.periods) for name, at in spread(header, schema).items()}
    varied = {place for at in cells.values() for place in at}
    kept = tuple(place for place in range(len(header)) if place not in varied)
    place_of = {header[place]: kept.index(place) for place in names}
    place_of[schema.named(Part.PERIOD)[0].name] = len(kept)
    varying = {len(kept) + after: at for after, at in enumerate(cells.values(), start=1)}
    place_of |= dict(zip(cells, varying, strict=True))
    return Shape(
        width=len(kept) + 1 + len(cells),
        columns={place_of[column.name]: column for column in schema.columns},
        names={**names, **{place: header[place] for place in varied}},
        periods=schema.periods,
        kept=kept,
        varying=varying,
        required=any(column.required for column in schema.columns if column.name in cells),
    )


def _by_period(values: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values))
    return f"CASE k {cases} END"
