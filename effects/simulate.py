"""Simulated pilots with a known truth, from a seed; for tests, for the demonstration and for planning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pandas import DataFrame

from effects.rows.columns import Codes, Numbers

FIRST_YEAR: Final = 2015


@dataclass(frozen=True, slots=True)
class PanelVariation:
    """Standard deviations, in the outcome's unit, of what is not the effect, and a common trend per month."""

    level: float = 50.0
    municipality: float = 4.0
    month: float = 1.0
    cell: float = 2.0
    trend: float = 0.05


def municipal_panel(
    seed: int,
    municipalities: Sequence[str],
    months: int,
    effects: Mapping[str, float],
    *,
    sequences: int = 6,
    persons: tuple[int, int] = (40, 400),
    variation: PanelVariation = PanelVariation(),
) -> DataFrame:
    """A stepped-wedge panel, one row for each municipality and month, ordered by these.

    `effects` maps the name of each indicator to its true effect, constant from the month in which a municipality
    starts. Municipalities are drawn into `sequences` of nearly equal size that start at evenly spaced months; nobody is
    treated in the first month and everybody in the last. Columns: municipality (text), month (ISO text), sequence (from
    1), treated (0/1), persons (people behind the cell, within the given bounds), and one number for each indicator,
    whose cell noise shrinks with the square root of persons. Raises ValueError where the sizes do not fit.
    """
    if not 1 <= sequences <= min(months - 1, len(municipalities)):
        raise ValueError("sequences must be at least 1, at most one for each municipality, and fewer than the months")
    if not 1 <= persons[0] <= persons[1]:
        raise ValueError("persons must be a pair of positive bounds in ascending order")
    random = np.random.Generator(np.random.PCG64(seed))
    units = len(municipalities)
    sequence = random.permutation(np.arange(units) % sequences) + 1
    starts = np.rint(np.arange(1, sequences + 1) * months / (sequences + 1)).astype(np.int64).clip(1, months - 1)
    unit, month = np.repeat(np.arange(units), months), np.tile(np.arange(months), units)
    treated = (month >= starts[sequence - 1][unit]).astype(np.int64)
    people = random.integers(persons[0], persons[1], size=units, endpoint=True)[unit]
    indicators = {
        name: _indicator(random, unit, month, treated * effect, people, variation) for name, effect in effects.items()
    }
    return DataFrame(
        {
            "municipality": np.array(municipalities, dtype=np.object_)[unit],
            "month": np.array([_iso_month(number) for number in range(months)], dtype=np.object_)[month],
            "sequence": sequence[unit],
            "treated": treated,
            "persons": people,
            **indicators,
        }
    )


def _indicator(
    random: np.random.Generator, unit: Codes, month: Codes, effect: Numbers, people: Codes, variation: PanelVariation
) -> Numbers:
    units, months = int(unit.max()) + 1, int(month.max()) + 1
    place = random.normal(0.0, variation.municipality, units)[unit]
    season = random.normal(0.0, variation.month, months)[month]
    noise = random.normal(0.0, 1.0, len(unit)) * variation.cell * np.sqrt(np.mean(people) / people)
    value: Numbers = variation.level + variation.trend * month + place + season + noise + effect
    return value


def _iso_month(number: int) -> str:
    return f"{FIRST_YEAR + number // 12:04d}-{number % 12 + 1:02d}"
