"""Two stored versions side by side: rows that came, went or changed. Runs in a child with limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from registry.datasets.differences import MOST_PLACES, Counts, Differences, Obstacle, Place
from registry.datasets.facts import ColumnFacts
from registry.datasets.schema import FileSchema, Part
from registry.datasets.sql import literal, quoted

SPARE: Final = 2
"""Places without a difference that are kept too, so that a small count need not stand alone."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The version to compare with. `approved` says that a second person found it in order."""

    number: int
    path: Path
    columns: tuple[ColumnFacts, ...]
    approved: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """What the two versions share; `key` names a row in both, `values` are the columns that may have changed."""

    key: tuple[str, ...]
    values: tuple[str, ...]
    site: str | None
    period: str | None


def compare(
    connection: duckdb.DuckDBPyConnection, later: Path, schema: FileSchema, earlier: Earlier, *, people: bool
) -> Differences:
    """What differs. Rows without a key are compared whole: what is not the same came or went.

    Where rows are people and no site is stated they are counted by period alone, since a row names a person.
    """
    kinds = {column.name: column.type for column in earlier.columns}
    names = {column.name for column in schema.columns}
    stated = Differences(
        earlier=earlier.number,
        new=tuple(column.name for column in schema.columns if column.name not in kinds),
        gone=tuple(name for name in kinds if name not in names),
        retyped=tuple(c.name for c in schema.columns if c.name in kinds and c.type is not kinds[c.name]),
        by_key=bool(schema.key),
        people=people,
    )
    layout = layout_of(schema, earlier, people=people)
    if len(layout.key) < len(schema.key) or not layout.key + layout.values:
        return msgspec.structs.replace(stated, obstacle=Obstacle.OTHER_KEY)
    query = _keyed(later, earlier.path, layout) if layout.key else _whole(later, earlier.path, layout)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE places AS {query}")
    sums = "coalesce(sum(added), 0), coalesce(sum(removed), 0), coalesce(sum(changed), 0)"
    ((added, removed, changed, differing),) = connection.execute(
        f"SELECT {sums}, count(*) FILTER (added + removed + changed > 0) FROM places"
    ).fetchall()
    return msgspec.structs.replace(
        stated,
        site=layout.site,
        period=layout.period,
        total=Counts(int(added), int(removed), int(changed)),
        places=tuple(_places(connection)),
        unlisted=max(differing - MOST_PLACES, 0),
    )


def layout_of(schema: FileSchema, earlier: Earlier, *, people: bool) -> Layout:
    """What a version shares with an earlier one: columns of the same name and type."""
    kinds = {column.name: column.type for column in earlier.columns}
    shared = {column.name for column in schema.columns if kinds.get(column.name) is column.type}

    def first(part: Part) -> str | None:
        return next((column.name for column in schema.named(part) if column.name in shared), None)

    return Layout(
        key=tuple(name for name in schema.key if name in shared),
        values=tuple(c.name for c in schema.columns if c.name in shared and c.name not in schema.key),
        site=first(Part.CLUSTER) or (None if people else first(Part.UNIT)),
        period=first(Part.PERIOD),
    )


def _keyed(later: Path, earlier: Path, layout: Layout) -> str:
    """Rows of one key side by side; one whose site changed counts where it is now."""
    same_key = " AND ".join(f"a.{quoted(name)} = b.{quoted(name)}" for name in layout.key)
    other = " OR ".join(f"a.{quoted(name)} IS DISTINCT FROM b.{quoted(name)}" for name in layout.values)

    def either(name: str | None) -> str:
        return "NULL" if name is None else f"coalesce(a.{quoted(name)}, b.{quoted(name)})"

    return (
        f"SELECT {either(layout.site)} AS site, {either(layout.period)} AS period, "
        f"count(*) FILTER (b.there IS NULL) AS added, count(*) FILTER (a.there IS NULL) AS removed, "
        f"count(*) FILTER (a.there AND b.there AND ({other or 'false'})) AS changed "
        f"FROM ({_rows(later)}) a FULL JOIN ({_rows(earlier)}) b ON {same_key} GROUP BY ALL"
    )


def _whole(later: Path, earlier: Path, layout: Layout) -> str:
    """Equal rows counted on either side; the surplus came or went."""
    names = ", ".join(quoted(name) for name in layout.values)

    def of(name: str | None) -> str:
        return "NULL" if name is None else quoted(name)

    sides = " UNION ALL ".join(
        f"SELECT {names}, {sign} AS sign FROM read_parquet({literal(str(path))})"
        for path, sign in ((later, 1), (earlier, -1))
    )
    surplus = f"SELECT {names}, sum(sign) AS surplus FROM ({sides}) GROUP BY {names}"
    return (
        f"SELECT {of(layout.site)} AS site, {of(layout.period)} AS period, "
        f"sum(greatest(surplus, 0)) AS added, sum(greatest(-surplus, 0)) AS removed, 0 AS changed "
        f"FROM ({surplus}) GROUP BY ALL"
    )


def _rows(path: Path) -> str:
    return f"SELECT true AS there, * FROM read_parquet({literal(str(path))})"


def _places(connection: duckdb.DuckDBPyConnection) -> Iterator[Place]:
    """The first places where anything differs and some where nothing does, in the order of site and period."""
    differs = "added + removed + changed > 0"
    chosen = " UNION ALL ".join(
        f"(SELECT * FROM places WHERE {condition} ORDER BY site, period LIMIT {most})"
        for condition, most in ((differs, MOST_PLACES), (f"NOT ({differs})", SPARE))
    )
    listed = "CAST(site AS VARCHAR), CAST(period AS VARCHAR), added, removed, changed"
    for site, period, *counts in connection.execute(
        f"SELECT {listed} FROM ({chosen}) ORDER BY site, period"
    ).fetchall():
        yield Place(site, period, Counts(*map(int, counts)))
