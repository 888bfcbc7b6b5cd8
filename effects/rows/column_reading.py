"""Columns of a source by the part they play, with a finding for whatever cannot play it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

import numpy as np

from effects.errors import Finding
from effects.rows.columns import Codes, Column, Flags, Numbers, factorise, is_numeric, missing, parse_number
from effects.sources import Source

MOST_FINDINGS: Final = 100
MOST_NAMES: Final = 20
_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9]+\s*")


@dataclass(frozen=True, slots=True)
class Levels:
    """A categorical column: codes (n,) into the sorted levels, -1 for missing."""

    codes: Codes
    levels: tuple[str, ...]


class ColumnReader:
    """Reads columns of one source and keeps every finding, at most 100 rows for one column."""

    def __init__(self, source: Source) -> None:
        self.findings: list[Finding] = []
        self._source = source

    def column(self, name: str | None, where: str) -> Column | None:
        """The column as typed, or None where it is not stated or not there."""
        if name is None:
            return None
        column = self._source.columns.get(name)
        if column is None:
            self.findings.append(_missing_column(name, where, self._source.columns))
        return column

    def levels(self, name: str | None, where: str) -> Levels | None:
        """A column as categories."""
        column = self.column(name, where)
        return None if column is None else Levels(*factorise(column))

    def periods(self, name: str | None, where: str) -> Levels | None:
        """A column as categories in the order of time: by number where all are numbers, else as texts (ISO dates)."""
        levels = self.levels(name, where)
        if levels is None:
            return None
        numbers = [parse_number(level) for level in levels.levels]
        times = [number for number in numbers if number is not None]
        if len(times) < len(numbers):
            return levels
        order = np.argsort(np.array(times), kind="stable")
        place: Codes = np.empty(len(order) + 1, dtype=np.int64)
        place[order], place[-1] = np.arange(len(order)), -1
        return Levels(place[levels.codes], tuple(levels.levels[one] for one in order.tolist()))

    def numbers(self, name: str | None, where: str) -> Numbers | None:
        """A column as numbers (n,), NaN for missing; a text that is no number is a finding."""
        column = self.column(name, where)
        if column is None or name is None:
            return None
        numbers, wrong = _parsed(column)
        commas = wrong.copy()
        commas[wrong] = [bool(_DECIMAL_COMMA.fullmatch(str(value))) for value in column[wrong].tolist()]
        found = Finding(
            where=where,
            code="not_a_number",
            message="{column} holds a value that is not a number.",
            remedy="Use decimal points, no units, and empty or NA for missing.",
            params={"column": name},
            column=name,
        )
        self._report(wrong & ~commas, found)
        remedy = "Write decimal points, or state decimalChar for the column in a schema."
        self._report(commas, replace(found, remedy=remedy))
        return numbers

    def binary(self, name: str | None, where: str) -> Numbers | None:
        """A column that is 0, 1 or missing."""
        column = self.column(name, where)
        if column is None or name is None:
            return None
        numbers, wrong = _parsed(column)
        found = Finding(
            where=where,
            code="not_zero_or_one",
            message="{column} must be 0 or 1.",
            remedy="Code the comparison as 0 and the intervention as 1.",
            params={"column": name},
            column=name,
        )
        self._report(wrong | (~np.isnan(numbers) & (numbers != 0.0) & (numbers != 1.0)), found)
        return numbers

    def amounts(self, name: str | None, where: str) -> Numbers | None:
        """A column that is finite and not negative, or missing."""
        numbers = self.numbers(name, where)
        if numbers is not None and name is not None:
            found = Finding(
                where=where,
                code="negative_or_infinite",
                message="{column} must be finite and not negative.",
                remedy="Correct the value or leave it empty.",
                params={"column": name},
                column=name,
            )
            self._report((numbers < 0.0) | np.isinf(numbers), found)
        return numbers

    def logarithms(self, name: str, where: str) -> Numbers | None:
        """Natural logarithms of a positive column."""
        numbers = self.numbers(name, where)
        if numbers is None:
            return None
        positive = numbers > 0.0
        found = Finding(
            where=where,
            code="not_positive",
            message="{column} must be positive to have a logarithm.",
            remedy="Enter it without log, or correct the value.",
            params={"column": name},
            column=name,
        )
        self._report(~positive & ~np.isnan(numbers), found)
        logarithms: Numbers = np.where(positive, np.log(np.where(positive, numbers, 1.0)), np.nan)
        return logarithms

    def _report(self, wrong: Flags, found: Finding) -> None:
        rows = sorted(self._source.given[wrong].tolist())
        self.findings.extend(replace(found, row=row) for row in rows[:MOST_FINDINGS])
        if len(rows) > MOST_FINDINGS:
            further = Finding(
                where=found.where,
                code=found.code,
                message="{column} has the same fault in {further} further rows.",
                remedy=found.remedy,
                params={**found.params, "further": len(rows) - MOST_FINDINGS},
                column=found.column,
            )
            self.findings.append(further)


def _parsed(column: Column) -> tuple[Numbers, Flags]:
    """The column as numbers (n,), and which of its values are texts that are no numbers."""
    if is_numeric(column):
        return column.astype(np.float64), np.zeros(len(column), dtype=np.bool_)
    parsed = [None if value is None else parse_number(str(value)) for value in column.tolist()]
    numbers = np.array([np.nan if value is None else value for value in parsed], dtype=np.float64)
    return numbers, np.isnan(numbers) & ~missing(column)


def _missing_column(name: str, where: str, columns: Iterable[str]) -> Finding:
    folded = {column.strip().casefold(): column for column in columns}
    near = get_close_matches(name.strip().casefold(), folded, n=1)
    if near:
        return Finding(
            where=where,
            code="missing_column",
            message="The data have no column {column}.",
            remedy='Did you mean "{near}"?',
            params={"column": name, "near": folded[near[0]]},
            column=name,
        )
    return Finding(
        where=where,
        code="missing_column",
        message="The data have no column {column}.",
        remedy="The header names: {columns}.",
        params={"column": name, "columns": ", ".join(list(folded.values())[:MOST_NAMES])},
        column=name,
    )
