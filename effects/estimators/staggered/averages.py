"""Averages of ATT(g, t): over all treated, by time since treatment, by cohort, by calendar period.

Callaway and Sant'Anna 2021, section 3. Cohorts weigh by their number of units, which is itself estimated: its error
belongs to that of the average.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from effects.codes import Aggregation
from effects.estimators.staggered.cells import CellEffect
from effects.estimators.staggered.members import Members
from effects.linear_model import Obstacle
from effects.rows.columns import Codes, Numbers


@dataclass(frozen=True, slots=True)
class Found:
    """The K cells that have an effect: estimates (K,), contributions (K, U), cohorts (K,) and event times (K,)."""

    effects: tuple[CellEffect, ...]
    estimates: Numbers
    influence: Numbers
    cohorts: Numbers
    event_times: Codes
    post: Codes


@dataclass(frozen=True, slots=True)
class Average:
    """A weighted mean of cells: weights (K,) with sum 1, and what estimating them adds to the contributions (U,)."""

    estimate: float
    weights: Numbers
    drift: Numbers

    def influence(self, found: Found) -> Numbers:
        """Each unit's contribution (U,) to the error."""
        total: Numbers = self.weights @ found.influence + self.drift
        return total


def found_among(panel: Members, effects: Sequence[CellEffect]) -> Found:
    """The cells with an effect, in one place."""
    kept = [effect for effect in effects if not isinstance(effect.found, Obstacle)]
    contrasts = [effect.found for effect in kept if not isinstance(effect.found, Obstacle)]
    cells = [effect.cell for effect in kept]
    return Found(
        tuple(kept),
        np.array([contrast.estimate for contrast in contrasts]),
        np.array([contrast.influence for contrast in contrasts]).reshape(len(kept), panel.entries),
        np.array([cell.cohort for cell in cells]),
        np.array([panel.event_time(cell.cohort, cell.period) for cell in cells], dtype=np.int64),
        np.flatnonzero([cell.post for cell in cells]),
    )


def averages(panel: Members, found: Found) -> dict[Aggregation, Average]:
    """The four averages over the cells under treatment, of which there is one at least."""
    periods = np.array([effect.cell.period for effect in found.effects])
    post = found.post
    by_cohort = [post[found.cohorts[post] == cohort] for cohort in np.unique(found.cohorts[post])]
    by_event = [post[found.event_times[post] == time] for time in np.unique(found.event_times[post])]
    by_period = [post[periods[post] == period] for period in np.unique(periods[post])]
    return {
        Aggregation.SIMPLE: pooled(panel, found, post),
        Aggregation.DYNAMIC: evenly(pooled(panel, found, cells) for cells in by_event),
        Aggregation.GROUP: _by_group(panel, found, by_cohort),
        Aggregation.CALENDAR: evenly(pooled(panel, found, cells) for cells in by_period),
    }


def event_times(panel: Members, found: Found) -> dict[int, Average]:
    """The average at each time since treatment, before it too, ascending."""
    return {
        int(time): pooled(panel, found, np.flatnonzero(found.event_times == time))
        for time in np.unique(found.event_times)
    }


def pooled(panel: Members, found: Found, cells: Codes) -> Average:
    """Mean of the cells (k,), each with the weight of its cohort's units.

    Unit i of cohort g adds w_i (s_g - A m_g) / W to the contributions: s_g the sum and m_g the number of the cohort's
    cells, A the mean and W the sum of the cells' weights (the function `wif` of the R package did).
    """
    cohorts, estimates = found.cohorts[cells], found.estimates[cells]
    sizes = {cohort: float(np.sum(panel.weights[panel.first == cohort])) for cohort in np.unique(cohorts).tolist()}
    weight = np.array([sizes[cohort] for cohort in cohorts.tolist()])
    mean = float(weight @ estimates / np.sum(weight))
    drift = np.zeros(panel.entries)
    for cohort in sizes:
        own = cohorts == cohort
        members = panel.first == cohort
        drift[members] = panel.weights[members] * float(np.sum(estimates[own] - mean)) / np.sum(weight)
    weights = np.zeros(len(found.estimates))
    weights[cells] = weight / np.sum(weight)
    return Average(mean, weights, drift)


def evenly(parts: Iterable[Average]) -> Average:
    """The unweighted mean of averages."""
    taken = list(parts)
    return Average(
        float(np.mean([part.estimate for part in taken])),
        np.mean([part.weights for part in taken], axis=0),
        np.mean([part.drift for part in taken], axis=0),
    )


def _by_group(panel: Members, found: Found, by_cohort: Sequence[Codes]) -> Average:
    """Each cohort's mean over its periods, cohorts weighted by their units."""
    means = [
        evenly(pooled(panel, found, cells[place : place + 1]) for place in range(len(cells))) for cells in by_cohort
    ]
    members = [panel.first == found.cohorts[cells[0]] for cells in by_cohort]
    sizes = np.array([float(np.sum(panel.weights[own])) for own in members])
    mean = float(sizes @ np.array([part.estimate for part in means]) / np.sum(sizes))
    drift = np.zeros(panel.entries)
    for part, own in zip(means, members, strict=True):
        drift[own] = panel.weights[own] * (part.estimate - mean) / np.sum(sizes)
    return Average(mean, sizes @ np.array([part.weights for part in means]) / np.sum(sizes), drift)
