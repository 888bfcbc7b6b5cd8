"""Imputed effects of treated rows, averaged as the design asks."""

from collections.abc import Sequence

import numpy as np

from effects.codes import Aggregation
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.imputation import Imputed, mean_effect
from effects.estimators.staggered.precision import Behind, Errors
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers


def imputed_simple(found: Imputed, errors: Errors, place: Place) -> Effect | NoEffect:
    """The mean effect over all treated rows."""
    return _stated(found, errors, place, _even(found, found.known))


def imputed_reported(found: Imputed, errors: Errors) -> tuple[Effect | NoEffect, ...]:
    """The four averages, every cohort in every period under treatment and every time since treatment.

    Before treatment nothing is imputed. The parts of the averages are those of Callaway and Sant'Anna: times since
    treatment and calendar periods count alike, cohorts by their units.
    """
    panel = found.panel
    events = np.array(
        [
            [
                panel.event_time(cohort, period) if cohort <= panel.times[-1] else -1
                for period in range(len(panel.times))
            ]
            for cohort in np.unique(panel.first).tolist()
        ],
        dtype=np.int64,
    )[np.unique(panel.first, return_inverse=True)[1]]
    cohorts = [cohort for cohort in panel.cohorts.tolist() if np.any(found.known[panel.first == cohort])]
    times = np.unique(events[found.known]).tolist()
    by_event = [_even(found, found.known & (events == time)) for time in times]
    periods = np.flatnonzero(found.known.any(axis=0)).tolist()
    by_period = [_even(found, found.known & (np.arange(len(panel.times)) == period)) for period in periods]
    four = {
        Aggregation.SIMPLE: _even(found, found.known),
        Aggregation.DYNAMIC: _mean(by_event),
        Aggregation.GROUP: _by_group(found, cohorts),
        Aggregation.CALENDAR: _mean(by_period),
    }
    averaged = [_stated(found, errors, Place(aggregation=kind), weights) for kind, weights in four.items()]
    cells = [
        _stated(found, errors, _cell(found, cohort, period), _even(found, rows))
        for cohort in cohorts
        for period in periods
        if np.any(rows := _rows(found, cohort, period))
    ]
    placed = [Place(aggregation=Aggregation.EVENT_TIME, event_time=time) for time in times]
    pairs = zip(placed, by_event, strict=True)
    return (*averaged, *cells, *(_stated(found, errors, place, weights) for place, weights in pairs))


def _stated(found: Imputed, errors: Errors, place: Place, weights: Numbers) -> Effect | NoEffect:
    panel = found.panel
    contrast = mean_effect(found, weights)
    used = np.any(weights != 0.0, axis=1)
    untreated = found.untreated.mask.any(axis=1) & ~used
    behind = Behind(
        rows=int(panel.observed.sum()),
        units=panel.units,
        clusters=len(np.unique(panel.cluster)),
        people=(float(np.sum(panel.people[untreated])), float(np.sum(panel.people[used]))),
    )
    cohorts = np.unique(panel.first[used]).tolist()
    return errors.stated(place, contrast.estimate, contrast.influence, cohorts, behind, notes=_notes(found))


def _notes(found: Imputed) -> tuple[Message, ...]:
    if not found.lost:
        return ()
    return (
        Message(
            "{rows} treated rows are left out: their unit, or two clusters in their period, are never seen untreated.",
            {"rows": found.lost},
        ),
    )


def _cell(found: Imputed, cohort: float, period: int) -> Place:
    panel = found.panel
    return Place(aggregation=Aggregation.GROUP_TIME, cohort=panel.label(cohort), period=panel.labels[period])


def _rows(found: Imputed, cohort: float, period: int) -> Flags:
    rows: Flags = found.known & (found.panel.first == cohort)[:, None] & (np.arange(len(found.panel.times)) == period)
    return rows


def _even(found: Imputed, rows: Flags) -> Numbers:
    weighted = np.where(rows, found.panel.weights[:, None], 0.0)
    even: Numbers = weighted / np.sum(weighted)
    return even


def _mean(parts: Sequence[Numbers]) -> Numbers:
    mean: Numbers = np.mean(np.array(parts), axis=0)
    return mean


def _by_group(found: Imputed, cohorts: Sequence[float]) -> Numbers:
    """Each cohort's mean over its periods, cohorts weighted by their units."""
    panel = found.panel
    total = np.zeros(found.known.shape)
    sizes = 0.0
    for cohort in cohorts:
        periods: Codes = np.flatnonzero(found.known[panel.first == cohort].any(axis=0))
        size = float(np.sum(panel.weights[panel.first == cohort]))
        total += size * _mean([_even(found, _rows(found, cohort, period)) for period in periods.tolist()])
        sizes += size
    weights: Numbers = total / sizes
    return weights
