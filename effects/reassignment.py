"""How the treatment of a sample was assigned, read back from its rows, so that it can be assigned again."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Design
from effects.inference.assignment import Assignment, two_arms
from effects.message import Message
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count

NOT_RANDOM: Final = Message("No permutation p-value: the assignment of this design was not drawn at random.")
NO_UNITS: Final = Message("No permutation p-value: the plan does not say what was assigned.")
MIXED: Final = Message("No permutation p-value: treatment varies within what was assigned.")
MIXED_STRATA: Final = Message("No permutation p-value: something assigned lies in several strata.")
MIXED_SEQUENCE: Final = Message("No permutation p-value: the sequences stated do not agree with the treatment.")
UNKNOWN_START: Final = Message(
    "No permutation p-value: rows are missing where a cluster starts treatment; data.sequence would tell when."
)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """An assignment, and to which unit of it and which period of its paths each row (n,) belongs."""

    assignment: Assignment
    unit: Codes
    period: Codes


def reassignment(sample: Sample, design: Design) -> Redrawn | Message:
    """The assignment as the design made it, or why it cannot be re-drawn.

    Individually randomised: units (rows where none is stated) are shuffled over the arms; cluster-randomised: clusters;
    stepped wedge: clusters over the sequences. Always within strata, where these are stated.
    """
    if design is Design.STEPPED_WEDGE:
        return _stepped(sample)
    if design not in (Design.INDIVIDUAL_RANDOMISED, Design.CLUSTER_RANDOMISED):
        return NOT_RANDOM
    assigned = sample.cluster if design is Design.CLUSTER_RANDOMISED else sample.unit
    unit = np.arange(sample.size) if assigned is None else assigned
    treated = _constant(unit, sample.treated.astype(np.int64))
    if treated is None:
        return MIXED
    strata = _strata(sample, unit)
    if strata is None:
        return MIXED_STRATA
    return Redrawn(two_arms(treated, strata), unit, np.zeros(sample.size, dtype=np.int64))


def _stepped(sample: Sample) -> Redrawn | Message:
    if sample.cluster is None or sample.period is None:
        return NO_UNITS
    path_of = sample.cluster if sample.sequence is None else sample.sequence
    observed = _constant(sample.cluster, path_of)
    cells = _cells(path_of, sample.period, sample.treated)
    if observed is None or cells is None:
        return MIXED if sample.sequence is None else MIXED_SEQUENCE
    strata = _strata(sample, sample.cluster)
    if strata is None:
        return MIXED_STRATA
    paths = filled(cells)
    if paths is None:
        return UNKNOWN_START
    distinct, place = np.unique(paths, axis=0, return_inverse=True)
    return Redrawn(Assignment(place.reshape(-1)[observed], distinct, strata), sample.cluster, sample.period)


def _strata(sample: Sample, unit: Codes) -> Codes | None:
    return np.zeros(count(unit), dtype=np.int64) if sample.strata is None else _constant(unit, sample.strata)


def _constant(unit: Codes, values: Codes) -> Codes | None:
    """The value of each unit (U,), or None where one has several."""
    found = np.zeros(count(unit), dtype=np.int64)
    found[unit] = values
    return found if np.array_equal(found[unit], values) else None


def _cells(path: Codes, period: Codes, treated: Numbers) -> Numbers | None:
    """Treatment by path and period (S, P), NaN where no row tells, or None where rows disagree."""
    found = np.full((count(path), count(period)), np.nan)
    found[path, period] = treated
    return found if np.array_equal(found[path, period], treated) else None


def filled(cells: Numbers) -> Numbers | None:
    """Paths (S, P) without gaps: once treated stays treated, and before the untreated is untreated; None if unsure."""
    found = cells.copy()
    for period in range(1, found.shape[1]):
        gap = np.isnan(found[:, period]) & (found[:, period - 1] == 1.0)
        found[gap, period] = 1.0
    for period in reversed(range(found.shape[1] - 1)):
        gap = np.isnan(found[:, period]) & (found[:, period + 1] == 0.0)
        found[gap, period] = 0.0
    return None if np.isnan(found).any() else found
