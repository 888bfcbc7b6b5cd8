"""Warnings where a version leaves what the approved version before it makes plausible. Runs in a child with limits.

A period is held against the same period of the earlier version, or, where that has none, against its last one before.
Remarked on are periods and sites with less than half or more than twice as many rows; means that are more than three
standard deviations of the earlier values away; and shares of empty cells that are more than 20 percentage points up.
Such jumps are a wrong unit, half a file or a file sent twice far more often than a fact; none of them is an error.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from effects.disclosure import MINIMUM_PEOPLE
from effects.errors import Finding
from effects.message import Message, Scalar
from registry.datasets.comparing import Earlier, Layout, layout_of
from registry.datasets.schema import ColumnType, FileSchema, Part
from registry.datasets.sql import literal, quoted

TIMES: Final = 2.0
DEVIATIONS: Final = 3.0
POINTS: Final = 20.0
"""Percentage points."""

SHOWN_ALIKE: Final = 20
"""Remarks of one kind that are listed; the others are counted."""

_MEASURED: Final = (Part.OUTCOME, Part.COVARIATE, Part.WEIGHT, Part.PERSONS, Part.OFFSET)
_NUMERIC: Final = (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN01)


@dataclass(frozen=True, slots=True)
class Seen:
    """One column in one period: cells that hold a value, and their mean and standard deviation where there are any."""

    filled: int
    mean: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One period of one version."""

    rows: int
    columns: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Pair:
    """A period as it is and what it is held against; None where the rows have no periods."""

    period: str | None
    now: Moment
    reference: str | None
    then: Moment


def implausible(
    connection: duckdb.DuckDBPyConnection, later: Path, schema: FileSchema, earlier: Earlier, *, people: bool
) -> tuple[Finding, ...]:
    """Everything to remark on, as warnings; nothing where the earlier version was not approved."""
    if not earlier.approved:
        return ()
    layout = layout_of(schema, earlier, people=people)
    measured = [
        column.name for column in schema.named(*_MEASURED) if column.name in layout.values and column.type in _NUMERIC
    ]
    before = _moments(connection, earlier.path, layout, measured)
    after = _moments(connection, later, layout, measured)
    pairs = list(_pairs(before, after))
    return tuple(
        _listed(
            [
                *_rows(pairs, earlier.number),
                *_sites(connection, later, earlier, layout),
                *(found for name in measured for found in _column(name, pairs, earlier.number)),
            ]
        )
    )


