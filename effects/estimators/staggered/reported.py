"""The cells of a panel and their averages as effects of the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from effects.codes import Aggregation, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.averages import Average, Found, averages, event_times, found_among
from effects.estimators.staggered.cells import CellEffect
from effects.estimators.staggered.members import Members, in_words
from effects.estimators.staggered.precision import Behind, Errors, few_clusters
from effects.inference.influence import by_cluster
from effects.inference.uniform_bands import critical_value
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

AVERAGED: Final = (Aggregation.SIMPLE, Aggregation.DYNAMIC, Aggregation.GROUP, Aggregation.CALENDAR)
MOST_NAMED: Final = 6


def reported(
    effects: Sequence[CellEffect], errors: Errors, level: float, seed: int
) -> tuple[tuple[Effect | NoEffect, ...], Found]:
    """The four averages, every cohort in every period and every time since treatment; and the cells that were found."""
    panel = errors.panel
    found = found_among(panel, effects)
    notes = panel_notes(panel, errors, found, effects)
    by_cell = [_cell(panel, errors, effect) for effect in effects]
    if not len(found.post):
        obstacle = next(effect.found for effect in effects if isinstance(effect.found, Obstacle))
        return (*(NoEffect(place=Place(aggregation=one), obstacle=obstacle) for one in AVERAGED), *by_cell), found
    means = averages(panel, found)
    four = [average_effect(Place(aggregation=one), means[one], found, errors, notes) for one in AVERAGED]
    return (*four, *by_cell, *_event_times(panel, errors, found, level, seed)), found


def simple(effects: Sequence[CellEffect], errors: Errors, place: Place) -> Effect | NoEffect:
    """The average over all treated cells alone."""
    found = found_among(errors.panel, effects)
    if not len(found.post):
        obstacle = next(effect.found for effect in effects if isinstance(effect.found, Obstacle))
        return NoEffect(place=place, obstacle=obstacle)
    notes = panel_notes(errors.panel, errors, found, effects)
    return average_effect(place, averages(errors.panel, found)[Aggregation.SIMPLE], found, errors, notes)


def average_effect(
    place: Place, average: Average, found: Found, errors: Errors, notes: tuple[Message, ...] = ()
) -> Effect | NoEffect:
    """An average of cells with its error, or why it cannot be stated."""
    panel = errors.panel
    used = np.flatnonzero(average.weights)
    cohorts = np.unique(found.cohorts[used]).tolist()
    people = [found.effects[place].people for place in used.tolist()]
    treated = float(np.sum(panel.people[np.isin(panel.first, cohorts)]))
    behind = Behind(
        rows=panel.rows,
        units=panel.units,
        clusters=len(np.unique(panel.cluster)),
        people=(max(untreated for untreated, _ in people), treated),
    )
    influence, compared = average.influence(found), lone_compared(average, found, errors)
    return errors.stated(place, average.estimate, influence, cohorts, behind, compared=compared, notes=notes)


def lone_compared(average: Average, found: Found, errors: Errors) -> list[Numbers]:
    """For each cohort of one cluster, the contributions (U,) of those it is compared with."""
    compared = []
    for cohort in errors.lone.tolist():
        cells = np.flatnonzero((found.cohorts == cohort) & (average.weights != 0.0))
        own = average.weights[cells] @ found.influence[cells]
        compared.append(np.where(errors.panel.first == cohort, 0.0, own))
    return compared


def _cell(panel: Members, errors: Errors, effect: CellEffect) -> Effect | NoEffect:
    cell = effect.cell
    place = Place(aggregation=Aggregation.GROUP_TIME, cohort=panel.label(cell.cohort), period=panel.labels[cell.period])
    if isinstance(effect.found, Obstacle):
        return NoEffect(place=place, obstacle=effect.found)
    if effect.treated_clusters < 2:
        return NoEffect(place=place, obstacle=few_clusters(effect.treated_clusters))
    behind = Behind(rows=2 * effect.units, units=effect.units, clusters=effect.clusters, people=effect.people)
    return errors.stated(place, effect.found.estimate, effect.found.influence, [cell.cohort], behind)


def _event_times(panel: Members, errors: Errors, found: Found, level: float, seed: int) -> Iterator[Effect | NoEffect]:
    by_time = event_times(panel, found)
    plain = {
        time: average_effect(Place(aggregation=Aggregation.EVENT_TIME, event_time=time), average, found, errors)
        for time, average in by_time.items()
    }
    answered = [time for time, effect in plain.items() if isinstance(effect, Effect)]
    influence = [by_cluster(by_time[time].influence(found), panel.cluster) for time in answered]
    critical = critical_value(np.column_stack(influence), level, seed) if len(answered) > 1 else None
    for effect in plain.values():
        if critical is None or isinstance(effect, NoEffect):
            yield effect
        else:
            yield _banded(effect, critical, len(answered))


def _banded(effect: Effect, critical: float, times: int) -> Effect:
    reach = critical * effect.standard_error
    band = Message(
        "Over all {times} times since treatment at once: {low:.6g} to {high:.6g}.",
        {"times": times, "low": effect.estimate - reach, "high": effect.estimate + reach},
    )
    return replace(effect, notes=(*effect.notes, band))


def panel_notes(panel: Members, errors: Errors, found: Found, effects: Sequence[CellEffect]) -> tuple[Message, ...]:
    """What a reader of an average should know about who is in it."""
    return (*_units(panel), *_left_out(panel, effects), *_lone(panel, errors, found))


def _units(panel: Members) -> Iterator[Message]:
    if panel.lost:
        yield Message(
            "{units} units are left out: they are treated, or may anticipate it, from the first period on.",
            {"units": panel.lost},
        )
    if panel.lacking:
        yield Message(
            "{units} units lack a period; each comparison takes those observed in both of its periods.",
            {"units": panel.lacking},
        )
    if not panel.seen.all():
        yield Message("Nobody is observed in {periods} of the periods.", {"periods": int(np.sum(~panel.seen))})
    if panel.averaged:
        yield Message("Weights that differ between the periods of a unit are averaged.")


def _left_out(panel: Members, effects: Sequence[CellEffect]) -> Iterator[Message]:
    lacking = [effect.cell for effect in effects if effect.cell.post and isinstance(effect.found, Obstacle)]
    if lacking:
        named = [f"{panel.named(cell.cohort)} / {in_words(panel.labels[cell.period])}" for cell in lacking[:MOST_NAMED]]
        more = ", …" if len(lacking) > MOST_NAMED else ""
        yield Message(
            "{cells} effects (cohort / period) could not be estimated and are left out: {named}",
            {"cells": len(lacking), "named": ", ".join(named) + more},
        )


def _lone(panel: Members, errors: Errors, found: Found) -> Iterator[Message]:
    lone = errors.lone[np.isin(errors.lone, found.cohorts[found.post])]
    named = {"cohorts": ", ".join(panel.named(cohort) for cohort in lone.tolist())}
    if len(lone) and errors.kind is StandardError.INFLUENCE:
        yield Message(
            "The error is too small: cohorts of one cluster ({cohorts}) bring no variance of their own.", named
        )
    elif len(lone):
        yield Message(
            "Cohorts of one cluster ({cohorts}) are taken to vary as one of those they are compared with.", named
        )
