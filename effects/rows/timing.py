"""When periods are and when treatment begins, on one axis of numbers."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.errors import Finding
from effects.planning.sections import DataRoles
from effects.rows.column_reading import ColumnReader, Levels
from effects.rows.columns import Codes, Numbers, factorise, is_numeric, parse_number

NEVER: Final = float("inf")
MOST_UNITS: Final = 20


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of the P periods in their order (P,): the column's own numbers, or 0, 1, ... where it holds dates or texts.

    `first` (n,) is the time at which the row's unit is first treated, `start` that at which everybody is; inf = never.
    """

    times: Numbers
    first: Numbers | None
    start: float | None

    def of_rows(self, period: Levels) -> Numbers:
        """The time of each row (n,), NaN where its period is missing."""
        return np.where(period.codes >= 0, self.times[period.codes], np.nan) if len(self.times) else np.empty(0)


def read_timing(roles: DataRoles, period: Levels | None, unit: Levels | None, reader: ColumnReader) -> Timing | None:
    """The axis of time of a plan with periods; a time that is none, or differs within a unit, is a finding."""
    first_stated = reader.column(roles.first_treated, "data.first_treated")
    if period is None:
        return None
    numbers = [parse_number(level) for level in period.levels]
    numeric = all(number is not None for number in numbers)
    times = np.array([number for number in numbers if number is not None] if numeric else range(len(numbers)), float)
    first = None
    if first_stated is not None:
        if numeric:
            read = reader.numbers(roles.first_treated, "data.first_treated")
            assert read is not None
            first = np.where(np.isnan(read) | (read == 0.0), NEVER, read)
        else:
            codes, texts = factorise(first_stated)
            places = [_place(text, period.levels) for text in texts]
            first = np.array([*places, NEVER])[codes]
            if is_numeric(first_stated):
                first = np.where(first_stated.astype(np.float64) == 0.0, NEVER, first)
        _constant(first, unit, roles, reader)
    return Timing(times, first, _start(roles, period, numeric, reader))


def _place(text: str, levels: tuple[str, ...]) -> float:
    return NEVER if text in ("", "0") else float(bisect_left(levels, text))


def _start(roles: DataRoles, period: Levels, numeric: bool, reader: ColumnReader) -> float | None:
    if roles.start is None:
        return None
    stated = parse_number(str(roles.start))
    if numeric and stated is None:
        reader.findings.append(
            Finding(
                where="data.start",
                code="start_not_a_period",
                message="{start} is not on the scale of the periods.",
                remedy="State the first period under treatment as it stands in {column}.",
                params={"start": str(roles.start), "column": str(roles.period)},
            )
        )
        return None
    return stated if numeric else float(bisect_left(period.levels, str(roles.start)))


def _constant(first: Numbers, unit: Levels | None, roles: DataRoles, reader: ColumnReader) -> None:
    if unit is None or not len(unit.levels):
        return
    placed = unit.codes >= 0
    lowest, highest = np.full(len(unit.levels), NEVER), np.full(len(unit.levels), -NEVER)
    np.minimum.at(lowest, unit.codes[placed], first[placed])
    np.maximum.at(highest, unit.codes[placed], first[placed])
    moving: Codes = np.flatnonzero((lowest != highest) & (highest > -NEVER))
    reader.findings.extend(
        Finding(
            where="data.first_treated",
            code="first_treated_varies",
            message="Unit {unit} has several first treated periods.",
            remedy="A unit is first treated once: write the same period in all its rows.",
            params={"unit": unit.levels[place]},
            column=roles.first_treated,
        )
        for place in moving[:MOST_UNITS].tolist()
    )
