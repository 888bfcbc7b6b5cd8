"""Columns of a source by the part they play, with a finding for whatever cannot play it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.errors import Finding
from effects.rows.columns import Codes, Column, Flags, Numbers, factorise, is_numeric, missing, parse_number
from effects.sources import Source

MOST_FINDINGS: Final = 100


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
            self.findings.append(
                Finding(
                    where=where,
                    code="missing_column",
                    message="The data have no column {column}.",
                    remedy="Columns are named exactly as in the header.",
                    params={"column": name},
                    column=name,
                )
            )
        return column

    def levels(self, name: str | None, where: str) -> Levels | None:
        """A column as categories."""
        column = self.column(name, where)
        return None if column is None else Levels(*factorise(column))

    def numbers(self, name: str | None, where: str) -> Numbers | None:
        """A column as numbers (n,), NaN for missing; a text that is no number is a finding."""
        column = self.column(name, where)
        if column is None or name is None or is_numeric(column):
            return None if column is None else column.astype(np.float64)
        absent = missing(column)
        parsed = [None if value is None else parse_number(str(value)) for value in column.tolist()]
        numbers = np.array([np.nan if value is None else value for value in parsed], dtype=np.float64)
        wrong = np.isnan(numbers) & ~absent
        self._report(
            wrong,
            lambda row: Finding(
                where=where,
                code="not_a_number",
                message="{column} holds a value that is not a number.",
                remedy="Use decimal points, no units, and empty or NA for missing.",
                params={"column": name},
                row=row,
                column=name,
            ),
        )
        return numbers

    def binary(self, name: str | None, where: str) -> Numbers | None:
        """A column that is 0, 1 or missing."""
        numbers = self.numbers(name, where)
        if numbers is not None and name is not None:
            self._report(
                ~np.isnan(numbers) & (numbers != 0.0) & (numbers != 1.0),
                lambda row: Finding(
                    where=where,
                    code="not_zero_or_one",
                    message="{column} must be 0 or 1.",
                    remedy="Code the comparison as 0 and the intervention as 1.",
                    params={"column": name},
                    row=row,
                    column=name,
                ),
            )
        return numbers

    def amounts(self, name: str | None, where: str) -> Numbers | None:
        """A column that is finite and not negative, or missing."""
        numbers = self.numbers(name, where)
        if numbers is not None and name is not None:
            self._report(
                (numbers < 0.0) | np.isinf(numbers),
                lambda row: Finding(
                    where=where,
                    code="negative_or_infinite",
                    message="{column} must be finite and not negative.",
                    remedy="Correct the value or leave it empty.",
                    params={"column": name},
                    row=row,
                    column=name,
                ),
            )
        return numbers

    def logarithms(self, name: str, where: str) -> Numbers | None:
        """Natural logarithms of a positive column."""
        numbers = self.numbers(name, where)
        if numbers is None:
            return None
        positive = numbers > 0.0
        self._report(
            ~positive & ~np.isnan(numbers),
            lambda row: Finding(
                where=where,
                code="not_positive",
                message="{column} must be positive to have a logarithm.",
                remedy="Enter it without log, or correct the value.",
                params={"column": name},
                row=row,
                column=name,
            ),
        )
        logarithms: Numbers = np.where(positive, np.log(np.where(positive, numbers, 1.0)), np.nan)
        return logarithms

    def _report(self, wrong: Flags, finding: Callable[[int], Finding]) -> None:
        rows = sorted(self._source.given[wrong].tolist())
        self.findings.extend(finding(row) for row in rows[:MOST_FINDINGS])
