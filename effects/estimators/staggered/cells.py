"""The effect on each cohort in each period: ATT(g, t) of Callaway and Sant'Anna 2021."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import BasePeriod, Control, Reason
from effects.estimators.staggered.members import Change, Members
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.two_groups import Contrast, difference_in_means, doubly_robust
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers

MOST_CELLS: Final = 1_500
MOST_CONTRIBUTIONS: Final = 40_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """Who is compared with the treated, since when, and how much earlier treatment may already be felt."""

    control: Control
    base_period: BasePeriod
    anticipation: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cohort (time of first treatment) in a period, measured from its base period; both are places among times."""

    cohort: float
    period: int
    base: int
    post: bool


@dataclass(frozen=True, slots=True)
class CellEffect:
    """ATT of a cell with each unit's contribution (U,) to its error, and the people compared (untreated, treated)."""

    cell: Cell
    found: Contrast | Obstacle
    units: int
    clusters: int
    treated_clusters: int
    people: tuple[float, float]


def cells(panel: Members, choices: Choices) -> tuple[Cell, ...]:
    """Every cohort in every period but its base period, cohorts and periods ascending."""
    return tuple(cell for cohort in panel.cohorts.tolist() for cell in _of_cohort(panel, choices, cohort))


def too_many(panel: Members, choices: Choices) -> Obstacle | None:
    """Why the cells are not computed, where there are more than a person could read or memory should hold."""
    number = len(cells(panel, choices))
    if number <= MOST_CELLS and number * panel.entries <= MOST_CONTRIBUTIONS:
        return None
    return Obstacle(
        Reason.NOT_IMPLEMENTED,
        Message(
            "{cells} effects by cohort and period of {units} units are too many",
            {"cells": number, "units": panel.units},
        ),
        Message("at most {cells} of them: longer periods or wider cohorts", {"cells": MOST_CELLS}),
    )


def cell_effects(panel: Members, choices: Choices) -> tuple[CellEffect, ...]:
    """The effect of every cell, or why there is none.

    Compared are units observed in both periods: the cohort with those never treated, or not yet treated (nor
    anticipating it) by the later of the two. Without covariates a difference of mean changes; with covariates, as they
    were in the base period, doubly robust.
    """
    return tuple(_effect(panel, choices, cell) for cell in cells(panel, choices))


def _of_cohort(panel: Members, choices: Choices, cohort: float) -> Iterator[Cell]:
    seen = np.flatnonzero(panel.seen)
    times = panel.times
    universal = choices.base_period is BasePeriod.UNIVERSAL
    before = seen[times[seen] < cohort - choices.anticipation]
    for period in range(int(seen[0]), len(times)):
        post = bool(times[period] >= cohort)
        base = int(before[-1] if universal or post else max(seen[seen < period], default=-1))
        if base not in (-1, period):
            yield Cell(cohort, period, base, post)


def _compared(panel: Members, choices: Choices, cell: Cell) -> Flags:
    if choices.control is Control.NEVER_TREATED:
        return panel.never(choices.anticipation)
    later = max(panel.times[cell.period], panel.times[cell.base])
    apart: Flags = (panel.first > later + choices.anticipation) & (panel.first != cell.cohort)
    return apart


def _effect(panel: Members, choices: Choices, cell: Cell) -> CellEffect:
    change = panel.change(cell.period, cell.base)
    own = (panel.first == cell.cohort) & change.both
    other = _compared(panel, choices, cell) & change.both
    people = (float(np.sum(change.people[other])), float(np.sum(change.people[own])))
    taken = own | other
    clusters = len(np.unique(panel.cluster[taken]))
    found = _refused(panel, own, other, cell.cohort) or _contrast(panel, cell, change, own, taken)
    units = int(np.sum(change.units[taken]))
    return CellEffect(cell, found, units, clusters, len(np.unique(panel.cluster[own])), people)


def _contrast(panel: Members, cell: Cell, change: Change, own: Flags, taken: Flags) -> Contrast | Obstacle:
    gain, weights, treated = change.mean[taken], change.weights[taken], own[taken]
    if isinstance(panel, Panel) and panel.covariate_names:
        found = doubly_robust(gain, treated, panel.covariates[taken, cell.base], weights)
    else:
        found = difference_in_means(gain, treated, weights)
    if isinstance(found, Obstacle):
        return found
    influence: Numbers = np.zeros(panel.entries)
    influence[taken] = found.influence
    return Contrast(found.estimate, influence)


def _refused(panel: Members, own: Flags, other: Flags, cohort: float) -> Obstacle | None:
    if not np.any(own):
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("no unit of the cohort is observed in both periods"),
            Message("units observed in the period and in its base period"),
        )
    return few_compared(panel, other) or _few_seen(panel, own, cohort)


def few_compared(panel: Members, other: Flags) -> Obstacle | None:
    """Why units (U,) cannot stand for the untreated: they are of fewer than two clusters."""
    compared = len(np.unique(panel.cluster[other]))
    if compared >= 2:
        return None
    return Obstacle(
        Reason.NO_COMPARISON,
        Message("{clusters} untreated clusters to compare with", {"clusters": compared}),
        Message('at least 2 never treated clusters, or control = "not_yet_treated"'),
    )


def _few_seen(panel: Members, own: Flags, cohort: float) -> Obstacle | None:
    """One cluster of a larger cohort that is seen in both periods: it would bring no variance although others could."""
    if len(np.unique(panel.cluster[own])) > 1 or len(np.unique(panel.cluster[panel.first == cohort])) == 1:
        return None
    return Obstacle(
        Reason.TOO_FEW_CLUSTERS,
        Message("1 cluster of the cohort is observed in both periods"),
        Message("at least 2 clusters observed in both periods"),
    )
