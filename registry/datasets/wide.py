"""The first line of a wide file: one row for each unit, and a column for each period of what varies (`strain_2020`)."""

from collections.abc import Iterator, Sequence
from typing import Final

from effects.errors import Finding
from registry.datasets.schema import Column, FileSchema, Part
from registry.kit.cpr import looks_like_cpr

SEPARATORS: Final = "_. "
LONGEST_PERIOD: Final = 20
LONGEST_PERIODS: Final = 4_000
"""Characters of all periods of a file, written one after the other."""

Spread = dict[str, dict[str, list[int]]]
"""The columns of the plan that vary: their places in the file by period, one place where nothing is wrong."""


def periods_in(header: Sequence[str], schema: FileSchema) -> tuple[str, ...]:
    """The periods behind the names, as they come; none unless the plan has units and periods and the file looks wide.

    A file looks wide when it has no column of periods, and some column stands there only with two periods or more.
    """
    unit, period = schema.named(Part.UNIT), schema.named(Part.PERIOD)
    if not unit or not period or period[0].name in header or any(map(looks_like_cpr, header)):
        return ()
    found: dict[str, list[str]] = {}
    for name in header:
        for column, label in _readings(name, schema)[:1]:
            if column not in header and len(label) <= LONGEST_PERIOD and "," not in label:
                found.setdefault(column, []).append(label)
    periods = tuple(dict.fromkeys(label for labels in found.values() for label in labels))
    wide = any(len(set(labels)) > 1 for labels in found.values())
    return periods if wide and len(", ".join(periods)) <= LONGEST_PERIODS else ()


def spread(header: Sequence[str], schema: FileSchema) -> Spread:
    """Where the columns stand that have one of the schema's periods behind their name; of a long file none."""
    found: Spread = {}
    for place, name in enumerate(header):
        readings = (reading for reading in _readings(name, schema) if reading[1] in schema.periods)
        for column, period in list(readings)[:1]:
            found.setdefault(column, {}).setdefault(period, []).append(place)
    return found


def wide_findings(header: Sequence[str], schema: FileSchema) -> Iterator[Finding]:
    """What is wrong with the columns that vary, and with calling the file wide."""
    found = spread(header, schema)
    period = schema.named(Part.PERIOD)[0]
    if not found or period.name in header:
        yield _not_wide(period)
        return
    for column, places in found.items():
        if column in header:
            yield _alone_too(column)
        elif lacking := [period for period in schema.periods if period not in places]:
            yield _lacking(column, lacking)
        for repeated in places.values():
            if len(repeated) > 1:
                yield _repeated(header[repeated[0]], len(repeated))


def _readings(name: str, schema: FileSchema) -> list[tuple[str, str]]:
    """The column and the period that a name may mean: one with a separator first, then the longest column."""
    if any(column.name == name for column in schema.columns):
        return []
    found = []
    for column in schema.columns:
        rest = name.removeprefix(column.name)
        if column.part in (Part.UNIT, Part.PERIOD) or rest == name:
            continue
        separated = rest[0] in SEPARATORS
        if (separated and rest[1:]) or (rest.isascii() and rest.isdigit()):
            found.append((separated, len(column.name), column.name, rest[1:] if separated else rest))
    return [(column, period) for _, _, column, period in sorted(found, reverse=True)]


LOOKS_WIDE: Final = Finding(
    where="file",
    code="looks_wide",
    message="The file seems to have one row for each unit and a column for each period, but was read as a long one.",
    remedy="Send it again and state the periods of a wide file, or give each unit and period a row of its own.",
    row=1,
)


def _not_wide(period: Column) -> Finding:
    return Finding(
        where="file",
        code="not_wide",
        message="This is no wide file: it has the column {column}, or no column has a stated period behind its name.",
        remedy="Leave the periods of a wide file empty, or write them as they stand in the column names.",
        params={"column": period.name},
        row=1,
    )


def _alone_too(column: str) -> Finding:
    return Finding(
        where=column,
        code="mixed_columns",
        message="The column {column} stands there both alone and with a period behind its name.",
        remedy="Keep the one alone if it is the same in all periods, otherwise those with a period.",
        params={"column": column},
        row=1,
        column=column,
    )


def _lacking(column: str, periods: Sequence[str]) -> Finding:
    return Finding(
        where=column,
        code="missing_period",
        message="The column {column} is missing for: {periods}.",
        remedy="Add it for them, empty where nothing was measured, or correct the periods of the wide file.",
        params={"column": column, "periods": ", ".join(periods)[:200]},
        row=1,
        column=column,
    )


def _repeated(name: str, count: int) -> Finding:
    return Finding(
        where=name,
        code="repeated_column",
        message="The column {column} stands there {count} times.",
        remedy="Keep the one that is meant.",
        params={"column": name, "count": count},
        row=1,
        column=name,
    )
