"""The first line of a file against the columns that the schema asks for."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from difflib import get_close_matches
from typing import Final

from effects.errors import Finding
from effects.message import Message
from registry.datasets import findings
from registry.datasets.schema import Column, FileSchema, Part
from registry.datasets.wide import LOOKS_WIDE, periods_in, spread, wide_findings
from registry.kit.cpr import looks_like_cpr

MOST_COLUMNS: Final = 2_000
SHOWN_UNKNOWN: Final = 20
LONGEST_NAME: Final = 60

_NOTHING: Final = Message("Nothing needs to be done: only what the plan needs is stored.")


def places(header: Sequence[str], schema: FileSchema) -> dict[int, Column]:
    """The place in the file of every column of the schema that is there, in the order of the schema."""
    place_of = {name: place for place, name in reversed(list(enumerate(header)))}
    return {place_of[column.name]: column for column in schema.columns if column.name in place_of}


def header_findings(header: Sequence[str], schema: FileSchema) -> list[Finding]:
    """Missing, repeated and unasked-for columns; the latter are left out and only warned of.

    A first line that lacks a column may be a row of values, so the names in it are then not repeated.
    """
    if len(header) > MOST_COLUMNS:
        return [_too_many(len(header))]
    if any(looks_like_cpr(name) for name in header):
        return [findings.cpr(1, "")]
    if not schema.periods and periods_in(header, schema):
        return [LOOKS_WIDE]
    varying = spread(header, schema)
    names = {header[place] for at in varying.values() for places in at.values() for place in places}
    wanted = {column.name for column in schema.columns} | names
    given = {*header, *varying, *(column.name for column in schema.named(Part.PERIOD) if schema.periods)}
    missing = [column for column in schema.columns if column.name not in given]
    return [
        *(wide_findings(header, schema) if schema.periods else ()),
        *(_missing(column, header, wanted) for column in missing),
        *_repeated(header, schema),
        *_unknown(header, wanted, named=not missing),
    ]


def _missing(column: Column, header: Sequence[str], wanted: Set[str]) -> Finding:
    near = get_close_matches(column.name.casefold(), [name.casefold() for name in header if name not in wanted], 1, 0.8)
    if near:
        place = [name.casefold() for name in header].index(near[0]) + 1
        return Finding(
            where=column.name,
            code="missing_column",
            message="The column {column} is missing; column number {place} has nearly that name.",
            remedy="Write the name exactly as in the plan, small and capital letters included.",
            params={"column": column.name, "place": place},
            row=1,
            column=column.name,
        )
    return Finding(
        where=column.name,
        code="missing_column",
        message="The column {column} is missing.",
        remedy="Add it, with this name in the first row, and check that the delimiter is right.",
        params={"column": column.name},
        row=1,
        column=column.name,
    )


def _repeated(header: Sequence[str], schema: FileSchema) -> Iterator[Finding]:
    counts = Counter(header)
    for column in schema.columns:
        if counts[column.name] > 1:
            yield Finding(
                where=column.name,
                code="repeated_column",
                message="The column {column} stands there {count} times.",
                remedy="Keep the one that is meant.",
                params={"column": column.name, "count": counts[column.name]},
                row=1,
                column=column.name,
            )


def _unknown(header: Sequence[str], wanted: Set[str], *, named: bool) -> Iterator[Finding]:
    unknown = [(place, name) for place, name in enumerate(header, start=1) if name not in wanted]
    for place, name in unknown[:SHOWN_UNKNOWN]:
        yield _left_out(name[:LONGEST_NAME]) if named and name else _left_out_at(place)
    if len(unknown) > SHOWN_UNKNOWN:
        yield Finding(
            where="file",
            code="unknown_column",
            message="{count} more columns that the plan does not ask for were left out.",
            remedy=_NOTHING.template,
            params={"count": len(unknown) - SHOWN_UNKNOWN},
            row=1,
            severity="warning",
        )


def _left_out(name: str) -> Finding:
    return Finding(
        where=name,
        code="unknown_column",
        message="The plan does not ask for the column {column}; it was left out.",
        remedy=_NOTHING.template,
        params={"column": name},
        row=1,
        column=name,
        severity="warning",
    )


def _left_out_at(place: int) -> Finding:
    return Finding(
        where="file",
        code="unknown_column",
        message="The plan does not ask for column number {place}; it was left out.",
        remedy=_NOTHING.template,
        params={"place": place},
        row=1,
        severity="warning",
    )


def _too_many(width: int) -> Finding:
    return Finding(
        where="file",
        code="too_many_columns",
        message="The file has {width} columns; at most {most} are read.",
        remedy="Send only the columns that the plan asks for.",
        params={"width": width, "most": MOST_COLUMNS},
        row=1,
    )