def _moments(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, measured: Sequence[str]
) -> dict[Any, Moment]:
    """By period, in order; all rows under None where there are no periods."""
    period = "NULL" if layout.period is None else quoted(layout.period)
    facts = "".join(
        f", count({name}), avg({name}), CASE WHEN count({name}) > 1 THEN stddev_samp({name}) END"
        for name in map(quoted, measured)
    )
    rows = connection.execute(
        f"SELECT {period} AS period, count(*){facts} FROM read_parquet({literal(str(path))}) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    found = {}
    for moment, count, *values in rows:
        threes = zip(values[::3], values[1::3], values[2::3], strict=True)
        columns = {name: Seen(*three) for name, three in zip(measured, threes, strict=True)}
        if moment is not None or layout.period is None:
            found[moment] = Moment(count, columns)
    return found


def _pairs(before: Mapping[Any, Moment], after: Mapping[Any, Moment]) -> Iterator[Pair]:
    """Every period of both versions but those that lie before all that the earlier one has."""
    known = list(before)
    for period in (*after, *(period for period in before if period not in after)):
        place = bisect_right(known, period) if period is not None else len(known)
        if place:
            now = after.get(period, Moment(0, {}))
            reference = known[place - 1]
            yield Pair(_named(period), now, _named(reference), before[reference])


def _named(period: Any) -> str | None:
    return None if period is None else str(period)


def _rows(pairs: Iterable[Pair], number: int) -> Iterator[Finding]:
    for pair in pairs:
        about: dict[str, Scalar] = {"number": number, "period": pair.period or "", "reference": pair.reference or ""}
        if pair.now.rows * TIMES < pair.then.rows:
            yield _remark("few_rows", _FEW if pair.period is None else _FEW_IN_PERIOD, _WHOLE, about)
        elif pair.now.rows > pair.then.rows * TIMES:
            yield _remark("many_rows", _MANY if pair.period is None else _MANY_IN_PERIOD, _ONCE, about)


def _sites(connection: duckdb.DuckDBPyConnection, later: Path, earlier: Earlier, layout: Layout) -> Iterator[Finding]:
    """Rows at each site, in the periods that both versions have."""
    if layout.site is None:
        return
    site, period = quoted(layout.site), "NULL" if layout.period is None else quoted(layout.period)
    sides = " UNION ALL ".join(
        f"SELECT {site} AS site, {period} AS period, {a} AS a, {b} AS b FROM read_parquet({literal(str(path))})"
        for path, a, b in ((later, 1, 0), (earlier.path, 0, 1))
    )
    both = "SELECT period FROM sides GROUP BY period HAVING sum(a) > 0 AND sum(b) > 0"
    same = f"period IN ({both})" if layout.period else "true"
    found = connection.execute(
        f"WITH sides AS MATERIALIZED (SELECT site, period, sum(a) AS a, sum(b) AS b FROM ({sides}) GROUP BY ALL) "
        f"SELECT CAST(site AS VARCHAR), sum(a) < sum(b) FROM sides WHERE site IS NOT NULL AND {same} GROUP BY site "
        f"HAVING sum(b) > 0 AND (sum(a) * {TIMES} < sum(b) OR sum(a) > sum(b) * {TIMES}) ORDER BY site"
    )
    for name, fewer in found.fetchall():
        about = {"site": name, "number": earlier.number}
        if fewer:
            yield _remark("few_rows_at_site", _FEW_AT_SITE, _WHOLE, about)
        else:
            yield _remark("many_rows_at_site", _MANY_AT_SITE, _ONCE, about)


def _column(name: str, pairs: Iterable[Pair], number: int) -> Iterator[Finding]:
    for pair in pairs:
        now, then = pair.now.columns.get(name), pair.then.columns[name]
        if now is None:
            continue
        about: dict[str, Scalar] = {
            "number": number,
            "column": name,
            "period": pair.period or "",
            "reference": pair.reference or "",
        }
        if _far(now, then):
            means = {"mean": _short(now.mean), "before": _short(then.mean), "times": DEVIATIONS}
            message = _FAR if pair.period is None else _FAR_IN_PERIOD
            yield _remark("far_mean", message, _UNIT, {**about, **means}, name)
        empty, used = (_empty(moment.rows, seen) for moment, seen in ((pair.now, now), (pair.then, then)))
        if min(pair.now.rows, pair.then.rows) >= MINIMUM_PEOPLE and empty > used + POINTS:
            shares = {"empty": round(empty, 1), "before": round(used, 1)}
            message = _EMPTY if pair.period is None else _EMPTY_IN_PERIOD
            yield _remark("more_missing", message, _LOST, {**about, **shares}, name)


def _far(now: Seen, then: Seen) -> bool:
    """Whether a mean left what was usual; never where few values stand behind it, or all of them were one."""
    if min(now.filled, then.filled) < MINIMUM_PEOPLE or now.mean is None or then.mean is None:
        return False
    return bool(then.deviation) and abs(now.mean - then.mean) > DEVIATIONS * (then.deviation or 0.0)


def _short(value: float | None) -> float:
    return float(f"{value or 0.0:.3g}")


def _empty(rows: int, seen: Seen) -> float:
    """Percent of the cells."""
    return 100.0 * (rows - seen.filled) / rows if rows else 0.0


def _remark(
    code: str, message: Message, remedy: Message, params: Mapping[str, Scalar], column: str | None = None
) -> Finding:
    return Finding(
        where=column or "file",
        code=code,
        message=message.template,
        remedy=remedy.template,
        params=params,
        column=column,
        severity="warning",
    )


def _listed(found: Iterable[Finding]) -> Iterator[Finding]:
    """The first of each kind, and how many more there are."""
    kinds = defaultdict(list)
    for one in found:
        kinds[one.code].append(one)
    for code, alike in kinds.items():
        yield from alike[:SHOWN_ALIKE]
        if len(alike) > SHOWN_ALIKE:
            yield _remark(code, _MORE, _LOOK, {"count": len(alike) - SHOWN_ALIKE})


_FEW: Final = Message("There are less than half as many rows as in version {number}.")
_MANY: Final = Message("There are more than twice as many rows as in version {number}.")
_FEW_IN_PERIOD: Final = Message(
    "In {period} there are less than half as many rows as version {number} has in {reference}."
)
_MANY_IN_PERIOD: Final = Message(
    "In {period} there are more than twice as many rows as version {number} has in {reference}."
)
_FEW_AT_SITE: Final = Message(
    "{site} has less than half as many rows as in version {number}, in the periods that both have."
)
_MANY_AT_SITE: Final = Message(
    "{site} has more than twice as many rows as in version {number}, in the periods that both have."
)
_FAR: Final = Message(
    "The mean of {column} is {mean}; in version {number} it was {before}, and this is more than {times} standard "
    "deviations away."
)
_FAR_IN_PERIOD: Final = Message(
    "In {period} the mean of {column} is {mean}; version {number} has {before} in {reference}, and this is more than "
    "{times} standard deviations away."
)
_EMPTY: Final = Message("{empty} % of {column} is empty; in version {number} it was {before} %.")
_EMPTY_IN_PERIOD: Final = Message(
    "In {period} {empty} % of {column} is empty; version {number} has {before} % in {reference}."
)
_MORE: Final = Message("{count} more remarks like those above are not listed.")
_WHOLE: Final = Message("Check that the file is whole.")
_ONCE: Final = Message("Check that no rows are in the file twice.")
_UNIT: Final = Message("Check the unit and the decimal mark.")
_LOST: Final = Message("Check that no values were lost on the way.")
_LOOK: Final = Message("Look at these first.")
