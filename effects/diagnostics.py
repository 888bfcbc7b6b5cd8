"""Checks of what the estimates rest on, counted from rows; `checks` says what the figures mean."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from effects import checks
from effects.codes import Design, StandardError, Verdict
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.results import Diagnostic, EffectEstimate, Entry
from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import Sample

CONTAMINATION: Final = 0.10
DOSE: Final = 0.70
_WITHOUT_ARMS: Final = frozenset({Design.INDIVIDUAL_RANDOMISED, Design.BEFORE_AFTER})
_COMPARED_OVER_TIME: Final = frozenset(
    {Design.STAGGERED_ADOPTION, Design.SYNTHETIC_CONTROL, Design.CONTROLLED_INTERRUPTED_TIME_SERIES}
)


def outcome_diagnostics(
    outcome: OutcomeColumns, roles: Roles, plan: PlanSections, sample: Sample, entry: Entry
) -> tuple[Diagnostic, ...]:
    """Every check that belongs to one outcome."""
    found = [_missing(outcome, roles, plan.design)]
    if plan.design is not Design.STEPPED_WEDGE:
        found.append(checks.balance(outcome.stated.column, sample.covariate_names, _standardised(sample)))
    if sample.size and sample.cluster is not None and plan.design not in _WITHOUT_ARMS:
        arms = _clusters_by_arm(sample, sample.cluster, over_time=plan.design in _COMPARED_OVER_TIME)
        found.extend(_clusters(outcome.stated.column, sample, sample.cluster, arms))
        found.extend(_trusted(entry, arms))
    if isinstance(entry, EffectEstimate) and entry.standard_error_kind in (StandardError.CR2, StandardError.CR3):
        found.append(checks.degrees_of_freedom(entry))
    return tuple(found)


def run_diagnostics(roles: Roles, plan: PlanSections) -> tuple[Diagnostic, ...]:
    """Every check that belongs to the whole run."""
    found: list[Diagnostic] = []
    if plan.design is Design.STEPPED_WEDGE:
        found.extend([_cells(roles), _reversals(roles)])
    if roles.received is not None and roles.treated is not None:
        found.append(contamination(roles.treated, roles.received))
    return tuple(found)


def _missing(outcome: OutcomeColumns, roles: Roles, design: Design) -> Diagnostic:
    absent = np.isnan(outcome.values)
    shares, sizes = _by_arm(absent, roles.treated)
    independent = design is Design.INDIVIDUAL_RANDOMISED
    return checks.missing_by_arm(
        outcome.stated.column, shares, sizes, int(absent.sum()), roles.rows, independent=independent
    )


def _trusted(entry: Entry, arms: tuple[int, int]) -> Iterator[Diagnostic]:
    treated, untreated = arms
    if not isinstance(entry, EffectEstimate):
        return
    if checks.few_to_trust(entry.standard_error_kind, treated, untreated, entry.df):
        yield checks.small_sample_inference(entry, treated, untreated)


def _clusters_by_arm(sample: Sample, codes: Codes, *, over_time: bool) -> tuple[int, int]:
    """Clusters with treated and with untreated rows; over time, those ever treated and those never."""
    treated, untreated = (len(np.unique(codes[sample.treated == arm])) for arm in (1.0, 0.0))
    return treated, (len(np.unique(codes)) - treated if over_time else untreated)


def _clusters(column: str, sample: Sample, codes: Codes, arms: tuple[int, int]) -> tuple[Diagnostic, Diagnostic]:
    weight = np.bincount(codes, weights=sample.weights).astype(np.float64)
    return checks.clusters_per_arm(column, *arms), checks.largest_cluster(column, weight)


def _cells(roles: Roles) -> Diagnostic:
    cells, possible = 0, 0
    if roles.unit is not None and roles.period is not None:
        placed = (roles.unit.codes >= 0) & (roles.period.codes >= 0)
        pairs = np.column_stack([roles.unit.codes[placed], roles.period.codes[placed]])
        cells = len(np.unique(pairs, axis=0))
        possible = len(roles.unit.levels) * len(roles.period.levels)
    return checks.cell_counts(cells, possible)


def _reversals(roles: Roles) -> Diagnostic:
    reversals = 0
    if roles.unit is not None and roles.period is not None and roles.treated is not None:
        order = np.lexsort((roles.treated, roles.period.codes, roles.unit.codes))
        order = order[~np.isnan(roles.treated[order])]
        steps = np.diff(roles.treated[order]) < 0
        later = np.diff(roles.period.codes[order]) > 0
        reversals = int(np.sum(steps & later & (np.diff(roles.unit.codes[order]) == 0)))
    return checks.treatment_reversals(reversals)


def contamination(treated: Numbers, received: Numbers) -> Diagnostic:
    """Mean of what was received in the untreated arm, beside the dose in the treated arm."""
    shares, _ = _by_arm(received, treated)
    poor = shares is not None and (shares[1] > CONTAMINATION or shares[0] < DOSE)
    return Diagnostic(
        name="contamination",
        question=Message("Did the arms receive what they were assigned?"),
        null=Message(
            "At most {most:.0%} in the untreated and at least {least:.0%} in the treated arm received it.",
            {"most": CONTAMINATION, "least": DOSE},
        ),
        statistic=None if shares is None else shares[1],
        p_value=None,
        verdict=Verdict.INAPPLICABLE if shares is None else Verdict.WARN if poor else Verdict.PASS,
        detail=Message("an arm is empty")
        if shares is None
        else Message(
            "{untreated:.1%} untreated, {treated:.1%} treated", {"untreated": shares[1], "treated": shares[0]}
        ),
    )


def _by_arm(values: Numbers | Flags, treated: Numbers | None) -> tuple[tuple[float, float] | None, tuple[int, int]]:
    """Means in the treated and untreated arm over known values, and the arm sizes; None where there is no such mean."""
    if treated is None:
        return None, (0, 0)
    numbers = values.astype(np.float64)
    arms = [numbers[(treated == arm) & np.isfinite(numbers)] for arm in (1.0, 0.0)]
    sizes = (len(arms[0]), len(arms[1]))
    if min(sizes) == 0:
        return None, sizes
    means = (float(np.mean(arms[0])), float(np.mean(arms[1])))
    return (means if np.isfinite(means).all() else None), sizes


def _standardised(sample: Sample) -> Numbers:
    arms = [sample.covariates[sample.treated == arm] for arm in (1.0, 0.0)]
    if min(len(arms[0]), len(arms[1])) < 2 or not np.isfinite(sample.covariates).all():
        return np.empty(0)
    return checks.standardised([np.mean(arm, axis=0) for arm in arms], [np.var(arm, axis=0, ddof=1) for arm in arms])
