"""The segmented model of a series: level, trend, what changes at the start, season and covariates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Change
from effects.estimators.series.points import Points
from effects.planning.sections import Model
from effects.rows.columns import Numbers

_NOTHING: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Segments:
    """Columns (n, k) with their names; `changes` says which column holds each change that is asked for."""

    design: Numbers
    names: tuple[str, ...]
    changes: Mapping[Change, int]


def segmented(points: Points, model: Model, *, interacted: bool = False) -> Segments:
    """Intercept, linear trend, level change, slope change, harmonics and covariates.

    Time is 0 at the first period under treatment: the level change is the jump there, the slope change is the bend, per
    unit of the period column. `interacted` lets all but the covariates differ between the groups (n,) and points to the
    differences. Bernal, Cummins and Gasparrini 2017; with a control Lopez Bernal 2018.
    """
    after = points.after.astype(np.float64)
    wanted = model.change or tuple(Change)
    columns: dict[str, Numbers] = {"intercept": np.ones(len(after)), "trend": points.times}
    if Change.LEVEL in wanted:
        columns[Change.LEVEL.value] = after
    if Change.SLOPE in wanted:
        columns[Change.SLOPE.value] = after * points.times
    for number in range(1, (model.harmonics or 0) + 1):
        angle = 2.0 * np.pi * number * points.steps / (model.period_length or 1.0)
        for name, wave in (("sine", np.sin(angle)), ("cosine", np.cos(angle))):
            if np.max(np.abs(wave)) > _NOTHING:
                columns[f"{name} {number}"] = wave
    if interacted:
        columns |= {f"{name} x group": column * points.group for name, column in list(columns.items())}
    for name, column in zip(points.names, points.covariates.T, strict=True):
        columns[f"covariate {name}"] = column
    names = tuple(columns)
    return Segments(np.column_stack(list(columns.values())), names, _places(names, wanted, interacted))


def _places(names: tuple[str, ...], wanted: Sequence[Change], interacted: bool) -> Mapping[Change, int]:
    suffix = " x group" if interacted else ""
    return {change: names.index(f"{change.value}{suffix}") for change in wanted}
