"""The rows that one outcome can use, and why the others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import DropReason
from effects.results import Dropped
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.covariates import expand
from effects.rows.roles import OutcomeColumns, Roles

KEPT: Final = -1
REASONS: Final = tuple(DropReason)


@dataclass(frozen=True, slots=True)
class Sample:
    """Complete rows (n,) of one outcome, ordered by cluster.

    Codes count from 0 without gaps; `covariates` is (n, m). Weights are relative. `persons` counts the people behind
    each row.
    """

    outcome: Numbers
    treated: Numbers
    weights: Numbers
    persons: Numbers | None
    unit: Codes | None
    period: Codes | None
    cluster: Codes | None
    strata: Codes | None
    covariates: Numbers
    covariate_names: tuple[str, ...]
    rows: Codes
    sequence: Codes | None = None
    group: Codes | None = None
    received: Numbers | None = None

    def part(self, kept: Flags) -> "Sample":
        """The kept rows (n,) alone, their codes again without gaps."""
        return Sample(
            outcome=self.outcome[kept],
            treated=self.treated[kept],
            weights=self.weights[kept],
            persons=None if self.persons is None else self.persons[kept],
            unit=_renumbered(self.unit, kept),
            period=_renumbered(self.period, kept),
            cluster=_renumbered(self.cluster, kept),
            strata=_renumbered(self.strata, kept),
            covariates=self.covariates[kept],
            covariate_names=self.covariate_names,
            rows=self.rows[kept],
            sequence=_renumbered(self.sequence, kept),
            group=None if self.group is None else self.group[kept],
            received=None if self.received is None else self.received[kept],
        )

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def clusters(self) -> int | None:
        """Number of clusters."""
        return None if self.cluster is None else count(self.cluster)

    @property
    def units(self) -> int:
        """Number of observed units; each row is one where the plan states no unit."""
        return self.size if self.unit is None else count(self.unit)


def count(codes: Codes) -> int:
    """Number of different codes that count from 0 without gaps."""
    return int(codes.max()) + 1 if len(codes) else 0


def why_dropped(roles: Roles, outcome: OutcomeColumns, *, received: bool = False) -> Codes:
    """For each row (n,) the place of the first reason in REASONS, or KEPT; `received` must be known where asked for."""
    reason: Codes = np.full(roles.rows, KEPT, dtype=np.int64)
    unplaced = np.zeros(roles.rows, dtype=np.bool_)
    for numbers in (roles.treated, roles.group, roles.wave, outcome.offset):
        if numbers is not None:
            unplaced |= np.isnan(numbers)
    if received and roles.received is not None:
        unplaced |= np.isnan(roles.received)
    for levels in (roles.unit, roles.period, roles.cluster):
        if levels is not None:
            unplaced |= levels.codes < 0
    _mark(reason, unplaced, DropReason.MISSING_ROLE)
    if roles.weight is not None:
        _mark(reason, np.isnan(roles.weight), DropReason.MISSING_WEIGHT)
        _mark(reason, roles.weight == 0.0, DropReason.ZERO_WEIGHT)
    _mark(reason, np.isnan(outcome.values), DropReason.MISSING_OUTCOME)
    for covariate in outcome.covariates:
        _mark(reason, covariate.absent, DropReason.MISSING_COVARIATE)
    return reason


def only_outcome_lost(outcome: OutcomeColumns, reasons: Codes) -> Flags:
    """Which rows (n,) could be used but for their outcome."""
    lost: Flags = reasons == REASONS.index(DropReason.MISSING_OUTCOME)
    for covariate in outcome.covariates:
        lost &= ~covariate.absent
    return lost


def tally(reasons: Codes) -> tuple[Dropped, ...]:
    """Rows dropped for each reason that occurs."""
    counts = [(reason, int(np.sum(reasons == place))) for place, reason in enumerate(REASONS)]
    return tuple(Dropped(reason, rows) for reason, rows in counts if rows)


def draw(roles: Roles, outcome: OutcomeColumns, kept: Flags) -> Sample:
    """The kept rows as a sample; `roles.treated` must be there."""
    order = np.flatnonzero(kept)
    if roles.cluster is not None:
        order = order[np.argsort(roles.cluster.codes[order], kind="stable")]
    matrix, names = expand(outcome.covariates, kept)
    place = np.cumsum(kept) - 1
    treated = np.zeros(roles.rows) if roles.treated is None else roles.treated
    return Sample(
        outcome=outcome.values[order],
        treated=treated[order],
        weights=np.ones(len(order)) if roles.weight is None else _relative(roles.weight[order]),
        persons=None if roles.persons is None else roles.persons[order],
        unit=_compact(roles.unit, order),
        period=_compact(roles.period, order),
        cluster=_compact(roles.cluster, order),
        strata=_compact(roles.strata, order),
        covariates=matrix[place[order]],
        covariate_names=names,
        rows=order,
        sequence=_compact(roles.sequence, order),
        group=None if roles.group is None else roles.group[order].astype(np.int64),
        received=None if roles.received is None else roles.received[order],
    )


def dummies(codes: Codes) -> Numbers:
    """One 0/1 column for each code, (n, number of codes)."""
    matrix = np.zeros((len(codes), count(codes)))
    matrix[np.arange(len(codes)), codes] = 1.0
    return matrix


def names_of(label: str, codes: Codes) -> Sequence[str]:
    """Names of the dummies of a set of codes."""
    return [f"{label}[{place}]" for place in range(count(codes))]


def _mark(reason: Codes, rows: Flags, why: DropReason) -> None:
    reason[rows & (reason == KEPT)] = REASONS.index(why)


def _relative(weights: Numbers) -> Numbers:
    """Weights below 1, by an exact power of two: nothing that is reported depends on their scale."""
    _, exponent = np.frexp(weights.max(initial=0.0))
    return np.ldexp(weights, -int(exponent))


def _renumbered(codes: Codes | None, kept: Flags) -> Codes | None:
    return None if codes is None else np.unique(codes[kept], return_inverse=True)[1].astype(np.int64)


def _compact(levels: Levels | None, order: Codes) -> Codes | None:
    if levels is None:
        return None
    return np.unique(levels.codes[order], return_inverse=True)[1].astype(np.int64)
