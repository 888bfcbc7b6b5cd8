"""What a check concludes from figures, wherever these were counted; each states in words what all being well means."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import ndtr

from effects.codes import StandardError, Verdict
from effects.message import Message
from effects.planning.rules import CLUSTERED
from effects.results import Diagnostic, EffectEstimate
from effects.rows.columns import Numbers

FEW_CLUSTERS: Final = 6
FEW_DF: Final = 4.0
LEAST_CLUSTERS: Final = 3
LEAST_FOR_PLAIN: Final = 8
LEAST_DF: Final = 2.0
SMALL_SAMPLE: Final = "small_sample_inference"
PLAIN: Final = frozenset({StandardError.CR0, StandardError.CR1, StandardError.CR1S})
BY_CLUSTER: Final = CLUSTERED | {StandardError.MODEL_BASED, StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL}
MUCH_MISSING: Final = 0.05
IMBALANCE: Final = 0.1
LARGE_SHARE: Final = 0.2


def missing_by_arm(
    column: str,
    shares: tuple[float, float] | None,
    sizes: tuple[int, int],
    missing: int,
    rows: int,
    *,
    independent: bool,
) -> Diagnostic:
    """Share of missing outcomes, treated less untreated; a z test where rows are independent."""
    difference = None if shares is None else shares[0] - shares[1]
    overall = missing / rows if rows else 0.0
    alarming = overall > MUCH_MISSING or abs(difference or 0.0) > MUCH_MISSING
    tested = independent and difference is not None and 0.0 < overall < 1.0
    spread = np.sqrt(overall * (1.0 - overall) * (1.0 / sizes[0] + 1.0 / sizes[1])) if tested else 1.0
    return Diagnostic(
        name="missing_by_arm",
        question=Message("Are outcomes lost more often in one arm than in the other?"),
        null=Message("The same share of outcomes is missing in both arms."),
        statistic=difference,
        p_value=2.0 * float(ndtr(-abs(difference or 0.0) / spread)) if tested else None,
        verdict=Verdict.INAPPLICABLE if difference is None else Verdict.WARN if alarming else Verdict.PASS,
        detail=Message("{missing} of {rows} rows lack the outcome", {"missing": missing, "rows": rows}),
        outcome=column,
    )


def standardised(means: Sequence[Numbers], variances: Sequence[Numbers]) -> Numbers:
    """Absolute differences of two arms' means (m,) in pooled SDs; 0 where a covariate does not vary."""
    pooled = np.sqrt((variances[0] + variances[1]) / 2.0)
    gap = np.abs(means[0] - means[1])
    differences: Numbers = np.where(pooled > 0, gap / np.where(pooled > 0, pooled, 1.0), 0.0)
    return np.where(np.isfinite(differences), differences, 0.0)


def balance(column: str, covariates: tuple[str, ...], differences: Numbers) -> Diagnostic:
    """Largest standardised mean difference between the arms over the covariate columns (absolute, in pooled SDs)."""
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
        else Message("largest for {covariate}", {"covariate": covariates[worst]}),
        outcome=column,
    )


def clusters_per_arm(column: str, treated: int, untreated: int) -> Diagnostic:
    """Number of clusters in the smaller arm; a cluster that is treated in some rows counts in both arms."""
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


def few_to_trust(kind: StandardError, treated: int, untreated: int, df: float | None) -> bool:
    """Whether too few clusters or degrees of freedom stand behind a t interval by clusters.

    With two clusters in an arm whose clusters vary more than the others', every method but cr2 rejects the truth far
    too often, and cr2 by an interval without information; cr0, cr1 and cr1s reject too often with few clusters in any
    case (`virkning benchmark coverage`).
    """
    if kind not in BY_CLUSTER:
        return False
    least = LEAST_FOR_PLAIN if kind in PLAIN else LEAST_CLUSTERS
    return min(treated, untreated) < least or (df is not None and df < LEAST_DF)


def small_sample_inference(entry: EffectEstimate, treated: int, untreated: int) -> Diagnostic:
    """That the interval has too little behind it; an effect that fails this check is no fact for the grade."""
    return Diagnostic(
        name=SMALL_SAMPLE,
        question=Message("Can the interval be trusted?"),
        null=Message(
            "Each arm has at least {clusters} clusters, and the estimate at least {df:g} degrees of freedom.",
            {"clusters": LEAST_FOR_PLAIN if entry.standard_error_kind in PLAIN else LEAST_CLUSTERS, "df": LEAST_DF},
        ),
        statistic=float(min(treated, untreated)),
        p_value=None,
        verdict=Verdict.FAIL,
        detail=Message(
            "{treated} treated and {untreated} untreated clusters are too few for {kind}: the effect is not graded",
            {"treated": treated, "untreated": untreated, "kind": entry.standard_error_kind.value},
        ),
        outcome=entry.outcome,
    )


def largest_cluster(column: str, weight: Numbers) -> Diagnostic:
    """Share of all weight in the heaviest cluster."""
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


def cell_counts(cells: int, possible: int) -> Diagnostic:
    """Share of unit by period cells that hold rows."""
    return Diagnostic(
        name="cell_counts",
        question=Message("Was every unit observed in every period?"),
        null=Message("Every cell of unit by period holds rows."),
        statistic=cells / possible if possible else None,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if not possible else Verdict.PASS if cells == possible else Verdict.WARN,
        detail=Message("{cells} of {possible} cells hold rows", {"cells": cells, "possible": possible}),
    )


def treatment_reversals(reversals: int) -> Diagnostic:
    """Number of steps from treated back to untreated within units, in the order of the periods."""
    return Diagnostic(
        name="treatment_reversals",
        question=Message("Did units stay treated once they had started?"),
        null=Message("No unit goes back from treated to untreated."),
        statistic=float(reversals),
        p_value=None,
        verdict=Verdict.WARN if reversals else Verdict.PASS,
        detail=Message("{steps} steps back", {"steps": reversals}),
    )
