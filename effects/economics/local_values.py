"""The case as a municipality meets it: its own costs and benefits at its own size, and the size classes."""

from collections.abc import Sequence

import numpy as np

from effects.economics.codes import Scope
from effects.economics.estimate import probability_above
from effects.economics.facts import Place
from effects.economics.sums import Sums
from effects.economics.valuation import ClassValue, LocalValue
from effects.message import Message


def local_values(sums: Sums, places: Sequence[Place], blocked: Message | None) -> tuple[LocalValue, ...]:
    """Every place with its net value, or with the reason why it has none; `blocked` is a reason that holds for all.

    What is national is not borne by a place and stays out.
    """
    if blocked is None and not (_local(sums) * sums.counted).any():
        blocked = Message("No line falls on a municipality.")
    return tuple(_local_value(sums, row, place, blocked) for row, place in enumerate(places))


def class_values(sums: Sums, places: Sequence[Place], values: Sequence[LocalValue]) -> tuple[ClassValue, ...]:
    """The size classes in the order in which they first appear; a class with an unknown place has no figures."""
    names = list(dict.fromkeys(place.size_class for place in places if place.size_class is not None))
    return tuple(
        _class_value(sums, name, [row for row, place in enumerate(places) if place.size_class == name], values)
        for name in names
    )


def _local(sums: Sums) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(line.scope is not Scope.NATIONAL) for line in sums.lines])


def _local_value(sums: Sums, row: int, place: Place, blocked: Message | None) -> LocalValue:
    stated = (place.code, place.name, place.region, place.size_class)
    weights = np.where(sums.counted > 0, sums.sign * sums.worth * sums.units[row], 0.0)
    if blocked is not None:
        return LocalValue(*stated, unknown=blocked)
    if np.isnan(weights).any():
        return LocalValue(*stated, unknown=Message("Its number of inhabitants, or its own count, is not known."))
    mean, sd = sums.local_terms.total(weights)
    return LocalValue(*stated, mean, sd, probability_above(mean, sd))


def _class_value(sums: Sums, name: str, rows: Sequence[int], values: Sequence[LocalValue]) -> ClassValue:
    means = [values[row].mean for row in rows]
    chances = [values[row].probability_positive for row in rows]
    known, likely = [mean for mean in means if mean is not None], [chance for chance in chances if chance is not None]
    if len(known) < len(rows) or len(likely) < len(rows):
        return ClassValue(name, len(rows), None, None, None, None, None)
    units = sums.units[list(rows)].sum(axis=0)
    mean, sd = sums.terms.total(np.where(sums.counted > 0, sums.sign * sums.worth * units, 0.0))
    share = sum(mean > 0 for mean in known) / len(rows)
    return ClassValue(name, len(rows), mean, sd, probability_above(mean, sd), share, sum(likely) / len(rows))
