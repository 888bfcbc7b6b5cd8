"""Interaction-weighted two-way fixed effects (Sun and Abraham 2021)."""

from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.estimators.staggered.cells import Cell, CellEffect, few_compared
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.two_groups import Contrast
from effects.estimators.staggered.two_way import TwoWay, two_way
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers


@dataclass(frozen=True, slots=True)
class _Path:
    """Period effects of one group of units (T,), NaN where it is not observed, and contributions (U, T)."""

    members: Flags
    effects: Numbers
    influence: Numbers


def sun_abraham(panel: Panel, anticipation: float) -> tuple[CellEffect, ...] | Obstacle:
    """The effect on each cohort in each period, relative to its last period before treatment (and anticipation).

    The regression on unit effects, period effects and every cohort by period but one is saturated: each cohort has
    period effects of its own, and an effect is how they differ from those of the units never treated, or of the last
    cohort before its start where everybody is treated. In a balanced panel it is ATT(g, t) with never-treated controls
    and a universal base period. Takes no covariates.
    """
    if panel.covariate_names:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("sun_abraham takes no covariates"),
            Message("another estimator, or no covariates"),
        )
    compared, until = _compared(panel, anticipation)
    few = few_compared(panel, compared)
    if few is not None:
        return few
    control = _path(panel, compared, until)
    if isinstance(control, Obstacle):
        return control
    found: list[CellEffect] = []
    for cohort in panel.cohorts.tolist():
        members = panel.first == cohort
        if not np.any(members & compared):
            own = _path(panel, members, until)
            found.extend(_cohort(panel, cohort, own, control, anticipation, until))
    if not found:
        return Obstacle(
            Reason.NO_COMPARISON,
            Message("all units are first treated in the same period"),
            Message("units that are never, or later, treated"),
        )
    return tuple(found)


def _compared(panel: Panel, anticipation: float) -> tuple[Flags, int]:
    """Units that stand for the untreated, and how many periods they do so."""
    never = panel.never(anticipation)
    if np.any(never):
        return never, len(panel.times)
    last = panel.first == np.max(panel.first)
    return last, int(np.sum(panel.times < np.max(panel.first) - anticipation))


def _path(panel: Panel, members: Flags, until: int) -> _Path | Obstacle:
    mask = panel.observed & members[:, None] & (np.arange(len(panel.times)) < until)
    fitted = two_way(mask, panel.weights)
    if isinstance(fitted, Obstacle):
        return fitted
    return _Path(members, *_effects(fitted, panel.outcome))


def _effects(fitted: TwoWay, outcome: Numbers) -> tuple[Numbers, Numbers]:
    _, period = fitted.fit(outcome)
    present = fitted.mask.any(axis=0)
    return np.where(present, period, np.nan), fitted.contributions(fitted.residual(outcome))


def _cohort(
    panel: Panel, cohort: float, own: _Path | Obstacle, control: _Path, anticipation: float, until: int
) -> list[CellEffect]:
    members = panel.first == cohort
    effects = control.effects if isinstance(own, Obstacle) else own.effects + control.effects
    known = ~np.isnan(effects)
    before = np.flatnonzero(known & (panel.times < cohort - anticipation))
    base = int(before[-1]) if len(before) else 0
    taken = members | control.members
    people = (float(np.sum(panel.people[control.members])), float(np.sum(panel.people[members])))
    clusters, treated = (len(np.unique(panel.cluster[units])) for units in (taken, members))
    missing = Obstacle(
        Reason.EMPTY_ARM,
        Message("no unit of the cohort is observed in both periods"),
        Message("units observed in the period and in its base period"),
    )
    found: list[CellEffect] = []
    for period in range(until):
        if period == base:
            continue
        cell = Cell(cohort, period, base, bool(panel.times[period] >= cohort))
        contrast: Contrast | Obstacle = missing
        if isinstance(own, Obstacle):
            contrast = own
        elif known[period] and len(before):
            gain = own.effects - control.effects
            influence = own.influence - control.influence
            contrast = Contrast(float(gain[period] - gain[base]), influence[:, period] - influence[:, base])
        found.append(CellEffect(cell, contrast, int(np.sum(taken)), clusters, treated, people))
    return found
