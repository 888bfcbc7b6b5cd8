"""Checks of what the estimates rest on; each states in words what would be seen if all were well."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy.special import ndtr

from effects.codes import Adjustment, Design, StandardError, Verdict
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, EffectEstimate, Entry
from effects.rows.columns import Flags, Numbers
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import Sample

FEW_CLUSTERS: Final = 6
FEW_DF: Final = 4.0
MUCH_MISSING: Final = 0.05
IMBALANCE: Final = 0.1
CONTAMINATION: Final = 0.10
DOSE: Final = 0.70
LARGE_SHARE: Final = 0.2
_ARMS: Final = ("treated", "untreated")


def outcome_diagnostics(
    outcome: OutcomeColumns, roles: Roles, plan: PlanSections, sample: Sample, entry: Entry
) -> tuple[Diagnostic, ...]:
    """Every check that belongs to one outcome."""
    found = [missing_by_arm(outcome, roles, plan.design)]
    if plan.design is not Design.STEPPED_WEDGE:
        found.append(balance(outcome.stated.column, sample))
    if sample.size and sample.cluster is not None and plan.design is not Design.INDIVIDUAL_RANDOMISED:
        found.extend([clusters_per_arm(outcome.stated.column, sample), largest_cluster(outcome.stated.column, sample)])
    if isinstance(entry, EffectEstimate) and entry.standard_error_kind in (StandardError.CR2, StandardError.CR3):
        found.append(degrees_of_freedom(entry))
    return tuple(found)


def run_diagnostics(roles: Roles, plan: PlanSections, settings: Settings) -> tuple[Diagnostic, ...]:
    """Every check that belongs to the whole run."""
    found: list[Diagnostic] = []
    if plan.design is Design.STEPPED_WEDGE:
        found.extend([cell_counts(roles), treatment_reversals(roles)])
    if roles.received is not None and roles.treated is not None:
        found.append(contamination(roles.treated, roles.received))
    found.extend(_unavailable(settings))
    return tuple(found)


def missing_by_arm(outcome: OutcomeColumns, roles: Roles, design: Design) -> Diagnostic:
    """Share of missing outcomes, treated less untreated; a z test where rows are independent."""
    absent = np.isnan(outcome.values)
    shares, sizes = _by_arm(absent, roles.treated)
    difference = None if shares is None else shares[0] - shares[1]
    overall = float(np.mean(absent)) if roles.rows else 0.0
    alarming = overall > MUCH_MISSING or abs(difference or 0.0) > MUCH_MISSING
    independent = design is Design.INDIVIDUAL_RANDOMISED and difference is not None and 0.0 < overall < 1.0
    spread = np.sqrt(overall * (1.0 - overall) * (1.0 / sizes[0] + 1.0 / sizes[1])) if independent else 1.0
    return Diagnostic(
        name="missing_by_arm",
        question=Message("Are outcomes lost more often in one arm than in the other?"),
        null=Message("The same share of outcomes is missing in both arms."),
        statistic=difference,
        p_value=2.0 * float(ndtr(-abs(difference or 0.0) / spread)) if independent else None,
        verdict=Verdict.INAPPLICABLE if difference is None else Verdict.WARN if alarming else Verdict.PASS,
        detail=Message("{missing} of {rows} rows lack the outcome", {"missing": int(absent.sum()), "rows": roles.rows}),
        outcome=outcome.stated.column,
    )


def balance(column: str, sample: Sample) -> Diagnostic:
    """Largest standardised mean difference between the arms over the covariate columns (absolute, in pooled SDs)."""
    differences = _standardised(sample)
    worst = int(np.argmax(differences)) if len(differences) else 0
    largest = float(differences[worst]) if len(differences) else None
    verdict = Verdict.INAPPLICABLE if largest is None else Verdict.WARN if largest > IMBALANCE else Verdict.PASS
    return Diagnostic(
        name="balance",
        question=Message("Do the arms differ in the covariates?"),
        null=Message("Each covariate has the same mean in both arms."),
        statistic=largest,
        p_value=None,
        verdict=verdict,
        detail=Message("no covariate to compare")
        if largest is None
        else Message("largest for {covariate}", {"covariate": sample.covariate_names[worst]}),
        outcome=column,
    )


def clusters_per_arm(column: str, sample: Sample) -> Diagnostic:
    """Number of clusters in the smaller arm; a cluster that is treated in some rows counts in both arms."""
    codes = sample.cluster if sample.cluster is not None else np.zeros(0, dtype=np.int64)
    treated, untreated = (len(np.unique(codes[sample.treated == arm])) for arm in (1.0, 0.0))
    return Diagnostic(
        name="clusters_per_arm",
        question=Message("Are there enough clusters in each arm?"),
        null=Message("Each arm has at least {clusters} clusters.", {"clusters": FEW_CLUSTERS}),
        statistic=float(min(treated, untreated)),
        p_value=None,
        verdict=Verdict.WARN if min(treated, untreated) < FEW_CLUSTERS else Verdict.PASS,
        detail=Message("{treated} treated and {untreated} untreated", {"treated": treated, "untreated": untreated}),
        outcome=column,
    )


def largest_cluster(column: str, sample: Sample) -> Diagnostic:
    """Share of all weight in the heaviest cluster."""
    codes = sample.cluster if sample.cluster is not None else np.zeros(sample.size, dtype=np.int64)
    weight = np.bincount(codes, weights=sample.weights)
    share = float(weight.max() / weight.sum())
    return Diagnostic(
        name="largest_cluster",
        question=Message("Does one cluster dominate?"),
        null=Message("No cluster has more than a fifth of the weight, or twice its even share."),
        statistic=share,
        p_value=None,
        verdict=Verdict.WARN if share > max(LARGE_SHARE, 2.0 / len(weight)) else Verdict.PASS,
        detail=Message(
            "{share:.1%} of the weight in one of {clusters} clusters", {"share": share, "clusters": len(weight)}
        ),
        outcome=column,
    )


def degrees_of_freedom(entry: EffectEstimate) -> Diagnostic:
    """Satterthwaite degrees of freedom; below 4 the approximation is poor (Pustejovsky and Tipton 2018)."""
    return Diagnostic(
        name="degrees_of_freedom",
        question=Message("Is the t approximation trustworthy?"),
        null=Message("The estimate has at least {df:g} degrees of freedom.", {"df": FEW_DF}),
        statistic=entry.df,
        p_value=None,
        verdict=Verdict.WARN if entry.df is not None and entry.df < FEW_DF else Verdict.PASS,
        detail=Message(
            "{df:.1f} degrees of freedom; below {least:g} a permutation test is safer",
            {"df": entry.df or 0.0, "least": FEW_DF},
        ),
        outcome=entry.outcome,
    )


def cell_counts(roles: Roles) -> Diagnostic:
    """Share of unit by period cells that hold rows."""
    cells, possible = 0, 0
    if roles.unit is not None and roles.period is not None:
        placed = (roles.unit.codes >= 0) & (roles.period.codes >= 0)
        pairs = np.column_stack([roles.unit.codes[placed], roles.period.codes[placed]])
        cells = len(np.unique(pairs, axis=0))
        possible = len(roles.unit.levels) * len(roles.period.levels)
    return Diagnostic(
        name="cell_counts",
        question=Message("Was every unit observed in every period?"),
        null=Message("Every cell of unit by period holds rows."),
        statistic=cells / possible if possible else None,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if not possible else Verdict.PASS if cells == possible else Verdict.WARN,
        detail=Message("{cells} of {possible} cells hold rows", {"cells": cells, "possible": possible}),
    )


def treatment_reversals(roles: Roles) -> Diagnostic:
    """Number of steps from treated back to untreated within units, in the order of the periods."""
    reversals = 0
    if roles.unit is not None and roles.period is not None and roles.treated is not None:
        order = np.lexsort((roles.treated, roles.period.codes, roles.unit.codes))
        order = order[~np.isnan(roles.treated[order])]
        steps = np.diff(roles.treated[order]) < 0
        later = np.diff(roles.period.codes[order]) > 0
        reversals = int(np.sum(steps & later & (np.diff(roles.unit.codes[order]) == 0)))
    return Diagnostic(
        name="treatment_reversals",
        question=Message("Did units stay treated once they had started?"),
        null=Message("No unit goes back from treated to untreated."),
        statistic=float(reversals),
        p_value=None,
        verdict=Verdict.WARN if reversals else Verdict.PASS,
        detail=Message("{steps} steps back", {"steps": reversals}),
    )


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


def _unavailable(settings: Settings) -> Iterator[Diagnostic]:
    resampled = (Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF)
    asked = {
        str(settings.adjust_primary): settings.adjust_primary in resampled,
        str(settings.adjust_secondary): settings.adjust_secondary in resampled,
    }
    for name, wanted in asked.items():
        if wanted:
            yield Diagnostic(
                name=name,
                question=Message("Does resampling confirm the p-value?"),
                null=Message("The resampled p-value agrees with the one from the t distribution."),
                statistic=None,
                p_value=None,
                verdict=Verdict.INAPPLICABLE,
                detail=Message("{name} was asked for and is not available in this version", {"name": name}),
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
    pooled = np.sqrt((np.var(arms[0], axis=0, ddof=1) + np.var(arms[1], axis=0, ddof=1)) / 2.0)
    gap = np.abs(np.mean(arms[0], axis=0) - np.mean(arms[1], axis=0))
    standardised: Numbers = np.where(pooled > 0, gap / np.where(pooled > 0, pooled, 1.0), 0.0)
    return np.where(np.isfinite(standardised), standardised, 0.0)
