"""A balanced panel of units by periods out of rows, or by name why there is none."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Reason
from effects.design_answers import Asked
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes, Flags, Numbers

LEAST_BEFORE: Final = 2
LEAST_DONORS: Final = 2
MOST: Final = 1000
_MOST_EXPONENT: Final = 1023


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcomes (N, T), the donors first, then the units that are treated from period `before` on.

    Outcomes are divided by `scale`, a power of two, so that huge and tiny ones can be computed with.
    """

    outcomes: Numbers
    donors: int
    before: int
    labels: tuple[str, ...]
    scale: float
    notes: tuple[Message, ...]

    @property
    def treated(self) -> int:
        """Number of treated units."""
        return len(self.outcomes) - self.donors


@dataclass(frozen=True, slots=True)
class _Cells:
    """Means over rows by unit and period (N, T): outcome and treatment; how many rows are behind each."""

    outcome: Numbers
    treated: Numbers
    rows: Codes
    units: tuple[str, ...]
    periods: tuple[str, ...]


def read_panel(asked: Asked) -> Panel | Obstacle:
    """The panel of an outcome; several rows of a unit in a period become their mean, by weight, with a note."""
    if asked.outcome.covariates:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("covariates are not available with synthetic controls yet"),
            Message("an outcome without covariates"),
        )
    cells = _cells(asked)
    if isinstance(cells, Obstacle):
        return cells
    treated = _treatment(cells, asked)
    if isinstance(treated, Obstacle):
        return treated
    before = _common_start(cells, treated)
    if isinstance(before, Obstacle):
        return before
    ever = treated.any(axis=1)
    donors, lucky = np.flatnonzero(~ever), np.flatnonzero(ever)
    order = np.concatenate([donors, lucky])
    outcomes = cells.outcome[order]
    exponent = min(int(np.frexp(np.max(np.abs(outcomes)))[1]), _MOST_EXPONENT)
    scaled = np.ldexp(outcomes, -exponent)
    obstacle = _too_small(len(donors), len(lucky), before) or _flat(scaled)
    if obstacle is not None:
        return obstacle
    labels = tuple(cells.units[place] for place in order.tolist())
    return Panel(scaled, len(donors), before, labels, float(np.ldexp(1.0, exponent)), _notes(asked, cells))


def _cells(asked: Asked) -> _Cells | Obstacle:
    sample, roles = asked.sample, asked.roles
    assert sample.unit is not None
    assert sample.period is not None
    assert roles.unit is not None
    assert roles.period is not None
    units, periods = _labels(roles.unit, sample.rows), _labels(roles.period, sample.rows)
    shape = (len(units), len(periods))
    if max(shape) > MOST:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{units} units and {periods} periods", {"units": shape[0], "periods": shape[1]}),
            Message("at most {most} units and periods", {"most": MOST}),
        )
    place = sample.unit * shape[1] + sample.period
    rows = np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)
    weight = np.bincount(place, sample.weights, rows.size).reshape(shape)
    if not rows.all():
        return _holes(rows == 0, units, periods)
    outcome = np.bincount(place, sample.weights * sample.outcome, rows.size).reshape(shape) / weight
    single = np.bincount(place, sample.outcome, rows.size).reshape(shape)
    outcome = np.where(rows == 1, single, outcome)
    treated = np.bincount(place, sample.treated, rows.size).reshape(shape) / rows
    if not np.isfinite(outcome).all():
        return Obstacle(
            Reason.NOT_FINITE,
            Message("values are infinite or too large to compute with"),
            Message("finite values in a sensible unit"),
        )
    return _Cells(outcome, treated, rows, units, periods)


def _labels(levels: Levels, rows: Codes) -> tuple[str, ...]:
    return tuple(levels.levels[code] for code in np.unique(levels.codes[rows]).tolist())


def _holes(empty: Flags, units: tuple[str, ...], periods: tuple[str, ...]) -> Obstacle:
    unit, period = np.argwhere(empty)[0].tolist()
    return Obstacle(
        Reason.NOT_A_PANEL,
        Message(
            "{holes} of {cells} cells of unit by period are empty, the first: {unit} in {period}",
            {"holes": int(empty.sum()), "cells": empty.size, "unit": units[unit], "period": periods[period]},
        ),
        Message("every unit observed in every period, or leave out the units or periods with holes"),
    )


def _treatment(cells: _Cells, asked: Asked) -> Flags | Obstacle:
    """Whether each unit is treated in each period (N, T); one that is treated throughout begins at a stated start."""
    mixed = (cells.treated > 0.0) & (cells.treated < 1.0)
    treated: Flags = cells.treated == 1.0
    timing = asked.roles.timing
    if timing is not None and timing.start is not None and asked.roles.period is not None:
        codes = np.unique(asked.roles.period.codes[asked.sample.rows])
        begun: Flags = timing.times[codes] >= timing.start
        treated = treated & (begun | ~np.all(treated, axis=1, keepdims=True))
    back = np.diff(treated.astype(np.int64), axis=1) < 0
    wrong = mixed.any(axis=1) | back.any(axis=1)
    if wrong.any():
        return Obstacle(
            Reason.TREATMENT_REVERSED,
            Message("{unit} is treated only in part or goes back", {"unit": cells.units[int(np.argmax(wrong))]}),
            Message("units that stay treated once they have begun"),
        )
    return treated


def _common_start(cells: _Cells, treated: Flags) -> int | Obstacle:
    """Number of periods before all treated units begin."""
    ever: Flags = np.any(treated, axis=1)
    if not ever.any() or ever.all():
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("{treated} of {units} units are treated", {"treated": int(ever.sum()), "units": len(ever)}),
            Message("units with and without treatment"),
        )
    starts = np.unique(np.argmax(treated[ever], axis=1))
    if len(starts) > 1:
        named = {"first": cells.periods[int(starts[0])], "last": cells.periods[int(starts[-1])]}
        return Obstacle(
            Reason.SEVERAL_STARTS,
            Message("treatment begins at different times, from {first} to {last}", named),
            Message("one common start, or the design staggered_adoption"),
        )
    return int(starts[0])


def _too_small(donors: int, treated: int, before: int) -> Obstacle | None:
    if before < LEAST_BEFORE:
        return Obstacle(
            Reason.TOO_FEW_PERIODS,
            Message("{before} periods before the start", {"before": before}),
            Message("at least {least} periods before the start", {"least": LEAST_BEFORE}),
        )
    if donors < max(LEAST_DONORS, treated + 1):
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message("{donors} donors for {treated} treated units", {"donors": donors, "treated": treated}),
            Message("at least {least} donors", {"least": max(LEAST_DONORS, treated + 1)}),
        )
    return None


def _flat(outcomes: Numbers) -> Obstacle | None:
    if np.all(outcomes == outcomes[:, :1]) or np.all(outcomes == outcomes[:1]):
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("all units move alike, or none moves"),
            Message("an outcome that varies between units over time"),
        )
    return None


def _notes(asked: Asked, cells: _Cells) -> tuple[Message, ...]:
    found = []
    if cells.rows.max() > 1:
        found.append(Message("Several rows of a unit in a period were replaced by their mean, by weight where stated."))
    stated = asked.roles.period
    if stated is not None and len(cells.periods) < len(stated.levels):
        absent = len(stated.levels) - len(cells.periods)
        found.append(Message("{absent} periods in which nobody is observed were left out.", {"absent": absent}))
    return tuple(found)
